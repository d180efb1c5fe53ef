"""Papers by which a person is known (证件)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.identifiers import resident_id
from pos_subsidy.errors import Invalid

# Papers whose numbers carry no check digit are compared by a person.
_SHAPES = {
    "hk_macao_permit": re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
    "taiwan_permit": re.compile(r"\d{8}(\d{2})?", re.ASCII),
    "passport": re.compile(r"[0-9A-Z]{5,17}", re.ASCII),
}
_OLD_FOREIGNER_CARD = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)
_RESIDENCE_PREFIXES = ("810000", "820000", "830000")
TYPES = ("resident", "residence_permit", "hk_macao_permit", "taiwan_permit", "foreigner_card", "passport")


@dataclass(frozen=True, slots=True)
class PersonId:
    """A checked number. ``manual_check`` says that a person has to compare the paper."""

    id_type: str
    number: str
    manual_check: bool

    def __repr__(self) -> str:
        return f"PersonId({self.id_type!r}, …)"


def validate(id_type: str, number: str, *, today: date) -> PersonId:
    """Return the number of a paper in its one form.

    Raises:
        Invalid: ``person_invalid`` with field and cause, never with the number.
    """
    if id_type not in TYPES:
        raise Invalid("person_invalid", field="id_type", cause="unknown")
    if id_type == "resident":
        return PersonId(id_type, resident_id.validate(number, today=today), manual_check=False)
    plain = unicodedata.normalize("NFKC", number).replace(" ", "").strip().upper()
    if id_type == "residence_permit":
        plain = resident_id.validate(plain, today=today)
        if not plain.startswith(_RESIDENCE_PREFIXES):
            raise Invalid("person_invalid", field="id_number", cause="alphabet")
    elif id_type == "foreigner_card" and not _OLD_FOREIGNER_CARD.fullmatch(plain):
        plain = resident_id.validate(plain, today=today)
        if not plain.startswith("9"):
            raise Invalid("person_invalid", field="id_number", cause="alphabet")
    elif id_type in _SHAPES and not _SHAPES[id_type].fullmatch(plain):
        raise Invalid("person_invalid", field="id_number", cause="length")
    return PersonId(id_type, plain, manual_check=True)
