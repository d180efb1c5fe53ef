"""The manager's pages: one day at a time, closed to the fen, differences named."""

import secrets
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.refunds import ATTEMPTS_MAX
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.services import (
    appeals,
    column_mappings,
    day_close,
    decisions,
    findings,
    own_data,
    reconciliation,
    refunds,
)
from pos_subsidy.services.reconciliation import Difference
from pos_subsidy.web import forms, speaking, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.speaking import Sentence
from pos_subsidy.web.till import CHANNELS
from pos_subsidy.web.verdicts import Verdict

# Differences by which the shop, the customer or the state loses money if nobody acts.
_MONEY_AT_RISK = frozenset(
    {"refunded_elsewhere", "missing_in_till", "missing_in_channel", "duplicate_in_channel"}
)
bp = Blueprint("office", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office")
@signed_in
def today() -> Response:
    """Go to the day that is running."""
    on = request.args.get("date") or get_shop().today(now()).isoformat()
    return redirect(url_for("office.show", day=on_day(on).isoformat()), 303)


@bp.get("/office/day/<day>")
@signed_in
def show(day: str) -> str:
    """Show a day's totals, lines, batch and the city's verdicts."""
    return page(on_day(day), None)


@bp.post("/office/day/<day>/close")
@signed_in
def close(day: str) -> Response:
    """Freeze the day's batch; findings that want an explanation are asked about first."""
    on = on_day(day)
    g.again = lambda verdict: page(on, verdict)

    def act(remember: Any) -> None:
        waiting = sum(one.keeps_out for one in findings.of_day(get_db(), get_shop(), on))
        if waiting and not forms.field("nevertheless"):
            raise Conflict("findings_unexplained", count=waiting)
        day_close.close_day(get_db(), get_shop(), on, by=actor(), now=now(), remember=remember)

    return forms.once(act, then=lambda _batch: url_for("office.show", day=on.isoformat()))


@bp.post("/office/day/<day>")
@signed_in
def reconcile(day: str) -> Response:
    """Take in the shop's own files and compare. The same files change nothing."""
    on = on_day(day)
    g.again = lambda verdict: page(on, verdict)
    return _compare(on, _handed_in(), None)


@bp.post("/office/day/<day>/mapping")
@signed_in
def remember_mapping(day: str) -> Response:
    """Remember which column is what, and compare with the file it was said of."""
    on, files = on_day(day), _handed_in()
    g.again = lambda verdict: page(on, verdict)
    columns = {name: forms.text(f"column_{name}") for name in column_mappings.FIELDS}
    kind = forms.field("kind")
    wanted = column_mappings.POS_FIELDS if kind == "pos" else column_mappings.CHANNEL_FIELDS
    chosen = {name: heading for name, heading in columns.items() if heading and name in wanted}
    g.again = _again(on, files, Invalid("file_unknown", filename=files[0][0] if files else ""))
    return _compare(on, files, column_mappings.ColumnMapping(kind, chosen))


@bp.post("/office/day/<day>/refunds/<reversal_id>")
@signed_in
def refund_again(day: str, reversal_id: str) -> Response:
    """Book that a refund which failed at the channel was given again."""
    on = on_day(day)
    g.again = lambda verdict: page(on, verdict)
    channel = forms.field("channel")
    if channel not in CHANNELS:
        raise Invalid("payment_required")
    return forms.once(
        lambda remember: refunds.repeat(
            get_db(),
            get_shop(),
            reversal_id,
            channel=channel,
            payment_ref=forms.field("payment_ref", longest=64),
            by=actor(),
            now=now(),
            remember=remember,
        ),
        then=lambda _sold: url_for("office.show", day=on.isoformat(), _anchor="refunds"),
    )


@bp.get("/office/privacy")
@signed_in
def privacy() -> str:
    """List who wishes to be deleted, until when the audit needs the data, and who is due."""
    count = request.args.get("done", "")
    return render_template(
        "office/privacy.html",
        wishes=own_data.wishes(get_db(), get_shop(), now=now()),
        years=own_data.KEPT_YEARS,
        verdict=Verdict("yes", t("wishes.done", count=int(count))) if count.isdecimal() else None,
    )


@bp.post("/office/privacy")
@signed_in
def carry_out() -> Response:
    """Delete those who are due; whoever is not stays."""
    count = own_data.forget_due(get_db(), get_shop(), now=now())
    return redirect(url_for("office.privacy", done=count), 303)


def _handed_in() -> list[tuple[str, bytes]]:
    files = [(file.filename or name, file.read()) for name, file in request.files.items(multi=True)]
    return [(name, content) for name, content in files if content]


def _compare(
    on: date, files: list[tuple[str, bytes]], mapping: column_mappings.ColumnMapping | None
) -> Response:
    several = request.form.get("several_merchants") == "1"
    try:
        reconciliation.reconcile(
            get_db(), get_shop(), on, files, now=now(), several_merchants=several, mapping=mapping
        )
    except Invalid as error:
        g.again = _again(on, files, error)
        raise
    return redirect(url_for("office.show", day=on.isoformat(), _anchor="reconciliation"), 303)


def _again(on: date, files: list[tuple[str, bytes]], error: Invalid) -> Callable[[Verdict], str]:
    """Return the page of the day with a proposal, where headings were not understood."""
    proposal = column_mappings.propose(files, error)
    return lambda verdict: page(on, verdict, proposal)


def page(on: date, verdict: Verdict | None, proposal: column_mappings.Proposal | None = None) -> str:
    """Return the page of a day; with a proposal where a file's headings were not understood."""
    found = day_close.day(get_db(), on)
    compared = reconciliation.reconcile(get_db(), get_shop(), on, [], now=now())
    kept = decisions.holding(get_db(), on, compared.differences)
    settled = sum(one.is_settled for one in kept.values())
    audited = findings.of_day(get_db(), get_shop(), on)
    return render_template(
        "office/day.html",
        appealed=appeals.states(get_db()),
        decisions=kept,
        to_settle=len(compared.differences) - settled,
        can_reopen=day_close.can_reopen(get_db(), on),
        day=found,
        on=on,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1) if on < get_shop().today(now()) else None,
        sold={one.redemption_id: one for one in found.redemptions},
        why={one.redemption_id: verdicts.of_city(one) for one in found.redemptions},
        verdict=verdict,
        proposal=proposal,
        mapping_fields=column_mappings.FIELDS,
        mapping_kinds=column_mappings.KINDS,
        compared=compared if compared.files else None,
        differences=[(one, spoken(one)) for one in compared.differences],
        money_at_risk=_MONEY_AT_RISK,
        findings=audited,
        stopping=sum(one.keeps_out for one in audited),
        refunds=refunds.failed(get_db()),
        attempts_max=ATTEMPTS_MAX,
        channels=CHANNELS,
        once=secrets.token_urlsafe(16),
    )


def spoken(one: Difference) -> Sentence:
    """Return a difference in the reader's language."""
    return speaking.say(f"difference_{one.kind}", one.figures)


def on_day(written: str) -> date:
    """Return the day of an address.

    Raises:
        Invalid: ``day_invalid``.
    """
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid("day_invalid") from None
