"""The least a redeeming service can do, to compare ours with: check one signature, move one row
under a guard, append two, durably. No accounts, no rules, no idempotency, no chain.
"""

import os
import sqlite3
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask, request
from sqlite_utils.utils import sqlite3 as library

_SCHEMA = """
CREATE TABLE voucher (id INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE sale (voucher INTEGER PRIMARY KEY, paid_fen INTEGER NOT NULL) STRICT;
CREATE TABLE happened (id INTEGER PRIMARY KEY, what TEXT NOT NULL, voucher INTEGER NOT NULL) STRICT;
"""


def make(path: str, vouchers: int) -> None:
    """Create a floor's database with that many vouchers."""
    db = library.connect(path)
    db.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
    db.executemany("INSERT INTO voucher VALUES (?, 'held')", [(number,) for number in range(vouchers)])
    db.commit()
    db.close()


def floor() -> Flask:
    """Build the floor's service; ``FLOOR_DB`` and ``FLOOR_KEY`` say where and whose."""
    app, local, line = Flask(__name__), threading.local(), threading.Lock()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(os.environ["FLOOR_KEY"]))

    def connection() -> sqlite3.Connection:
        if not hasattr(local, "db"):
            local.db = library.connect(os.environ["FLOOR_DB"], timeout=30, isolation_level=None)
            local.db.execute("PRAGMA synchronous = FULL")
        return local.db

    @app.get("/healthz")
    def healthz() -> dict:
        return {"status": "ok"}

    @app.post("/redeem/<int:number>")
    def redeem(number: int) -> tuple[dict, int]:
        asked = request.get_json()
        key.verify(bytes.fromhex(asked["signature"]), str(number).encode())
        db = connection()
        with line:
            db.execute("BEGIN IMMEDIATE")
            moved = db.execute("UPDATE voucher SET state = 'spent' WHERE id = ? AND state = 'held'", [number])
            if moved.rowcount != 1:
                db.execute("ROLLBACK")
                return {"status": "spent"}, 409
            db.execute("INSERT INTO sale VALUES (?, ?)", [number, asked["paid_fen"]])
            db.execute("INSERT INTO happened (what, voucher) VALUES ('redeemed', ?)", [number])
            db.execute("COMMIT")
        return {"status": "redeemed", "voucher": number}, 201

    return app


if __name__ == "__main__":
    import sys

    from pos_subsidy.cli.running import run

    run("bench_floor:floor", host="127.0.0.1", port=int(sys.argv[1]))
