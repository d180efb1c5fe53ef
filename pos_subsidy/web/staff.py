"""Staff and settings: accounts, roles, API keys, tills and printer, and the log of who did what."""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.errors import SubsidyError
from pos_subsidy.services import audit_log, staffing
from pos_subsidy.services.shop import Remember
from pos_subsidy.web import forms, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.phrases import PHRASES
from pos_subsidy.web.verdicts import Verdict

bp = Blueprint("staff", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/staff")
@signed_in
def show() -> str:
    """List accounts, API keys, tills and the printer."""
    return _page(None)


@bp.post("/office/staff")
@signed_in
def add() -> Response | str:
    """Make an account and show its password, once."""
    username = forms.field("username", longest=64)
    return _once(
        lambda remember: staffing.add(
            get_db(),
            get_shop(),
            username=username,
            display_name=forms.text("display_name", longest=64),
            role=forms.field("role"),
            till=forms.field("till", longest=64),
            by=actor(),
            now=now(),
            remember=remember,
        ),
        t("staff.added", name=username),
    )


@bp.post("/office/staff/<username>")
@signed_in
def change(username: str) -> Response | str:
    """Change a role, reset password or PIN, switch an account off or on."""
    return _once(
        lambda remember: staffing.change(
            get_db(),
            get_shop(),
            username,
            forms.field("act"),
            role=forms.field("role") if forms.field("act") == "role" else "",
            by=actor(),
            now=now(),
            remember=remember,
        ),
        t("staff.changed", name=username),
    )


@bp.post("/office/keys")
@signed_in
def make_key() -> Response | str:
    """Make an API key and show it, once."""
    name = forms.text("name", longest=64)
    return _once(
        lambda remember: staffing.make_key(
            get_db(),
            get_shop(),
            name=name,
            till=forms.field("till", longest=64),
            by=actor(),
            now=now(),
            remember=remember,
        ),
        t("staff.key_made", name=name),
    )


@bp.post("/office/keys/<key_id>/revoke")
@signed_in
def revoke_key(key_id: str) -> Response | str:
    """Revoke an API key."""

    def act(remember: Remember) -> str:
        staffing.revoke_key(get_db(), get_shop(), key_id, by=actor(), now=now(), remember=remember)
        return ""

    return _once(act, t("staff.key_revoked"))


@bp.get("/office/log")
@signed_in
def log() -> str:
    """Show who did what, of one day or one person where asked for."""
    on = forms.day(request.args.get("day", ""))
    person = request.args.get("person", "").strip()[:64]
    before = request.args.get("before", "")
    found = audit_log.page(
        get_db(),
        get_shop(),
        day=on,
        person=person,
        before=int(before) if before.isdecimal() and len(before) < 18 else None,
    )
    asked = {"day": on.isoformat() if on else "", "person": person}
    further = f"{url_for('staff.log')}?{urlencode({**asked, 'before': found.before})}" if found.before else ""
    return render_template(
        "office/log.html",
        deeds=[(one, _kind(one.kind)) for one in found.deeds],
        asked=asked,
        further=further,
        people=[one.username for one in staffing.accounts(get_db())],
    )


def _once(act: Callable[[Remember], str], said: str) -> Response | str:
    """Run a write once; the page that answers the first sending alone shows the secret."""
    g.again = _page
    made: list[str] = []

    def first(remember: Remember) -> Any:
        made.append(act(remember))

    went = forms.once(first, then=lambda _result: url_for("staff.show"))
    return _page(Verdict("yes", said), secret=made[0]) if made else went


def _page(verdict: Verdict | None, secret: str = "") -> str:
    accounts, keys = staffing.accounts(get_db()), staffing.api_keys(get_db())
    in_use = {one.till for one in accounts if one.active} | {one.till for one in keys if not one.revoked_at}
    # Only a manager may make one; a choice that would be refused is not offered.
    roles = [one for one in staffing.ROLES if one != "manager" or current_user.role == "manager"]
    return render_template(
        "office/staff.html",
        accounts=accounts,
        keys=keys,
        tills=sorted(in_use),
        printer=till().printer,
        roles=roles,
        verdict=verdict,
        secret=secret,
        once=secrets.token_urlsafe(16),
    )


def _kind(kind: str) -> str:
    return t(f"log.{kind}") if f"log.{kind}" in PHRASES else kind
