"""The journal: whole or known not to be, and able to bring everything back."""

import json
from dataclasses import replace

import pytest

from pos_subsidy import bundled
from pos_subsidy.domain import journal as chain
from pos_subsidy.errors import Conflict
from pos_subsidy.store import journal, migrations
from pos_subsidy.store.db import open_database
from tests.support import ANNA, BAO, PERSONS


@pytest.fixture
def busy_day(api, clock):
    """One of everything that can happen."""
    sold = api.sell(ANNA)
    api.post(f"/redemptions/{sold['redemption_id']}/exchange", {"serial_no": "SN-X", "reason": "x"})
    path = f"/redemptions/{sold['redemption_id']}/reverse"
    api.post(path, {"kind": "partial", "new_price_fen": 500_000, "reason": "x"})
    api.post(path, {"kind": "full", "reason": "x"})
    voided = api.voucher(BAO)
    api.post(f"/vouchers/{voided['code']}/void", {"reason": "x"})
    api.voucher(BAO)
    late = api.hold(api.voucher(PERSONS[2])["token"], serial_no="SN-3")
    gone = api.hold(api.voucher(PERSONS[3])["token"], serial_no="SN-4")
    released = api.hold(api.voucher(PERSONS[4])["token"], serial_no="SN-5")
    api.post(f"/holds/{released['hold_id']}/release")
    clock.pass_by(minutes=40)
    api.sweep()
    api.redeem(late)
    api.sell(PERSONS[5], serial_no="SN-4")
    api.try_redeem(gone)
    api.try_hold("TI1:FORGED")
    api.post("/days/2026-11-20/close")
    return api


def test_everything_is_rebuilt_from_the_journal(busy_day, db, tmp_path):
    empty = open_database(tmp_path / "rebuilt.db")
    migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
    assert journal.rebuild_into(db, empty) == []
    assert journal.count(empty) == journal.count(db) > 15
    empty.close()


def test_a_table_that_drifted_is_named(busy_day, db, tmp_path):
    db.execute("UPDATE voucher SET status = 'issued' WHERE status = 'voided'")
    empty = open_database(tmp_path / "rebuilt.db")
    migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
    assert journal.rebuild_into(db, empty) == ["voucher"]
    empty.close()


def test_the_chain_of_a_busy_day_is_whole(busy_day, db, wired):
    assert list(chain.check(journal.entries(db), verify=wired.shop.keyring.verify)) == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda entries: entries[:5] + entries[6:], "entry_missing"),
        (lambda entries: entries[:5] + [entries[6], entries[5]] + entries[7:], "entry_missing"),
        (lambda entries: _changed(entries, 5, body={**entries[5].body, "price_fen": 1}), "entry_changed"),
        (lambda entries: _changed(entries, 5, at="2026-11-20T00:00:00.000Z"), "entry_changed"),
        (lambda entries: _changed(entries, 5, signature="00" * 64), "signature_bad"),
        (lambda entries: _changed(entries, 5, prev_hash="0" * 64), "link_broken"),
    ],
)
def test_damage_is_found_and_its_place_named(busy_day, db, wired, spoil, code):
    entries = spoil(list(journal.entries(db)))
    found = list(chain.check(entries, verify=wired.shop.keyring.verify))
    assert code in [damage.code for damage in found]
    assert min(damage.seq for damage in found) in (6, 7)


def test_nobody_is_named_in_the_journal(busy_day, db):
    text = json.dumps([entry.body for entry in journal.entries(db)], ensure_ascii=False)
    for person in PERSONS:
        assert person["id_number"] not in text
        assert person["phone"] not in text
        assert person["name"] not in text


def _changed(entries, place, **values):
    return entries[:place] + [replace(entries[place], **values)] + entries[place + 1 :]


@pytest.mark.parametrize("kind", ["reversed", "redeemed", "hold_released", "voucher_voided"])
def test_an_entry_that_does_not_fit_the_state_is_not_written(api, db, wired, clock, kind):
    """The second line of defence: every change of a status is guarded by the status it leaves."""
    sold = api.sell()
    api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    bodies = {entry.kind: entry.body for entry in journal.entries(db)}
    bodies["hold_released"] = {**bodies["hold_taken"], "voucher_status": "issued", "reason": ""}
    bodies["voucher_voided"] = {"voucher": sold["voucher"], "reason": "x", "by": "x"}
    rows = journal.count(db)
    with pytest.raises(Conflict):
        journal.append(db, kind, bodies[kind], at=clock(), sign=wired.shop.keyring.sign)
    assert journal.count(db) == rows
