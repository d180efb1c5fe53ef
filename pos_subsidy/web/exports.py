"""What finance takes away: XLSX, CSV and a PDF of the day, in the reader's language."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from flask import Blueprint, request
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.paper.report import Report, write_pdf
from pos_subsidy.paper.sheets import ENCODINGS, Cell, Column, Sheet, write_csv, write_xlsx
from pos_subsidy.services import day_close, evidence, money, reconciliation
from pos_subsidy.services.day_close import Day
from pos_subsidy.web import office, office_money, rendering, verdicts
from pos_subsidy.web.auth import signed_in
from pos_subsidy.web.language import language, t

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ON_PAPER = 10
bp = Blueprint("exports", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/day/<day>/day.<ending>")
@signed_in
def day(day: str, ending: str) -> Response:
    """Return a day: its lines, its differences, its totals (CSV: the lines)."""
    on = office.on_day(day)
    found = day_close.day(get_db(), on)
    tables = [_lines(found), _differences(on), _totals(found)]
    if ending == "pdf":
        return _download(write_pdf(_report(found, tables)), f"day-{on}.pdf", "application/pdf")
    return _answer(tables, f"day-{on}", ending)


@bp.get("/office/money/outstanding.<ending>")
@signed_in
def outstanding(ending: str) -> Response:
    """Return every sale that the city still has to pay (XLSX: and what became of every sale)."""
    found = money.view(get_db(), get_shop(), now=now())
    owed = _positions(t("money.outstanding"), found, found.outstanding)
    everything = _positions(t("money.states"), found, found.positions)
    return _answer([owed, everything], f"outstanding-{found.today}", ending)


@bp.get("/office/evidence/worklist.<ending>")
@signed_in
def worklist(ending: str) -> Response:
    """Return the sales that lack evidence, the first due first."""
    today = get_shop().today(now())
    columns = (
        Column(t("sale.order_no"), width=24),
        Column(t("evidence.sold_on"), "day"),
        Column(t("evidence.goods")),
        Column(t("evidence.serial"), width=24),
        Column(t("evidence.lacks"), width=48),
        Column(t("evidence.due"), "day"),
        Column(t("exports.days_left"), "number"),
        Column(t("sale.subsidy"), "yuan"),
    )
    rows = [
        (
            one.sold.order_no,
            date.fromisoformat(one.sold.business_date),
            rendering.goods_name(one.sold.category),
            one.sold.serial_no,
            " · ".join(rendering.term(part.code) for part in one.checklist.missing),
            one.checklist.next_due,
            (one.checklist.next_due - today).days if one.checklist.next_due else None,
            one.sold.net_subsidy_fen,
        )
        for one in evidence.worklist(get_db(), get_shop(), now=now())
    ]
    return _answer([Sheet(t("evidence.title"), columns, rows, t("money.sum"))], f"evidence-{today}", ending)


def _lines(found: Day) -> Sheet:
    sold = {one.redemption_id: one for one in found.redemptions}
    columns = (
        Column(t("today.time"), "moment"),
        Column(t("sale.order_no"), width=28),
        Column(t("office.kind")),
        Column(t("sale.goods")),
        Column(t("sale.serial_no"), width=24),
        Column(t("sale.price"), "yuan"),
        Column(t("sale.subsidy"), "yuan"),
        Column(t("office.taken"), "yuan"),
        Column(t("office.city")),
        Column(t("exports.reason"), width=28),
        Column(t("exports.cashier")),
        Column(t("exports.number"), width=26),
    )

    def rows() -> Iterator[Sequence[Cell]]:
        for line in found.lines:
            whole = sold[line.redemption_id]
            yield (
                _local(line.at),
                whole.order_no,
                t(f"line_kind.{line.kind}"),
                rendering.goods_name(whole.category),
                whole.serial_no,
                line.price_fen,
                line.subsidy_fen,
                line.payable_fen,
                t(f"city.{whole.verdict or 'none'}"),
                line.reason,
                line.cashier,
                line.redemption_id,
            )

    return Sheet(t("office.lines"), columns, list(rows()), t("money.sum"))


def _differences(on: date) -> Sheet:
    columns = (
        Column(t("sale.order_no"), width=24),
        Column(t("office.difference"), width=24),
        Column(t("office.source")),
        Column(t("office.ours"), "yuan"),
        Column(t("office.theirs"), "yuan"),
        Column(t("exports.at_lines")),
        Column(t("office.why_next"), width=60),
    )
    compared = reconciliation.reconcile(get_db(), get_shop(), on, [], now=now())
    differences = compared.differences if compared.files else ()
    spoken = [(one, office.spoken(one)) for one in differences]
    rows = [
        (
            one.order_no,
            said.title,
            t(f"source.{one.source or 'none'}"),
            one.till_fen,
            one.other_fen,
            ", ".join(map(str, one.lines)),
            f"{said.detail} {said.next_step}",
        )
        for one, said in spoken
    ]
    return Sheet(t("office.difference"), columns, rows, t("money.sum"))


def _totals(found: Day) -> Sheet:
    totals = found.totals
    rows: list[Sequence[Cell]] = [
        (t("today.sold"), totals.redeemed, totals.subsidy_fen),
        (t("office.reversed"), totals.reversed, totals.net_subsidy_fen - totals.subsidy_fen),
        (t("office.net_price"), None, totals.net_price_fen),
        (t("office.net_subsidy"), None, totals.net_subsidy_fen),
        (t("office.net_payable"), None, totals.net_payable_fen),
    ]
    columns = (
        Column(t("exports.figure"), width=24),
        Column(t("money.sales"), "count"),
        Column(t("exports.amount"), "yuan"),
    )
    return Sheet(t("exports.totals"), columns, rows)


def _positions(name: str, found: money.Money, positions: Sequence[money.Position]) -> Sheet:
    columns = (
        Column(t("sale.order_no"), width=24),
        Column(t("money.day"), "day"),
        Column(t("money.class")),
        Column(t("money.state")),
        Column(t("exports.days"), "number"),
        Column(t("money.age_name")),
        Column(t("money.advanced"), "yuan"),
        Column(t("money.taken_back"), "yuan"),
        Column(t("money.outstanding"), "yuan"),
        Column(t("money.settled"), "yuan"),
        Column(t("money.owed_back"), "yuan"),
        Column(t("exports.number"), width=26),
    )
    ages = office_money.age_names()

    def rows() -> Iterator[Sequence[Cell]]:
        for one in positions:
            yield (
                one.sold.order_no,
                one.sold.sold_on,
                rendering.goods_name(one.sold.category),
                t(f"money.state_{one.state}"),
                (found.today - one.sold.sold_on).days,
                ages[money.age_step(one.sold.sold_on, today=found.today)],
                one.advanced_fen,
                one.taken_back_fen,
                one.outstanding_fen,
                one.settled_fen,
                one.owed_back_fen,
                one.sold.redemption_id,
            )

    return Sheet(name, columns, rows(), t("money.sum"))


def _report(found: Day, tables: Sequence[Sheet]) -> Report:
    shop = get_shop()
    batch = found.batch
    facts = [
        (t("exports.shop"), f"{shop.name} ({shop.outlet_id}) · {shop.merchant_name}"),
        (t("money.state"), t("office.closed", clock=rendering.local_moment(batch.closed_at)))
        if batch
        else (t("money.state"), t("office.open")),
        (t("exports.made_at"), rendering.local_moment(now())),
    ]
    if batch:
        facts.insert(2, (t("office.batch_id"), f"{batch.batch_id} · {batch.lines_hash}"))
    if shop.demo:
        facts.append((t("exports.demo"), t("line.demo")))
    lines, differences, totals = tables
    # Paper has no room for who and which; the workbook has.
    rows = [row[:_ON_PAPER] for row in lines.rows]
    lines = replace(lines, columns=lines.columns[:_ON_PAPER], rows=rows)
    return Report(
        f"{found.business_date} {t('exports.report')}", shop.name, facts, (totals, lines, differences)
    )


def _answer(tables: Sequence[Sheet], name: str, ending: str) -> Response:
    if ending == "xlsx":
        into = io.BytesIO()
        write_xlsx(tables, into)
        return _download(into.getvalue(), f"{name}.xlsx", _XLSX)
    if ending != "csv":
        raise Invalid("export_unknown", ending=ending[:12])
    encoding = request.args.get("encoding", "utf-8").lower()
    if encoding not in ENCODINGS:
        raise Invalid("export_unknown", ending=encoding[:12])
    charset = "utf-8" if encoding == "utf-8" else "gb18030"
    return _download(write_csv(tables[0], encoding), f"{name}.csv", f"text/csv; charset={charset}")


def _download(content: bytes, name: str, media: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": language()}
    return Response(content, content_type=media, headers=headers)


def _local(written: str) -> datetime:
    """Return a moment as the shop's clock read; spreadsheets know no zones."""
    return moments.moment(written).astimezone(get_shop().zone).replace(tzinfo=None, microsecond=0)
