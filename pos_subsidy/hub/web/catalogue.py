"""The city's catalogue: products as they are filed today, one of them with its history, files to be filed."""

import base64
import gzip
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import catalogue
from pos_subsidy.hub.catalogue import Preview
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.deciding import amount_fen
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again
from pos_subsidy.protocol.encoding import unzipped

# What a preview carries along until it is confirmed; larger files are loaded by command.
_LONGEST = 350_000
_SHOWN = 200

bp = Blueprint("catalogue", __name__)


@bp.get("/catalogue")
def listing() -> str:
    """List products by what counts of them today."""
    return _list_page(None)


@bp.post("/catalogue/file")
def preview() -> str:
    """Show what a file would change; nothing is filed."""
    show_again(_list_page)
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    name = ((sent and sent.filename) or "")[:80]
    if not content:
        raise Invalid("file_missing")
    carried = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    if len(carried) > _LONGEST:
        raise Invalid("file_too_large", filename=name)
    seen = catalogue.preview(city(), name, content, since=_day())
    return _preview_page(name, carried, seen, None)


@bp.post("/catalogue")
def load() -> Response:
    """File what a preview showed."""
    name, carried = request.form.get("name", "")[:80], request.form.get("carried", "")
    content, since = _carried(name, carried), _day()
    seen = catalogue.preview(city(), name, content, since=since)
    show_again(lambda wrong: _preview_page(name, carried, seen, wrong))
    why, good_rows = request.form.get("why", ""), bool(request.form.get("accept_good_rows"))
    if seen.file.problems and not good_rows:
        raise Invalid("catalogue_not_accepted", count=len(seen.file.problems))
    about = {"since": since, "why": why, "by": actor(), "now": now()}
    catalogue.load(city(), name, content, accept_good_rows=good_rows, **about)  # type: ignore[arg-type]
    return redirect(url_for("catalogue.listing"), 303)


@bp.get("/catalogue/<gtin>")
def show(gtin: str) -> str:
    """Show every filing of a product."""
    return _product_page(gtin, None)


@bp.post("/catalogue/<gtin>")
def change(gtin: str) -> Response:
    """File another price of a product, withdraw it or put it in force again."""
    show_again(lambda wrong: _product_page(gtin, wrong))
    act, why = request.form.get("act", ""), request.form.get("why", "")
    if act == "price":
        price_fen = amount_fen(request.form.get("yuan", ""))
        catalogue.file_price(city(), gtin, price_fen, since=_day(), why=why, by=actor(), now=now())
    else:
        catalogue.set_status(city(), gtin, act, since=_day(), why=why, by=actor(), now=now())
    return redirect(url_for("catalogue.show", gtin=gtin), 303)


def _today() -> date:
    return moments.business_date(now(), ZONE)


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("since", ""))
    except ValueError:
        raise Invalid("day_invalid") from None


def _carried(name: str, written: str) -> bytes:
    try:
        return unzipped(base64.b64decode(written, validate=True), name)
    except ValueError:
        raise Invalid("file_cut", filename=name) from None


def _list_page(wrong: SubsidyError | None) -> str:
    wanted = request.args.get("q", "").strip()[:40]
    asked = request.args.get("page", "")
    page = max(int(asked), 1) if asked.isdecimal() and len(asked) < 6 else 1
    return render_template(
        "hub/catalogue.html",
        found=catalogue.overview(city(), wanted=wanted, page=page, now=now()),
        wanted=wanted,
        page=page,
        today=_today(),
        tomorrow=_today() + timedelta(1),
        wrong=wrong,
        typed=request.form,
    )


def _preview_page(name: str, carried: str, seen: Preview, wrong: SubsidyError | None) -> str:
    changes = [one for one in seen.changes if one.is_change]
    return render_template(
        "hub/catalogue_preview.html",
        name=name,
        carried=carried,
        seen=seen,
        changes=changes[:_SHOWN],
        left_out=max(len(changes) - _SHOWN, 0),
        number=len(changes),
        wrong=wrong,
        typed=request.form,
    )


def _product_page(gtin: str, wrong: SubsidyError | None) -> str:
    history = catalogue.history(city(), gtin)
    today = _today().isoformat()
    counts = next((one["filing_no"] for one in history if one["since"] <= today), None)
    return render_template(
        "hub/product.html",
        history=history,
        product=history[0],
        counts=counts,
        tomorrow=_today() + timedelta(1),
        wrong=wrong,
        typed=request.form,
    )
