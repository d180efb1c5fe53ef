"""A run of journal entries on its way to the hub: JSON lines, compressed.

The first line says whose entries follow, from where to where, and their sums; then one
line for each entry; then the sealed identities that the entries' commitments speak of.
"""

import base64
import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pos_subsidy.domain.journal import GENESIS_HASH, Entry, canonical
from pos_subsidy.errors import Invalid

MEDIA_TYPE = "application/gzip"
MAX_ENTRIES = 500
MAX_BYTES = 32 * 1024 * 1024
_MAX_SEQ = 2**31 - 1
_HASH, _SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")
_SUMMED = ("redeemed", "reversed")


@dataclass(frozen=True, slots=True)
class Header:
    """What a batch says of itself. Sums are fen over its redemptions and reversals."""

    outlet: str
    first_seq: int
    last_seq: int
    prev_hash: str
    head_hash: str
    count: int
    subsidy_fen: int
    payable_fen: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A batch as the hub reads it. ``sealed`` is keyed by commitment."""

    header: Header
    entries: tuple[Entry, ...]
    sealed: Mapping[str, bytes]


def write(outlet: str, entries: Sequence[Entry], sealed: Mapping[str, bytes]) -> bytes:
    """Return the batch as it travels; the same entries give the same bytes."""
    lines = [canonical(asdict(_header(outlet, entries)))]
    lines += [canonical(asdict(entry)) for entry in entries]
    lines += [
        canonical({"commitment": commitment, "sealed": base64.b64encode(sealed[commitment]).decode()})
        for commitment in sorted(sealed)
    ]
    return gzip.compress(b"\n".join(lines) + b"\n", mtime=0)


def read(content: bytes) -> Upload:
    """Read a batch and check that it is what its header says.

    Signatures and links are for the hub to check, against the keys and the head it has.

    Raises:
        Invalid: ``batch_malformed`` with the cause: it was cut, or does not add up.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise Invalid("batch_malformed", cause="too large")
        # As one list: each line by itself costs as much again.
        lines = json.loads(b"[%s]" % b",".join(text.splitlines()))
        header = Header(**lines[0])
        entries = tuple(Entry(**line) for line in lines[1 : header.count + 1])
        sealed = {
            line["commitment"]: base64.b64decode(line["sealed"], validate=True)
            for line in lines[header.count + 1 :]
        }
        is_whole = all(map(_is_well_formed, entries)) and {str}.issuperset(map(type, sealed))
        said = asdict(_header(header.outlet, entries))
    except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise Invalid("batch_malformed", cause="cut or altered") from None
    if not is_whole:
        raise Invalid("batch_malformed", cause="cut or altered")
    if said != asdict(header):
        raise Invalid("batch_malformed", cause="header and entries differ")
    return Upload(header, entries, sealed)


def commitments(entries: Iterable[Entry]) -> set[str]:
    """Return the commitments whose identities the hub needs to judge these entries."""
    return {entry.body["commitment"] for entry in entries if entry.body.get("commitment")}


def _is_well_formed(entry: Entry) -> bool:
    """Say whether what is around a body can be kept and compared; no database keeps a NUL in a text."""
    texts = (entry.at, entry.kind, entry.prev_hash, entry.hash, entry.kid, entry.signature)
    return (
        type(entry.seq) is int
        and 0 < entry.seq <= _MAX_SEQ
        and all(type(one) is str and "\0" not in one for one in texts)
        and _HASH.fullmatch(entry.hash) is not None
        and _SIGNATURE.fullmatch(entry.signature) is not None
    )


def _header(outlet: str, entries: Sequence[Entry]) -> Header:
    summed = [entry.body for entry in entries if entry.kind in _SUMMED]
    return Header(
        outlet=outlet,
        first_seq=entries[0].seq if entries else 0,
        last_seq=entries[-1].seq if entries else 0,
        prev_hash=entries[0].prev_hash if entries else GENESIS_HASH,
        head_hash=entries[-1].hash if entries else GENESIS_HASH,
        count=len(entries),
        subsidy_fen=_sum(summed, "subsidy_fen"),
        payable_fen=_sum(summed, "payable_fen"),
    )


def _sum(bodies: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(int(body[name]) for body in bodies)
