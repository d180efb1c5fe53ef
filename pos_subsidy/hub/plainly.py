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
from pos_subsidy.hub import judging, listed
from pos_subsidy.hub.drafting import KIND, Draft
from pos_subsidy.hub.judgement import WAITING, Judgement, written
from pos_subsidy.hub.store import claims, keys, person_units, pools, reviews, units


@dataclass(frozen=True, slots=True)
class Plain:
    """A claim that may be booked with others at once."""

    draft: Draft
    judged: Judgement
    person: str

    @property
    def entry(self) -> Entry:
        return self.draft.entry

    @property
    def unit(self) -> tuple[str, str, str]:
        """Return whose unit of which class it uses."""
        body = self.entry.body
        return self.person, str(body["programme"]), str(body["unit_class"])


class Sight:
    """What the city knows of everything a run of rows touches, asked at once."""

    def __init__(
        self,
        db: Connection,
        outlet: str,
        entries: Sequence[Entry],
        drafted: Mapping[int, Draft],
        persons: Mapping[str, str],
    ) -> None:
        self._outlet, self._drafted = outlet, drafted
        self._touched: set[tuple[str, ...]] = set()
        mine = [drafted[entry.seq] for entry in entries if entry.seq in drafted]
        bodies = [one.entry.body for one in mine]
        # A shop that was ever suspended is judged by the moment of each sale.
        self._is_open = bool(bodies) and not reviews.has_standings(db, outlet)
        if not self._is_open:
            return
        programmes = {body["programme"] for body in bodies}
        self._metered = {programme for programme in programmes if pools.is_metered(db, programme)}
        held = [body["hold_id"] for body in bodies if body["programme"] in self._metered]
        self._draws: dict[str, list[tuple[int, int]]] = {}
        for hold_id, held_fen, used_fen in pools.draws_among(db, outlet, held):
            self._draws.setdefault(hold_id, []).append((held_fen, used_fen))
        self._keys_known = keys.of_outlet(db, outlet)
        self._persons = {one: persons[one] for body in bodies if (one := body["commitment"]) in persons}
        self._holds = units.statuses(db, outlet, [body["hold_id"] for body in bodies])
        self._claimed = claims.holds_claimed(db, outlet, [body["hold_id"] for body in bodies])
        self._units: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
        for *key, owner, hold_id in person_units.of_people(db, list(set(self._persons.values()))):
            self._units.setdefault((key[0], key[1], key[2]), set()).add((owner, hold_id))
        self._listed = listed.look(db, outlet, bodies)
        self._pieces: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
        for space, numbers in _by_space(mine).items():
            for number, owner, hold_id, is_live in units.owners(db, space, numbers):
                self._pieces.setdefault((space, number), []).append((owner, hold_id, is_live))

    def plain(self, entry: Entry) -> Plain | None:
        """Return how a row is booked with others, or None if it must be looked at by itself."""
        if entry.kind != KIND:
            return None
        # What a strange row touches is not known before it is carried out.
        draft = self._drafted.get(entry.seq)
        self._is_open = self._is_open and draft is not None
        if draft is None or not self._is_open:
            return None
        touched = self._touches(draft)
        is_first = self._touched.isdisjoint(touched)
        self._touched |= touched
        return self._judged(draft) if is_first and self._is_believed(entry) else None

    def is_moved(self, hold_id: str) -> bool:
        """Say whether a hold of the shop is one that its claim brings to its end."""
        return self._holds.get(hold_id) in ("held", "confirmed", "expired")

    def is_known(self, piece: tuple[str, str]) -> bool:
        """Say whether anything was known of a piece."""
        return piece in self._pieces

    def is_held(self, piece: tuple[str, str]) -> bool:
        """Say whether a plain claim's piece is its own already, since its hold."""
        return any(is_live for _, _, is_live in self._pieces.get(piece, ()))

    def has_drawn(self, one: Plain) -> bool:
        """Say whether a plain claim's money was set aside in pools, since its hold."""
        return one.draft.hold_id in self._draws

    def has_unit(self, one: Plain) -> bool:
        """Say whether a plain claim's unit is its own already, since its hold."""
        return (self._outlet, one.draft.hold_id) in self._units.get(one.unit, ())

    def _judged(self, draft: Draft) -> Plain | None:
        body = draft.entry.body
        own = (self._outlet, body["hold_id"])
        person = self._persons.get(body["commitment"])
        if person is None or draft.judged is None or body["hold_id"] in self._claimed:
            return None
        # Whether its hold was granted before something was entered against it is looked at by itself.
        if any(self._listed.reasons(body, date.fromisoformat(body["business_date"]))):
            return None
        for piece in draft.pieces:
            if any(
                is_live and (outlet, hold) != own for outlet, hold, is_live in self._pieces.get(piece, ())
            ):
                return None
        occupants = self._units.get((person, body["programme"], body["unit_class"]), set())
        is_granted = self._holds.get(body["hold_id"]) in ("held", "confirmed")
        if (own not in occupants) if is_granted else occupants:
            return None
        # What its hold has set aside becomes used and moves no pool; any other draws on them in its turn.
        if body["programme"] in self._metered and not (is_granted and self._is_set_aside(body)):
            return None
        return Plain(draft, draft.judged, person)

    def _is_set_aside(self, body: Mapping[str, Any]) -> bool:
        return all(one == (body["subsidy_fen"], 0) for one in self._draws.get(body["hold_id"], ()))

    def _is_believed(self, entry: Entry) -> bool:
        signers = [key for key in self._keys_known if key.kid == entry.kid]
        return not any(key.revoked_at is not None or key.trouble_at(entry.at) for key in signers)

    def _touches(self, draft: Draft) -> set[tuple[str, ...]]:
        body = draft.entry.body
        person = self._persons.get(body["commitment"], "")
        return {
            *draft.pieces,
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
        hold_id = one.draft.hold_id
        for piece in one.draft.pieces:
            if not sight.is_known(piece):
                new.append((*piece, outlet, hold_id))
            elif not sight.is_held(piece):
                units.take_piece(db, *piece, outlet=outlet, hold_id=hold_id)
    units.add_pieces(db, new)
    units.claim_holds(db, outlet, [hold for one in plain if sight.is_moved(hold := one.draft.hold_id)])
    pools.use_held(db, outlet, [one.draft.hold_id for one in plain if sight.has_drawn(one)])
    fresh = [one for one in plain if not sight.has_unit(one)]
    person_units.add_first(db, outlet, [(*one.unit, one.draft.hold_id) for one in fresh])
    kept = [one for one in plain if sight.has_unit(one)]
    kept_holds = [one.draft.hold_id for one in kept]
    person_units.keep(db, [one.person for one in kept], outlet=outlet, hold_ids=kept_holds)
    booked = [
        written(outlet, one.entry, one.judged, hold_id=one.draft.hold_id, person=one.person, at=at)
        for one in plain
    ]
    claims.add_all(db, booked)
    names = ("redemption_id", "verdict", "code", "params", "judged_at")
    said = [{name: one[name] for name in names} for one in booked if one["verdict"] != WAITING]
    claims.say_all(db, outlet, said)


def _by_space(drafted: Sequence[Draft]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for space, number in {piece for one in drafted for piece in one.pieces}:
        found.setdefault(space, []).append(number)
    return found
