"""What the shop keeps of people: cards, and identities sealed for the city."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.domain.person import PersonCard
from pos_subsidy.domain.voucher import SELF_SERVICE
from pos_subsidy.store.db import row, rows

_FEW = 3


@dataclass(frozen=True, slots=True)
class Footprint:
    """How much there is of one person; ``last_day`` is that of her last sale or claim."""

    first_seen_at: str | None
    vouchers: int
    open_vouchers: int
    held: int
    redemptions: int
    claims: int
    sealed: int
    seen_at_counter: int
    last_day: str | None


def remember(db: Database, card: PersonCard, *, replacing: bool = True, now: datetime) -> None:
    """Keep a person's card; the newest name and phone win, unless ``replacing`` is off."""
    on_known = (
        "UPDATE SET masked_name = excluded.masked_name, phone_last4 = excluded.phone_last4,"
        " name_hash = excluded.name_hash, phone_hash = excluded.phone_hash"
    )
    db.execute(
        "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person_key) DO "
        + (on_known if replacing else "NOTHING"),
        [
            card.person_key,
            card.masked_name,
            card.id_last4,
            card.phone_last4,
            card.name_hash,
            card.phone_hash,
            card.id_type,
            int(card.manual_check),
            moments.text(now),
        ],
    )


def card(db: Database, person_key: str) -> PersonCard | None:
    found = row(db, "SELECT * FROM person WHERE person_key = ?", [person_key])
    if found is None:
        return None
    found.pop("first_seen_at")
    return PersonCard(**{**found, "manual_check": bool(found["manual_check"])})


def others_with_phone(db: Database, person_key: str, *, programme: str, unit_class: str) -> list[PersonCard]:
    """Return a few other persons with the same phone who used a unit of a class in a programme."""
    found = rows(
        db,
        "SELECT other.* FROM person own JOIN person other"
        " ON other.phone_hash = own.phone_hash AND other.person_key <> own.person_key"
        " WHERE own.person_key = ? AND EXISTS (SELECT 1 FROM redemption"
        " WHERE redemption.person_key = other.person_key AND programme = ? AND unit_class = ?"
        " AND unit_state = 'used') LIMIT ?",
        [person_key, programme, unit_class, _FEW],
    )
    for one in found:
        one.pop("first_seen_at")
    return [PersonCard(**{**one, "manual_check": bool(one["manual_check"])}) for one in found]


def keep_sealed(
    db: Database, *, commitment: str, person_key: str, sealed: bytes, seal_kid: str, now: datetime
) -> None:
    """Keep a sealed identity under its commitment; sealing again replaces it."""
    db.execute(
        "INSERT INTO sealed_identity VALUES (?, ?, ?, ?, ?) ON CONFLICT (commitment) DO UPDATE SET"
        " sealed = excluded.sealed, seal_kid = excluded.seal_kid, sealed_at = excluded.sealed_at",
        [commitment, person_key, sealed, seal_kid, moments.text(now)],
    )


def sealed(db: Database, commitment: str) -> bytes | None:
    found = row(db, "SELECT sealed FROM sealed_identity WHERE commitment = ?", [commitment])
    return found["sealed"] if found else None


def sealed_with_other_key(db: Database, seal_kid: str) -> list[tuple[str, bytes]]:
    """Return (commitment, sealed) of identities that are not sealed to this key."""
    found = rows(db, "SELECT commitment, sealed FROM sealed_identity WHERE seal_kid <> ?", [seal_kid])
    return [(one["commitment"], one["sealed"]) for one in found]


def reseal(db: Database, *, commitment: str, sealed: bytes, seal_kid: str) -> None:
    db.execute(
        "UPDATE sealed_identity SET sealed = ?, seal_kid = ? WHERE commitment = ?",
        [sealed, seal_kid, commitment],
    )


def footprint(db: Database, person_key: str) -> Footprint:
    """Return how much is kept of a person, and whether a cashier ever saw her paper."""
    found = row(
        db,
        "SELECT (SELECT first_seen_at FROM person WHERE person_key = :key) AS first_seen_at,"
        " (SELECT count(*) FROM voucher WHERE person_key = :key) AS vouchers,"
        " (SELECT count(*) FROM voucher WHERE person_key = :key AND status = 'issued') AS open_vouchers,"
        " (SELECT count(*) FROM voucher WHERE person_key = :key AND status = 'held') AS held,"
        " (SELECT count(*) FROM redemption WHERE person_key = :key) AS redemptions,"
        " (SELECT count(*) FROM claim WHERE person_key = :key) AS claims,"
        " (SELECT count(*) FROM sealed_identity WHERE person_key = :key) AS sealed,"
        " EXISTS (SELECT 1 FROM voucher WHERE person_key = :key AND till <> :itself)"
        " OR EXISTS (SELECT 1 FROM hold JOIN voucher ON voucher.code = hold.voucher"
        " WHERE voucher.person_key = :key AND hold.identity_checked = 1)"
        " OR EXISTS (SELECT 1 FROM claim WHERE person_key = :key) AS seen_at_counter,"
        " (SELECT max(day) FROM (SELECT line.business_date AS day FROM redemption_line line"
        " JOIN redemption USING (redemption_id) WHERE redemption.person_key = :key"
        " UNION SELECT sold_on FROM claim WHERE person_key = :key)) AS last_day",
        {"key": person_key, "itself": SELF_SERVICE},
    )
    assert found is not None
    return Footprint(**found)


def forget(db: Database, person_key: str) -> None:
    """Delete a person's card and sealed identities; the journal holds neither."""
    db.execute("DELETE FROM person WHERE person_key = ?", [person_key])
    db.execute("DELETE FROM sealed_identity WHERE person_key = ?", [person_key])
