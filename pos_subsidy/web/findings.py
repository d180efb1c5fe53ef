"""What an auditor would ask about a day, on a page where the manager explains it."""

import secrets
from datetime import date

from flask import Blueprint, g, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import words
from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import findings
from pos_subsidy.services.findings import Told
from pos_subsidy.web import forms, speaking, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import language
from pos_subsidy.web.office import on_day
from pos_subsidy.web.speaking import Sentence
from pos_subsidy.web.verdicts import Verdict

bp = Blueprint("findings", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/day/<day>/findings")
@signed_in
def show(day: str) -> str:
    """Show a day's findings, sale by sale."""
    return _page(on_day(day), None)


@bp.post("/office/day/<day>/findings/<redemption_id>/<finding_id>")
@signed_in
def explain(day: str, redemption_id: str, finding_id: str) -> Response:
    """Keep what the manager says to a finding."""
    on = on_day(day)
    g.again = lambda verdict: _page(on, verdict)
    reason = forms.text("reason", longest=findings.REASON_MAX + 1)
    return forms.once(
        lambda remember: findings.explain(
            get_db(),
            get_shop(),
            on,
            redemption_id,
            finding_id,
            reason,
            by=actor(),
            now=now(),
            remember=remember,
        ),
        then=lambda _told: url_for("findings.show", day=on.isoformat(), _anchor=redemption_id),
    )


def _page(on: date, verdict: Verdict | None) -> str:
    found = findings.of_day(get_db(), get_shop(), on)
    by_sale: dict[str, list[tuple[Told, Sentence, str]]] = {}
    for one in found:
        spoken = speaking.say(one.finding.code, one.finding.seen)
        why = words.why(one.finding.code)[language() == "en"]
        by_sale.setdefault(one.finding.redemption_id, []).append((one, spoken, why))
    return render_template(
        "office/findings.html",
        on=on,
        sales=by_sale,
        stopping=sum(one.keeps_out for one in found),
        warned=sum(not one.finding.stops for one in found),
        explained=sum(one.explained is not None for one in found),
        reason_max=findings.REASON_MAX,
        verdict=verdict,
        typed=request.form,
        once=secrets.token_urlsafe(16),
    )
