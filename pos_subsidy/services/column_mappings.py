"""Which column is what in the shop's own exports: proposed once, then remembered."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pos_subsidy import statements
from pos_subsidy.errors import Invalid
from pos_subsidy.statements import ColumnMapping, Proposal
from pos_subsidy.statements.mapping import CHANNEL_FIELDS, FIELDS, KINDS, POS_FIELDS
from pos_subsidy.store import settings
from pos_subsidy.store.db import TillDatabase

__all__ = [
    "CHANNEL_FIELDS",
    "FIELDS",
    "KINDS",
    "POS_FIELDS",
    "ColumnMapping",
    "Proposal",
    "known",
    "of_json",
    "propose",
    "remember",
    "suited",
]
_NAME = "column_mapping."
_PROPOSED_FOR = frozenset({"file_unknown", "file_column_missing"})


def of_json(written: str) -> ColumnMapping:
    """Return a mapping from ``{"channel": "unionpay", "columns": {"order_no": "…"}}``.

    Raises:
        Invalid: ``mapping_invalid``.
    """
    try:
        found = json.loads(written)
        columns = {str(name): str(heading) for name, heading in found["columns"].items()}
        return ColumnMapping(str(found["channel"]), columns)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Invalid("mapping_invalid", field="channel, columns") from None


def known(db: TillDatabase) -> dict[str, ColumnMapping]:
    """Return every mapping that is remembered, by the fingerprint of its headings."""
    found = settings.beginning(db, _NAME)
    return {name.removeprefix(_NAME): of_json(written) for name, written in found.items()}


def remember(db: TillDatabase, fingerprint: str, mapping: ColumnMapping) -> None:
    """Keep a mapping, in the caller's transaction; the newest for the same headings counts."""
    body: dict[str, Any] = {"channel": mapping.kind, "columns": dict(mapping.columns)}
    settings.put(db, _NAME + fingerprint, json.dumps(body, ensure_ascii=False, sort_keys=True))


def suited(files: Sequence[tuple[str, bytes]], mapping: ColumnMapping | None) -> Mapping[str, ColumnMapping]:
    """Return a mapping by the fingerprints of those files that it suits."""
    if mapping is None:
        return {}
    found = [statements.suited(content, name, mapping) for name, content in files]
    return {fingerprint: mapping for fingerprint in found if fingerprint}


def propose(files: Sequence[tuple[str, bytes]], error: Invalid) -> Proposal | None:
    """Return a proposal for the file whose headings were not understood, if it is a table."""
    named = error.params.get("filename")
    if error.code not in _PROPOSED_FOR:
        return None
    content = next((content for name, content in files if name == named), b"")
    try:
        return statements.propose(content, str(named))
    except Invalid:
        return None
