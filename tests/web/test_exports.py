"""What is exported reads back as it was: types, totals, layout, and text that stays text (SE-11)."""

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from pos_subsidy.paper.report import Report, write_pdf
from pos_subsidy.paper.sheets import Column, Sheet, guarded, read_csv, unguarded, write_csv, write_xlsx
from tests.web.pages_shop import OTHER_ID, Browser

TODAY = "/office/day/2026-11-20"
NASTY = (
    '=HYPERLINK("http://x.test";"点我")',
    "+1+1",
    "-2",
    "@SUM(1)",
    "＝1＋1",
    "a;b,c",
    'so "quoted"',
    "line\nbreak",
    "\ttab",
    "'apostrophe",
    "00123",
    "20261120000100010001",
    "1E5",
    "3-4",
    "𠮷野家 é",
)
COLUMNS = (Column("名称"), Column("金额", "yuan"), Column("笔数", "count"), Column("日期", "day"))


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture
def manager(app: Flask) -> Browser:
    """A day with a sale and a reversal whose reason is a formula."""
    manager = Browser(app).sign_in("manager")
    manager.sell(app, order_no="20261120000100010001")
    number = manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    manager.get(f"/till/redemptions/{number}/reverse?kind=partial&new_price=6000&reason=x")
    manager.send(f"/till/redemptions/{number}/reverse", reason=NASTY[0])
    return manager


def test_names_that_are_formulas_read_back_from_excel_as_text() -> None:
    """SE-11"""
    into = io.BytesIO()
    write_xlsx([Sheet("表", COLUMNS, [(name, 1, 1, date(2026, 11, 20)) for name in NASTY])], into)
    page = workbook(into.getvalue()).active
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == list(NASTY)
    assert {cell.data_type for cell in cells} == {"s"} and not any(cell.hyperlink for cell in cells)


