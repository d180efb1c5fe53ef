"""Makes shops' journals of a city at any size: signed, linked, with planted double claims.

Every claim is a ``redeemed`` row as a till writes it. One in a thousand claims a unit that its person
has used, one in a thousand a serial number that was sold before; the rest is sound.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_subsidy.domain import journal
from pos_subsidy.domain.keys import Keyring, new_keyring
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.hub.city import City
from pos_subsidy.protocol import batches, sealing

DAY, AT = "2026-11-20", "2026-11-20T04:00:00.000Z"
PER_BATCH = 500
# Of every thousand claims of a shop, these repeat a person or a piece of the claim before.
SAME_PERSON, SAME_PIECE = 37, 73


def outlet(number: int) -> str:
    return f"BENCH-{number:04d}"


def keyring(number: int) -> Keyring:
    """Return a shop's keys, the same in every process."""
    return new_keyring(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{number}".encode()).digest()))


@dataclass
class Book:
    """One shop's journal as it grows. ``known`` are (commitment, person) the city knows already."""

    city: City
    number: int
    keys: Keyring = field(init=False)
    seq: int = 0
    head: str = journal.GENESIS_HASH
    known: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = keyring(self.number)

    def batch(self, count: int, *, sealed: bool) -> bytes:
        """Return the next batch of that many claims as it travels."""
        entries, seals = [], {}
        for _ in range(count):
            self.seq += 1
            body, identity, salt = self._claim(self.seq)
            entry = journal.link(
                seq=self.seq, at=AT, kind="redeemed", body=body, prev_hash=self.head, sign=self.keys.sign
            )
            self.head = entry.hash
            entries.append(entry)
            if sealed:
                names = ("id_type", "id_number", "name", "phone")
                told = {name: getattr(identity, name) for name in names} | {"salt": salt.hex()}
                seals[body["commitment"]] = sealing.seal(json.dumps(told).encode(), self.city.seal_public)
            else:
                self.known.append((body["commitment"], self.city.person("passport", identity.id_number)))
        return batches.write(outlet(self.number), entries, seals)

    def _claim(self, seq: int) -> tuple[dict, Identity, bytes]:
        name = f"{self.number:04d}{seq:08d}"
        person = name if seq % 1_000 != SAME_PERSON else f"{self.number:04d}{seq - 1:08d}"
        piece = name if seq % 1_000 != SAME_PIECE else f"{self.number:04d}{seq - 1:08d}"
        salt = hashlib.sha256(name.encode()).digest()[:16]
        identity = Identity("passport", f"X{person}", "测试", "13800000000")
        price_fen = 300_000 + seq % 1_000 * 100
        subsidy_fen = price_fen * 15 // 100
        body = {
            "redemption_id": f"R-20261120-{hashlib.sha256(name.encode()).hexdigest()[:16]}",
            "hold_id": f"H-{hashlib.sha256(b'h' + name.encode()).hexdigest()[:20]}",
            "voucher": f"V{name}",
            "order_no": f"O-{name}",
            "category": "refrigerator",
            "unit_class": "refrigerator",
            "programme": "appliance-2026",
            "policy_version": "appliance-2026",
            "clause": "",
            "person_key": hashlib.sha256(person.encode()).hexdigest(),
            "commitment": commitment(identity, salt),
            "gtin": "6901234567892",
            "energy_rating": 1,
            "serial_no": f"SN{piece}",
            "imei1": None,
            "imei2": None,
            "price_fen": price_fen,
            "subsidy_fen": subsidy_fen,
            "payable_fen": price_fen - subsidy_fen,
            "payments": [
                {"channel": "wechat", "payment_ref": f"W{name}", "amount_fen": price_fen - subsidy_fen}
            ],
            "business_date": DAY,
            "late": False,
            "held_at": AT,
            "authorisation": "online",
            "identity_checked": True,
            "standing": "active",
            "signals": [],
            "till": "T1",
            "cashier": "cashier",
        }
        return body, identity, salt


def planted(shops: int, per_shop: int) -> int:
    """Return how many claims of a city must be rejected."""
    one = per_shop // 1_000 * 2
    rest = per_shop % 1_000
    return shops * (one + (rest >= SAME_PERSON) + (rest >= SAME_PIECE))


def names(folder: Path, number: int) -> Iterator[Path]:
    yield from sorted((folder / outlet(number)).glob("*.gz"))
