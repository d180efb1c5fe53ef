"""Appeals of shops: taken in with their signed rows, decided by somebody who has not decided before.

A verdict moves along the allowed arrows only: a granted appeal makes a rejected or suspended claim an
accepted one, a refused appeal leaves it. Every word ever said stays readable (``appeal_cases``).
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import appeals as rules_of_appeals
from pos_subsidy.domain import moments
from pos_subsidy.domain.appeals import FILES_MAX, GRANTED, NAME_MAX, NOTE_MAX, OPEN, REASONS, WORDS_MAX
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub import evidence_files, judging_claims, live, office_log
from pos_subsidy.hub.city import City
from pos_subsidy.hub.judgement import Judgement, record, rejudge
from pos_subsidy.hub.office_log import CONSOLE, By, is_same_person, must_be_named
from pos_subsidy.hub.store import appeals, claims, evidence, person_units, units
from pos_subsidy.hub.store.db import read, run

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA = ("application/pdf", "image/jpeg", "image/png", "image/heic")
_PIECE_ROWS = ("redeemed", "exchanged", "serial_bound", "claim_submitted", "claim_corrected")

Found = Mapping[str, Any]


def made(db: Connection, _city: City, outlet: str, entry: Entry, now: datetime) -> None:
    """Take an appeal in. One that came too late for its verdict is kept; it is then overtaken.

    Raises:
        Conflict: ``redemption_unknown``; ``appeal_open``, another one of the claim is still open.
        Invalid: ``appeal_malformed``; the row is parked for people.
    """
    body = entry.body
    found = claims.find(db, body["redemption_id"])
    if found is None or found["outlet"] != outlet:
        raise Conflict("redemption_unknown", redemption_id=body["redemption_id"])
    if any(standing(one) == OPEN for one in appeals.of_claim(db, body["redemption_id"])):
        raise Conflict("appeal_open", redemption_id=body["redemption_id"])
    words, files = str(body["words"]), [_file(one) for one in body["files"]]
    if not words.strip() or len(words) > WORDS_MAX or len(files) > FILES_MAX:
        raise Invalid("appeal_malformed")
    appeals.add(
        db,
        files,
        appeal_id=str(body["appeal_id"]),
        outlet=outlet,
        redemption_id=body["redemption_id"],
        seq=entry.seq,
        verdict=body["verdict"],
        code=body["code"],
        judged_at=body["judged_at"],
        words=words,
        made_at=entry.at,
        received_at=moments.text(now),
    )


def receive(city: City, outlet: str, appeal_id: str, sha256: str, sealed: bytes, *, now: datetime) -> None:
    """Keep a file that an appeal of this shop names; the same one again changes nothing.

    Raises:
        NotFound: ``appeal_unknown``, or ``appeal_file_unknown``: the appeal names no such file.
        Invalid: ``evidence_file_refused``, it is not sealed to this city or not what its name says.
    """

    def keep(db: Connection) -> None:
        found = appeals.find(db, appeal_id)
        if found is None or found["outlet"] != outlet:
            raise NotFound("appeal_unknown", appeal_id=appeal_id[:40])
        if sha256 not in [one["sha256"] for one in appeals.files_of(db, appeal_id)]:
            raise NotFound("appeal_file_unknown", appeal_id=appeal_id)
        evidence_files.checked(city, sha256, sealed)
        evidence.keep_content(db, outlet, sha256, sealed, at=moments.text(now))

    run(city.engine, keep)


def file(city: City, appeal_id: str, sha256: str) -> tuple[bytes, str, str]:
    """Return a file's content, media type and name.

    Raises:
        NotFound: ``appeal_unknown``; ``appeal_file_unknown``, it is not named, has not come yet or was
            purged.
    """

    def look(db: Connection) -> tuple[bytes, str, str]:
        found = _known(db, appeal_id)
        named = next((one for one in appeals.files_of(db, appeal_id) if one["sha256"] == sha256), None)
        sealed = evidence.content(db, found["outlet"], sha256) if named else None
        if named is None or sealed is None:
            raise NotFound("appeal_file_unknown", appeal_id=appeal_id)
        return evidence_files.checked(city, sha256, sealed), named["media"], named["name"]

    return read(city.engine, look)


def listing(city: City, *, state: str | None = OPEN) -> list[dict[str, Any]]:
    """Return appeals with their ``state``, the oldest first; None asks for all."""
    found = [{**one, "state": standing(one)} for one in read(city.engine, appeals.listing)]
    return [one for one in found if state in (None, one["state"])]


def standing(found: Found) -> str:
    """Return where an appeal stands: open, granted, refused or overtaken."""
    undone = found["net_subsidy_fen"] == 0
    return rules_of_appeals.standing(found["outcome"], found["verdict_now"], is_undone=undone)


def decide(
    city: City,
    appeal_id: str,
    outcome: str,
    *,
    reason: str | None,
    by: str,
    now: datetime,
    role: str = CONSOLE.role,
    note: str = "",
    without_files: bool = False,
) -> None:
    """Grant or refuse an appeal with a reason from the list, and say so to its shop.

    Raises:
        NotFound: ``appeal_unknown``.
        Invalid: ``appeal_reason_required``; ``reviewer_required``.
        NotAllowed: ``appeal_same_person``, who decides has decided about this claim before.
        Conflict: ``appeal_decided``; ``budget_exhausted``, no pool has the money any more;
            ``appeal_overtaken``, the claim was withdrawn, reversed or judged otherwise;
            ``appeal_files_missing``, a file it names has not come;
            ``appeal_piece_taken``, ``appeal_unit_taken``: another claim holds what this one needs.
    """
    if reason not in REASONS[outcome]:
        raise Invalid("appeal_reason_required", allowed=", ".join(REASONS[outcome]))
    must_be_named(by)

    def judge(db: Connection) -> None:
        asked = _known(db, appeal_id)
        _must_be_open(asked)
        if any(is_same_person(by, one) for one in appeals.deciders(db, asked["redemption_id"])):
            raise NotAllowed("appeal_same_person", by=by)
        missing = [one for one in appeals.files_of(db, appeal_id) if one["received_at"] is None]
        if missing and not without_files:
            raise Conflict("appeal_files_missing", missing=len(missing))
        found = claims.find(db, asked["redemption_id"])
        assert found is not None, "an appeal is of a stored claim"
        at = moments.text(now)
        told = {"appeal_id": appeal_id, "outcome": outcome, "reason": reason, "note": note[:NOTE_MAX]}
        appeals.decide(
            db, appeal_id, outcome=outcome, reason=reason, note=note[:NOTE_MAX], by=by.strip(), at=at
        )
        if outcome == GRANTED:
            _take_again(db, city, found, now=now)
            judged = Judgement("accepted", None, {"appeal": {**told, "decided_at": at}})
        else:
            params = {**json.loads(found["params"]), "appeal": {**told, "decided_at": at}}
            judged = Judgement(found["verdict"], found["code"], params)
        rejudge(db, found["outlet"], found["redemption_id"], judged, now=now)
        office_log.note(
            db, By(by.strip(), role), f"appeal_{outcome}", about=appeal_id, now=now, note=str(reason)
        )

    run(city.engine, judge)


def _must_be_open(asked: Found) -> None:
    state = standing(asked)
    if asked["outcome"] is not None:
        raise Conflict("appeal_decided", by=asked["decided_by"], decided_at=asked["decided_at"])
    if state != OPEN:
        raise Conflict("appeal_overtaken", verdict=asked["verdict_now"])


def _take_again(db: Connection, city: City, found: Found, *, now: datetime) -> None:
    """Take the piece and the person's unit that the rejection had freed."""
    about = appeals.rows_about(
        db, found["outlet"], found["redemption_id"], _PIECE_ROWS, from_seq=found["seq"]
    )
    told = about[-1].body.get("new") or about[-1].body
    if about[0].kind == "claim_submitted":
        pieces = judging_claims.things(city, told)
    else:
        pieces = live.pieces_of(told)
    for space, number in pieces:
        owner = units.piece_owner(db, space, number)
        if owner is not None and (owner["outlet"], owner["hold_id"]) != (found["outlet"], found["hold_id"]):
            raise Conflict("appeal_piece_taken", number=number, first=record(db, owner))
    if found["verdict"] == "rejected":
        _must_have_unit(db, city, found, sold_on=about[0].body.get("sold_on"), now=now)
    for space, number in pieces:
        units.take_piece(db, space, number, outlet=found["outlet"], hold_id=found["hold_id"])


