"""Planted damage and fraud in the hub's data: each is named, and a clean city raises no alarm."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from pysqlite3 import dbapi2

from pos_subsidy.domain import words_audit
from pos_subsidy.hub import audit, blocklist, catalogue
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store.db import open_engine
from tests.hub.books import Till, pay
from tests.support import FRIDGE, NOON

A, B = "DEMO-A", "DEMO-B"
OFFICER = By("zhao", "administrator")
FILED = f"条码,品类,能效等级,备案价\n{FRIDGE},冰箱,1,6100\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Two shops: sales with and without holds, doubles, a wrong amount, returns; paid, one returned."""
    at = tmp_path_factory.mktemp("town")
    hub_config.init(at / "hub", name="测试市", demo=True)
    city = hub_config.load(at / "hub")
    early = NOON - timedelta(hours=1)
    catalogue.load(city, "x.csv", FILED.encode(), since=early.date(), why="示例文件", by=OFFICER, now=early)
    for number in ("SN-BAD", "SN-GONE"):
        about = {"reason": "stolen", "since": early.date(), "note": "示例协查函", "by": OFFICER}
        blocklist.enter(city, "serial", number, **about, now=early)
    blocklist.lift(city, 2, note="示例回函", by=OFFICER, now=early)
    tills = [Till(city, name, NOON) for name in (A, B)]
    for number, till in enumerate(tills):
        for place in range(4):
            till.sell(f"{number}{place}", is_held=place == 1)
        till.take_back(till.sell(f"{number}4"))
        till.take_back(till.sell(f"{number}5"), part=2)
        till.deliver()
    tills[1].sell("00")  # rejected: the person's unit is used
    tills[1].sell("17", serial="SN-DEMO-A-1")  # rejected: the piece is
    tills[1].sell("18", wrong_fen=5)  # suspended
    tills[1].sell("18a", serial="SN-BAD")  # rejected: it is blocked
    tills[1].sell("18b", price_fen=610_001)  # rejected: above the filed price
    tills[1].sell("18c", serial="SN-GONE")  # its block was taken back
    tills[1].deliver()
    pay(city, NOON, returned=(B,))
    for till in tills:
        till.now = NOON + timedelta(days=1)
        till.sell(f"9{till.outlet}")
        till.deliver()
    pay(city, NOON + timedelta(days=1), returned=())
    city.engine.dispose()
    receipts = [receipt for till in tills for receipt in till.receipts]
    return at / "hub" / "hub.db", city, receipts


def look(town, path):
    _, city, receipts = town
    copied = replace(city, engine=open_engine(path))
    try:
        return audit.audit(copied, receipts)
    finally:
        copied.engine.dispose()


def test_an_undamaged_town_raises_no_alarm(town):
    assert look(town, town[0]) == []


