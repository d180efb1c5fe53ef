"""Find the voucher behind what was scanned or typed."""

from datetime import datetime

from pos_subsidy.domain import moments, qr_token
from pos_subsidy.domain import voucher as codes
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.services.shop import By, Shop
from pos_subsidy.store import holds, journal, persons, redemptions, vouchers
from pos_subsidy.store.db import TillDatabase, write_transaction
from pos_subsidy.store.vouchers import Voucher

_KEPT_ATTEMPTS = frozenset({"voucher_forged", "token_key_revoked", "voucher_other_shop"})


def voucher_of_scan(db: TillDatabase, shop: Shop, scanned: str, *, by: By, now: datetime) -> Voucher:
    """Return the voucher named by a token or a code.

    A token that is not exactly one of ours is kept in the journal with the reason.

    Raises:
        Invalid: ``voucher_forged``, ``voucher_other_shop``, ``token_key_revoked``,
            ``voucher_code_invalid``.
        NotFound: ``voucher_unknown``.
        Conflict: ``token_stale``, the page's token of two minutes is over.
    """
    now = journal.settled_now(db, now)
    if not qr_token.looks_like_token(scanned):
        return vouchers.find(db, codes.normalise(scanned))
    try:
        claims = qr_token.read(scanned, shop.keyring, outlet=shop.outlet_id)
        found = vouchers.find(db, claims.voucher)
    except (Invalid, NotFound) as error:
        code = "voucher_forged" if isinstance(error, NotFound) else error.code
        if code in _KEPT_ATTEMPTS:
            keep_attempt(db, shop, code, scanned, by=by, now=now)
        if isinstance(error, NotFound):
            raise Invalid("voucher_forged", cause="unknown_voucher") from None
        raise
    if now >= claims.expires_at and not found.is_over(now) and found.status == "issued":
        raise Conflict("token_stale", expired_at=moments.text(claims.expires_at))
    return found


def keep_attempt(db: TillDatabase, shop: Shop, code: str, scanned: str, *, by: By, now: datetime) -> None:
    """Record a refused scan with reason, raw text and till."""
    with write_transaction(db):
        body = {"code": code, "text": scanned[:512], "till": by.till, "cashier": by.cashier}
        journal.append(db, "scan_refused", body, at=now, sign=shop.keyring.sign)


def must_be_issued(db: TillDatabase, voucher: Voucher, *, now: datetime) -> None:
    """Pass if the voucher can be held now.

    Raises:
        Conflict: ``voucher_spent``, ``voucher_held``, ``voucher_voided`` or
            ``voucher_expired``, each with what the cashier needs to explain it.
    """
    card = persons.card(db, voucher.person_key)
    shown = {"category": voucher.category, "last4": card.id_last4 if card else ""}
    if voucher.status in ("redeemed", "reversed"):
        spent = redemptions.of_voucher(db, voucher.code)
        assert spent is not None
        raise Conflict(
            "voucher_spent",
            **shown,
            redemption_id=spent.redemption_id,
            redeemed_at=spent.redeemed_at,
            till=spent.till,
            serial_no=spent.serial_no,
        )
    if voucher.status == "held":
        hold = holds.live_of_voucher(db, voucher.code)
        assert hold is not None
        raise Conflict(
            "voucher_held", **shown, expires_at=hold.expires_at, till=hold.till, order_no=hold.order_no
        )
    if voucher.status == "voided":
        raise Conflict(
            "voucher_voided",
            **shown,
            voided_at=voucher.resolved_at,
            resolution=voucher.resolution,
            replaced=voucher.replaced_by is not None,
        )
    if voucher.is_over(now):
        raise Conflict("voucher_expired", **shown, valid_until=voucher.valid_until)
