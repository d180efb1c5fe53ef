"""Takes a person in: checks who she is, keeps a card, and seals the rest for the city."""

import secrets
from datetime import date, datetime

from pos_subsidy.domain import person as persons
from pos_subsidy.domain.person import Identity, PersonCard
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol import sealing
from pos_subsidy.services.assessment import PersonInput, as_reason
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import persons as person_store
from pos_subsidy.store.db import TillDatabase


def identify(person: PersonInput, on: date, findings: list[Reason]) -> Identity | None:
    """Return who she is, or None with what is wrong added to ``findings``."""
    try:
        return persons.identify(
            id_type=person.id_type, id_number=person.id_number, name=person.name, phone=person.phone, today=on
        )
    except Invalid as error:
        findings.append(as_reason(error))
        return None


def key_of(identity: Identity | None, shop: Shop) -> str | None:
    """Return the shop's own key of a person, None where nobody is known."""
    if identity is None:
        return None
    return persons.person_key(identity.id_type, identity.id_number, secret=shop.secret)


def take_in(
    db: TillDatabase, shop: Shop, identity: Identity, *, is_seen: bool = True, now: datetime
) -> tuple[PersonCard, str]:
    """Keep her card and her sealed identity; return the card and the commitment for the journal.

    Where nobody saw her paper (``is_seen`` false), a card that exists stays as it is: who knows
    her number must not change her name or phone.
    """
    card = persons.card(identity, secret=shop.secret)
    salt = secrets.token_bytes(32)
    commitment = persons.commitment(identity, salt)
    person_store.remember(db, card, replacing=is_seen, now=now)
    person_store.keep_sealed(
        db,
        commitment=commitment,
        person_key=card.person_key,
        sealed=sealing.seal(persons.disclosure(identity, salt), shop.seal_public),
        seal_kid=sealing.seal_kid(shop.seal_public),
        now=now,
    )
    return card, commitment
