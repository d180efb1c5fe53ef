"""The photos and papers themselves: asked for, taken in sealed, shown beside the claim, let go in time.

The city asks for the files of the claims people look into - the sample of a batch that is not approved,
what is suspended, what is appealed, and what a reviewer asks for by name - and not for all: a claim has
three to six photos of some megabytes, most claims are never opened, and a shop's upload is the narrow
place. At 15 % of the claims a night sends a seventh of the bytes, and fewer people's papers lie in two
places. The rest stays at the shop, named by its signed row: one that is sent later is proved the same by
its hash. A file that did not arrive is wanted again with every feed, and is the unit that is sent again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid, NotAllowed, NotFound
from pos_subsidy.hub import office_log, pictures, review
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import By, must_be_named
from pos_subsidy.hub.store import claims, evidence, office
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import FILE_MAX_BYTES

HERE, UNDER_WAY, AT_SHOP, PURGED, DAMAGED = "here", "under_way", "at_shop", "purged", "damaged"
# As many as one exchange may want; what is left is wanted by the next.
WANTED_MAX = 500
_SEAL_BYTES = 48
_VIEWED, _ASKED, _LET_GO = "evidence_viewed", "evidence_asked", "evidence_purged"


@dataclass(frozen=True, slots=True)
class FileState:
    """Where a file of a claim is: here since, under way since, at the shop, purged on, or damaged here."""

    part: str
    sha256: str
    state: str
    since: str | None
    media: str | None = None  # of what is here, by its first bytes


def wanted(db: Connection, city: City, outlet: str) -> list[str]:
    """Return the SHA-256 of files that the city asks a shop for and has not got, the oldest named first."""
    found = evidence.names_of(db, outlet, _asked(db, city, outlet))
    missing = sorted((one["seq"], one["sha256"]) for one in found if one["came_at"] is None)
    return list(dict.fromkeys(sha256 for _, sha256 in missing))[:WANTED_MAX]


def receive(city: City, outlet: str, sha256: str, sealed: bytes, *, now: datetime) -> None:
    """Keep a file that a signed row of this shop names; the same one again changes nothing.

    Raises:
        NotAllowed: ``evidence_file_not_named``, no row of this shop names it.
        Invalid: as ``checked``.
    """

    def must_be_named_by_row(db: Connection) -> None:
        if not evidence.is_named(db, outlet, sha256):
            raise NotAllowed("evidence_file_not_named", sha256=sha256[:12])

    read(city.engine, must_be_named_by_row)
    # Opening and hashing megabytes needs no database: nobody waits for it.
    checked(city, sha256, sealed)
    run(city.engine, lambda db: evidence.keep_content(db, outlet, sha256, sealed, at=moments.text(now)))


def checked(city: City, sha256: str, sealed: bytes) -> bytes:
    """Return the content of a sealed file if it is what its name says.

    Raises:
        Invalid: ``evidence_file_refused``: too large, not sealed to this city, or another content.
    """
    if len(sealed) > FILE_MAX_BYTES + _SEAL_BYTES:
        raise Invalid("evidence_file_refused", sha256=sha256[:12])
    try:
        content = sealing.unseal(sealed, city.seal_private)
    except Invalid:
        raise Invalid("evidence_file_refused", sha256=sha256[:12]) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Invalid("evidence_file_refused", sha256=sha256[:12])
    return content


def ask(city: City, redemption_id: str, *, by: By, now: datetime) -> None:
    """Ask a claim's shop for its files; asking again changes nothing.

    Raises:
        NotFound: ``redemption_unknown``.
        Invalid: ``reviewer_required``.
    """
    must_be_named(by.username)

    def write(db: Connection) -> None:
        _claim(db, redemption_id)
        if evidence.ask(db, redemption_id, by=by.username, at=moments.text(now)):
            office_log.note(db, by, _ASKED, about=redemption_id, now=now)

    run(city.engine, write)


def states(city: City, redemption_id: str) -> dict[tuple[str, str], FileState]:
    """Return where each file that counts of a claim is, by (part, SHA-256). What is here is hashed anew.

    Raises:
        NotFound: ``redemption_unknown``.
    """

    def look(db: Connection) -> list[FileState]:
        found = _claim(db, redemption_id)
        outlet = found["outlet"]
        is_asked = redemption_id in _asked(db, city, outlet)
        asked_at = evidence.asked_at(db, redemption_id) or ""
        if found["verdict"] == "suspended":
            asked_at = max(asked_at, found["judged_at"])
        told = []
        for one in evidence.names_of(db, outlet, [redemption_id]):
            since = max(one["received_at"], asked_at) if is_asked else None
            state = UNDER_WAY if is_asked else AT_SHOP
            if one["purged_at"]:
                state, since = PURGED, one["purged_at"]
            elif one["came_at"]:
                told.append(_kept(db, city, one))
                continue
            told.append(FileState(one["part"], one["sha256"], state, since))
        return told

    return {(one.part, one.sha256): one for one in read(city.engine, look)}


def file(city: City, redemption_id: str, sha256: str, *, by: By, now: datetime) -> tuple[bytes, str]:
    """Return a file of a claim and its part's name; who looks is logged, once a day for each file.

    Raises:
        NotFound: ``redemption_unknown``; ``evidence_file_unknown``, it is not here or not this claim's.
        Invalid: ``evidence_file_refused``, what lies here is damaged.
    """

    def look(db: Connection) -> tuple[bytes, str]:
        outlet = _claim(db, redemption_id)["outlet"]
        named = [one for one in evidence.names_of(db, outlet, [redemption_id]) if one["sha256"] == sha256]
        sealed = evidence.content(db, outlet, sha256) if named else None
        if sealed is None:
            raise NotFound("evidence_file_unknown", sha256=sha256[:12])
        return checked(city, sha256, sealed), str(named[0]["part"])

    found = read(city.engine, look)
    note_view(city, redemption_id, sha256, by=by, now=now)
    return found


def note_view(city: City, about: str, sha256: str, *, by: By, now: datetime) -> None:
    """Log that somebody looked at a file, once a day for each person and file."""
    midnight = moments.text(
        datetime.combine(moments.business_date(now, ZONE), datetime.min.time(), tzinfo=ZONE)
    )
    told = {"by": by.username, "what": _VIEWED, "about": about}

    def write(db: Connection) -> None:
        if not office.was_logged(db, **told, note=sha256[:12], since=midnight):
            office_log.note(db, by, _VIEWED, about=about, now=now, note=sha256[:12])

    run(city.engine, write)


def due(city: City, before: date) -> tuple[int, int]:
    """Return how many files ``purge`` would let go, and how many bytes."""
    return read(city.engine, lambda db: evidence.due(db, before=before.isoformat()))


def purge(city: City, before: date, *, why: str, by: By, now: datetime) -> int:
    """Let files go whose claims are all of days before one and decided; return how many.

    Those of evidence and of appeals alike. Every row that names them stays, and that they were here.

    Raises:
        Invalid: ``purge_day_invalid``, the day is not over; ``decision_incomplete``, no reason;
            ``reviewer_required``.
    """
    must_be_named(by.username)
    if not why.strip():
        raise Invalid("decision_incomplete", field="why")
    if before > moments.business_date(now, ZONE):
        raise Invalid("purge_day_invalid", day=before.isoformat())

    def let_go(db: Connection) -> int:
        count = evidence.purge(db, before=before.isoformat(), at=moments.text(now))
        office_log.note(db, by, _LET_GO, about=before.isoformat(), now=now, note=f"{count}: {why.strip()}")
        return count

    return run(city.engine, let_go)


def _asked(db: Connection, city: City, outlet: str) -> set[str]:
    asked = evidence.asked_claims(db, outlet)
    for batch_id in evidence.unapproved(db, outlet) if city.is_reviewed else ():
        asked |= review.sample(db, city, outlet, batch_id)
    return asked


def _kept(db: Connection, city: City, named: Mapping[str, Any]) -> FileState:
    part, sha256, came_at = named["part"], named["sha256"], named["came_at"]
    try:
        content = checked(city, sha256, evidence.content(db, named["outlet"], sha256) or b"")
    except Invalid:
        return FileState(part, sha256, DAMAGED, came_at)
    return FileState(part, sha256, HERE, came_at, pictures.media_of(content))


def _claim(db: Connection, redemption_id: str) -> Mapping[str, Any]:
    found = claims.find(db, redemption_id)
    if found is None:
        raise NotFound("redemption_unknown")
    return found
