"""Accounts that shops want to be paid to: what one must look like, and which one a second person confirms."""

from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub.city import City
from pos_subsidy.hub.office_log import is_same_person, must_be_named
from pos_subsidy.protocol import sealing

_NAME = range(2, 81)
_DIGITS = range(8, 33)
_SHOWN = 4

Named = Sequence[Mapping[str, Any]]


def checked(*, holder: str, bank: str, number: str) -> tuple[str, str, str]:
    """Return holder, bank and number as they are kept, the number without its spaces.

    Raises:
        Invalid: ``payee_invalid``, with the field.
    """
    holder, bank, digits = holder.strip(), bank.strip(), "".join(number.split())
    for field, good in {
        "holder": _is_name(holder),
        "bank": _is_name(bank),
        "number": digits.isascii() and digits.isdecimal() and len(digits) in _DIGITS,
    }.items():
        if not good:
            raise Invalid("payee_invalid", field=field)
    return holder, bank, digits


def waiting(named: Named) -> Named:
    """Return the accounts that wait for a second person; what is older than the one that counts does not."""
    counts = max((at for at, one in enumerate(named) if one["confirmed_by"] is not None), default=-1)
    return named[counts + 1 :]


def to_confirm(named: Named, outlet: str, payee_no: int | None, *, by: str) -> int:
    """Return the number of the account that ``by`` may confirm; None: the only one that waits.

    Raises:
        NotFound: ``payee_unknown``, that one does not wait.
        Conflict: ``payee_ambiguous``, several wait and none was named.
        NotAllowed: ``second_person_required``, whoever named it cannot confirm it.
    """
    found = [one for one in waiting(named) if payee_no in (None, one["payee_no"])]
    if not found:
        raise NotFound("payee_unknown", outlet=outlet)
    if len(found) > 1:
        numbers = ", ".join(str(one["payee_no"]) for one in found)
        raise Conflict("payee_ambiguous", outlet=outlet, waiting=numbers)
    must_be_named(by)
    if is_same_person(found[0]["proposed_by"], by):
        raise NotAllowed("second_person_required", by=by)
    return int(found[0]["payee_no"])


def shown(one: Mapping[str, Any], number: str, *, state: str, compared_by: str | None) -> dict[str, Any]:
    """Return an account with the end of its number; with all of it, while it waits, to a second person."""
    names = ("payee_no", "holder", "bank", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at")
    may_confirm = (
        state == "waits" and compared_by is not None and not is_same_person(one["proposed_by"], compared_by)
    )
    told = {**{name: one[name] for name in names}, "ends_in": number[-_SHOWN:], "state": state}
    return {**told, "may_confirm": may_confirm, **({"number": number} if may_confirm else {})}


def states(named: Named) -> list[str]:
    """Return for each account whether it ``counts``, ``waits``, or is ``past``."""
    later = len(waiting(named))
    counts = len(named) - later - 1
    return ["counts" if at == counts else "waits" if at > counts else "past" for at in range(len(named))]


def to_pay(named: Named) -> tuple[Mapping[str, Any] | None, str | None]:
    """Return the account to pay to, or why there is none."""
    confirmed = [one for one in named if one["confirmed_by"] is not None]
    if not confirmed:
        return None, "payee_not_confirmed" if named else "payee_unknown"
    return confirmed[-1], None


def number(city: City, payee: Mapping[str, Any]) -> str:
    """Return an account's number, which only the city can open."""
    return sealing.unseal(payee["number_sealed"], city.seal_private).decode()


def _is_name(text: str) -> bool:
    # A line break or a tab would make another field of the bank's file out of it.
    return len(text) in _NAME and text.isprintable()
