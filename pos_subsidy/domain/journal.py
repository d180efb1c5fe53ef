"""The outlet's journal (流水): an append-only chain of everything that happened.

Each entry names the hash of the one before it and is signed with the outlet's key, so that
a missing, changed or reordered entry is found and its position named.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

GENESIS_HASH = "0" * 64

# Where the two ways of writing differ: fractions, exponents, numbers of 16 digits and more, NaN.
_DELICATE = re.compile(r'(?:":|[\[,]|^)-?(?:\d{16}|\d+[.eE]|[NI])')
_PLAINLY = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=True)

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
    try:
        text = _PLAINLY.encode(value)
        # Beyond the basic plane names are sorted otherwise.
        if not _DELICATE.search(text) and (text.isascii() or max(text) <= "\uffff"):
            return text.encode()
    except (TypeError, ValueError, RecursionError):
        pass  # whoever knows the standard says what is wrong
    return rfc8785.dumps(value)


def digest(*, seq: int, at: str, kind: str, body: Body, prev_hash: str) -> str:
    """Return the entry's hash: SHA-256 over its canonical JSON, hex."""
    fields = {"seq": seq, "at": at, "kind": kind, "body": body, "prev_hash": prev_hash}
    return hashlib.sha256(canonical(fields)).hexdigest()


def link(*, seq: int, at: str, kind: str, body: Body, prev_hash: str, sign: Sign) -> Entry:
    """Make the entry that follows ``prev_hash``."""
    entry_hash = digest(seq=seq, at=at, kind=kind, body=body, prev_hash=prev_hash)
    kid, signature = sign(bytes.fromhex(entry_hash))
    return Entry(seq, at, kind, body, prev_hash, entry_hash, kid, signature.hex())


def check(
    entries: Iterable[Entry], *, verify: Verify, after_seq: int = 0, prev_hash: str = GENESIS_HASH
) -> Iterator[Damage]:
    """Yield everything wrong with a run of entries that should follow ``prev_hash``."""
    expected_seq = after_seq + 1
    for entry in entries:
        if entry.seq != expected_seq:
            yield Damage(expected_seq, "entry_missing")
        if entry.prev_hash != prev_hash:
            yield Damage(entry.seq, "link_broken")
        if _recomputed(entry) != entry.hash:
            yield Damage(entry.seq, "entry_changed")
        if not verify(entry.kid, bytes.fromhex(entry.hash), bytes.fromhex(entry.signature)):
            yield Damage(entry.seq, "signature_bad")
        prev_hash = entry.hash
        expected_seq = entry.seq + 1


def _recomputed(entry: Entry) -> str:
    try:
        return digest(seq=entry.seq, at=entry.at, kind=entry.kind, body=entry.body, prev_hash=entry.prev_hash)
    except rfc8785.CanonicalizationError:
        return ""  # what has no canonical form was never hashed
