"""What a shop keeps of a consumer, told to herself, and deleted when she wishes and the audit allows."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pos_subsidy.domain import moments
from pos_subsidy.domain.person import PersonCard, phone_hash
from pos_subsidy.domain.voucher import SELF_SERVICE
from pos_subsidy.errors import Conflict, NotAllowed
from pos_subsidy.services.shop import Remember, Shop, forget
from pos_subsidy.store import holds, journal, persons, settings, vouchers
from pos_subsidy.store.claims import Claim
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.persons import Footprint
from pos_subsidy.store.vouchers import Voucher

# No official text names a period for these records; the shop's default is that of invoice stubs.
KEPT_YEARS = 5
_WISH = "deletion_wish:"


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything that is kept of a person; without ``card`` nothing but the chain's keyed number.

    ``kept_until`` is the first day on which it may be deleted, None where that is now;
    ``wished_at`` is when she asked for it.
    """

    card: PersonCard | None
    footprint: Footprint
    kept_until: date | None
    wished_at: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's wish to be deleted, not carried out yet; ``is_in_use`` is she by a new voucher."""

    card: PersonCard
    wished_at: str
    kept_until: date | None
    is_in_use: bool
    is_due: bool


def is_hers(db: TillDatabase, proof: Voucher | Claim) -> bool:
    """Say whether a cashier saw the paper of whoever holds this link.

    Anybody can apply with a number that is not his; such a link opens its own voucher only.
    A claim is opened by a cashier alone.
    """
    if isinstance(proof, Claim):
        return True
    voucher = proof
    with read_transaction(db):
        return not voucher.is_self_issued or any(
            one.identity_checked for one in holds.of_voucher(db, voucher.code)
        )


def vouchers_of(db: TillDatabase, voucher: Voucher) -> list[Voucher]:
    """Return the vouchers of the same person, newest first; of an unproven link only its own."""
    if not is_hers(db, voucher):
        return [voucher]
    with read_transaction(db):
        return vouchers.of_person(db, voucher.person_key)


def kept(db: TillDatabase, proof: Voucher | Claim) -> OwnData:
    """Return what is kept of a voucher's or a claim's person."""
    with read_transaction(db):
        footprint = persons.footprint(db, proof.person_key)
        return OwnData(
            card=persons.card(db, proof.person_key),
            footprint=footprint,
            kept_until=_kept_until(footprint),
            wished_at=settings.get(db, _WISH + proof.person_key),
        )


def must_be_hers(db: TillDatabase, shop: Shop, proof: Voucher | Claim, phone: str) -> None:
    """Pass if the link's holder also knows the phone number she gave.

    Raises:
        NotAllowed: ``data_not_shown``: the number differs, nothing is kept, or a cashier knows
            the person but never saw the holder of this link.
    """
    found = kept(db, proof)
    told = phone_hash(phone, secret=shop.secret)
    knows = found.card is not None and hmac.compare_digest(found.card.phone_hash, told)
    if not knows or (found.footprint.seen_at_counter and not is_hers(db, proof)):
        raise NotAllowed("data_not_shown")


def ask_deletion(
    db: TillDatabase, shop: Shop, proof: Voucher | Claim, *, now: datetime, remember: Remember = forget
) -> OwnData:
    """Delete at once what no audit needs, giving up unused vouchers; else record the wish.

    Raises:
        Conflict: ``deletion_waits``, a payment is running.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        found = kept(db, proof)
        if found.footprint.held:
            raise Conflict("deletion_waits")
        _give_up_vouchers(db, shop, proof.person_key, now=now)
        if found.kept_until is None:
            _forget(db, shop, proof.person_key, why="asked", now=now)
        elif found.wished_at is None:
            body = {"person_key": proof.person_key, "kept_until": found.kept_until.isoformat()}
            journal.append(db, "deletion_wished", body, at=now, sign=shop.keyring.sign)
            settings.put(db, _WISH + proof.person_key, moments.text(now))
        after = kept(db, proof)
        remember(after)
    return after


def wishes(db: TillDatabase, shop: Shop, *, now: datetime) -> list[Wish]:
    """Return the wishes that are open, the oldest first."""
    with read_transaction(db):
        return sorted(_wishes(db, today=shop.today(now)), key=lambda wish: wish.wished_at)


def forget_due(db: TillDatabase, shop: Shop, *, now: datetime) -> int:
    """Delete those who wished it and whose time is over; return how many. A later sale puts it off."""
    forgotten = 0
    for name in settings.beginning(db, _WISH):
        person_key = name.removeprefix(_WISH)
        if not _is_due(db, person_key, today=shop.today(now)):
            continue
        with write_transaction(db):
            # Another sale may have been booked since.
            if _is_due(db, person_key, today=shop.today(now)):
                _forget(db, shop, person_key, why="time_over", now=journal.settled_now(db, now))
                forgotten += 1
    return forgotten


def _wishes(db: TillDatabase, *, today: date) -> Iterator[Wish]:
    for name, wished_at in settings.beginning(db, _WISH).items():
        person_key = name.removeprefix(_WISH)
        card, footprint = persons.card(db, person_key), persons.footprint(db, person_key)
        if card is not None:
            in_use = bool(footprint.open_vouchers or footprint.held)
            due = _is_due(db, person_key, today=today)
            yield Wish(card, wished_at, _kept_until(footprint), in_use, due)


def _is_due(db: TillDatabase, person_key: str, *, today: date) -> bool:
    footprint = persons.footprint(db, person_key)
    until = _kept_until(footprint)
    return not footprint.open_vouchers and not footprint.held and (until is None or until <= today)


def _kept_until(footprint: Footprint) -> date | None:
    if footprint.last_day is None:
        return None
    last = date.fromisoformat(footprint.last_day) + timedelta(days=1)
    # A year later is no day of February the 29th.
    return last.replace(year=last.year + KEPT_YEARS, day=min(last.day, 28) if last.month == 2 else last.day)


def _give_up_vouchers(db: TillDatabase, shop: Shop, person_key: str, *, now: datetime) -> None:
    for one in vouchers.of_person(db, person_key):
        if one.status == "issued":
            body = {"voucher": one.code, "reason": "deletion_asked", "by": SELF_SERVICE}
            journal.append(db, "voucher_voided", body, at=now, sign=shop.keyring.sign)


def _forget(db: TillDatabase, shop: Shop, person_key: str, *, why: str, now: datetime) -> None:
    persons.forget(db, person_key)
    settings.remove(db, _WISH + person_key)
    body = {"person_key": person_key, "why": why}
    journal.append(db, "person_forgotten", body, at=now, sign=shop.keyring.sign)
