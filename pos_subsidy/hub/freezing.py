"""Answers tills before money moves: a unit and a piece are frozen for one sale, or it is said why not."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import goods_numbers, moments, reckoning
from pos_subsidy.domain.identifiers import region
from pos_subsidy.domain.rules import Rule
from pos_subsidy.errors import Invalid, NotSignedIn
from pos_subsidy.hub import budget, identities, keys, listed, live
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import holding, outlets, person_units
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.hub.store.lines import Line
from pos_subsidy.protocol.messages import HoldRequest

# A hold outlives the till's own while the shop is silent, so that a confirmation lost on
# its way never gives the unit away.
OUTLIVES = timedelta(hours=24)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a till hears: why its hold is refused, nothing if it is granted; and of the sale's pools."""

    refusals: list[live.Refusal]
    notices: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Sight:
    """What stands for and against a hold at a moment; ``known`` is None where there is no such shop.

    ``is_counted``: everybody's units of its class are counted together, which no key of a table does.
    """

    known: holding.Known | None
    refusals: list[live.Refusal]
    person: str = ""
    occupied: list[dict[str, Any]] = field(default_factory=list)
    is_counted: bool = False

    @property
    def is_settled(self) -> bool:
        return bool(self.refusals) or (self.known is not None and self.known.status is not None)


def hold(city: City, outlet: str, asked: HoldRequest, *, kid: str | None, now: datetime) -> Answer:
    """Freeze a person's unit and a piece for one sale, or say why not.

    ``kid`` is the id of the key that signed, None where nobody did: with one that is not believed now the
    hold is refused. The same hold may be asked for again. One that was cancelled before it was asked for (a
    message overtook the other) is refused, and so is one whose sale is on the books already.

    Raises:
        Invalid: the identity is missing or cannot be opened.
        NotSignedIn: ``signature_invalid``, the shop has no such key.
    """

    def look(db: Connection) -> tuple[_Sight, Answer] | None:
        seen = _look(db, city, outlet, asked, kid, now=now, due_at=moments.text(now))
        # A refusal for its key, shop or number stands whatever is due, and need not wait for its end.
        stands = bool(seen.refusals) and not seen.person
        if seen.known is not None and seen.known.is_any_due and not stands:
            return None
        return seen, _answer(db, city, outlet, asked, seen)

    def freeze(db: Connection) -> Answer:
        who = {"person": first.person, "programme": asked.programme, "unit_class": asked.unit_class}
        # The key alone is not enough: who came between may be gone again, and a second slot be taken.
        # Where there was nobody, the unit's own row sees to it.
        if first.is_counted or (first.occupied and person_units.occupants(db, **who) != first.occupied):
            return look_and_freeze(db)
        return grant(db, first)

    def look_and_freeze(db: Connection) -> Answer:
        seen = _look(db, city, outlet, asked, kid, now=now, person=first.person)
        return _answer(db, city, outlet, asked, seen) if seen.is_settled else grant(db, seen)

    def grant(db: Connection, seen: _Sight) -> Answer:
        seen = replace(seen, refusals=_draw(db, outlet, asked, seen))
        if not seen.refusals:
            _grant(db, outlet, asked, seen, now=now)
        return _answer(db, city, outlet, asked, seen)

    while (found := read(city.engine, look)) is None:
        run(city.engine, lambda db: live.expire_due(db, now=now), line=Line.HOLDS)
    first, answer = found
    # Who is refused must not wait for its turn to hear that, longer than its till waits for an answer.
    if first.is_settled:
        return answer
    # What was looked at a moment ago holds: the tables' keys refuse what somebody else took meanwhile.
    return run(city.engine, freeze, instead=look_and_freeze, line=Line.HOLDS)


def _look(
    db: Connection,
    city: City,
    outlet: str,
    asked: HoldRequest,
    kid: str | None,
    *,
    now: datetime,
    person: str | None = None,
    due_at: str | None = None,
) -> _Sight:
    about = {name: getattr(asked, name) for name in ("hold_id", "commitment", "programme", "gtin")}
    known = holding.known(db, {**about, **asked.numbers, "outlet": outlet, "kid": kid}, due_at=due_at)
    if known is None:
        return _Sight(None, [live.refusal("merchant_suspended")])
    if kid is not None and known.key is None:
        raise NotSignedIn("signature_invalid")
    if known.key is not None and (disbelief := keys.disbelief(known.key, now=now)) is not None:
        return _Sight(known, [disbelief])
    if known.status in ("held", "confirmed", "claimed"):
        return _Sight(known, [])
    if (released_at := known.asked_at or known.claimed_at) is not None:
        return _Sight(known, [live.refusal("hold_released", released_at=released_at)])
    if known.shop_status != "active":
        return _Sight(known, [live.refusal("merchant_suspended")])
    if asked.sealed is None:
        raise Invalid("seal_broken")
    if (wrong := goods_numbers.irregular({**asked.numbers, "gtin": asked.gtin})) is not None:
        return _Sight(known, [live.refusal(wrong.code, **wrong.params)])
    person = known.person or person or identities.opened(city, asked.commitment, _decoded(asked.sealed))
    who = {"person": person, "programme": asked.programme, "unit_class": asked.unit_class}
    occupied = person_units.occupants(db, **who)
    rule = city.rulebook.rule_in_force(asked.category, date.fromisoformat(asked.business_date))
    refusals = _unit_refusals(db, city, rule, outlet, asked, occupied, now=now)
    if known.is_listed:
        refusals += _against_lists(db, outlet, asked)
    if known.is_taken:
        owners = holding.owners(db, asked.numbers)
        refusals += live.taken(live.pieces_of(asked.numbers), owners, own=(outlet, asked.hold_id))
    if not refusals and known.is_metered:
        on, fen = asked.business_date, asked.subsidy_fen
        short = budget.short(db, outlet, programme=asked.programme, on=on, fen=fen)
        refusals = [live.refusal(budget.EXHAUSTED, **short)] if short else []
    return _Sight(known, refusals, person, occupied, is_counted=rule is not None and bool(rule.batches))


