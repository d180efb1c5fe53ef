"""The consumer's page: her voucher as a QR, and what became of it."""

import hashlib
import json

from flask import Blueprint, Response, render_template, request
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import explanation, moments
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.services import assessment, looking_up, own_data
from pos_subsidy.services import rights as personal
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.looking_up import VoucherStory
from pos_subsidy.web import qr_image
from pos_subsidy.web.api import shapes
from pos_subsidy.web.api.shapes import WALLET_TOKEN_SECONDS

bp = Blueprint("wallet", __name__)


@bp.errorhandler(NotFound)
def _no_such_page(_error: NotFound) -> Response:
    return Response(render_template("wallet/not_found.html"), 404)


@bp.get("/wallet/<link>")
def show(link: str) -> str:
    """Show the voucher behind an unguessable link."""
    story = looking_up.voucher_by_link(get_db(), link)
    return render_template(
        "wallet/voucher.html",
        link=link,
        story=story,
        state=_state(story),
        sold=story.redemption,
        last=story.redemption.lines[-1] if story.redemption else None,
        steps=_steps(story),
        fresh_seconds=WALLET_TOKEN_SECONDS // 2,
        mark=_mark(story),
    )


@bp.get("/wallet/<link>/state.json")
def state(link: str) -> BaseResponse:
    """Tell the page whether it must be drawn anew."""
    story = looking_up.voucher_by_link(get_db(), link)
    shown = {"state": _state(story), "mark": _mark(story), "now": moments.text(now())}
    response = Response(json.dumps(shown), content_type="application/json")
    response.set_etag(_mark(story))
    return response.make_conditional(request)


@bp.get("/wallet/<link>/qr.svg")
def qr(link: str) -> Response:
    """Draw a freshly signed token; for paper one that lasts as long as the voucher.

    Raises:
        Conflict: ``voucher_not_usable``, nothing may be scanned any more.
    """
    story = looking_up.voucher_by_link(get_db(), link)
    if _state(story) != "issued":
        raise Conflict("voucher_not_usable", status=_state(story))
    paper = story.voucher.kind == "paper"
    token = shapes.token(story.voucher, seconds=None if paper else WALLET_TOKEN_SECONDS)
    return qr_image.svg(token, story.voucher.kind)


@bp.get("/wallet/<link>/rights")
def rights(link: str) -> str:
    """Show her what she has used and what is left; the link is the permission, no ID is shown."""
    story = looking_up.voucher_by_link(get_db(), link)
    shop, at = get_shop(), now()
    if not own_data.is_hers(get_db(), story.voucher):
        return render_template("wallet/rights.html", link=link, rights=None)
    found = personal.rights_of(get_db(), shop, story.voucher.person_key, on=shop.today(at), now=at)
    return render_template("wallet/rights.html", link=link, rights=found)


def _state(story: VoucherStory) -> str:
    return "expired" if story.voucher.is_over(now()) else story.voucher.status


def _mark(story: VoucherStory) -> str:
    """Return a short text that changes whenever the page would."""
    lines = len(story.redemption.lines) if story.redemption else 0
    hold = story.hold.hold_id if story.hold else ""
    seen = f"{_state(story)} {hold} {lines} {story.voucher.replaced_by}"
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def _steps(story: VoucherStory) -> list[dict[str, str]]:
    """Return how the amount came about: as it was said at the hold, or as quoted on the day of issue."""
    voucher = story.voucher
    if story.redemption is not None:
        return list(story.redemption.steps)
    if story.hold is not None:
        return list(json.loads(story.hold.steps))
    if voucher.price_fen is None:
        return []
    day = moments.business_date(moments.moment(voucher.issued_at), get_shop().zone)
    goods = Goods(voucher.price_fen, None if voucher.gtin else voucher.category, voucher.gtin)
    outcome = assessment.assess(get_db(), get_shop(), goods, sold_on=day, person=None, now=now())
    return [explanation.step_json(step) for step in outcome.steps]
