"""A city's books without its shops: rows as tills sign them, taken in, paid, answered by the bank."""

import base64
import csv
import hashlib
import io
import json
from datetime import timedelta

from pos_subsidy.domain import journal, moments
from pos_subsidy.domain.keys import new_keyring, raw_public
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.person import Identity, commitment
from pos_subsidy.hub import answering, freezing, ingest, live, naming_payees, settlement
from pos_subsidy.hub.store import keys, outlets
from pos_subsidy.hub.store.db import run
from pos_subsidy.protocol import batches, sealing
from pos_subsidy.protocol.messages import HoldRequest

NAMES = ("id_type", "id_number", "name", "phone")


class Till:
    """One shop's journal and its line to the city."""

    def __init__(self, city, outlet, now):
        self.city, self.outlet, self.now = city, outlet, now
        self.keyring, self.seq, self.head = new_keyring(), 0, journal.GENESIS_HASH
        self.entries, self.sealed, self.receipts = [], {}, []
        public = raw_public(self.keyring.private.public_key())
        details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

        def enrol(db):
            outlets.add(db, outlet, at=moments.text(now), **details)
            keys.add(db, outlet, [public], at=moments.text(now), by="test")

        run(city.engine, enrol)
        about = {"holder": "示例商贸", "bank": "嘉兴银行", "number": "6222000011112222"}
        naming_payees.propose(city, outlet, **about, by="lin", now=now)
        naming_payees.confirm(city, outlet, by="wu", now=now)

    def add(self, kind, body):
        self.seq += 1
        entry = journal.link(
            seq=self.seq,
            at=moments.text(self.now),
            kind=kind,
            body=body,
            prev_hash=self.head,
            sign=self.keyring.sign,
        )
        self.head = entry.hash
        self.entries.append(entry)

    def sell(self, person, *, serial=None, price_fen=300_000, wrong_fen=0, is_held=False):
        """Sell a refrigerator; return the row's body."""
        name = f"{self.outlet}-{self.seq + 1}"
        salt = hashlib.sha256(name.encode()).digest()[:16]
        identity = Identity("passport", f"X{person}", "测试", "13800000000")
        told = {one: getattr(identity, one) for one in NAMES} | {"salt": salt.hex()}
        sealed = sealing.seal(json.dumps(told).encode(), self.city.seal_public)
        subsidy_fen = price_fen * 15 // 100 + wrong_fen
        common = {
            "hold_id": f"H-{name}",
            "category": "refrigerator",
            "unit_class": "refrigerator",
            "programme": "appliance-2026",
            "commitment": commitment(identity, salt),
            "gtin": "6901234567892",
            "serial_no": serial or f"SN-{name}",
            "imei1": None,
            "imei2": None,
            "price_fen": price_fen,
            "subsidy_fen": subsidy_fen,
            "business_date": self.now.date().isoformat(),
        }
        if is_held:
            asked = {**common, "expires_at": moments.text(self.now + timedelta(minutes=30))}
            asked["sealed"] = base64.b64encode(sealed).decode()
            assert not freezing.hold(
                self.city, self.outlet, HoldRequest(**asked), kid=None, now=self.now
            ).refusals
            live.confirm(self.city, self.outlet, common["hold_id"])
        else:
            self.sealed[common["commitment"]] = sealed
        body = {
            **common,
            "redemption_id": f"R-{name}",
            "order_no": f"O-{name}",
            "energy_rating": 1,
            "payable_fen": price_fen - subsidy_fen,
            "authorisation": "online" if is_held else "offline",
            "held_at": moments.text(self.now),
        }
        self.add("redeemed", body)
        return body

    def take_back(self, body, *, part=1):
        back = {"redemption_id": body["redemption_id"], "subsidy_fen": -(body["subsidy_fen"] // part)}
        kind = "full" if part == 1 else "partial"
        back |= {"payable_fen": 0, "reversal_kind": kind, "right": "restored", "piece": "free"}
        self.add("reversed", back)

    def deliver(self, *, parked=0):
        while self.entries:
            some, self.entries = self.entries[: batches.MAX_ENTRIES], self.entries[batches.MAX_ENTRIES :]
            sent = batches.write(self.outlet, some, self.sealed)
            self.sealed = {}
            said = ingest.ingest(self.city, self.outlet, sent, now=self.now)
            assert len(said["said"]["parked"]) == parked, said
            self.receipts.append(json.dumps(said).encode())


def pay(city, now, *, returned=()):
    """Settle and let the bank answer; it returns the payments of some shops."""
    done = settlement.settle(city, by="lin", now=now)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["付款编号", "结果", "金额（元）", "银行流水号"])
    for one in done.payments:
        if one["status"] == "made":
            outcome = "退回" if one["outlet"] in returned else "成功"
            writer.writerow([one["payment_no"], outcome, yuan(one["amount_fen"]), f"B-{one['payment_no']}"])
    answered = answering.take_answer(city, out.getvalue().encode(), "bank.csv", now=now)
    assert not answered.errors
    return done
