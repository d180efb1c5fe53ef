"""Books a run of claims at once, where nothing is known of their people, pieces or holds that speaks against.

Of a shop's rows nearly all are such. What stands in the way of one is asked for all of them in a
few questions; a claim of which any answer is not the plain one, or that touches what an earlier
claim of the run touched, is left to ``judging``. Both ways give the same books.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.journal import Entry
from pos_subsidy.domain.rules import Rule
from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import judging, live
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import WAITING, Judgement, for_review, written
from pos_subsidy.hub.store import claims, keys, person_units, pools, reviews, rows, units

KIND = "redeemed"
_MALFORMED = (SubsidyError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
_WORDS = (
    *("redemption_id", "hold_id", "order_no", "category", "programme", "unit_class"),
    *("commitment", "business_date", "held_at"),
)
_FEN = ("price_fen", "subsidy_fen")


@dataclass(frozen=True, slots=True)
class Plain:
    """A claim that may be booked with others at once."""

    entry: Entry
    judged: Judgement
    person: str
    pieces: tuple[tuple[str, str], ...]

    @property
    def unit(self) -> tuple[str, str, str]:
        """Return whose unit of which class it uses."""
        body = self.entry.body
        return self.person, str(body["programme"]), str(body["unit_class"])

    @property
    def hold_id(self) -> str:
        return str(self.entry.body["hold_id"])


class Sight:
    """What the city knows of everything a run of rows touches, asked at once."""

    def __init__(self, db: Connection, city: City, outlet: str, entries: Sequence[Entry]) -> None:
        self._city, self._outlet = city, outlet
        self._touched: set[tuple[str, ...]] = set()
        bodies = [entry.body for entry in entries if entry.kind == KIND and _is_well_formed(entry.body)]
        # A shop that was ever suspended is judged by the moment of each sale.
        # Where a programme's money comes from pools, each claim draws on them after the other.
        self._is_open = (
            bool(bodies)
            and not reviews.has_standings(db, outlet)
            and not any(pools.is_metered(db, programme) for programme in {one["programme"] for one in bodies})
        )
        if not self._is_open:
            return
        self._keys_known = keys.of_outlet(db, outlet)
        self._persons = rows.persons_of(db, list({body["commitment"] for body in bodies}))
        self._booked = claims.booked(db, [body["redemption_id"] for body in bodies])
        self._holds = units.statuses(db, outlet, [body["hold_id"] for body in bodies])
        self._units: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
        for *key, owner, hold_id in person_units.of_people(db, list(set(self._persons.values()))):
            self._units.setdefault((key[0], key[1], key[2]), set()).add((owner, hold_id))
        self._pieces: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
        for space, numbers in _by_space(bodies).items():
            for number, owner, hold_id, is_live in units.owners(db, space, numbers):
                self._pieces.setdefault((space, number), []).append((owner, hold_id, is_live))

    def plain(self, entry: Entry) -> Plain | None:
        """Return how a row is booked with others, or None if it must be looked at by itself."""
        if entry.kind != KIND:
            return None
        # What a strange row touches is not known before it is carried out.
        self._is_open = self._is_open and _is_well_formed(entry.body)
        if not self._is_open:
            return None
        touched = self._touches(entry.body)
        is_first = self._touched.isdisjoint(touched)
        self._touched |= touched
        try:
            return self._judged(entry) if is_first and self._is_believed(entry) else None
        except _MALFORMED:
            return None

    def is_moved(self, hold_id: str) -> bool:
        """Say whether a hold of the shop is one that its claim brings to its end."""
        return self._holds.get(hold_id) in ("held", "confirmed", "expired")

    def is_known(self, piece: tuple[str, str]) -> bool:
        """Say whether anything was known of a piece."""
        return piece in self._pieces

    def is_held(self, piece: tuple[str, str]) -> bool:
        """Say whether a plain claim's piece is its own already, since its hold."""
        return any(is_live for _, _, is_live in self._pieces.get(piece, ()))

    def has_unit(self, one: Plain) -> bool:
        """Say whether a plain claim's unit is its own already, since its hold."""
        return (self._outlet, one.hold_id) in self._units.get(one.unit, ())

    def _judged(self, entry: Entry) -> Plain | None:
        body, own = entry.body, (self._outlet, entry.body["hold_id"])
        person = self._persons.get(body["commitment"])
        rule = self._city.rulebook.rule_in_force(body["category"], date.fromisoformat(body["business_date"]))
        if person is None or rule is None or not _is_plain(rule) or body["redemption_id"] in self._booked:
            return None
        pieces = tuple(live.pieces_of(body))
        for piece in pieces:
            if any(
                is_live and (outlet, hold) != own for outlet, hold, is_live in self._pieces.get(piece, ())
            ):
                return None
        occupants = self._units.get((person, body["programme"], body["unit_class"]), set())
        is_granted = self._holds.get(body["hold_id"]) in ("held", "confirmed")
        if (own not in occupants) if is_granted else occupants:
            return None
        judged = judging.by_amount(self._city, rule, body, 0)
        return Plain(entry, for_review(judged, is_reviewed=self._city.is_reviewed), person, pieces)

    def _is_believed(self, entry: Entry) -> bool:
        signers = [key for key in self._keys_known if key.kid == entry.kid]
        return not any(key.revoked_at is not None or key.trouble_at(entry.at) for key in signers)

    def _touches(self, body: Mapping[str, Any]) -> set[tuple[str, ...]]:
        person = self._persons.get(body["commitment"], "")
        return {
            *live.pieces_of(body),
            ("hold", body["hold_id"]),
            ("claim", body["redemption_id"]),
            ("unit", person, body["programme"], body["unit_class"]),
        }