@pytest.mark.parametrize("encoding, codec", [("gb18030", "gb18030"), ("utf-8", "utf-8-sig")])
def test_names_that_are_formulas_read_back_from_csv_as_text(encoding: str, codec: str) -> None:
    """SE-11: each in its own cell, none beginning as a formula does."""
    content = write_csv(Sheet("表", COLUMNS, [(name, -1, 1, None) for name in NASTY]), encoding)
    seen = list(csv.reader(io.StringIO(content.decode(codec), newline="")))
    assert {len(row) for row in seen} == {4}
    assert not any(row[0][0] in "=+-@＝＋\t" for row in seen)
    back = list(read_csv(content, encoding))
    assert [row[0] for row in back] == ["名称", *NASTY]
    assert back[1][1:] == ["-0.01", "1", ""], "a number stays one"
    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8")


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_no_text_is_lost_by_its_guard(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_amounts_are_numbers_days_are_days_and_the_sum_is_there() -> None:
    into = io.BytesIO()
    rows = [("甲", 91_501, 1, date(2026, 11, 20)), ("乙", -1_500, 2, date(2026, 11, 21))]
    write_xlsx([Sheet("表", COLUMNS, rows, "合计")], into)
    page = workbook(into.getvalue()).active
    assert [cell.value for cell in page[2]] == ["甲", 915.01, 1, datetime(2026, 11, 20)]
    assert page["B2"].number_format.startswith("#,##0.00") and page["D2"].number_format == "yyyy-mm-dd"
    assert (page["A4"].value, page["B4"].value, page["C4"].value) == ("合计", "=SUM(B2:B3)", "=SUM(C2:C3)")
    known = openpyxl.load_workbook(io.BytesIO(into.getvalue()), data_only=True).active
    assert (known["B4"].value, known["C4"].value) == (900.01, 3)


def test_a_sheet_prints_on_one_width_with_its_heading_on_every_page() -> None:
    into = io.BytesIO()
    write_xlsx([Sheet("表", COLUMNS, [])], into)
    page = workbook(into.getvalue()).active
    assert page.freeze_panes == "A2" and page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape" and page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (None, 0), "one wide, any high"


def test_a_day_is_taken_away_as_excel(manager: Browser) -> None:
    """SE-11"""
    answer = manager.client.get(f"{TODAY}/day.xlsx")
    assert 'filename="day-2026-11-20.xlsx"' in answer.headers["Content-Disposition"]
    book = workbook(answer.data)
    assert book.sheetnames == ["明细", "差异", "合计"]
    lines = [[cell.value for cell in row] for row in book["明细"].iter_rows(min_row=2)]
    assert len(lines) == 4, "two sales, a reversal, a sum"
    assert (
        lines[0][0].date() == date(2026, 11, 20)
        and lines[0][0].hour == 14
        and lines[0][1] == "20261120000100010001"
    )
    assert (lines[0][6], lines[2][6], lines[2][9]) == (915, -15, NASTY[0])
    totals = {row[0].value: row[2].value for row in book["合计"].iter_rows(min_row=2)}
    assert totals["补贴净额"] == 1815


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_day_is_taken_away_as_csv(manager: Browser, encoding: str) -> None:
    """SE-11"""
    content = manager.client.get(f"{TODAY}/day.csv?encoding={encoding}").data
    rows = list(read_csv(content, encoding))
    assert len(rows) == 4 and rows[1][1] == "20261120000100010001" and rows[3][9] == NASTY[0]


def test_days_outstanding_are_numbers_without_a_sum(manager: Browser) -> None:
    content = manager.client.get("/office/money/outstanding.csv?encoding=utf-8").data.decode("utf-8-sig")
    assert [row["天数"] for row in csv.DictReader(io.StringIO(content))] == ["0", "0"]
    page = workbook(manager.client.get("/office/money/outstanding.xlsx").data).active
    assert page["E2"].value == 0 and not page.cell(page.max_row, 5).value


@pytest.mark.parametrize("address", [f"{TODAY}/day.doc", f"{TODAY}/day.csv?encoding=latin-1"])
def test_an_export_that_is_none_is_refused(manager: Browser, address: str) -> None:
    assert "export_unknown" in manager.get(address, status=400)


def test_what_is_outstanding_is_taken_away_and_adds_up(manager: Browser) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(manager.client.get("/office/money/outstanding.xlsx").data), data_only=True
    )
    page = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    assert [row[8] for row in rows] == [915, 900, 1815] and rows[0][1] == datetime(2026, 11, 20)
    assert "¥1,815.00" in manager.get("/office/money")


def test_the_evidence_worklist_is_taken_away(manager: Browser) -> None:
    page = workbook(manager.client.get("/office/evidence/worklist.xlsx").data).active
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    assert [row[0] for row in rows[:2]] == ["20261120000100010001", "JX-2"] and rows[0][4]
    assert manager.client.get("/office/evidence/worklist.csv?encoding=gb18030").status_code == 200


def test_the_days_report_is_a_pdf_with_chinese_text(manager: Browser) -> None:
    read = PdfReader(io.BytesIO(manager.client.get(f"{TODAY}/day.pdf").data))
    text = "".join(page.extract_text() for page in read.pages)
    assert len(read.pages) == 1
    for wanted in ("日结报告", "南湖示范店", "20261120000100010001", "部分冲正", "1815.00", "HYPERLINK"):
        assert wanted in text, wanted


def test_a_long_report_repeats_its_heading_and_is_the_same_every_time() -> None:
    rows = [(f"订单{number}", number, 1, date(2026, 11, 20)) for number in range(90)]
    report = Report("报告", "店", [("门店", "<示范> & 店")], [Sheet("明细", COLUMNS, rows, "合计")])
    read = PdfReader(io.BytesIO(write_pdf(report)))
    assert len(read.pages) >= 3 and all("名称" in page.extract_text() for page in read.pages)
    assert "<示范> & 店" in read.pages[0].extract_text()
    assert write_pdf(report) == write_pdf(report)
