"""Who did what at the city's desk: appended in the transaction of the deed itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.errors import Invalid
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import read

PAGE = 100
_REASON = range(4, 201)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, in which role."""

    username: str
    role: str


# The command line of the machine the hub runs on.
CONSOLE = By("console", "console")


def at_console(name: str | None) -> By:
    """Return who acts by command; None where the command asks for no name. Raises as ``must_be_named``."""
    if name is None:
        return CONSOLE
    must_be_named(name)
    return By(name, CONSOLE.role)


@dataclass(frozen=True, slots=True)
class Log:
    """A part of the log, newest first; ``before`` is where the next part begins, if there is one."""

    lines: list[dict[str, Any]]
    before: int | None
    people: list[str]
    deeds: list[str]


def must_be_named(by: str) -> None:
    """Refuse a deed of nobody: raises Invalid (``reviewer_required``)."""
    if not by.strip():
        raise Invalid("reviewer_required")


def reason(written: str) -> str:
    """Return why somebody decides something, as it is kept: 4 to 200 characters.

    Raises:
        Invalid: ``office_reason_required``.
    """
    why = written.strip()
    if len(why) not in _REASON:
        raise Invalid("office_reason_required")
    return why


def is_same_person(one: str, other: str) -> bool:
    """Say whether two spellings name one person: case and blanks make no second person."""
    return one.strip().casefold() == other.strip().casefold()


def note(db: Connection, by: By, what: str, *, about: str, now: datetime, note: str = "") -> None:
    """Append a deed to the log in the caller's transaction. No personal data may be in it."""
    office.log(db, at=moments.text(now), by=by.username, role=by.role, what=what, about=about, note=note)


def view(
    city: City,
    *,
    by: str | None = None,
    what: str | None = None,
    about: str | None = None,
    before: int | None = None,
) -> Log:
    """Return a part of the log, of one person, deed or thing if asked for."""

    def look(db: Connection) -> Log:
        found = office.logged(db, by=by, what=what, about=about, before=before, limit=PAGE + 1)
        more = found[PAGE - 1]["log_no"] if len(found) > PAGE else None
        return Log(found[:PAGE], more, *office.log_names(db))

    return read(city.engine, look)
