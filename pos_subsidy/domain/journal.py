"""The outlet's journal (流水): an append-only chain of everything that happened.

Each entry names the hash of the one before it and is signed with the outlet's key, so that
a missing, changed or reordered entry is found and its position named.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

GENESIS_HASH = "0" * 64

# Of these and of integers of up to 15 digits both ways of writing are the same; not of fractions.
_ALIKE = {str, bool, type(None), int, dict, list, tuple}
_WITHIN = {dict, list, tuple}
_LONG = 10**15
_PLAINLY = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

Body = Mapping[str, Any]
Sign = Callable[[bytes], tuple[str, bytes]]  # hash -> key id, signature
Verify = Callable[[str, bytes, bytes], bool]  # key id, hash, signature -> good?


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``body`` holds JSON values only; hashes are hex."""

    seq: int
    at: str
    kind: str
    body: Body
    prev_hash: str
    hash: str
    kid: str
    signature: str  # hex


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with the chain, and where."""

    seq: int
    code: str


def canonical(value: Any) -> bytes:
    """Write JSON values the one way there is to write them (RFC 8785)."""
    # The quick way gives the same bytes wherever it is taken; a hub writes millions of rows.
    if isinstance(value, dict | list | tuple | str):
        try:
            text = _PLAINLY.encode(value)
            # Beyond the basic plane names are sorted otherwise.
            if _is_alike(value) and (text.isascii() or _is_basic(text)):
                return text.encode()
        except (TypeError, ValueError, RecursionError):
            pass  # whoever knows the standard says what is wrong
    return rfc8785.dumps(value)


def digest(
    *, seq: int, at: str, kind: str, body: Body, prev_hash: str, body_text: bytes | None = None
) -> str:
    """Return the entry's hash: SHA-256 over its canonical JSON, hex.

    ``body_text`` is the canonical body, where the caller has it already.
    """
    text = canonical(body) if body_text is None else body_text
    # The names of an entry in their order, each value by itself: that is the quick way to write it.
    named = (b'{"at":', canonical(at), b',"body":', text, b',"kind":', canonical(kind))
    rest = (b',"prev_hash":', canonical(prev_hash), b',"seq":', canonical([seq])[1:-1], b"}")
    return hashlib.sha256(b"".join((*named, *rest))).hexdigest()


def link(*, seq: int, at: str, kind: str, body: Body, prev_hash: str, sign: Sign) -> Entry:
    """Make the entry that follows ``prev_hash``."""
    entry_hash = digest(seq=seq, at=at, kind=kind, body=body, prev_hash=prev_hash)
    kid, signature = sign(bytes.fromhex(entry_hash))
    return Entry(seq, at, kind, body, prev_hash, entry_hash, kid, signature.hex())


def check(
    entries: Iterable[Entry],
    *,
    verify: Verify,
    after_seq: int = 0,
    prev_hash: str = GENESIS_HASH,
    texts: Mapping[int, bytes] | None = None,
) -> Iterator[Damage]:
    """Yield everything wrong with a run of entries that should follow ``prev_hash``.

    ``texts`` are canonical bodies by number, where the caller has them already.
    """
    expected_seq = after_seq + 1
    for entry in entries:
        if entry.seq != expected_seq:
            yield Damage(expected_seq, "entry_missing")
        if entry.prev_hash != prev_hash:
            yield Damage(entry.seq, "link_broken")
        if _recomputed(entry, (texts or {}).get(entry.seq)) != entry.hash:
            yield Damage(entry.seq, "entry_changed")
        if not verify(entry.kid, bytes.fromhex(entry.hash), bytes.fromhex(entry.signature)):
            yield Damage(entry.seq, "signature_bad")
        prev_hash = entry.hash
        expected_seq = entry.seq + 1


def _recomputed(entry: Entry, body_text: bytes | None) -> str:
    try:
        return digest(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            body=entry.body,
            prev_hash=entry.prev_hash,
            body_text=body_text,
        )
    except rfc8785.CanonicalizationError:
        return ""  # what has no canonical form was never hashed


def _is_alike(value: Any) -> bool:
    if isinstance(value, str):
        return True
    held = value.values() if isinstance(value, dict) else value
    kinds = set(map(type, held))
    return (
        kinds <= _ALIKE
        and (int not in kinds or all(-_LONG < one < _LONG for one in held if type(one) is int))
        and (kinds.isdisjoint(_WITHIN) or all(_is_alike(one) for one in held if type(one) in _WITHIN))
    )


def _is_basic(text: str) -> bool:
    return len(text.encode("utf-16-le")) == 2 * len(text)
