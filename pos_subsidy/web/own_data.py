"""Her other vouchers and what is kept of her, by the link she holds."""

import secrets
from dataclasses import dataclass

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug import Response as BaseResponse

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import NotFound, SubsidyError
from pos_subsidy.services import claims, identifying, looking_up, own_data
from pos_subsidy.services.claims import Claim
from pos_subsidy.services.looking_up import Voucher
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
    return _page(_of_voucher(link), None)


@bp.post("/wallet/<link>/data")
def ask(link: str) -> BaseResponse:
    """Show her details, or delete them; whoever was sent the link does not know her number."""
    return _answer(_of_voucher(link))


@bp.get("/claim/<link>/data")
def claim_data(link: str) -> str:
    """Say the same to one who only has a claim after purchase."""
    return _page(_of_claim(link), None)


@bp.post("/claim/<link>/data")
def ask_by_claim(link: str) -> BaseResponse:
    """Show or delete the details of one who only has a claim."""
    return _answer(_of_claim(link))


@dataclass(frozen=True, slots=True)
class _Proof:
    """What her link opens, where its own page is, and where this one."""

    of: Voucher | Claim
    page: str
    data: str

    @property
    def is_claim(self) -> bool:
        return isinstance(self.of, Claim)


def _of_voucher(link: str) -> _Proof:
    story = looking_up.voucher_by_link(get_db(), link)
    return _Proof(story.voucher, url_for("wallet.show", link=link), url_for("own.data", link=link))


def _of_claim(link: str) -> _Proof:
    story = claims.by_link(get_db(), get_shop(), link)
    return _Proof(story.claim, url_for("public.claim", link=link), url_for("own.claim_data", link=link))


def _answer(proof: _Proof) -> BaseResponse:
    privacy.must_be_private()
    g.again = lambda verdict: _page(proof, verdict)
    if request.form.get("act") == "delete" and (went := forms.gone_before()):
        return went
    own_data.must_be_hers(get_db(), get_shop(), proof.of, forms.field("phone", longest=30))
    if request.form.get("act") != "delete":
        return Response(_page(proof, None, shown=True))
    return forms.once(
        lambda remember: own_data.ask_deletion(get_db(), get_shop(), proof.of, now=now(), remember=remember),
        then=lambda _kept: proof.data,
    )


def _page(proof: _Proof, verdict: Verdict | None, *, shown: bool = False) -> str:
    found = own_data.kept(get_db(), proof.of)
    return render_template(
        "wallet/data.html",
        proof=proof,
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