def _must_have_unit(db: Connection, city: City, found: Found, *, sold_on: str | None, now: datetime) -> None:
    rule = city.rulebook.rule_in_force(
        found["category"], date.fromisoformat(sold_on or found["business_date"])
    )
    units_max = rule.units_max_for(rule.told_by(found["unit_class"])) if rule else None
    if found["person"] is None or units_max is None:
        return
    who = {name: found[name] for name in ("person", "programme", "unit_class")}
    own = (found["outlet"], found["hold_id"])
    occupied = [one for one in person_units.occupants(db, **who) if not live.is_over(one, now=now)]
    before = [one for one in occupied if (one["outlet"], one["hold_id"]) != own]
    if len(before) >= units_max:
        raise Conflict(
            "appeal_unit_taken", units_max=units_max, units_used=len(before), first=record(db, before[0])
        )


def _known(db: Connection, appeal_id: str) -> dict[str, Any]:
    found = appeals.find(db, appeal_id)
    if found is None:
        raise NotFound("appeal_unknown", appeal_id=appeal_id[:40])
    return found


def _file(told: Found) -> dict[str, str]:
    sha256, name, media = str(told["sha256"]), str(told["name"]), str(told["media"])
    if not _SHA256.fullmatch(sha256) or len(name) > NAME_MAX or media not in _MEDIA:
        raise Invalid("appeal_malformed")
    return {"sha256": sha256, "name": name, "media": media}
