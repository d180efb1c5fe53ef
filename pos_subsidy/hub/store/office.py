"""Accounts of the city's office, wrong passwords, and the log of who did what."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pos_subsidy.hub.store.schema_office import office_log, office_staff, office_try


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of the city's office."""

    username: str
    display_name: str
    role: str
    password_hash: str
    active: bool
    session_no: int
    added_at: str


def account(db: Connection, username: str) -> Account | None:
    found = db.execute(select(office_staff).where(office_staff.c.username == username)).mappings().first()
    return Account(**found) if found else None


def accounts(db: Connection) -> list[Account]:
    """Return every account, the active ones first."""
    chosen = select(office_staff).order_by(office_staff.c.active.desc(), office_staff.c.username)
    return [Account(**one) for one in db.execute(chosen).mappings()]


def add_account(db: Connection, added: Account) -> None:
    db.execute(
        insert(office_staff).values(**{name: getattr(added, name) for name in Account.__dataclass_fields__})
    )


def change_account(db: Connection, username: str, **values: Any) -> None:
    """Change an account and end its sessions."""
    db.execute(
        update(office_staff)
        .where(office_staff.c.username == username)
        .values(session_no=office_staff.c.session_no + 1, **values)
    )


def tries(db: Connection, name_key: str) -> dict[str, Any] | None:
    found = db.execute(select(office_try).where(office_try.c.name_key == name_key)).mappings().first()
    return dict(found) if found else None


def put_tries(db: Connection, name_key: str, *, wrong: int, at: str, locked_until: str | None) -> None:
    forget_tries(db, name_key)
    row = {"name_key": name_key, "wrong": wrong, "last_at": at, "locked_until": locked_until}
    db.execute(insert(office_try).values(**row))


def forget_tries(db: Connection, name_key: str) -> None:
    db.execute(delete(office_try).where(office_try.c.name_key == name_key))


def forget_old_tries(db: Connection, *, before: str) -> None:
    db.execute(delete(office_try).where(office_try.c.last_at < before))


def log(db: Connection, *, at: str, by: str, role: str, what: str, about: str, note: str) -> None:
    """Append to the log of who did what."""
    row = {"at": at, "by": by, "role": role, "what": what, "about": about, "note": note}
    db.execute(insert(office_log).values(**row))


def logged(
    db: Connection,
    *,
    by: str | None = None,
    what: str | None = None,
    about: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return what was done, the newest first, from a number of the log downwards."""
    chosen = select(office_log).order_by(office_log.c.log_no.desc()).limit(limit)
    for column, value in ((office_log.c.by, by), (office_log.c.what, what), (office_log.c.about, about)):
        if value:
            chosen = chosen.where(column == value)
    if before is not None:
        chosen = chosen.where(office_log.c.log_no < before)
    return [dict(one) for one in db.execute(chosen).mappings()]


def was_logged(db: Connection, *, by: str, what: str, about: str, note: str, since: str) -> bool:
    """Say whether somebody did this before, at or after a moment."""
    log = office_log.c
    chosen = select(log.log_no).where(
        log.about == about, log.what == what, log.by == by, log.note == note, log.at >= since
    )
    return db.execute(chosen.limit(1)).first() is not None


def log_names(db: Connection) -> tuple[list[str], list[str]]:
    """Return everybody who did something, and everything that was done."""
    people = db.execute(select(office_log.c.by).distinct().order_by(office_log.c.by)).scalars()
    deeds = db.execute(select(office_log.c.what).distinct().order_by(office_log.c.what)).scalars()
    return list(people), list(deeds)