def _answer(db: Connection, city: City, outlet: str, asked: HoldRequest, seen: _Sight) -> Answer:
    if seen.known is None or not seen.known.is_metered:
        return Answer(seen.refusals, [])
    about = {"on": asked.business_date, "programme": asked.programme}
    return Answer(seen.refusals, budget.notices(db, city, outlet, **about))


def _against_lists(db: Connection, outlet: str, asked: HoldRequest) -> list[live.Refusal]:
    about = asked.model_dump(exclude={"sealed"})
    on = date.fromisoformat(asked.business_date)
    found = listed.look(db, outlet, [about]).reasons(about, on)
    return [live.refusal(one.code, **one.params) for one in found]


def _unit_refusals(
    db: Connection,
    city: City,
    rule: Rule | None,
    outlet: str,
    asked: HoldRequest,
    occupants: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> list[live.Refusal]:
    if rule is None or rule.programme.id != asked.programme:
        return [live.refusal("no_programme", category=asked.category, on=asked.business_date)]
    if early := live.unreleased(rule, asked.unit_class, now=now):
        return [early]
    if spent := live.batch_spent(db, rule, asked.programme, asked.unit_class, now=now, but=asked.hold_id):
        return [spent]
    # Else one hold could set a whole pool aside.
    if asked.subsidy_fen > (most_fen := reckoning.most_fen(rule, asked.price_fen)):
        told = {"claimed_fen": asked.subsidy_fen, "expected_fen": most_fen, "clause": rule.source.cited}
        return [live.refusal("subsidy_differs", **told)]
    units_max = rule.units_max_for(rule.told_by(asked.unit_class))
    if units_max is None:
        return []
    occupied = [one for one in occupants if not live.is_over(one, now=now)]
    if len(occupied) < units_max:
        return []
    elsewhere = [one["outlet"] for one in occupied if one["outlet"] != outlet]
    if not elsewhere:
        category = city.rulebook.category(asked.category)
        return [
            live.refusal(
                "units_exhausted",
                category=category.code,
                category_zh=category.name_zh,
                category_en=category.name_en,
                units_used=len(occupied),
                units_max=units_max,
            )
        ]
    other = outlets.find(db, elsewhere[0])
    assert other is not None
    zh, en = region.name_of(other["region"])
    return [live.refusal("claimed_elsewhere", where_zh=f"{zh}的其他门店", where_en=f"another shop in {en}")]


def _draw(db: Connection, outlet: str, asked: HoldRequest, seen: _Sight) -> list[live.Refusal]:
    if seen.known is None or not seen.known.is_metered:
        return []
    on, fen = asked.business_date, asked.subsidy_fen
    short = budget.hold(db, outlet, asked.hold_id, programme=asked.programme, on=on, fen=fen)
    return [live.refusal(budget.EXHAUSTED, **short)] if short else []


def _grant(db: Connection, outlet: str, asked: HoldRequest, seen: _Sight, *, now: datetime) -> None:
    if seen.known is not None and seen.known.person is None:
        assert asked.sealed is not None, "looked at before"
        sealed = _decoded(asked.sealed)
        holding.put_identity(db, commitment=asked.commitment, person=seen.person, sealed=sealed)
    frozen = {
        "outlet": outlet,
        "hold_id": asked.hold_id,
        "person": seen.person,
        "programme": asked.programme,
        "unit_class": asked.unit_class,
        "subsidy_fen": asked.subsidy_fen,
        # Whatever a shop asks for: what is frozen for ever is taken from everybody else.
        "expires_at": moments.text(min(moments.moment(asked.expires_at), now + LONGEST) + OUTLIVES),
        "asked_at": moments.text(now),
    }
    holding.put(db, frozen, occupied=seen.occupied, pieces=live.pieces_of(asked.numbers))


def _decoded(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, validate=True)
    except ValueError:
        raise Invalid("seal_broken") from None