ONE = f"(SELECT redemption_id FROM claim WHERE outlet = '{A}' AND verdict = 'settled' ORDER BY seq LIMIT 1)"
REJECTED = "(SELECT redemption_id FROM claim WHERE code = 'units_exhausted')"
LEDGER = "DROP TRIGGER ledger_entry_no_update; DROP TRIGGER ledger_entry_no_delete; "
GROWS = (
    " ".join(
        f"DROP TRIGGER {table}_no_{verb};"
        for table in ("city_filing", "block_entry")
        for verb in ("update", "delete")
    )
    + " "
)
SEQ = f"outlet = '{A}' AND seq"
SWAP = (
    'UPDATE "row" SET {0} = (SELECT {0} FROM "row" r WHERE r.outlet = \'{1}\' AND r.seq = 5 - "row".seq)'
    " WHERE outlet = '{1}' AND seq IN (2, 3)"
)
DAMAGES = [
    ("a row's price altered", f"UPDATE \"row\" SET body = replace(body, '300000', '300001') WHERE {SEQ} = 2", "row_entry_changed"),
    ("a row's kind altered", f"UPDATE \"row\" SET kind = 'voucher_issued' WHERE {SEQ} = 2", "row_entry_changed"),
    ("a row's time altered", f"UPDATE \"row\" SET at = '2026-11-19T04:00:00.000Z' WHERE {SEQ} = 2", "row_entry_changed"),
    ("a row removed", f'DELETE FROM "row" WHERE {SEQ} = 2', "row_entry_missing"),
    ("the last row removed", f"DELETE FROM \"row\" WHERE outlet = '{A}' AND seq = (SELECT last_seq FROM outlet WHERE outlet = '{A}')", "rows_missing"),
    ("every row of a shop removed", f"DELETE FROM \"row\" WHERE outlet = '{A}'", "receipt_not_kept"),
    ("two rows swapped", SWAP.format("body", A), "row_entry_changed"),
    ("two signatures exchanged", SWAP.format("signature", A), "row_signature_bad"),
    ("two hashes exchanged", SWAP.format("hash", A), "row_link_broken"),
    ("a signature cut off", f"UPDATE \"row\" SET signature = substr(signature, 3) || '00' WHERE {SEQ} = 2", "row_signature_bad"),
    ("a serial number made no text", f"UPDATE \"row\" SET body = replace(body, '\"serial_no\":\"SN-{A}-1\"', '\"serial_no\":{{}}')", "row_entry_changed"),
    ("another key named", f"UPDATE \"row\" SET kid = 'ffffffffffffffff' WHERE {SEQ} = 2", "row_signature_bad"),
    ("a row's arrival dated back", f"UPDATE \"row\" SET received_at = '2026-01-01T00:00:00.000Z' WHERE {SEQ} = 4", "row_dates_differ"),
    ("a booked row parked", f"UPDATE \"row\" SET parked = 'x' WHERE {SEQ} = 2", "parked_and_booked"),
    ("the chain's head altered", f"UPDATE outlet SET head_hash = 'ff' WHERE outlet = '{A}'", "head_differs"),
    ("the number of rows altered", f"UPDATE outlet SET last_seq = last_seq - 1 WHERE outlet = '{A}'", "rows_missing"),
    ("a claim removed", f"DELETE FROM claim WHERE redemption_id = {ONE}", "claim_missing"),
    ("a claim with a receipt removed", f"DELETE FROM claim WHERE redemption_id = {ONE}", "receipted_claim_missing"),
    ("a claim invented", "INSERT INTO claim SELECT 'R-X', outlet, 999, 'H-X', 'O-X', category, programme, unit_class, person, business_date, price_fen, subsidy_fen, net_subsidy_fen, 1, 'accepted', NULL, '{}', judged_at, received_at FROM claim LIMIT 1", "claim_without_row"),
    ("a claim of another row", f"UPDATE claim SET seq = 888 WHERE redemption_id = {ONE}", "claim_row_differs"),
    ("a claim's order altered", f"UPDATE claim SET order_no = 'O-9' WHERE redemption_id = {ONE}", "claim_field_differs"),
    ("a claim's price altered", f"UPDATE claim SET price_fen = 1 WHERE redemption_id = {ONE}", "claim_field_differs"),
    ("a claim's day altered", f"UPDATE claim SET business_date = '2026-11-21' WHERE redemption_id = {ONE}", "claim_field_differs"),
    ("a claim moved to another programme", f"UPDATE claim SET programme = 'digital-2026' WHERE redemption_id = {ONE}", "claim_field_differs"),
    ("a claim's subsidy raised", f"UPDATE claim SET subsidy_fen = subsidy_fen + 100 WHERE redemption_id = {ONE}", "claim_field_differs"),
    ("a claim's net altered", f"UPDATE claim SET net_subsidy_fen = 1 WHERE redemption_id = {ONE}", "claim_amount_differs"),
    ("a return forgotten", "UPDATE claim SET net_subsidy_fen = subsidy_fen WHERE net_subsidy_fen = 0", "claim_amount_differs"),
    ("a claim's arrival altered", f"UPDATE claim SET received_at = '2026-11-19' WHERE redemption_id = {ONE}", "claim_dates_differ"),
    ("a claim judged before it came", f"UPDATE claim SET judged_at = '2026-01-01' WHERE redemption_id = {ONE}", "claim_dates_differ"),
    ("a claim given to another person", f"UPDATE claim SET person = 'ff' WHERE redemption_id = {ONE}", "claim_person_differs"),
    ("a person disclosed as another", "UPDATE identity SET person = 'ff' WHERE sealed <> ''", "identity_differs"),
    ("seals exchanged", "UPDATE identity SET sealed = (SELECT max(sealed) FROM identity)", "identity_differs"),
    ("a sealed identity removed", "DELETE FROM identity", "identity_missing"),
    ("a rejection turned round", f"UPDATE claim SET verdict = 'accepted', code = NULL, params = '{{}}' WHERE redemption_id = {REJECTED}", "verdict_differs"),
    ("a rejection turned round everywhere", f"UPDATE claim SET verdict = 'accepted', code = NULL, params = '{{}}', unit_used = 1 WHERE redemption_id = {REJECTED}; UPDATE verdict SET verdict = 'accepted', code = NULL, params = '{{}}' WHERE redemption_id = {REJECTED}", "unit_used_twice"),
    ("a wrong amount accepted everywhere", "UPDATE verdict SET verdict = 'accepted', code = NULL, params = '{}' WHERE code = 'subsidy_differs'; UPDATE claim SET verdict = 'accepted', code = NULL, params = '{}' WHERE code = 'subsidy_differs'", "accepted_without_ground"),
    ("a filed price lowered", GROWS + "UPDATE city_filing SET filed_price_fen = 200000", "accepted_against_filing"),
    ("a filed price raised", GROWS + "UPDATE city_filing SET filed_price_fen = 700000", "rejected_without_ground"),
    ("a filing altered", GROWS + "UPDATE city_filing SET why = 'x'", "list_entry_changed"),
    ("a filing removed", GROWS + "DELETE FROM city_filing", "rejected_without_ground"),
    ("a filing dated back", GROWS + "UPDATE city_filing SET since = '2020-01-01'", "rejected_without_ground"),
    ("a product called withdrawn", GROWS + "UPDATE city_filing SET status = 'withdrawn'", "accepted_against_filing"),
    ("a sold piece blocked as if before", f"INSERT INTO block_entry SELECT 4, 'serial', 'SN-{A}-1', reason, since, until, NULL, note, entered_by, entered_at, hash FROM block_entry WHERE block_no = 1", "accepted_though_blocked"),
    ("a block moved to another piece", GROWS + "UPDATE block_entry SET number = 'SN-X' WHERE block_no = 1", "rejected_without_ground"),
    ("a block removed", GROWS + "DELETE FROM block_entry WHERE block_no = 1", "list_entry_missing"),
    ("a block's withdrawal removed", GROWS + "DELETE FROM block_entry WHERE lifts = 2", "accepted_though_blocked"),
    ("a price above the filing accepted everywhere", "UPDATE verdict SET verdict = 'accepted', code = NULL, params = '{}' WHERE code = 'price_over_filed'; UPDATE claim SET verdict = 'accepted', code = NULL, params = '{}', unit_used = 1 WHERE code = 'price_over_filed'", "accepted_against_filing"),
    ("a blocked piece accepted everywhere", "UPDATE verdict SET verdict = 'accepted', code = NULL, params = '{}' WHERE code = 'piece_blocked'; UPDATE claim SET verdict = 'accepted', code = NULL, params = '{}', unit_used = 1 WHERE code = 'piece_blocked'", "accepted_though_blocked"),
    ("a verdict without cause", f"UPDATE verdict SET code = NULL WHERE redemption_id = {REJECTED}; UPDATE claim SET code = NULL WHERE redemption_id = {REJECTED}", "verdict_without_cause"),
    ("another cause", f"UPDATE claim SET code = 'serial_used' WHERE redemption_id = {REJECTED}", "verdict_differs"),
    ("a verdict removed", f"DELETE FROM verdict WHERE outlet = '{A}' AND counter = 2", "verdict_missing_in_feed"),
    ("every word on a claim removed", f"DELETE FROM verdict WHERE redemption_id = {ONE}", "verdict_not_said"),
    ("a word on no claim", "UPDATE verdict SET redemption_id = 'R-X' WHERE counter = 1", "verdict_without_claim"),
    ("a settled claim set back", f"UPDATE claim SET verdict = 'accepted' WHERE redemption_id = {ONE}", "verdict_differs"),
    ("a unit given back by hand", f"UPDATE claim SET unit_used = 0 WHERE redemption_id = {ONE}", "unit_flag_differs"),
    ("a unit let go by hand", f"DELETE FROM unit WHERE hold_id IN (SELECT hold_id FROM claim WHERE redemption_id = {ONE})", "unit_not_taken"),
    ("a unit moved to another person", f"UPDATE unit SET person = 'ff' WHERE hold_id IN (SELECT hold_id FROM claim WHERE redemption_id = {ONE})", "unit_not_taken"),
    ("a unit occupied by nobody", f"INSERT INTO unit VALUES ('ff', 'appliance-2026', 'refrigerator', 1, '{A}', 'H-X', NULL)", "unit_without_owner"),
    ("a unit that came back occupied", "INSERT INTO unit SELECT person, programme, unit_class, 9, outlet, hold_id, NULL FROM claim WHERE net_subsidy_fen = 0", "unit_without_owner"),
    ("a claim's unit kept for a time only", f"UPDATE unit SET kept_until = '2027' WHERE hold_id IN (SELECT hold_id FROM claim WHERE redemption_id = {ONE})", "unit_time_differs"),
    ("a hold let go by hand", "UPDATE hold SET status = 'cancelled'", "hold_not_claimed"),
    ("a hold claimed twice", f"UPDATE claim SET hold_id = (SELECT hold_id FROM claim WHERE redemption_id = {ONE}) WHERE outlet = '{A}' AND net_subsidy_fen = subsidy_fen", "hold_claimed_twice"),
    ("a hold claimed by nothing", f"INSERT INTO hold (outlet, hold_id, status, asked_at) VALUES ('{A}', 'H-X', 'claimed', 'x')", "hold_without_claim"),
    ("a piece set free by hand", "UPDATE piece SET live = 0", "piece_not_taken"),
    ("a piece removed", "DELETE FROM piece WHERE number = 'SN-DEMO-A-1'", "piece_not_taken"),
    ("a piece taken by nobody", f"INSERT INTO piece VALUES ('serial', 'SN-X', '{A}', 'H-X', 1)", "piece_without_owner"),
    ("a shop stopped without a fork", f"UPDATE outlet SET status = 'quarantined' WHERE outlet = '{A}'", "quarantine_without_fork"),
    ("a key exchanged", f"UPDATE outlet_key SET public_key = (SELECT public_key FROM outlet_key WHERE outlet = '{B}')", "key_id_differs"),
    ("a key of two shops", f"INSERT INTO outlet_key (kid, outlet, public_key, added_at) SELECT kid, '{A}', public_key, added_at FROM outlet_key WHERE outlet = '{B}'", "key_shared"),
    ("an entry altered", LEDGER + "UPDATE ledger_entry SET amount_fen = amount_fen + 1 WHERE posting_no = 1 AND position = 1", "posting_unbalanced"),
    ("a posting removed", LEDGER + "DELETE FROM ledger_entry WHERE posting_no = 1", "posting_missing"),
    ("a posting invented", "INSERT INTO ledger_entry VALUES (99, 1, '2027', 'outlet:DEMO-A', 5, 'claim', 'R-X', NULL), (99, 2, '2027', 'bank', -5, 'claim', 'R-X', NULL)", "posting_without_claim"),
    ("a posting to another shop", LEDGER + f"UPDATE ledger_entry SET account = 'outlet:{B}' WHERE account = 'outlet:{A}' AND posting_no = 1", "posting_to_other_account"),
    ("a posting dated back", LEDGER + "UPDATE ledger_entry SET at = '2020' WHERE posting_no = 3", "posting_dates_differ"),
    ("a claim posted once more", f"INSERT INTO ledger_entry VALUES (99, 1, '2027', 'outlet:{A}', 45000, 'claim', {ONE}, NULL), (99, 2, '2027', 'pool:appliance-2026', -45000, 'claim', {ONE}, NULL)", "posted_too_much"),
    ("one entry alone", "INSERT INTO ledger_entry VALUES (99, 1, '2027', 'bank', 7, 'payment', NULL, NULL)", "trial_balance"),
    ("a claim that was paid rejected", f"UPDATE claim SET verdict = 'rejected' WHERE redemption_id = {ONE}", "posted_without_verdict"),
    ("a payment raised", "UPDATE payment SET amount_fen = amount_fen + 1", "bank_differs"),
    ("a payment raised in one shop", f"UPDATE payment SET amount_fen = amount_fen + 1 WHERE outlet = '{A}'", "payment_not_posted"),
    ("a returned payment called paid", "UPDATE payment SET status = 'paid' WHERE status = 'returned'", "return_not_posted"),
    ("a payment removed", "PRAGMA foreign_keys = OFF; DELETE FROM payment WHERE payment_no = (SELECT max(payment_no) FROM payment)", "posted_without_payment"),
    ("a payment made twice", "INSERT INTO payment SELECT payment_no || 'x', run_id, outlet, payee_no, amount_fen, carried_fen, status, why, bank_ref, answered_at FROM payment LIMIT 1", "paid_twice_in_a_run"),
    ("a posting paid twice", "INSERT OR IGNORE INTO payment_posting SELECT (SELECT max(payment_no) FROM payment WHERE outlet = 'DEMO-A'), posting_no FROM payment_posting WHERE payment_no = (SELECT min(payment_no) FROM payment WHERE outlet = 'DEMO-A')", "posting_paid_twice"),
    ("another shop's posting paid", f"UPDATE payment_posting SET posting_no = (SELECT posting_no FROM ledger_entry WHERE account = 'outlet:{B}' AND why = 'claim' ORDER BY posting_no DESC LIMIT 1) WHERE rowid = (SELECT min(rowid) FROM payment_posting)", "payment_of_other_shop"),
    ("a payment without the bank's answer", "UPDATE payment SET answered_at = NULL, bank_ref = NULL", "payment_without_answer"),
    ("a run removed", "PRAGMA foreign_keys = OFF; DELETE FROM payment_run WHERE run_id = (SELECT min(run_id) FROM payment_run)", "payment_without_run"),
    ("a payee confirmed by one alone", "UPDATE payee SET confirmed_by = proposed_by", "payee_not_confirmed"),
    ("what a payment settles removed", "DELETE FROM payment_posting", "settled_without_payment"),
    ("an approval without a name", f"INSERT INTO review_batch VALUES ('{A}', 'B-1', '2026-11-20', 1, 2, NULL, '2026')", "approval_without_name"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "code"), [one[1:] for one in DAMAGES], ids=[one[0] for one in DAMAGES]
)
def test_damage_is_named(town, tmp_path, statements, code):
    path = tmp_path / "hub.db"
    shutil.copy(town[0], path)
    with dbapi2.connect(path) as db:
        db.executescript("PRAGMA synchronous = OFF; " + statements)
        assert db.total_changes or "DROP" in statements
    db.close()
    found = {one["code"] for one in look(town, path)}
    assert code in found
    for name in found:
        zh, en = words_audit.of(name)
        assert zh != name and en != name


def test_forty_kinds_and_more():
    assert len({one[1] for one in DAMAGES}) >= 40
    assert len({one[2] for one in DAMAGES}) >= 40


def test_a_thousand_clean_days_raise_no_alarm(tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True)
    city = hub_config.load(tmp_path / "hub")
    tills = [Till(city, f"DEMO-{place}", NOON - timedelta(days=250)) for place in range(4)]
    for place, till in enumerate(tills):
        for day in range(250):
            sold = till.sell(f"{place}-{day}")
            if day % 20 == 19:
                till.take_back(sold)
            till.now += timedelta(days=1)
        till.deliver()
    pay(city, NOON + timedelta(days=1))
    assert audit.audit(city, [one for till in tills for one in till.receipts]) == []
    city.engine.dispose()
