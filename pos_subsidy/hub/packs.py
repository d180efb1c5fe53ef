"""Packs of rules at the hub: proposed by one person, published by another, fed to the shops.

A published pack has the next number, the city's signature and a first business date, which lies
ahead: what was decided before is decided alike for ever.
"""

import hashlib
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import packs as store
from pos_subsidy.hub.store.db import read, run
from pos_subsidy.policy import confirming
from pos_subsidy.policy.comparing import Change, compare
from pos_subsidy.policy.pack_files import PackText, identity, known_versions
from pos_subsidy.policy.publishing import PublishedPack, with_published
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import PACK, PACK_FEED

# A page of the feed; a pack is some tens of kilobytes.
PAGE = 10
LONGEST = 400_000
_LOOK_SECONDS = 1.0
# What a review of differences is shown at once.
MOST_CHANGES = 400


@dataclass(frozen=True, slots=True)
class Overview:
    """Packs that wait for a second person, and the published ones, the newest first."""

    waiting: list[dict[str, Any]]
    published: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pack that waits, and what it changes from its day on."""

    pack: dict[str, Any]
    changes: Sequence[Change]


def propose(city: City, name: str, text: str, *, from_day: date, why: str, by: By, now: datetime) -> int:
    """Check a pack and keep it until a second person publishes it; return its number among those that wait.

    Raises:
        Invalid: ``policy_invalid`` with file, line and place; ``pack_day_past``: it begins tomorrow
            at the earliest; ``pack_too_long``; ``office_reason_required``.
        Conflict: ``pack_version_known``, the version is not newer than every known one.
    """
    why = office_log.reason(why)
    if len(text) > LONGEST:
        raise Invalid("pack_too_long", most=LONGEST)
    text = text.replace("\r\n", "\n")
    programme, version = identity(PackText(name, text))

    def keep(db: Connection) -> int:
        _must_be_ahead(from_day, now)
        before = store.published(db)
        known = known_versions(city.packs_dir, programme)
        known += [one["version"] for one in before if one["programme"] == programme]
        if known and version <= max(known):
            raise Conflict("pack_version_known", programme=programme, version=version, newest=max(known))
        _book(city, before, _added(before, name, text, from_day))
        number = store.propose(
            db,
            name=name,
            programme=programme,
            version=version,
            text=text,
            from_day=from_day.isoformat(),
            why=why,
            proposed_by=by.username,
            proposed_at=moments.text(now),
        )
        about = f"{programme} v{version}"
        office_log.note(db, by, "pack_proposed", about=about, now=now, note=f"{from_day}: {why}")
        return number

    return run(city.engine, keep)


def publish(city: City, proposal_no: int, *, by: By, now: datetime) -> int:
    """Publish a pack that waits, as a second person, and return its number in the feed.

    Raises:
        NotFound: ``pack_unknown``, none such waits.
        NotAllowed: ``second_person_required``.
        Invalid: ``pack_day_past``; ``policy_invalid``, another pack was published meanwhile.
        Conflict: ``pack_version_known``, likewise.
    """

    def sign(db: Connection) -> int:
        found = _waiting(db, proposal_no)
        if found["proposed_by"] == by.username:
            raise NotAllowed("second_person_required", by=by.username)
        from_day = date.fromisoformat(found["from_day"])
        _must_be_ahead(from_day, now)
        before = store.published(db)
        newest = max((one["version"] for one in before if one["programme"] == found["programme"]), default=0)
        if found["version"] <= newest:
            raise Conflict(
                "pack_version_known", programme=found["programme"], version=found["version"], newest=newest
            )
        _book(city, before, _added(before, found["name"], found["text"], from_day))
        number, at = store.newest_no(db) + 1, moments.text(now)
        told = {name: found[name] for name in ("name", "programme", "version", "text", "from_day")}
        digest = hashlib.sha256(found["text"].encode()).hexdigest()
        said = {**told, "pack_no": number, "sha256": digest, "published_at": at}
        signed = json.dumps(envelopes.wrap(PACK, said, city.keyring), ensure_ascii=False)
        store.end_proposal(db, proposal_no, "published")
        store.add(
            db,
            pack_no=number,
            proposal_no=proposal_no,
            sha256=digest,
            signed=signed,
            confirmed_by=by.username,
            confirmed_at=at,
        )
        about = f"{found['programme']} v{found['version']}"
        office_log.note(db, by, "pack_published", about=about, now=now, note=f"{number}, {found['from_day']}")
        return number

    return run(city.engine, sign)


def withdraw(city: City, proposal_no: int, *, by: By, now: datetime) -> None:
    """Take back a pack that waits; what is published stays for ever.

    Raises:
        NotFound: ``pack_unknown``.
    """

    def end(db: Connection) -> None:
        found = _waiting(db, proposal_no)
        store.end_proposal(db, proposal_no, "withdrawn")
        about = f"{found['programme']} v{found['version']}"
        office_log.note(db, by, "pack_withdrawn", about=about, now=now)

    run(city.engine, end)


def overview(city: City) -> Overview:
    """Return what waits and what is published."""
    return read(city.engine, lambda db: Overview(store.waiting(db), store.published(db)[::-1]))


def proposal(city: City, proposal_no: int) -> Proposal:
    """Return a pack that waits, and what it would change, class by class.

    Raises:
        NotFound: ``pack_unknown``.
    """
    found, old, new = _both_books(city, proposal_no)
    return Proposal(found, compare(old, new))


def books(city: City, proposal_no: int) -> tuple[Rulebook, Rulebook]:
    """Return the rules as they are, and as a pack that waits would make them; raises NotFound."""
    _found, old, new = _both_books(city, proposal_no)
    return old, new


def text_of(city: City, pack_no: int) -> tuple[str, str]:
    """Return a published pack's name and text; raises NotFound."""
    found = read(city.engine, lambda db: store.published(db, after=pack_no - 1, limit=1))
    if not found or found[0]["pack_no"] != pack_no:
        raise NotFound("pack_unknown", number=pack_no)
    return f"{found[0]['programme']}-v{found[0]['version']}.toml", found[0]["text"]


