"""A report as PDF, with Chinese in it.

The font is STSong-Light, one of those that every reader of PDF brings for Chinese: nothing is
embedded, the file stays small, and the package need not carry a font of many megabytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from pos_subsidy.domain.money import yuan
from pos_subsidy.paper.sheets import Cell, Column, Sheet

_FONT = "STSong-Light"
_MARGIN = 14 * mm
_SHARES = {"text": 1.6, "yuan": 1.2, "count": 0.7, "number": 0.7, "day": 1.0, "moment": 1.5}


@dataclass(frozen=True, slots=True)
class Report:
    """A headline, single facts below it, and tables."""

    title: str
    author: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Sheet]


def write_pdf(report: Report) -> bytes:
    """Return the report as a PDF; the same report gives the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    into = io.BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=landscape(A4),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=report.title,
        author=report.author,
        invariant=1,
    )
    title = ParagraphStyle("title", fontName=_FONT, fontSize=18, leading=24)
    part = ParagraphStyle("part", fontName=_FONT, fontSize=12, leading=18, spaceBefore=12)
    cell = ParagraphStyle("cell", fontName=_FONT, fontSize=8, leading=11, wordWrap="CJK")
    number = ParagraphStyle("number", parent=cell, alignment=2)
    story: list[Any] = [Paragraph(escape(report.title), title), Spacer(1, 4 * mm)]
    story.append(_facts(report.facts, cell, document.width))
    for sheet in report.tables:
        story += [Paragraph(escape(sheet.name), part), _table(sheet, cell, number, document.width)]
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return into.getvalue()


def _facts(facts: Sequence[tuple[str, str]], cell: ParagraphStyle, width: float) -> Table:
    rows = [[Paragraph(escape(name), cell), Paragraph(escape(said), cell)] for name, said in facts]
    return Table(rows, colWidths=[width * 0.2, width * 0.8])


def _table(sheet: Sheet, cell: ParagraphStyle, number: ParagraphStyle, width: float) -> Table:
    styles = [number if column.kind in ("yuan", "count") else cell for column in sheet.columns]
    rows = [[Paragraph(escape(one.title), style) for one, style in zip(sheet.columns, styles, strict=True)]]
    sums = [0] * len(sheet.columns)
    for row in sheet.rows:
        for place, value in enumerate(row):
            if isinstance(value, int):
                sums[place] += value
        rows.append([_shown(*one) for one in zip(sheet.columns, row, styles, strict=True)])
    if sheet.total:
        known: list[Cell] = [
            sums[place] if column.kind in ("yuan", "count") else None
            for place, column in enumerate(sheet.columns)
        ]
        rows.append([_shown(*one) for one in zip(sheet.columns, known, styles, strict=True)])
        rows[-1][0] = Paragraph(escape(sheet.total), cell)
    shares = [column.width / 12 if column.width else _SHARES[column.kind] for column in sheet.columns]
    table = Table(rows, colWidths=[width * one / sum(shares) for one in shares], repeatRows=1)
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
    ]
    if sheet.total:
        look.append(("LINEABOVE", (0, -1), (-1, -1), 1, colors.black))
    table.setStyle(TableStyle(look))
    return table


def _shown(column: Column, value: Cell, style: ParagraphStyle) -> Paragraph:
    if value is None:
        said = ""
    elif column.kind == "yuan":
        assert isinstance(value, int)
        said = yuan(value)
    elif column.kind == "moment":
        said = f"{value:%Y-%m-%d %H:%M}"
    else:
        said = str(value)
    return Paragraph(escape(said), style)


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(_FONT, 8)
    canvas.drawCentredString(landscape(A4)[0] / 2, 7 * mm, str(document.page))
