"""The consumer as the till may know her: a keyed hash, a masked name, a few last digits.

The full identity exists in memory for one request, is sealed for the city, and is never
written in clear.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.identifiers import person_id
from pos_subsidy.domain.journal import canonical
from pos_subsidy.errors import Invalid


@dataclass(frozen=True, slots=True)
class Identity:
    """Who she is, validated. Lives for one request only."""

    id_type: str
    id_number: str
    name: str
    phone: str
    manual_check: bool = False

    def __repr__(self) -> str:
        return f"Identity({mask_name(self.name)!r})"


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What the shop keeps of her."""

    person_key: str
    masked_name: str
    id_last4: str
    phone_last4: str
    name_hash: str
    phone_hash: str
    id_type: str
    manual_check: bool


def identify(*, id_type: str, id_number: str, name: str, phone: str, today: date) -> Identity:
    """Return the validated identity.

    Raises:
        Invalid: ``person_invalid`` with the field and the cause; never the value.
    """
    checked = person_id.validate(id_type, id_number, today=today)
    name = unicodedata.normalize("NFKC", name).strip()
    if not 1 <= len(name) <= 60 or any(unicodedata.category(char).startswith("C") for char in name):
        raise Invalid("person_invalid", field="name", cause="length")
    phone = _plain_phone(phone)
    if not re.fullmatch(r"1\d{10}|\+?\d{6,15}", phone):
        raise Invalid("person_invalid", field="phone", cause="length")
    return Identity(checked.id_type, checked.number, name, phone, checked.manual_check)


def person_key(id_type: str, id_number: str, *, secret: bytes) -> str:
    """Return the outlet's own key of a person: HMAC-SHA-256, hex."""
    return _keyed(secret, "person", id_type, id_number)


def card(identity: Identity, *, secret: bytes) -> PersonCard:
    """Return what may be kept, keyed with the outlet's own secret."""
    return PersonCard(
        person_key=person_key(identity.id_type, identity.id_number, secret=secret),
        masked_name=mask_name(identity.name),
        id_last4=identity.id_number[-4:],
        phone_last4=identity.phone[-4:],
        name_hash=_keyed(secret, "name", identity.name),
        phone_hash=_keyed(secret, "phone", identity.phone),
        id_type=identity.id_type,
        manual_check=identity.manual_check,
    )


def name_hash(name: str, *, secret: bytes) -> str:
    """Return the outlet's own hash of a name as written, to compare and never to show."""
    return _keyed(secret, "name", unicodedata.normalize("NFKC", name).strip())


def phone_hash(phone: str, *, secret: bytes) -> str:
    """Return the outlet's own hash of a phone number as typed."""
    return _keyed(secret, "phone", _plain_phone(phone))


def mask_name(name: str) -> str:
    """Return the first character and stars.

    >>> mask_name("张小明")
    '张**'
    """
    return name[:1] + "*" * max(len(name) - 1, 1)


def disclosure(identity: Identity, salt: bytes) -> bytes:
    """Return what is sealed for the city: canonical JSON of salt and identity."""
    return canonical({"salt": salt.hex(), **_fields(identity)})


def commitment(identity: Identity, salt: bytes) -> str:
    """Return the salted hash that the journal carries in place of the identity, hex."""
    return hashlib.sha256(salt + canonical(_fields(identity))).hexdigest()


def _plain_phone(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).removeprefix("+86")


def _fields(identity: Identity) -> dict[str, str]:
    return {
        "id_type": identity.id_type,
        "id_number": identity.id_number,
        "name": identity.name,
        "phone": identity.phone,
    }


def _keyed(secret: bytes, *parts: str) -> str:
    return hmac.new(secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()