def runs(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Split rows where one changes the books in another way than a claim does."""
    run: list[Entry] = []
    for entry in entries:
        if entry.kind != KIND and judging.is_act(entry.kind):
            if run:
                yield run
            yield [entry]
            run = []
        else:
            run.append(entry)
    if run:
        yield run


def book(db: Connection, sight: Sight, outlet: str, plain: Sequence[Plain], *, now: datetime) -> None:
    """Book claims in their order; what ``judging`` does for each, in one statement per table."""
    at = moments.text(now)
    new: list[tuple[str, str, str, str]] = []
    for one in plain:
        for piece in one.pieces:
            if not sight.is_known(piece):
                new.append((*piece, outlet, one.hold_id))
            elif not sight.is_held(piece):
                units.take_piece(db, *piece, outlet=outlet, hold_id=one.hold_id)
    units.add_pieces(db, new)
    units.claim_holds(db, outlet, [one.hold_id for one in plain if sight.is_moved(one.hold_id)])
    fresh = [one for one in plain if not sight.has_unit(one)]
    person_units.add_first(db, outlet, [(*one.unit, one.hold_id) for one in fresh])
    kept = [one for one in plain if sight.has_unit(one)]
    person_units.keep(db, [one.person for one in kept], outlet=outlet, hold_ids=[one.hold_id for one in kept])
    booked = [
        written(outlet, one.entry, one.judged, hold_id=one.hold_id, person=one.person, at=at) for one in plain
    ]
    claims.add_all(db, booked)
    names = ("redemption_id", "verdict", "code", "params", "judged_at")
    said = [{name: one[name] for name in names} for one in booked if one["verdict"] != WAITING]
    claims.say_all(db, outlet, said)


def _is_plain(rule: Rule) -> bool:
    # Where what one claim gets depends on what others got, each is judged after the other.
    return not rule.batches and rule.person_cap_fen is None


def _is_well_formed(body: Mapping[str, Any]) -> bool:
    numbers = (body.get(name) for name in ("serial_no", "imei1", "imei2"))
    return (
        all(type(body.get(name)) is str for name in _WORDS)
        and all(type(body.get(name)) is int for name in _FEN)
        and all(one is None or type(one) is str for one in numbers)
    )


def _by_space(bodies: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for space, number in {piece for body in bodies for piece in live.pieces_of(body)}:
        found.setdefault(space, []).append(number)
    return found
