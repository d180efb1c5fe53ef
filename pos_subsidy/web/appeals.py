"""Appeals on pages: the list, and one sale's verdicts with the form to appeal."""

import secrets

from flask import Blueprint, g, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.appeals import FILES_MAX, WORDS_MAX
from pos_subsidy.domain.decision import Reason
from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached
from pos_subsidy.web import forms, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.verdicts import Point, Verdict

bp = Blueprint("appeals", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/appeals")
@signed_in
def listing() -> str:
    """List appeals, the newest first."""
    found = appeals.everything(get_db())
    return render_template(
        "office/appeals.html",
        appeals=found,
        open_count=sum(told.state == "open" for told, _ in found),
        reasons={told.appeal.appeal_id: _point(told.appeal.reason) for told, _ in found},
    )


@bp.get("/office/appeals/<redemption_id>")
@signed_in
def show(redemption_id: str) -> str:
    """Show every word of the city on a sale, its appeals, and the form where there may be one."""
    return _page(redemption_id, None)


@bp.post("/office/appeals/<redemption_id>")
@signed_in
def make(redemption_id: str) -> Response:
    """Appeal against the verdict that stands."""
    g.again = lambda verdict: _page(redemption_id, verdict)
    attached = [
        Attached(file.filename or "", content)
        for file in request.files.getlist("files")
        if (content := file.read())
    ]
    return forms.once(
        lambda remember: appeals.make(
            get_db(),
            get_shop(),
            redemption_id,
            forms.text("words", longest=WORDS_MAX + 1),
            attached,
            with_evidence=forms.field("with_evidence") == "1",
            by=actor(),
            now=now(),
            remember=remember,
        ),
        then=lambda _view: url_for("appeals.show", redemption_id=redemption_id),
    )


def _page(redemption_id: str, verdict: Verdict | None) -> str:
    view = appeals.show(get_db(), get_shop(), redemption_id, now=now())
    is_open = any(told.state == "open" for told in view.appeals)
    return render_template(
        "office/appeal.html",
        view=view,
        why_not=None if view.against is None else verdicts.points([view.against])[0],
        is_open=is_open,
        words_of_city=[(one, _point(one["code"], one["params"])) for one in view.history],
        reasons={told.appeal.appeal_id: _point(told.appeal.reason) for told in view.appeals},
        words_max=WORDS_MAX,
        files_max=FILES_MAX,
        verdict=verdict,
        typed=request.form,
        once=secrets.token_urlsafe(16),
    )


def _point(code: str | None, params: dict | None = None) -> Point | None:
    return verdicts.points([Reason(code, params or {}, "")])[0] if code else None
