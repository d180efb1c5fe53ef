"""The sale that is being put together: what is scanned so far, what is still wanted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from flask import session
from flask_login import current_user

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.rules import Rule
from pos_subsidy.domain.subsidy import Assessment, Reason
from pos_subsidy.errors import Invalid
from pos_subsidy.services import assessment, looking_up, scanning
from pos_subsidy.services.assessment import Goods
from pos_subsidy.services.holds import Sale
from pos_subsidy.services.looking_up import VoucherStory
from pos_subsidy.services.shop import By
from pos_subsidy.web import forms

_KEPT_AS = "sale"
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Draft:
    """What the cashier has scanned or typed, as text; kept in her signed session."""

    voucher: str = ""
    gtin: str = ""
    serial_no: str = ""
    imei1: str = ""
    imei2: str = ""
    price: str = ""
    order_no: str = ""
    energy_rating: str = ""
    identity_checked: str = ""
    screen: str = ""  # the number once more, from the body or the screen


@dataclass(frozen=True, slots=True)
class Counter:
    """A draft with everything the till knows about what is in it."""

    draft: Draft
    story: VoucherStory | None
    product: Any
    category: str | None
    rule: Rule | None
    wanted: tuple[str, ...]
    imei: str  # required, optional or none
    outcome: Assessment | None

    @property
    def wants_identity(self) -> bool:
        return self.story is not None and self.story.voucher.wants_identity


def load() -> Draft:
    """Return the draft of this session."""
    kept: Mapping[str, str] = session.get(_KEPT_AS) or {}
    return Draft(**{one.name: str(kept.get(one.name, "")) for one in fields(Draft)})


def keep(draft: Draft) -> None:
    session[_KEPT_AS] = {name: value for name, value in asdict(draft).items() if value}


def clear(*, order_no: str = "") -> None:
    """Begin a new sale, on the same order where one is named."""
    keep(Draft(order_no=order_no))


def from_form() -> Draft:
    """Return the draft as the form shows it, corrections included."""
    return Draft(**{one.name: forms.field(one.name, longest=_LONGEST) for one in fields(Draft)})


def with_voucher(draft: Draft, scanned: str) -> Draft:
    """Add a voucher, and what it was quoted for.

    Raises:
        Invalid, NotFound, Conflict: it cannot be used now, with the reason.
    """
    by = By(till=current_user.till, cashier=current_user.username)
    voucher = scanning.voucher_of_scan(get_db(), get_shop(), scanned, by=by, now=now())
    scanning.must_be_issued(get_db(), voucher, now=now())
    price = draft.price
    if not price and voucher.price_fen is not None:
        price = yuan(voucher.price_fen)
    return replace(draft, voucher=voucher.code, gtin=draft.gtin or voucher.gtin or "", price=price)


def with_own_order_no(draft: Draft) -> Draft:
    """Name the order after till and moment, for shops whose cash system gives no number."""
    at = now().astimezone(get_shop().zone)
    return replace(draft, order_no=f"{current_user.till}-{at:%Y%m%d-%H%M%S}")


def look(draft: Draft) -> Counter:
    """Return what the till knows of a draft, and what the rules say if enough is known.

    Raises:
        Invalid, NotFound: a field is malformed, or names nothing here;
            ``piece_differs``, box and body show different numbers.
    """
    _must_agree(draft)
    db, shop = get_db(), get_shop()
    story = looking_up.voucher(db, codes.normalise(draft.voucher)) if draft.voucher else None
    product = looking_up.product(db, draft.gtin, shop.today(now())) if draft.gtin else None
    category = product.category if product else (story.voucher.category if story else None)
    rule = shop.rulebook.rule_in_force(category, shop.today(now())) if category else None
    imei = shop.rulebook.categories[category].imei if category else "none"
    counter = Counter(draft, story, product, category, rule, (), imei, None)
    outcome = _outcome(counter)
    if draft.gtin and product is None and outcome is None:
        _must_be_no_slip(draft.gtin)
    return replace(counter, wanted=_wanted(counter), outcome=outcome)


def is_by_certificate(counter: Counter) -> bool:
    """Say whether a certificate names the piece: goods of this class have a frame code."""
    known = get_shop().rulebook.categories.get(counter.category or "")
    return known is not None and "frame_code" in known.attributes


def as_sale(draft: Draft) -> Sale:
    """Return what is to be held.

    Raises:
        Invalid: ``price_invalid``.
    """
    return Sale(
        voucher=draft.voucher,
        goods=_goods(draft, None),
        order_no=draft.order_no,
        serial_no=draft.serial_no or None,
        imei1=draft.imei1 or None,
        imei2=draft.imei2 or None,
        identity_checked=bool(draft.identity_checked),
    )


def _must_agree(draft: Draft) -> None:
    captured = [number for number in (draft.serial_no, draft.imei1, draft.imei2) if number]
    if not draft.screen or not captured:
        return
    seen = serial_nos.validate(draft.screen)
    told = [serial_nos.validate(number) for number in captured]
    if seen not in told:
        raise Invalid("piece_differs", box=" / ".join(told), screen=seen)


def _must_be_no_slip(gtin: str) -> None:
    """Pass if a number could be filed: one with a wrong check digit was misread or mistyped.

    A shop's own short numbers are none of anybody's and may stand on a line without subsidy.
    """
    try:
        gtins.validate(gtin)
    except Invalid as error:
        if error.params.get("cause") == "check_digit":
            raise


def _wanted(counter: Counter) -> tuple[str, ...]:
    draft, rule = counter.draft, counter.rule
    catalogue = rule is None or rule.terms.catalogue_required
    at_till = rule is None or rule.terms.serial_at == "till"
    wanted = {
        "voucher": not draft.voucher,
        "goods": not draft.gtin and (catalogue or not draft.voucher),
        "serial_no": not draft.serial_no and at_till,
        "imei1": not draft.imei1 and counter.imei == "required" and at_till,
        "price": not draft.price,
        "order_no": not draft.order_no,
        "identity_checked": counter.wants_identity and not draft.identity_checked,
    }
    return tuple(name for name, missing in wanted.items() if missing)


def _outcome(counter: Counter) -> Assessment | None:
    draft = counter.draft
    if not draft.price or not (draft.gtin or counter.category):
        return None
    goods = _goods(draft, None if counter.product or not counter.category else counter.category)
    outcome = assessment.assess(get_db(), get_shop(), goods, sold_on=None, person=None, now=now())
    if counter.story and counter.category != counter.story.voucher.category:
        mismatch = Reason(
            "category_mismatch",
            {"voucher_category": counter.story.voucher.category, "category": counter.category},
            "",
        )
        outcome = replace(outcome, refusals=(mismatch, *outcome.refusals))
    return outcome


def _goods(draft: Draft, category: str | None) -> Goods:
    rating = int(draft.energy_rating) if draft.energy_rating in set("12345") else None
    return Goods(forms.amount_fen(draft.price), category, draft.gtin or None, rating)
