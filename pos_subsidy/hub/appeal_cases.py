"""An appeal as whoever decides it sees it: both signed records and their evidence side by side."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import NotFound
from pos_subsidy.hub import appeals
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import appeals as store
from pos_subsidy.hub.store import claims, outlets, reviews, rows
from pos_subsidy.hub.store.db import read

_LONGEST = 80
_AFTER_SALE = (
    "evidence_given",
    "reversed",
    "exchanged",
    "serial_bound",
    "claim_corrected",
    "claim_withdrawn",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One side: the shop's signed row, the later rows that speak of it, and the city's word on it now."""

    outlet: str
    shop: str
    redemption_id: str
    order_no: str
    verdict: str
    signed: Mapping[str, Any]
    received_at: str
    evidence: Sequence[Mapping[str, Any]]  # part, at, sha256, serial_no of each that was told
    after: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """An appeal with everything there is to decide it by. ``first`` is the claim that stood first."""

    appeal: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]
    own: Record
    first: Record | None
    history: Sequence[Mapping[str, Any]]
    barred: Sequence[str]  # who has decided before and may not again


def case(city: City, appeal_id: str) -> Case:
    """Return an appeal's case.

    Raises:
        NotFound: ``appeal_unknown``.
    """

    def look(db: Connection) -> Case:
        found = store.find(db, appeal_id)
        if found is None:
            raise NotFound("appeal_unknown", appeal_id=appeal_id[:40])
        claim = claims.find(db, found["redemption_id"])
        assert claim is not None, "an appeal is of a stored claim"
        return Case(
            appeal={**found, "state": appeals.standing(found)},
            files=store.files_of(db, appeal_id),
            own=_record(db, claim),
            first=_first(db, claim["redemption_id"]),
            history=_history(db, claim["redemption_id"]),
            barred=sorted(store.deciders(db, claim["redemption_id"])),
        )

    return read(city.engine, look)


def history(city: City, redemption_id: str) -> list[dict[str, Any]]:
    """Return every word said on a claim, the first one first: when, what, by whom and why.

    Raises:
        NotFound: ``redemption_unknown``.
    """

    def look(db: Connection) -> list[dict[str, Any]]:
        if claims.find(db, redemption_id) is None:
            raise NotFound("redemption_unknown")
        return _history(db, redemption_id)

    return read(city.engine, look)


def _history(db: Connection, redemption_id: str) -> list[dict[str, Any]]:
    claim = claims.find(db, redemption_id)
    assert claim is not None
    people = {(one["at"], one["what"]): one["by"] for one in reviews.steps_of(db, redemption_id)}
    people |= {
        (one["at"], "suspended"): one["by"]
        for one in reviews.steps_of(db, redemption_id)
        if one["what"] == "postponed"
    }
    found = []
    for said in claims.said_on(db, claim["outlet"], [redemption_id]):
        appeal = said.params.get("appeal") or {}
        decided = appeal and appeal.get("decided_at") == said.judged_at
        asked = store.find(db, appeal["appeal_id"]) if decided else None
        by = asked["decided_by"] if asked else people.get((said.judged_at, said.verdict))
        found.append(
            {
                "at": said.judged_at,
                "verdict": said.verdict,
                "code": said.code,
                "params": said.params,
                "by": by or ("payment" if said.verdict == "settled" else "rules"),
                "appeal_id": asked["appeal_id"] if asked else None,
                "reason": asked["reason"] if asked else said.code,
                "note": (asked["note"] if asked else said.params.get("note")) or "",
            }
        )
    return found


def _first(db: Connection, redemption_id: str) -> Record | None:
    """Return the claim that stood in the way, as the verdict on this one named it."""
    own = claims.find(db, redemption_id)
    assert own is not None
    for said in claims.said_on(db, own["outlet"], [redemption_id]):
        named = said.params.get("first") or {}
        rival = claims.of_hold(db, named["outlet"], named["hold_id"]) if "hold_id" in named else None
        if rival is None and "seq" in named:
            rival = claims.of_row(db, named["outlet"], named["seq"])
        if rival is not None:
            return _record(db, rival)
    return None


def _record(db: Connection, claim: Mapping[str, Any]) -> Record:
    entry = rows.entry_at(db, claim["outlet"], claim["seq"])
    assert entry is not None, "a claim is booked from a stored row"
    shop = outlets.find(db, claim["outlet"])
    after = store.rows_about(
        db, claim["outlet"], claim["redemption_id"], _AFTER_SALE, from_seq=claim["seq"] + 1
    )
    return Record(
        outlet=claim["outlet"],
        shop=shop["name"] if shop else claim["outlet"],
        redemption_id=claim["redemption_id"],
        order_no=claim["order_no"],
        verdict=claim["verdict"],
        signed=asdict(entry),
        received_at=rows.received_at(db, claim["outlet"], claim["seq"]) or "",
        evidence=[told for one in after if one.kind == "evidence_given" for told in _evidence(one)],
        after=[asdict(one) for one in after],
    )


def _evidence(entry: Entry) -> Iterator[dict[str, str]]:
    """Yield what a row says was handed in. A shop may sign what it likes; what cannot be read is left out."""
    parts = entry.body.get("parts")
    for one in parts if isinstance(parts, list) else ():
        if isinstance(one, dict) and isinstance(one.get("content"), dict):
            about = {name: str(one["content"].get(name) or "")[:_LONGEST] for name in ("sha256", "serial_no")}
            yield {"part": str(one.get("part"))[:_LONGEST], "at": entry.at, **about}


def as_json(found: Case) -> dict[str, Any]:
    """Return a case as plain JSON."""
    return json.loads(json.dumps(asdict(found), ensure_ascii=False, default=dict))
