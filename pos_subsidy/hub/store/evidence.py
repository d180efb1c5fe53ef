"""Files of evidence: named by rows, wanted, kept, and let go when their time is over."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from pos_subsidy.domain.journal import Entry
from pos_subsidy.hub.store import outlets, rows
from pos_subsidy.hub.store.schema import claim, row
from pos_subsidy.hub.store.schema_appeal import appeal, appeal_decision, appeal_file
from pos_subsidy.hub.store.schema_evidence import evidence_ask, evidence_content, evidence_name
from pos_subsidy.hub.store.schema_review import review_batch

KIND = "evidence_given"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_AT_ONCE = 1_000


def keep_names(db: Connection, outlet: str, entries: Iterable[Entry], *, at: str) -> None:
    """Note which files rows name that were just stored. A row that names none as it should is no harm."""
    found = [
        {"outlet": outlet, "seq": entry.seq, "received_at": at, **one}
        for entry in entries
        if entry.kind == KIND
        for one in _named(entry)
    ]
    for start in range(0, len(found), _AT_ONCE):
        db.execute(insert(evidence_name), found[start : start + _AT_ONCE])


def keep_all_names(db: Connection) -> None:
    """Note it for every row of a hub that was filled before files were asked for."""
    if db.execute(select(evidence_name.c.seq).limit(1)).first() is not None:
        return
    for shop in outlets.listing(db):
        chosen = select(row).where(row.c.outlet == shop["outlet"], row.c.kind == KIND).order_by(row.c.seq)
        for one in db.execute(chosen).mappings().all():
            keep_names(db, shop["outlet"], [rows.as_entry(dict(one))], at=one["received_at"])


def names_of(db: Connection, outlet: str, redemption_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the files that count of claims: of each part the last, with what is here of it."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    wanted = list(redemption_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = (
            select(
                evidence_name, evidence_content.c.received_at.label("came_at"), evidence_content.c.purged_at
            )
            .outerjoin(
                evidence_content,
                (evidence_content.c.outlet == evidence_name.c.outlet)
                & (evidence_content.c.sha256 == evidence_name.c.sha256),
            )
            .where(
                evidence_name.c.outlet == outlet,
                evidence_name.c.redemption_id.in_(wanted[start : start + _AT_ONCE]),
            )
            .order_by(evidence_name.c.seq, evidence_name.c.part)
        )
        for one in db.execute(chosen).mappings():
            newest[one["redemption_id"], one["part"]] = dict(one)
    return list(newest.values())


def is_named(db: Connection, outlet: str, sha256: str) -> bool:
    """Say whether a signed row of a shop names a file."""
    chosen = select(evidence_name.c.seq).where(
        evidence_name.c.outlet == outlet, evidence_name.c.sha256 == sha256
    )
    return db.execute(chosen.limit(1)).first() is not None


def asked_claims(db: Connection, outlet: str) -> set[str]:
    """Return a shop's claims that are suspended, appealed and not decided, or that a reviewer asked about."""
    # One question each: together no index would help, and a shop has many claims.
    own = select(claim.c.redemption_id).where(claim.c.outlet == outlet)
    by_hand = own.join(evidence_ask, evidence_ask.c.redemption_id == claim.c.redemption_id)
    of_appeals = select(appeal.c.redemption_id).where(appeal.c.outlet == outlet)
    appealed = own.where(claim.c.redemption_id.in_(of_appeals), _is_appealed())
    asked = (own.where(claim.c.verdict == "suspended"), by_hand, appealed)
    return {number for chosen in asked for number in db.execute(chosen).scalars()}


def unapproved(db: Connection, outlet: str) -> list[str]:
    """Return a shop's batches that nobody has approved, the oldest first."""
    chosen = select(review_batch.c.batch_id).where(
        review_batch.c.outlet == outlet, review_batch.c.approved_at.is_(None)
    )
    return list(db.execute(chosen.order_by(review_batch.c.first_seq)).scalars())


def ask(db: Connection, redemption_id: str, *, by: str, at: str) -> bool:
    """Ask for a claim's files; say whether nobody had."""
    if asked_at(db, redemption_id) is not None:
        return False
    db.execute(insert(evidence_ask).values(redemption_id=redemption_id, by=by, at=at))
    return True


