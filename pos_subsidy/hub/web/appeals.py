"""Appeals of shops: the queue, one of them with both signed records and its files, and the decision."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response
from werkzeug.wrappers import Response as AnyResponse

from pos_subsidy.domain import words
from pos_subsidy.domain.appeals import GRANTED, NOTE_MAX, OPEN, OVERTAKEN, REASONS, REFUSED
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import appeal_cases, appeals, evidence_files, records
from pos_subsidy.hub.office_log import is_same_person
from pos_subsidy.hub.web import evidence
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again
from pos_subsidy.hub.web.language import language

STATES = (OPEN, GRANTED, REFUSED, OVERTAKEN)
bp = Blueprint("appeals", __name__)


@bp.app_template_filter("part_name")
def part_name(part: str) -> str:
    """Return what a part of the evidence is called in the reader's language; a file keeps its own name."""
    return words.term(part)[language() == "en"]


@bp.get("/appeals")
def listing() -> str:
    """List appeals of a state, the oldest first."""
    state = request.args.get("state", OPEN)
    state = state if state in STATES else OPEN
    return render_template(
        "hub/appeals.html", appeals=appeals.listing(city(), state=state), state=state, states=STATES
    )


@bp.get("/appeals/<appeal_id>")
def show(appeal_id: str) -> str:
    """Show one appeal with everything there is to decide it by."""
    return _page(appeal_id, None)


@bp.get("/appeals/<appeal_id>/files/<sha256>")
def file(appeal_id: str, sha256: str) -> AnyResponse:
    """Return a file of an appeal; a photo may be shown on the page, anything else is downloaded."""
    content, _media, _name = appeals.file(city(), appeal_id, sha256)
    evidence_files.note_view(city(), appeal_id, sha256, by=actor(), now=now())
    return evidence.sent(content, "appeal", sha256)


@bp.post("/appeals/<appeal_id>")
def decide(appeal_id: str) -> Response:
    """Grant or refuse an appeal, as somebody who has not decided about its claim before."""
    show_again(lambda wrong: _page(appeal_id, wrong))
    outcome = request.form.get("outcome", "")
    if outcome not in REASONS:
        raise Invalid("invalid")
    by = actor()
    appeals.decide(
        city(),
        appeal_id,
        outcome,
        reason=request.form.get("reason"),
        note=request.form.get("note", "").strip(),
        by=by.username,
        role=by.role,
        now=now(),
        without_files=request.form.get("without_files") == "1",
    )
    return redirect(url_for("appeals.show", appeal_id=appeal_id), 303)


def _page(appeal_id: str, wrong: SubsidyError | None) -> str:
    case = appeal_cases.case(city(), appeal_id)
    barred = any(is_same_person(current_user.username, one) for one in case.barred)
    return render_template(
        "hub/appeal.html",
        case=case,
        compared=records.COMPARED,
        reasons=REASONS,
        note_max=NOTE_MAX,
        shown=evidence.SHOWN,
        is_barred=barred,
        missing=sum(one["received_at"] is None for one in case.files),
        wrong=wrong,
        typed=request.form,
    )
