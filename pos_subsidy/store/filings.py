"""Loads of filed goods: what each changed, how it is taken back, and uploads that wait for a word."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from pos_subsidy.domain import moments
from pos_subsidy.domain.product import Product
from pos_subsidy.store import catalogue
from pos_subsidy.store.db import insert, row, rows, value

# A sale rests on these; names may change without anybody noticing.
_DECIDE = ("category", "energy_rating", "has_rating_system", "filed_price_fen")


@dataclass(frozen=True, slots=True)
class Load:
    """One load that changed something. ``changed`` counts its goods, ``fresh`` those that were new."""

    load_id: int
    filename: str
    file_hash: str
    loaded_at: str
    loaded_on: str
    loaded_by: str
    undone_at: str | None
    undone_by: str | None
    changed: int = 0
    fresh: int = 0


@dataclass(frozen=True, slots=True)
class Filed:
    """One filing of a product, by the load that made it."""

    load: Load
    filed_price_fen: int
    before_fen: int | None


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content: bytes
    expires_at: str


def record(
    db: Database,
    products: Iterable[Product],
    *,
    filename: str,
    file_hash: str,
    on: str,
    by: str,
    now: datetime,
) -> int:
    """Put products, remember what they replace, and return how many that changes; none is no load."""
    changed = [(one, _row(db, one.gtin)) for one in products]
    catalogue.put(db, [one for one, _before in changed], now=now)
    changed = [(one, before) for one, before in changed if _differs(_row(db, one.gtin), before)]
    if not changed:
        return 0
    load_id = int(value(db, "SELECT coalesce(max(load_id), 0) + 1 FROM catalogue_load"))
    insert(
        db,
        "catalogue_load",
        {
            "load_id": load_id,
            "filename": filename,
            "file_hash": file_hash,
            "loaded_at": moments.text(now),
            "loaded_on": on,
            "loaded_by": by,
        },
    )
    for one, before in changed:
        written = json.dumps(before, ensure_ascii=False, sort_keys=True) if before else None
        filed = {"load_id": load_id, "gtin": one.gtin, "filed_price_fen": one.filed_price_fen}
        insert(db, "product_filing", {**filed, "before": written})
    return len(changed)


def loads(db: Database, *, limit: int) -> list[Load]:
    """Return the newest loads."""
    found = rows(
        db,
        "SELECT catalogue_load.*, count(gtin) AS changed, sum(before IS NULL) AS fresh FROM catalogue_load"
        " JOIN product_filing USING (load_id) GROUP BY load_id ORDER BY load_id DESC LIMIT ?",
        [limit],
    )
    return [Load(**one) for one in found]


def history(db: Database, gtin: str) -> list[Filed]:
    """Return every filing of a product, the newest first; those taken back too."""
    found = rows(
        db,
        "SELECT catalogue_load.*, filed_price_fen, json_extract(before, '$.filed_price_fen') AS before_fen"
        " FROM product_filing JOIN catalogue_load USING (load_id) WHERE gtin = ? ORDER BY load_id DESC",
        [gtin],
    )
    return [
        Filed(filed_price_fen=one.pop("filed_price_fen"), before_fen=one.pop("before_fen"), load=Load(**one))
        for one in found
    ]


def sold_under(db: Database, load: Load) -> dict[str, Any] | None:
    """Return a sale (``gtin``, ``order_no``), begun or done since, of goods whose filing a load changed."""
    decisive = " OR ".join(f"json_extract(before, '$.{name}') IS NOT product.{name}" for name in _DECIDE)
    return row(
        db,
        "SELECT hold.gtin, order_no FROM hold JOIN product_filing USING (gtin) JOIN product USING (gtin)"
        f" WHERE load_id = ? AND held_at >= ? AND status IN ('held', 'redeemed') AND ({decisive})"
        " ORDER BY held_at LIMIT 1",
        [load.load_id, load.loaded_at],
    )


def take_back(db: Database, load: Load, *, by: str, now: datetime) -> None:
    """Restore what stood before a load, and remove what it brought."""
    for one in rows(db, "SELECT gtin, before FROM product_filing WHERE load_id = ?", [load.load_id]):
        db.execute("DELETE FROM product WHERE gtin = ?", [one["gtin"]])
        if one["before"] is not None:
            insert(db, "product", json.loads(one["before"]))
    db.execute(
        "UPDATE catalogue_load SET undone_at = ?, undone_by = ? WHERE load_id = ?",
        [moments.text(now), by, load.load_id],
    )


def keep_upload(db: Database, upload_id: str, upload: Upload, *, now: datetime) -> None:
    """Keep a file until somebody has read its preview; those that are over go."""
    db.execute("DELETE FROM catalogue_upload WHERE expires_at <= ?", [moments.text(now)])
    told = {"filename": upload.filename, "content": upload.content, "expires_at": upload.expires_at}
    insert(db, "catalogue_upload", {"upload_id": upload_id, **told})


def upload(db: Database, upload_id: str, *, now: datetime) -> Upload | None:
    found = row(
        db,
        "SELECT filename, content, expires_at FROM catalogue_upload WHERE upload_id = ? AND expires_at > ?",
        [upload_id, moments.text(now)],
    )
    return Upload(**found) if found else None


def drop_upload(db: Database, upload_id: str) -> None:
    db.execute("DELETE FROM catalogue_upload WHERE upload_id = ?", [upload_id])


def _row(db: Database, gtin: str) -> dict[str, Any] | None:
    return row(db, "SELECT * FROM product WHERE gtin = ?", [gtin])


def _differs(after: dict[str, Any] | None, before: dict[str, Any] | None) -> bool:
    assert after is not None
    return before is None or {**after, "loaded_at": None} != {**before, "loaded_at": None}
