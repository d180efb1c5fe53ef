"""The filed goods on a page: hand a file in, read what it would do, load it, take it back."""

import secrets
from collections.abc import Iterable

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.services import city_lists, filed_goods
from pos_subsidy.services.filed_goods import Problem
from pos_subsidy.web import forms, speaking, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.language import t
from pos_subsidy.web.speaking import Sentence
from pos_subsidy.web.verdicts import Verdict

_TOP = 200
bp = Blueprint("catalogue", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/catalogue")
@signed_in
def show() -> str:
    """Show what is filed, the newest loads, and the filings of one product."""
    return _page(_done())


@bp.post("/office/catalogue")
@signed_in
def hand_in() -> Response:
    """Keep a file for its preview; nothing is loaded."""
    g.again = _page
    chosen = request.files.get("file")
    content = chosen.read() if chosen and chosen.filename else b""
    if not content:
        raise Invalid("catalogue_no_file")
    name = (chosen.filename or "")[-100:] if chosen else ""
    upload_id = filed_goods.hand_in(get_db(), get_shop(), name, content, now=now())
    return redirect(url_for("catalogue.preview", upload_id=upload_id), 303)


@bp.get("/office/catalogue/uploads/<upload_id>")
@signed_in
def preview(upload_id: str) -> str:
    """Show what a file would do, row by row where something is wrong."""
    g.again = _page
    return _preview(upload_id, None)


@bp.post("/office/catalogue/uploads/<upload_id>")
@signed_in
def accept(upload_id: str) -> Response:
    """Load the file; of one with bad rows only the good ones, and only by the manager's word."""
    by_word = bool(forms.field("good_rows"))
    g.again = _page
    if went := forms.gone_before():
        return went
    filed_goods.preview(get_db(), get_shop(), upload_id, now=now())
    g.again = lambda verdict: _preview(upload_id, verdict)
    return forms.once(
        lambda remember: filed_goods.accept(
            get_db(),
            get_shop(),
            upload_id,
            accept_good_rows=by_word,
            by=actor(),
            now=now(),
            remember=remember,
        ),
        then=lambda done: url_for("catalogue.show", loaded=done.loaded, changed=done.changed),
    )


@bp.post("/office/catalogue/undo")
@signed_in
def undo() -> Response:
    """Take the last load back."""
    g.again = _page
    return forms.once(
        lambda remember: filed_goods.undo(get_db(), by=actor(), now=now(), remember=remember),
        then=lambda last: url_for("catalogue.show", undone=last.changed),
    )


def _page(verdict: Verdict | None) -> str:
    gtin = forms.mended(request.args.get("gtin", "")).strip()[:20]
    return render_template(
        "office/catalogue.html",
        found=filed_goods.overview(get_db()),
        gtin=gtin,
        filings=filed_goods.history(get_db(), gtin) if gtin else [],
        city=city_lists.overview(get_db()) if get_shop().city is not None else None,
        city_filings=city_lists.history(get_db(), gtin) if gtin else [],
        verdict=verdict,
        once=secrets.token_urlsafe(16),
    )


def _preview(upload_id: str, verdict: Verdict | None) -> str:
    found = filed_goods.preview(get_db(), get_shop(), upload_id, now=now())
    goods = list(zip(found.file.products, found.before, strict=True))
    return render_template(
        "office/catalogue_preview.html",
        found=found,
        upload_id=upload_id,
        goods=goods[:_TOP],
        more=max(0, len(goods) - _TOP),
        problems=_spoken(found.file.problems),
        warnings=_spoken(found.file.warnings),
        verdict=verdict,
        once=secrets.token_urlsafe(16),
    )


def _spoken(problems: Iterable[Problem]) -> list[tuple[Problem, Sentence]]:
    return [(one, speaking.say(one.code, one.params)) for one in problems]


def _done() -> Verdict | None:
    told = {name: int(value) for name, value in request.args.items() if value.isdecimal() and len(value) < 9}
    if "undone" in told:
        return Verdict("yes", t("catalogue.undone", count=told["undone"]))
    if "loaded" in told:
        return Verdict("yes", t("catalogue.loaded", count=told["loaded"], changed=told.get("changed", 0)))
    return None
