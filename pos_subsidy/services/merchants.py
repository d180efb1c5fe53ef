"""Whose bills a shop hands in: its merchant numbers at the channels."""

import json

from pos_subsidy.errors import Invalid
from pos_subsidy.statements import Statement
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase

_NAME = "merchant_numbers."


def known(db: TillDatabase, channel: str) -> list[str]:
    return json.loads(settings.get(db, _NAME + channel) or "[]")


def learn(db: TillDatabase, statement: Statement, *, several: bool) -> None:
    """Remember whose bill it is, in the caller's transaction.

    Raises:
        Invalid: ``file_other_merchant``: the shop's bills of this channel were another's so far.
    """
    ours, named = known(db, statement.channel), statement.merchants
    others = sorted(set(named) - set(ours))
    if not others:
        return
    if ours and not several:
        raise Invalid(
            "file_other_merchant",
            filename=statement.filename,
            expected=", ".join(ours),
            found=", ".join(others),
        )
    settings.put(db, _NAME + statement.channel, json.dumps([*ours, *others]))
