"""Her other vouchers and what is kept of her, by the link she holds."""

import secrets

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import NotFound, SubsidyError
from pos_subsidy.services import identifying, looking_up, own_data
from pos_subsidy.services.looking_up import VoucherStory
from pos_subsidy.web import forms, privacy, verdicts
from pos_subsidy.web.language import t
from pos_subsidy.web.verdicts import Verdict

bp = Blueprint("own", __name__)


@bp.errorhandler(NotFound)
def _no_such_page(_error: NotFound) -> Response:
    return Response(render_template("wallet/not_found.html"), 404)


@bp.errorhandler(SubsidyError)
def _failed(error: SubsidyError) -> BaseResponse:
    return verdicts.answer(error)


@bp.get("/wallet/<link>/vouchers")
def vouchers(link: str) -> str:
    """List the vouchers of the same person at this shop."""
    story = looking_up.voucher_by_link(get_db(), link)
    secret, at = get_shop().secret, now()
    return render_template(
        "wallet/vouchers.html",
        link=link,
        is_hers=own_data.is_hers(get_db(), story.voucher),
        vouchers=[
            (
                one,
                "expired" if one.is_over(at) else one.status,
                identifying.wallet_link(one.code, secret=secret),
            )
            for one in own_data.vouchers_of(get_db(), story.voucher)
        ],
    )


@bp.get("/wallet/<link>/data")
def data(link: str) -> str:
    """Say in words what is kept and why; her own details only after her phone number."""
    return _page(link, looking_up.voucher_by_link(get_db(), link), None)


@bp.post("/wallet/<link>/data")
def ask(link: str) -> BaseResponse:
    """Show her details, or delete them; whoever was sent the link does not know her number."""
    privacy.must_be_private()
    story = looking_up.voucher_by_link(get_db(), link)
    g.again = lambda verdict: _page(link, story, verdict)
    if request.form.get("act") == "delete" and (went := forms.gone_before()):
        return went
    own_data.must_be_hers(get_db(), get_shop(), story.voucher, forms.field("phone", longest=30))
    if request.form.get("act") != "delete":
        return Response(_page(link, story, None, shown=True))
    return forms.once(
        lambda remember: own_data.ask_deletion(
            get_db(), get_shop(), story.voucher, now=now(), remember=remember
        ),
        then=lambda _kept: url_for("own.data", link=link),
    )


def _page(link: str, story: VoucherStory, verdict: Verdict | None, *, shown: bool = False) -> str:
    found = own_data.kept(get_db(), story.voucher)
    return render_template(
        "wallet/data.html",
        link=link,
        kept=found,
        shown=shown,
        verdict=verdict or _band(found),
        years=own_data.KEPT_YEARS,
        once=secrets.token_urlsafe(16),
        is_private=privacy.is_private(),
        has_city=get_shop().city is not None,
    )


def _band(found: own_data.OwnData) -> Verdict | None:
    if found.card is None:
        return Verdict("yes", t("data.deleted"), t("data.deleted_detail"))
    if found.wished_at is not None:
        return Verdict("wait", t("data.wished"), t("data.wished_detail", day=found.kept_until))
    return None