def feed(city: City, outlet: str, after: int) -> dict[str, Any]:
    """Return the signed page of packs after a number, each under its own signature."""

    def page(db: Connection) -> tuple[int, list[dict[str, Any]]]:
        return store.newest_no(db), store.published(db, after=after, limit=PAGE)

    newest, found = read(city.engine, page)
    said = {"outlet": outlet, "newest": newest, "packs": [[one["pack_no"], one["signed"]] for one in found]}
    return envelopes.wrap(PACK_FEED, said, city.keyring)


def up_to_date(city: City) -> City:
    """Return the city with every published pack in its rulebook."""
    found = read(city.engine, store.published)
    if len(found) == city.pack_no:
        return city
    return replace(city, rulebook=_book(city, found, ()), pack_no=len(found))


class Current:
    """The city as it is now: a pack that another process published counts a second later."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._guard = threading.Lock()
        self._looked = time.monotonic()

    def __call__(self) -> City:
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return self._city
        with self._guard:
            self._looked = time.monotonic()
            if read(self._city.engine, store.newest_no) != self._city.pack_no:
                self._city = up_to_date(self._city)
            return self._city


def _both_books(city: City, proposal_no: int) -> tuple[dict[str, Any], Rulebook, Rulebook]:
    def look(db: Connection) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return _waiting(db, proposal_no), store.published(db)

    found, before = read(city.engine, look)
    added = _added(before, found["name"], found["text"], date.fromisoformat(found["from_day"]))
    return found, _book(city, before, ()), _book(city, before, added)


def _book(city: City, published: Sequence[dict[str, Any]], added: Sequence[PublishedPack]) -> Rulebook:
    packs = [
        PublishedPack(one["pack_no"], PackText(one["name"], one["text"]), date.fromisoformat(one["from_day"]))
        for one in published
    ]
    return confirming.apply(with_published(city.packs_dir, [*packs, *added]), city.confirmations)


def _added(before: Sequence[Any], name: str, text: str, from_day: date) -> list[PublishedPack]:
    return [PublishedPack(len(before) + 1, PackText(name, text), from_day)]


def _waiting(db: Connection, proposal_no: int) -> dict[str, Any]:
    found = store.find_proposal(db, proposal_no)
    if found is None or found["status"] != "waiting":
        raise NotFound("pack_unknown", number=proposal_no)
    return found


def _must_be_ahead(from_day: date, now: datetime) -> None:
    earliest = moments.business_date(now, ZONE) + timedelta(1)
    if from_day < earliest:
        raise Invalid("pack_day_past", from_day=from_day.isoformat(), earliest=earliest.isoformat())
