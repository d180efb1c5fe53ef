"""The city's blocklist (禁用名单): pieces, products, merchants and shops that get no subsidy for a time.

No person stands in it. An entry is never changed: another one takes it back, from a day on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.identifiers import gtin, imei, serial_no, uscc
from pos_subsidy.errors import Invalid

SERIAL, IMEI, PRODUCT, MERCHANT, OUTLET = "serial", "imei", "product", "merchant", "outlet"
STOLEN, PAID_ELSEWHERE, RECALLED, BARRED, INVESTIGATED = (
    *("stolen", "paid_elsewhere", "recalled"),
    *("barred", "investigated"),
)
# Why each kind of thing may be blocked; free words would carry names of people down to the shops.
REASONS: Mapping[str, Sequence[str]] = {
    SERIAL: (STOLEN, PAID_ELSEWHERE),
    IMEI: (STOLEN, PAID_ELSEWHERE),
    PRODUCT: (RECALLED, INVESTIGATED),
    MERCHANT: (BARRED, INVESTIGATED),
    OUTLET: (BARRED, INVESTIGATED),
}
KINDS = tuple(REASONS)


@dataclass(frozen=True, slots=True)
class Block:
    """One entry. ``until`` is its last day, None where it has none.

    ``lifts`` is the entry that this one takes back, from ``since`` on.
    """

    block_no: int
    kind: str
    number: str
    reason: str
    since: date
    until: date | None
    lifts: int | None
    entered_at: str  # UTC text


def checked(kind: str, number: str) -> str:
    """Return the number of a thing in its one form.

    Raises:
        Invalid: ``block_kind_unknown``, or the number is none of its kind (``identifier_invalid`` …).
    """
    if kind == SERIAL:
        return serial_no.validate(number)
    if kind == IMEI:
        return imei.validate(number)
    if kind == PRODUCT:
        return gtin.validate(number)
    if kind == MERCHANT:
        return uscc.validate(number)
    if kind == OUTLET:
        return number.strip()
    raise Invalid("block_kind_unknown", kind=kind[:20], known=", ".join(KINDS))


def in_force(entries: Iterable[Block], on: date) -> Block | None:
    """Return the first entry on one thing that counts on a day, None if none does."""
    found = list(entries)
    lifted = {one.lifts: one.since for one in found if one.lifts is not None}
    for one in sorted(found, key=lambda entry: entry.block_no):
        begun = one.lifts is None and one.since <= on < lifted.get(one.block_no, date.max)
        if begun and (one.until is None or on <= one.until):
            return one
    return None


def refusal(block: Block) -> Reason:
    """Return what a blocked thing is refused with."""
    about = {"block_no": block.block_no, "from_day": block.since.isoformat()}
    if block.kind == PRODUCT:
        return Reason("not_in_catalogue", {**about, "gtin": block.number, "variant": "blocked"}, "")
    if block.kind in (MERCHANT, OUTLET):
        return Reason("merchant_suspended", {**about, "variant": "blocked"}, "")
    told = {**about, "number": block.number}
    if block.reason == PAID_ELSEWHERE:
        code = "serial_used" if block.kind == SERIAL else "imei_used"
        return Reason(code, {**told, "variant": "elsewhere"}, "")
    return Reason("piece_blocked", told, "")
