"""Opens sealed identities and keeps only the city's key of the person."""

import json

from sqlalchemy import Connection

from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.errors import Invalid
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import rows
from pos_subsidy.protocol import sealing


def disclose(db: Connection, city: City, committed: str, sealed: bytes) -> str:
    """Return the person behind a commitment, and keep the sealed identity.

    Raises:
        Invalid: ``seal_broken``, it cannot be opened; ``commitment_differs``, it holds
            another person than the one committed to.
    """
    if known := rows.person_of(db, committed):
        return known
    person = opened(city, committed, sealed)
    rows.keep_identity(db, commitment=committed, person=person, sealed=sealed)
    return person


def opened(city: City, committed: str, sealed: bytes) -> str:
    """Return the person behind a commitment; nothing is kept.

    Raises:
        Invalid: as ``disclose``.
    """
    try:
        told = json.loads(sealing.unseal(sealed, city.seal_private))
        salt = bytes.fromhex(told["salt"])
        identity = Identity(told["id_type"], told["id_number"], told["name"], told["phone"])
    except (ValueError, KeyError, TypeError):
        raise Invalid("seal_broken") from None
    if commitment(identity, salt) != committed:
        raise Invalid("commitment_differs")
    return city.person(identity.id_type, identity.id_number)
