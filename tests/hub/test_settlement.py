"""What shops are paid: runs, netting, the bank's answer, the proof. Scenarios HB and RX-10."""

import csv
import io
import json
from datetime import UTC, datetime

import click
import pytest
from openpyxl import Workbook
from sqlalchemy import text

from pos_subsidy.domain import moments
from pos_subsidy.domain.money import yuan
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub import answering, audit, naming_payees, office_log, paying, settlement
from pos_subsidy.hub.judgement import Judgement, rejudge
from pos_subsidy.hub.store import claims
from pos_subsidy.hub.store.db import run as run_in
from tests.support import ANNA, BAO, PERSONS, run

GRANTED = 91_500
both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def paid_shops(shops, city, clock):
    """Two shops of which the city knows where to pay."""
    for shop in shops:
        name_account(city, shop, clock)
    return shops


def name_account(city, shop, clock, number="6222000011112222"):
    about = {"holder": "示例商贸有限公司", "bank": "嘉兴银行", "number": number}
    naming_payees.propose(city, shop.wired.shop.outlet_id, **about, by="lin", now=clock())
    naming_payees.confirm(city, shop.wired.shop.outlet_id, by="wu", now=clock())


def settle(city, clock):
    return settlement.settle(city, by="lin", now=clock())


def answer(city, clock, *lines):
    """Give the bank's answer: (payment no., outcome, fen)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["付款编号", "结果", "金额（元）", "银行流水号"])
    writer.writerows([no, outcome, yuan(fen), f"B-{no}"] for no, outcome, fen in lines)
    return answering.take_answer(city, out.getvalue().encode(), "bank.csv", now=clock())


def pay(city, clock):
    """Settle, and let the bank pay everything."""
    done = settle(city, clock)
    made = [one for one in done.payments if one["status"] == "made"]
    answer(city, clock, *[(one["payment_no"], "成功", one["amount_fen"]) for one in made])
    return done


def reverse(shop, sold, **about):
    body = {"kind": "full", "reason": "x", **about}
    return shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", body).json


def verdict(shop, sold):
    return shop.api.get(f"/redemptions/{sold['redemption_id']}").json["verdict"]


def sound(city):
    assert audit.audit(city) == []
    assert sum(settlement.trial_balance(city).values()) == 0


def statuses(done):
    return [(one["outlet"], one["status"], one["amount_fen"], one["carried_fen"]) for one in done.payments]


def test_a_claim_is_paid_once_and_its_shop_reads_settled(paid_shops, city, clock):
    shop = paid_shops[0]
    sold = shop.api.sell()
    assert shop.sync().complete
    first = settle(city, clock)
    assert statuses(first) == [("DEMO-A", "made", GRANTED, 0)]
    shop.sync()
    assert verdict(shop, sold) == "accepted", "sent to the bank is not paid"
    assert answer(city, clock, (first.payments[0]["payment_no"], "成功", GRANTED)).paid == 1
    shop.sync()
    assert verdict(shop, sold) == "settled"
    assert settle(city, clock).payments == ()
    sound(city)


@both_databases
def test_goods_returned_after_payment_are_netted_and_the_rest_is_carried(paid_shops, city, clock):
    """RX-10, HB-14"""
    shop = paid_shops[0]
    sold = [shop.api.sell(person, serial_no=f"SN-{at}") for at, person in enumerate(PERSONS[:2])]
    shop.sync()
    pay(city, clock)
    shop.sync()
    for one in sold:
        assert reverse(shop, one)["owed_fen"] == GRANTED
    small = shop.api.sell(PERSONS[2], serial_no="SN-8", price_fen=100_000)
    shop.sync()
    carried = small["subsidy_fen"] - 2 * GRANTED
    assert carried < 0
    second = settle(city, clock)
    assert statuses(second) == [("DEMO-A", "netted", 0, carried)], "no payment line is negative"
    assert settlement.statement(city, "DEMO-A")["balance_fen"] == carried
    sound(city)
    for at, person in enumerate(PERSONS[3:6]):
        shop.api.sell(person, serial_no=f"SN-1{at}")
    shop.sync()
    third = settle(city, clock)
    assert statuses(third) == [("DEMO-A", "made", 3 * GRANTED + carried, 0)]
    assert third.amount_fen == 3 * GRANTED + carried
    sound(city)


def test_a_partial_return_after_payment_owes_its_part(paid_shops, city, clock):
    """RX-10"""
    shop = paid_shops[0]
    sold = shop.api.sell()
    shop.sync()
    pay(city, clock)
    reverse(shop, sold, kind="partial", new_price_fen=600_000)
    other = shop.api.sell(BAO, serial_no="SN-2")
    shop.sync()
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", other["subsidy_fen"] - 1_500, 0)]
    sound(city)


def test_a_suspended_claim_holds_up_nobody_and_is_in_no_file(paid_shops, city, clock):
    """HB-03, HB-06"""
    shop = paid_shops[0]
    sold = [shop.api.sell(person, serial_no=f"SN-{at}") for at, person in enumerate(PERSONS[:4])]
    shop.sync()
    judge(city, clock, sold[0], Judgement("suspended", "subsidy_differs", {"expected_fen": 1}))
    judge(city, clock, sold[1], Judgement("rejected", "no_programme", {"category": "refrigerator"}))
    done = settle(city, clock)
    assert statuses(done) == [("DEMO-A", "made", 2 * GRANTED, 0)]
    rows = list(csv.DictReader(io.StringIO(settlement.payment_file(city, done.run_id))))
    assert [(row["收款户名"], row["账号"], row["金额（元）"]) for row in rows] == [
        ("示例商贸有限公司", "6222000011112222", yuan(2 * GRANTED))
    ]
    judge(city, clock, sold[0], Judgement("accepted"))
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", GRANTED, 0)]
    sound(city)


def judge(city, clock, sold, judged):
    run_in(city.engine, lambda db: rejudge(db, "DEMO-A", sold["redemption_id"], judged, now=clock()))


@both_databases
def test_a_returned_payment_is_open_again_and_paid_once_more(paid_shops, city, clock):
    """HB-07"""
    shop = paid_shops[0]
    sold = shop.api.sell()
    shop.sync()
    number = settle(city, clock).payments[0]["payment_no"]
    assert answer(city, clock, (number, "退回", GRANTED)).returned == 1
    told = settlement.statement(city, "DEMO-A")
    assert told["balance_fen"] == GRANTED and len(told["open"]) == 1
    shop.sync()
    assert verdict(shop, sold) == "accepted"
    sound(city)
    assert statuses(pay(city, clock)) == [("DEMO-A", "made", GRANTED, 0)]
    assert settle(city, clock).payments == ()
    sound(city)


def test_a_word_of_the_banks_stays_when_another_follows(paid_shops, city, clock):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    assert answer(city, clock, (number, "成功", GRANTED)).paid == 1
    assert answer(city, clock, (number, "退回", GRANTED)).returned == 1
    payment = settlement.statement(city, "DEMO-A")["payments"][0]
    assert [one["status"] for one in payment["bank_words"]] == ["paid", "returned"]
    assert all(one["bank_ref"] == f"B-{number}" and one["said_at"] for one in payment["bank_words"])
    sound(city)


def test_what_cannot_be_found_again_at_the_bank_is_not_booked(paid_shops, city, clock):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    written = f"付款编号,结果,金额（元）,银行流水号\r\n{number},成功,915.00, \r\n"
    found = answering.take_answer(city, written.encode(), "bank.csv", now=clock())
    assert (found.paid, [one["code"] for one in found.errors]) == (0, ["bank_ref_missing"])
    sound(city)


@both_databases
def test_lines_of_the_bank_that_cannot_be_are_errors_and_the_others_count(paid_shops, city, clock):
    """HB-08"""
    for place, shop in enumerate(paid_shops):
        shop.api.sell(PERSONS[place], serial_no=f"SN-{place}")
        shop.sync()
    done = settle(city, clock)
    first, second = (one["payment_no"] for one in done.payments)
    found = answer(
        city,
        clock,
        (first, "成功", GRANTED),
        (first, "成功", GRANTED),
        ("P20991231-9-DEMO-X", "成功", GRANTED),
        ("P20991231-9-DEMO-A", "退回", GRANTED),
        (second, "成功", GRANTED + 1),
        (second, "也许", GRANTED),
        (second, "成功", GRANTED),
    )
    assert (found.paid, found.returned) == (2, 0)
    assert [(one["line"], one["code"]) for one in found.errors] == [
        (3, "payment_answered"),
        (4, "payment_unknown"),
        (5, "payment_unknown"),
        (6, "bank_amount_differs"),
        (7, "bank_outcome_unknown"),
    ]
    sound(city)


def test_a_banks_own_manner_of_writing_its_answer_is_no_error(paid_shops, city, clock):
    """A comma at the end of every line, spaces beside the headings, an empty line between."""
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    written = (
        f" 付款编号 ,结果,金额（元）,银行流水号\r\n\r\n{number},成功,915.00,B1,\r\nP-0,成功,1.00,B2,\r\n"
    )
    found = answering.take_answer(city, written.encode(), "bank.csv", now=clock())
    assert (found.paid, [one["line"] for one in found.errors]) == (1, [4])


def test_the_bank_may_answer_with_an_excel_workbook(paid_shops, city, clock):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    book = Workbook()
    book.active.append(["嘉兴示例银行 回单"])
    book.active.append(["付款编号", "结果", "金额（元）", "银行流水号", "备注"])
    book.active.append([number, "成功", 915, 20261120001, None])
    book.active.append(["P-0", "成功", 1.5, "B2", None])
    into = io.BytesIO()
    book.save(into)
    found = answering.take_answer(city, into.getvalue(), "bank.xlsx", now=clock())
    assert (found.paid, [(one["line"], one["code"]) for one in found.errors]) == (1, [(4, "payment_unknown")])
    assert settlement.statement(city, "DEMO-A")["payments"][0]["bank_ref"] == "20261120001"


def test_a_run_is_numbered_by_the_citys_day(paid_shops, city, clock):
    clock.now = datetime(2026, 11, 20, 17, tzinfo=UTC)  # 01:00 of the next day in the city
    assert settle(city, clock).run_id == "P20261121-1"


@pytest.mark.parametrize(
    ("amount", "ref", "result"),
    [
        (914.9 + 0.1, "B1", (1, [])),
        (915.004, "B1", (0, ["bank_amount_differs"])),
        (915, 20261120123456789012, "file_row"),
        (915, 2.026112012345679e19, "file_row"),
    ],
)
def test_what_a_spreadsheet_does_to_numbers_is_no_error_or_is_named(
    paid_shops, city, clock, amount, ref, result
):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    book = Workbook()
    book.active.append(["status", "付款编号", "结果", "金额（元）", "银行流水号"])
    book.active.append(["S000", number, "成功", amount, ref])
    into = io.BytesIO()
    book.save(into)
    try:
        done = answering.take_answer(city, into.getvalue(), "bank.xlsx", now=clock())
        found = (done.paid, [one["code"] for one in done.errors])
    except Invalid as refused:
        found = refused.code
    assert found == result


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_missing"),
        (b"PK\x03\x04 no workbook", "file_cut"),
        ("什么也不是".encode(), "file_column_missing"),
        ("付款编号,结果,金额（元）\n".encode(), "file_column_missing"),
    ],
)
def test_a_file_that_is_no_answer_is_refused_in_words(city, clock, content, code):
    with pytest.raises(Invalid) as refused:
        answering.take_answer(city, content, "bank", now=clock())
    assert refused.value.code == code


@pytest.mark.parametrize("damage", ['"', '"成功"x', "成功" * 70_000])
def test_an_answer_that_cannot_be_taken_apart_books_nothing(paid_shops, city, clock, damage):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    number = settle(city, clock).payments[0]["payment_no"]
    head = "付款编号,结果,金额（元）,银行流水号"
    with pytest.raises(Invalid) as refused:
        answering.take_answer(
            city, f"{head}\n{number},成功,915.00,B1\nP-0,{damage},1.00,B\n".encode(), "bank.csv", now=clock()
        )
    assert (refused.value.code, refused.value.params["line"]) == ("file_row", 3)
    assert settlement.statement(city, "DEMO-A")["payments"][0]["status"] == "made"


def statement_lines(city, status):
    found = settlement.statement(city, "DEMO-A")["payments"]
    return [one for one in found if one["status"] == status]


def test_a_shop_without_an_account_is_named_and_the_others_are_paid(shops, city, clock):
    """HB-09"""
    for place, shop in enumerate(shops):
        shop.api.sell(PERSONS[place], serial_no=f"SN-{place}")
        shop.sync()
    name_account(city, shops[1], clock)
    sold_at, first = clock(), settle(city, clock)
    assert statuses(first) == [("DEMO-A", "withheld", GRANTED, 0), ("DEMO-B", "made", GRANTED, 0)]
    assert first.payments[0]["why"] == "payee_unknown"
    assert statuses(settle(city, clock)) == [], "nobody is paid again, and what is withheld is listed once"
    since = first.payments[0]["run_id"]
    assert [one["run_id"] for one in statement_lines(city, "withheld")] == [since]
    assert paying.desk(city).shops[0]["since"] == moments.text(sold_at)
    shops[0].api.sell(PERSONS[4], serial_no="SN-4")
    shops[0].sync()
    assert statuses(settle(city, clock)) == [("DEMO-A", "withheld", 2 * GRANTED, 0)], "another amount is news"
    assert paying.desk(city).shops[0]["since"] == moments.text(sold_at)
    name_account(city, shops[0], clock)
    assert statuses(settle(city, clock)) == [("DEMO-A", "made", 2 * GRANTED, 0)]
    assert paying.desk(city).shops[0]["since"] is None
    sound(city)


def test_an_account_changes_by_two_people_and_not_for_a_running_payment(paid_shops, city, clock):
    """SE-12"""
    shop = paid_shops[0]
    shop.api.sell()
    shop.sync()
    done = settle(city, clock)
    about = {"holder": "别人", "bank": "别的银行", "number": "6222 0000 3333 4444"}
    naming_payees.propose(city, "DEMO-A", **about, by="lin", now=clock())
    with pytest.raises(NotAllowed) as refused:
        naming_payees.confirm(city, "DEMO-A", by="lin", now=clock())
    assert refused.value.code == "second_person_required"
    naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())
    assert "6222000011112222" in settlement.payment_file(city, done.run_id)
    with pytest.raises(NotFound):
        naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())


def test_the_second_person_confirms_the_account_she_saw_and_no_other(paid_shops, city, clock):
    """SE-12: somebody names another account between her look and her word."""
    about = {"holder": "示例商贸", "bank": "嘉兴银行", "by": "lin", "now": clock()}
    seen = naming_payees.propose(city, "DEMO-A", number="6222000033334444", **about)
    slipped_in = naming_payees.propose(city, "DEMO-A", number="6222000055556666", **about)
    with pytest.raises(Conflict) as refused:
        naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())
    assert refused.value.code == "payee_ambiguous" and refused.value.params["waiting"] == "2, 3"
    assert naming_payees.confirm(city, "DEMO-A", by="wu", now=clock(), payee_no=seen) == seen
    told = [(one["state"], one["ends_in"]) for one in naming_payees.accounts(city, "DEMO-A")]
    assert told == [("past", "2222"), ("counts", "4444"), ("waits", "6666")]
    with pytest.raises(NotAllowed, match="second_person_required"):
        naming_payees.confirm(city, "DEMO-A", by=" LIN", now=clock(), payee_no=slipped_in)
    # One that an account named later has overtaken waits no more: it would never count.
    latest = naming_payees.propose(city, "DEMO-A", number="6222000077778888", **about)
    naming_payees.confirm(city, "DEMO-A", by="wu", now=clock(), payee_no=latest)
    with pytest.raises(NotFound):
        naming_payees.confirm(city, "DEMO-A", by="wu", now=clock(), payee_no=slipped_in)
    assert [one["state"] for one in naming_payees.accounts(city, "DEMO-A")] == ["past"] * 3 + ["counts"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("holder", " "),
        ("holder", "甲公司\n6222"),
        ("bank", ""),
        ("number", ""),
        ("number", "1"),
        ("number", "62220000-1111"),
        ("number", "６２２２００００１１１１"),
        ("number", "1" * 33),
    ],
)
def test_an_account_that_can_be_none_is_refused(shops, city, clock, field, typed):
    about = {
        "holder": "示例商贸",
        "bank": "嘉兴银行",
        "number": "6222000011112222",
        "by": "lin",
        field: typed,
    }
    with pytest.raises(Invalid) as refused:
        naming_payees.propose(city, "DEMO-A", **about, now=clock())
    assert refused.value.params["field"] == field
    assert naming_payees.accounts(city, "DEMO-A") == []


def test_nobody_without_a_name_names_confirms_or_pays(shops, city, clock):
    about = {"holder": "示例商贸", "bank": "嘉兴银行", "number": "6222000011112222", "now": clock()}
    with pytest.raises(Invalid, match="reviewer_required"):
        naming_payees.propose(city, "DEMO-A", **about, by=" ")
    naming_payees.propose(city, "DEMO-A", **about, by="lin")
    with pytest.raises(Invalid, match="reviewer_required"):
        naming_payees.confirm(city, "DEMO-A", by="", now=clock())
    with pytest.raises(Invalid, match="reviewer_required"):
        settlement.settle(city, by="", now=clock())
    assert settlement.settle(city, by="lin", now=clock()).run_id.endswith("-1")


@pytest.mark.parametrize(
    ("written", "paid"),
    [
        ("915", 1),
        ("915.0", 1),
        ("¥915.00", 1),
        ("0,915.00", 1),
        ("915.01", 0),
        ("-915.00", 0),
        ("1e9", 0),
        ("", 0),
    ],
)
def test_the_banks_amount_counts_however_a_spreadsheet_left_it(paid_shops, city, clock, written, paid):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    payment_no = settle(city, clock).payments[0]["payment_no"]
    lines = f'付款编号,结果,金额（元）,银行流水号\n{payment_no},成功,"{written}",B1\n'
    done = answering.take_answer(city, lines.encode(), "bank.csv", now=clock())
    assert (done.paid, [one["code"] for one in done.errors]) == (
        paid,
        [] if paid else ["bank_amount_differs"],
    )


def test_a_name_in_the_payment_file_is_never_a_formula(shops, city, clock):
    formula = '=HYPERLINK("http://evil.example")'
    about = {"holder": formula, "bank": "嘉兴银行", "number": "6222000011112222"}
    naming_payees.propose(city, "DEMO-A", **about, by="lin", now=clock())
    naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())
    shops[0].api.sell()
    shops[0].sync()
    (row,) = csv.DictReader(io.StringIO(settlement.payment_file(city, settle(city, clock).run_id)))
    assert row["收款户名"] == f"'{formula}" and row["账号"] == "6222000011112222"


@both_databases
def test_the_ledger_refuses_to_be_changed(paid_shops, city, clock):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    settle(city, clock)
    for statement in ("UPDATE ledger_entry SET amount_fen = 1", "DELETE FROM ledger_entry"):
        with pytest.raises(Exception, match="append-only"):
            run_in(city.engine, lambda db, statement=statement: db.execute(text(statement)))
    sound(city)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE claim SET net_subsidy_fen = net_subsidy_fen - 1", "claim_amount_differs"),
        ("DELETE FROM claim", "claim_missing"),
        ("UPDATE claim SET verdict = 'rejected'", "posted_without_verdict"),
        ("UPDATE \"row\" SET at = '2026' WHERE seq = 1", "row_entry_changed"),
        ("UPDATE \"row\" SET signature = '00' || substr(signature, 3)", "row_signature_bad"),
        ("UPDATE outlet SET last_seq = last_seq + 1", "rows_missing"),
        ("UPDATE payment SET amount_fen = amount_fen + 1", "bank_differs"),
        ("UPDATE payment SET status = 'returned'", "bank_differs"),
        (
            "INSERT INTO ledger_entry (posting_no, position, at, account, amount_fen, why, redemption_id)"
            " SELECT 99, 1, 'x', 'pool:' || programme, -1, 'claim', redemption_id FROM claim"
            " UNION ALL SELECT 99, 2, 'x', 'outlet:' || outlet, 1, 'claim', redemption_id FROM claim",
            "posted_amount_differs",
        ),
        (
            "INSERT INTO ledger_entry (posting_no, position, at, account, amount_fen, why)"
            " VALUES (99, 1, 'x', 'bank', 1, 'payment')",
            "trial_balance",
        ),
    ],
)
def test_an_audit_names_what_was_damaged(paid_shops, city, clock, damage, code):
    paid_shops[0].api.sell(ANNA)
    paid_shops[0].sync()
    pay(city, clock)
    sound(city)
    run_in(city.engine, lambda db: db.execute(text(damage)))
    assert code in {one["code"] for one in audit.audit(city)}


def test_a_run_is_not_made_where_its_file_cannot_be_written_and_a_lost_file_comes_again(
    paid_shops, city, clock, tmp_path, capsys
):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    folder = ("--data", str(tmp_path / "hub"))
    with pytest.raises(click.ClickException, match="no-such-folder"):
        run("hub", "settle", *folder, "--by", "lin", "--file", str(tmp_path / "no-such-folder/pay.csv"))
    first, again = tmp_path / "pay.csv", tmp_path / "again.csv"
    capsys.readouterr()
    run("hub", "settle", *folder, "--by", "lin", "--file", str(first), "--json")
    run_id = json.loads(capsys.readouterr().out)["run_id"]
    assert run_id.endswith("-1"), "the first attempt paid nobody"
    run("hub", "payment-file", *folder, run_id, str(again))
    assert again.read_bytes() == first.read_bytes()
    assert [path.stat().st_mode & 0o777 for path in (first, again)] == [0o600] * 2, "it names accounts"


def test_the_second_person_reads_the_account_before_she_confirms_it(shops, city, tmp_path, capsys):
    folder = ("--data", str(tmp_path / "hub"))
    about = ("--holder", "示例商贸", "--bank", "嘉兴银行", "--by", "lin")
    for number in ("6222000011112222", "6222000033334444"):
        run("hub", "payee", *folder, "DEMO-A", *about, "--number", number)
    capsys.readouterr()
    run("hub", "payees", *folder, "DEMO-A")
    assert [one["ends_in"] for one in json.loads(capsys.readouterr().out)] == ["2222", "4444"]
    with pytest.raises(Conflict, match="payee_ambiguous"):
        run("hub", "payee-confirm", *folder, "DEMO-A", "--by", "wu")
    run("hub", "payee-confirm", *folder, "DEMO-A", "--by", "wu", "--account", "2")
    assert "4444" in capsys.readouterr().out
    done = [(one["what"], one["by"], one["note"]) for one in office_log.view(city).lines]
    assert done == [("payee_confirmed", "wu", "2"), ("payee_named", "lin", "2"), ("payee_named", "lin", "1")]


@both_databases
def test_the_commands_settle_answer_and_audit(paid_shops, city, clock, tmp_path, capsys):
    paid_shops[0].api.sell()
    paid_shops[0].sync()
    folder = ("--data", str(tmp_path / "hub"))
    run("hub", "settle", *folder, "--by", "lin", "--file", str(tmp_path / "pay.csv"), "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["amount_fen"] == GRANTED
    assert (tmp_path / "pay.csv").read_text("utf-8-sig").count("\n") == 2
    (tmp_path / "bank.csv").write_text(
        f"付款编号,结果,金额（元）,银行流水号\n{made['payments'][0]['payment_no']},成功,915.00,B1\n",
        "gb18030",
    )
    run("hub", "bank-answer", *folder, str(tmp_path / "bank.csv"), "--by", "wu", "--json")
    assert json.loads(capsys.readouterr().out) == {"paid": 1, "returned": 0, "errors": []}
    done = [(one["what"], one["by"], one["role"]) for one in office_log.view(city).lines]
    assert done == [("bank_answer", "wu", "console"), ("payment_run", "lin", "console")]
    run("hub", "audit", *folder, "--json")
    assert json.loads(capsys.readouterr().out)["discrepancies"] == []
    run("hub", "statement", *folder, "DEMO-A")
    assert json.loads(capsys.readouterr().out)["balance_fen"] == 0


def test_verdicts_said_before_are_kept(paid_shops, city, clock):
    sold = paid_shops[0].api.sell()
    paid_shops[0].sync()
    pay(city, clock)
    said = run_in(city.engine, lambda db: claims.said_on(db, "DEMO-A", [sold["redemption_id"]]))
    assert [one.verdict for one in said] == ["accepted", "settled"]
