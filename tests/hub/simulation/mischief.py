"""What an honest client never sends, correctly signed as a request; nothing of it may count."""

import random
from collections.abc import Sequence
from dataclasses import replace

from pos_subsidy.domain import journal as chain
from pos_subsidy.domain.journal import Entry
from pos_subsidy.errors import Conflict, Invalid, SubsidyError
from pos_subsidy.protocol import batches
from pos_subsidy.services import offline
from pos_subsidy.store import journal, persons
from tests.hub.simulation.shop import Shop

# How likely each kind is on any night of any shop.
KINDS = {"tail_first": 0.05, "cut_batch": 0.05, "all_again": 0.05, "forged": 0.05}


def do(shop: Shop, draw: random.Random) -> None:
    """Send something of a kind that is drawn, or nothing; ``shop.wrong`` has what should not have been."""
    drawn = draw.random()
    for kind, likely in KINDS.items():
        drawn -= likely
        if drawn < 0:
            _send(shop, kind)
            return


def _send(shop: Shop, kind: str) -> None:
    content, refusal = _batch(shop, kind)
    if content is None:
        return
    shop.happened[kind] += 1
    is_bad = shop.road.is_bad
    # A forged row that comes late, behind the true one, is a fork: the city would stop the shop.
    shop.road.is_bad = is_bad and kind != "forged"
    try:
        shop.client.send(content)
    except (Conflict, Invalid) as error:
        if error.code != refusal:
            shop.wrong.append(f"{shop.outlet} {kind}: {error.code}")
    except SubsidyError:
        shop.happened[f"{kind} did not arrive"] += 1
    else:
        if kind in ("cut_batch", "forged"):
            shop.wrong.append(f"{shop.outlet} {kind}: it was taken")
    finally:
        shop.road.is_bad = is_bad


def _batch(shop: Shop, kind: str) -> tuple[bytes | None, str | None]:
    """Return a batch and what it must be refused for; None where there is nothing to make it of."""
    acknowledged = offline.acknowledged_seq(shop.db)
    if kind == "all_again":
        known = list(journal.entries(shop.db, limit=min(acknowledged, batches.MAX_ENTRIES)))
        # Without the identities: those travel with the rows that are new.
        return (batches.write(shop.outlet, known, {}) if known else None), None
    fresh = list(journal.entries(shop.db, after_seq=acknowledged, limit=batches.MAX_ENTRIES))
    if len(fresh) < 2:
        return None, None
    if kind == "tail_first":
        # Its head may be there already, only its receipt lost: then these rows count.
        return batches.write(shop.outlet, fresh[1:], _identities(shop, fresh[1:])), "rows_missing"
    if kind == "cut_batch":
        content = batches.write(shop.outlet, fresh, {})
        return content[: len(content) // 2], "batch_malformed"
    if fresh[-1].seq <= offline.sent_seq(shop.db):
        return None, None
    return batches.write(shop.outlet, [*fresh[:-1], _forged(fresh[-1])], {}), "upload_refused"


def _identities(shop: Shop, entries: Sequence[Entry]) -> dict[str, bytes]:
    known = {one: persons.sealed(shop.db, one) for one in batches.commitments(entries)}
    return {commitment: sealed for commitment, sealed in known.items() if sealed is not None}


def _forged(entry: Entry) -> Entry:
    """Return a row with another amount and a right hash, but the signature of the row that it was."""
    body = {**entry.body, "subsidy_fen": 1}
    told = {"seq": entry.seq, "at": entry.at, "kind": entry.kind, "prev_hash": entry.prev_hash}
    return replace(entry, body=body, hash=chain.digest(**told, body=body))
