"""The reviewers' desk: batches that wait, one line with its evidence, what each reviewer did."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.hub import evidence_files, records, review
from pos_subsidy.hub.city import City
from pos_subsidy.hub.evidence_files import FileState
from pos_subsidy.hub.records import Story
from pos_subsidy.hub.review import Batch
from pos_subsidy.hub.store import outlets, reviews, traces
from pos_subsidy.hub.store.db import read

# Batches shown at once, the oldest first: those that wait longest.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch that waits, and its shop."""

    kept: Mapping[str, Any]
    shop: Mapping[str, Any]
    batch: Batch


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for reviewers, how many batches in all, and how often each reviewer did what."""

    waiting: tuple[Waiting, ...]
    number: int
    reviewers: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One part of the evidence as the shop signed it; a part that was handed in again counts last."""

    at: str
    part: str
    content: Mapping[str, Any]
    by: str
    is_replaced: bool
    file: FileState | None = None  # of a photo or paper that counts


@dataclass(frozen=True, slots=True)
class Line:
    """A claim under review beside its evidence; ``next_id`` is the batch's next one to look at."""

    story: Story
    evidence: tuple[Evidence, ...]
    steps: list[dict[str, Any]]
    kept: Mapping[str, Any] | None
    batch: Batch | None
    next_id: str | None

    @property
    def may_be_asked(self) -> bool:
        """Say whether files of it lie at the shop and nobody has asked for them."""
        return any(one.file is not None and one.file.state == evidence_files.AT_SHOP for one in self.evidence)


def queue(city: City) -> Queue:
    """Return what waits."""
    found = review.overview(city)
    codes = {str(one["outlet"]) for one in found["open"][:SHOWN]}
    shops = read(city.engine, lambda db: {code: outlets.find(db, code) or {} for code in codes})
    waiting = []
    for kept in found["open"][:SHOWN]:
        waiting.append(
            Waiting(kept, shops[kept["outlet"]], review.batch(city, kept["outlet"], kept["batch_id"]))
        )
    reviewers: dict[str, dict[str, int]] = {}
    for one in found["reviewers"]:
        reviewers.setdefault(one["by"], {})[one["what"]] = one["count"]
    return Queue(tuple(waiting), len(found["open"]), reviewers)


def line(city: City, redemption_id: str) -> Line:
    """Return a claim with what a reviewer compares it with.

    Raises:
        NotFound: ``redemption_unknown``.
    """
    story = records.story(city, redemption_id)
    outlet = story.claim["outlet"]

    def look(db: Connection) -> tuple[list[Evidence], list[dict[str, Any]], dict[str, Any] | None]:
        rows = traces.rows_naming(db, {"claim": redemption_id}, outlet=outlet)
        given = [row for row in rows if row["kind"] == "evidence_given"]
        steps = reviews.steps_of(db, redemption_id)
        return _evidence(given), steps, reviews.batch_of(db, outlet, story.claim["seq"])

    evidence, steps, kept = read(city.engine, look)
    batch = review.batch(city, outlet, kept["batch_id"]) if kept else None
    files = evidence_files.states(city, redemption_id)
    evidence = [
        one if one.is_replaced else replace(one, file=files.get((one.part, str(one.content.get("sha256")))))
        for one in evidence
    ]
    return Line(story, tuple(evidence), steps, kept, batch, _next(batch, redemption_id))


def _evidence(rows: list[dict[str, Any]]) -> list[Evidence]:
    """Return what rows say was handed in. A shop may sign what it likes; what cannot be read is left out."""
    found: list[Evidence] = []
    for row in rows:
        body = json.loads(row["body"])
        by = " · ".join(str(body[name]) for name in ("till", "cashier") if body.get(name))
        parts = body.get("parts")
        for one in parts if isinstance(parts, list) else ():
            if isinstance(one, dict) and isinstance(one.get("content"), dict):
                found.append(Evidence(row["at"], str(one.get("part")), one["content"], by, False))
    newest = {one.part: place for place, one in enumerate(found)}
    return [
        Evidence(one.at, one.part, one.content, one.by, newest[one.part] != place)
        for place, one in enumerate(found)
    ]


def _next(batch: Batch | None, redemption_id: str) -> str | None:
    if batch is None:
        return None
    lines = [one for one in batch.lines if not one.is_looked_at]
    lines.sort(key=lambda one: (not one.is_in_sample, one.key))
    others = [str(one.claim["redemption_id"]) for one in lines if one.claim["redemption_id"] != redemption_id]
    return others[0] if others else None