def asked_at(db: Connection, redemption_id: str) -> str | None:
    """Return when a reviewer asked for a claim's files, or None."""
    chosen = select(evidence_ask.c.at).where(evidence_ask.c.redemption_id == redemption_id)
    return db.execute(chosen).scalar_one_or_none()


def content(db: Connection, outlet: str, sha256: str) -> bytes | None:
    """Return a file as it came, sealed; None until it comes and after it was purged."""
    return db.execute(
        select(evidence_content.c.sealed).where(
            evidence_content.c.outlet == outlet, evidence_content.c.sha256 == sha256
        )
    ).scalar_one_or_none()


def keep_content(db: Connection, outlet: str, sha256: str, sealed: bytes, *, at: str) -> None:
    """Keep a file once; one that was here, or was purged, stays as it is."""
    key = evidence_content.c.outlet == outlet, evidence_content.c.sha256 == sha256
    if db.execute(select(evidence_content.c.sha256).where(*key)).first() is None:
        kept = {"outlet": outlet, "sha256": sha256, "sealed": sealed, "received_at": at}
        db.execute(insert(evidence_content).values(**kept))


def due(db: Connection, *, before: str) -> tuple[int, int]:
    """Return how many files ``purge`` would let go, and their bytes."""
    size = func.coalesce(func.sum(func.length(evidence_content.c.sealed)), 0)
    count, size_bytes = db.execute(select(func.count(), size).where(_is_over(before))).one()
    return int(count), int(size_bytes)


def purge(db: Connection, *, before: str, at: str) -> int:
    """Let the content of files go whose every claim is of a day before one and decided; return how many."""
    done = db.execute(update(evidence_content).where(_is_over(before)).values(sealed=None, purged_at=at))
    return int(done.rowcount)


def _is_appealed() -> ColumnElement[bool]:
    # An alias: around it there may be an appeal already.
    asked = appeal.alias()
    decided = exists().where(appeal_decision.c.appeal_id == asked.c.appeal_id)
    return and_(
        claim.c.verdict.in_(("rejected", "suspended")),
        claim.c.net_subsidy_fen != 0,
        exists().where(asked.c.redemption_id == claim.c.redemption_id, ~decided),
    )


def _is_over(before: str) -> ColumnElement[bool]:
    undecided = and_(claim.c.verdict.in_(("waiting", "suspended")), claim.c.net_subsidy_fen != 0)
    holds = or_(claim.c.business_date >= before, undecided, _is_appealed())
    of_evidence = exists().where(
        evidence_name.c.outlet == evidence_content.c.outlet,
        evidence_name.c.sha256 == evidence_content.c.sha256,
        claim.c.redemption_id == evidence_name.c.redemption_id,
        claim.c.outlet == evidence_name.c.outlet,
        holds,
    )
    of_appeal = exists().where(
        appeal_file.c.sha256 == evidence_content.c.sha256,
        appeal.c.appeal_id == appeal_file.c.appeal_id,
        appeal.c.outlet == evidence_content.c.outlet,
        claim.c.redemption_id == appeal.c.redemption_id,
        holds,
    )
    # What came after that day is of no sale before it that could be found.
    return and_(
        evidence_content.c.sealed.is_not(None),
        evidence_content.c.received_at < before,
        ~of_evidence,
        ~of_appeal,
    )


def _named(entry: Entry) -> Iterator[Mapping[str, str]]:
    body = entry.body if isinstance(entry.body, Mapping) else {}
    number, parts = body.get("redemption_id"), body.get("parts")
    if not isinstance(number, str) or not _WORD.fullmatch(number) or not isinstance(parts, list):
        return
    seen = set()
    for one in parts:
        if not isinstance(one, Mapping) or not isinstance(one.get("content"), Mapping):
            continue
        part, sha256 = one.get("part"), one["content"].get("sha256")
        if not isinstance(part, str) or not isinstance(sha256, str) or part in seen:
            continue
        if _WORD.fullmatch(part) and _SHA256.fullmatch(sha256):
            seen.add(part)
            yield {"redemption_id": number, "part": part, "sha256": sha256}
