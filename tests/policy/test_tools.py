"""What the city's staff do with rules: compare, work cases, confirm, simulate."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from pos_subsidy.context import Till
from pos_subsidy.domain.rules import Source
from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.policy import PACKS_DIR, confirming, load_rulebook
from pos_subsidy.policy.comparing import compare
from pos_subsidy.policy.simulating import Sale, chart, read_ledger, simulate
from pos_subsidy.wiring import Rules
from tests.domain.test_coupons import BATCHES
from tests.support import Api, wired_with

CASES = Path(__file__).parent.parent / "policy_cases"
SOURCE = Source("嘉商务〔2025〕1号", "第一条", "A")
ON = date(2025, 6, 18)
PEAK = Path(__file__).parent.parent.parent / "scripts" / "peak.py"


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pos_subsidy", "policy", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def changed_packs(tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "appliance-2026.toml"
    path.write_text(path.read_text("utf-8").replace("cap_yuan = 1500", "cap_yuan = 1000"), "utf-8")
    return packs


def test_a_changed_cap_is_named_for_each_class_with_its_days(changed_packs):
    changes = compare(load_rulebook(), load_rulebook(changed_packs))
    assert {(one.what, one.old, one.new) for one in changes} == {("cap_fen", "150000", "100000")}
    assert len(changes) == 6
    assert {(one.first_day, one.last_day) for one in changes} == {(date(2026, 1, 1), date(2026, 12, 31))}
    assert compare(load_rulebook(), load_rulebook()) == []


def test_diff_works_the_cases_under_both(changed_packs):
    found = json.loads(command("diff", PACKS_DIR, changed_packs, "--cases", CASES, "--json").stdout)
    moved = {one["name"]: (one["old"], one["new"]) for one in found["cases"]}
    assert moved["appliance-2026: refrigerator of grade 1 at 12000"] == ("1500.00", "1000.00")
    assert all(name.startswith("appliance-2026") for name in moved)


def test_every_case_agrees_and_a_wrong_one_is_shown(tmp_path):
    assert command("cases", CASES).returncode == 0
    wrong = tmp_path / "wrong.toml"
    case = ('name = "w"', "on = 2025-06-18", 'category = "sofa"', "price = 3000", "grants_fen = 1")
    wrong.write_text("\n".join(("[[case]]", *case)), "utf-8")
    done = command("cases", wrong, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["cases"][0]["computed"] == "450.00"
    assert command("cases", wrong, "--csv").stdout.startswith("\ufeffname,on,category")


def test_a_broken_case_file_is_named(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('[[case]]\nname = "x"\nprise = 3\n', "utf-8")
    done = command("cases", bad)
    assert done.returncode == 1 and "cases_invalid" in done.stderr and "prise" in done.stderr


def _confirm(path, rules, programme="appliance-2025", category="air_purifier"):
    return confirming.confirm(path, rules, programme=programme, categories=[category], source=SOURCE, on=ON)


def test_a_provisional_class_is_confirmed_with_its_source(tmp_path):
    item = Item("air_purifier", 100_000, energy_rating=1)
    before, path = load_rulebook(), tmp_path / confirming.FILE
    assert [one.code for one in assess(item, on=ON, rulebook=before).refusals] == ["provisional_rule"]
    _confirm(path, before)
    after = confirming.apply(before, path)
    outcome = assess(item, on=ON, rulebook=after)
    assert (outcome.subsidy_fen, outcome.steps[0].clause) == (20_000, "嘉商务〔2025〕1号 第一条")
    fan = assess(Item("fan", 100_000, energy_rating=1), on=ON, rulebook=after)
    assert [one.code for one in fan.refusals] == ["provisional_rule"]
    with pytest.raises(Conflict, match="already_confirmed"):
        _confirm(path, after)


@pytest.mark.parametrize(
    ("programme", "category"),
    [("appliance-2030", "fan"), ("appliance-2025", "broom"), ("coupon-2025", "consumption_coupon")],
)
def test_what_cannot_be_confirmed_is_refused_and_nothing_written(tmp_path, programme, category):
    path = tmp_path / confirming.FILE
    with pytest.raises(Invalid, match="policy_invalid"):
        _confirm(path, load_rulebook(), programme, category)
    assert not path.exists()


def test_a_confirmation_takes_effect_without_a_restart(folder, clock, monkeypatch):
    """AS-13"""
    monkeypatch.setattr("pos_subsidy.wiring._LOOK_SECONDS", 0.0)
    rules, wired = Rules(folder.path / confirming.FILE), wired_with(folder, clock)
    till = Till(folder.database, clock, lambda: replace(wired.shop, rulebook=rules()), "http://till.test")
    api = Api.of(replace(wired, till=till), folder)
    body = {"category": "fan", "price_fen": 100_000, "energy_rating": 1, "sold_on": "2025-06-18"}
    refused = api.post("/assessments", body, key=None).json
    assert [one["code"] for one in refused["refusals"]] == ["provisional_rule"]
    done = command(
        *("confirm", "appliance-2025", "fan", "--document", "嘉商务〔2025〕1号", "--clause", "第一条"),
        *("--confidence", "A", "--data", folder.path),
    )
    assert done.returncode == 0, done.stderr
    granted = api.post("/assessments", body, key=None).json
    assert (granted["eligible"], granted["subsidy_fen"]) == (True, 20_000)


def test_a_pack_in_the_middle_of_an_edit_does_not_stop_the_till(folder, tmp_path, monkeypatch, caplog):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    monkeypatch.setenv("POS_POLICY_DIR", str(packs))
    rules = Rules(folder.path / confirming.FILE)
    before = rules()
    path = packs / "digital-2026.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("cap_yuan = 500", "cap_yuan ="), "utf-8")
    time.sleep(0.25)
    assert rules() is before and "policy_invalid" in caplog.text
    path.write_text(text.replace("cap_yuan = 500", "cap_yuan = 400"), "utf-8")
    time.sleep(0.25)
    phone = assess(Item("phone", 500_000), on=date(2026, 11, 20), rulebook=rules())
    assert phone.subsidy_fen == 40_000
    path.write_text("", "utf-8")
    with pytest.raises(Invalid, match="policy_invalid"):
        Rules(folder.path / confirming.FILE)()


def test_past_sales_are_worked_under_other_rules(changed_packs, api, folder, tmp_path):
    api.sell(price_fen=610_000)
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(
        "business_date,category,price_fen,energy_rating,subsidy_fen\n"
        "2026-11-20,refrigerator,1200000,1,150000\n"
        "2026-11-20,phone,300000,,45000\n",
        "utf-8",
    )
    picture = tmp_path / "chart.svg"
    asked = ("simulate", "--ledger", ledger, "--pack", changed_packs, "--chart", picture, "--json")
    found = json.loads(command(*asked).stdout)
    assert (found["was_fen"], found["would_be_fen"]) == (195_000, 145_000)
    assert picture.read_text("utf-8").startswith("<svg") and "冰箱" in picture.read_text("utf-8")
    own = json.loads(command("simulate", "--ledger", folder.path, "--pack", PACKS_DIR, "--json").stdout)
    assert own["classes"] == [
        {"category": "refrigerator", "sales": 1, "refused": 0, "was_fen": 91_500, "would_be_fen": 91_500}
    ]


LEDGER = "business_date,category,price_fen,energy_rating,subsidy_fen\n"
KNOWN = {"phone", "car"}


def read(*lines: str) -> list[Sale]:
    return list(read_ledger(io.StringIO("\n".join(lines), newline=""), categories=KNOWN))


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20,phone,x,,1",
        "2026-02-30,phone,1,,1",
        "2026-11-20,phone,1",
        "2026-11-20,phone,1,one,1",
        "2026-11-20,phone,1,6,1",
        "2026-11-20,phone,0,,1",
        "2026-11-20,phone,99999999999,,1",
        "2026-11-20,broom,1,,1",
        '2026-11-20,phone,1,,1,"never closed',
        "2026-11-20,phone,1,,1," + "long" * 50_000,
    ],
)
def test_a_broken_ledger_is_named_with_its_line(line):
    good = '2026-11-20,phone,100,,15,"a remark\nof two lines"'
    with pytest.raises(Invalid, match="ledger_invalid") as error:
        read(LEDGER.strip(), good, "", line, good)
    assert error.value.params["line"] == 5


def test_a_ledger_without_its_columns_or_of_an_unknown_class_is_refused():
    for lines in ([], ["a,b"]):
        with pytest.raises(Invalid, match="ledger_invalid") as unread:
            read(*lines)
        assert unread.value.params["line"] == 1
    broom = Sale(date(2026, 11, 20), "broom", 100, None, 15, {})
    with pytest.raises(Invalid, match="sale_not_worked") as error:
        simulate([broom], load_rulebook())
    assert error.value.params["place"] == 1
    assert chart([], {}).startswith("<svg")


def test_empty_rows_are_passed_over():
    assert [one.price_fen for one in read(LEDGER.strip(), "", "2026-11-20,phone,100,,15", ",,,,")] == [100]


def test_attributes_travel_with_a_sale_and_columns_in_any_order():
    sales = read(
        "subsidy_fen,category,attributes,business_date,energy_rating,price_fen",
        "1200000,car,scheme=replacement;fuel=nev,2025-06-18,,15000000",
    )
    (found,) = simulate(sales, load_rulebook(), on=date(2026, 6, 18)).classes
    assert (found.refused, found.was_fen, found.would_be_fen) == (0, 1_200_000, 1_200_000)


def test_sums_by_programme_are_those_of_the_classes():
    days = (date(2024, 1, 1), date(2025, 6, 18), date(2026, 6, 18), date(2026, 6, 18))
    sales = [Sale(on, "phone", 300_000, None, 1, {}) for on in days]
    sales.append(Sale(days[-1], "refrigerator", 300_000, 5, 1, {}))
    found = simulate(sales, load_rulebook())
    assert [(one.name, one.sales, one.refused, one.would_be_fen) for one in found.programmes] == [
        (None, 1, 1, 0),
        ("appliance-2026", 1, 1, 0),
        ("digital-2025", 1, 0, 45_000),
        ("digital-2026", 2, 0, 90_000),
    ]
    assert [(one.name, one.sales, one.was_fen, one.would_be_fen) for one in found.classes] == [
        ("phone", 4, 4, 135_000),
        ("refrigerator", 1, 1, 0),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_ledger_may_come_in_the_encodings_of_shops(tmp_path, encoding):
    """Its first Chinese word may stand on the last line of a long file."""
    ledger = tmp_path / "台账.csv"
    sale = "2026-11-20,phone,300000,,45000,"
    text = LEDGER.strip() + ",\n" + f"{sale}{'-' * 1000}\n" * 1_100 + f"{sale}手机\n"
    ledger.write_bytes(text.encode(encoding))
    found = json.loads(command("simulate", "--ledger", ledger, "--pack", PACKS_DIR, "--json").stdout)
    assert found["would_be_fen"] == 1_101 * 45_000


@pytest.mark.parametrize("end", [b"\x00", "手机".encode("utf-16"), "手机".encode()[:-1]])
def test_a_ledger_in_no_encoding_is_refused(tmp_path, end):
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(f"{LEDGER}2026-11-20,phone,300000,,45000,机".encode() + end)
    done = command("simulate", "--ledger", ledger, "--pack", PACKS_DIR)
    assert done.returncode == 1 and done.stderr.startswith("file_encoding")


def test_a_long_ledger_is_not_kept_in_memory():
    def peak(count):
        more = (f"2026-11-{1 + n % 28:02d},phone,{100_000 + n},,1" for n in range(count))
        tracemalloc.start()
        sales = read_ledger(chain([LEDGER], more), categories=KNOWN)
        (found,) = simulate(sales, load_rulebook()).classes
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.sales == count
        return top

    peak(10)
    assert peak(20_000) < peak(2_000) + 200_000


def test_a_long_file_is_not_kept_in_memory(tmp_path):
    """The whole command, in a process of its own: 90 000 more rows, not 4 MB more."""
    pytest.importorskip("resource")

    def peak_mb(count):
        ledger = tmp_path / f"{count}.csv"
        ledger.write_text(LEDGER + "2026-11-20,phone,300000,,45000\n" * count, "utf-8")
        asked = ["policy", "simulate", "--ledger", str(ledger), "--pack", str(PACKS_DIR), "--json"]
        ours = [sys.executable, "-m", "pos_subsidy", *asked]
        found = json.loads(subprocess.check_output([sys.executable, str(PEAK), *ours]))
        assert json.loads(found["output"])["classes"][0]["sales"] == count
        return found["peak_mb"]

    assert peak_mb(100_000) < peak_mb(10_000) + 4


def test_progress_is_shown_on_a_terminal_and_nowhere_else(tmp_path):
    pty = pytest.importorskip("pty")
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(LEDGER + "2026-11-20,phone,300000,,45000\n" * 20_000, "utf-8")
    asked = ("simulate", "--ledger", ledger, "--pack", PACKS_DIR, "--json")
    piped = command(*asked)
    assert piped.returncode == 0 and piped.stderr == ""
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pos_subsidy", "policy", *map(str, asked)],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm"},
    ) as running:
        os.close(terminal)
        shown = until_closed(ours)
        assert running.stdout.read().decode() == piped.stdout
    assert b"ledger.csv" in shown and b"%" in shown


def until_closed(terminal: int) -> bytes:
    """Return what was shown on a terminal; on Linux its closing is an error of reading."""
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4_096):
            shown += part
    os.close(terminal)
    return shown


def test_one_pack_is_read_among_those_that_ship(tmp_path):
    text = (PACKS_DIR / "digital-2026.toml").read_text("utf-8")
    changed = tmp_path / "new.toml"
    changed.write_text(text.replace("rate = 0.15", "rate = 0.20"), "utf-8")
    rules = load_rulebook(changed)
    assert assess(Item("phone", 200_000), on=date(2026, 11, 20), rulebook=rules).subsidy_fen == 40_000
    assert assess(Item("computer", 599_900, 1), on=date(2026, 11, 20), rulebook=rules).subsidy_fen == 89_985
    assert "good" in command("check", changed).stdout
    said = json.loads(command("diff", PACKS_DIR, changed, "--json").stdout)
    assert {one["what"] for one in said["changes"]} == {"rate"}
    later = text.replace("version = 1", "version = 2").replace("2026-", "2027-")
    changed.write_text(later, "utf-8")
    assert load_rulebook(changed).rule_in_force("phone", date(2027, 5, 1)) is not None
    assert load_rulebook(changed).rule_in_force("phone", date(2026, 5, 1)) is not None


def test_a_newer_pack_that_brings_a_class_confirmed_needs_no_confirmation_any_more(tmp_path):
    packs, path = shutil.copytree(PACKS_DIR, tmp_path / "packs"), tmp_path / confirming.FILE
    _confirm(path, load_rulebook(), category="fan")
    pack = packs / "appliance-2025.toml"
    pack.write_text(pack.read_text("utf-8").replace('"provisional"', '"confirmed"'), "utf-8")
    shipped = load_rulebook(packs)
    assert confirming.apply(shipped, path) == shipped
    assert confirming.without_effect(shipped, path) == []


def test_a_confirmed_class_that_the_packs_do_not_know_stops_nothing_and_is_named(tmp_path):
    path = tmp_path / confirming.FILE
    _confirm(path, load_rulebook(), category="fan")
    path.write_text(path.read_text("utf-8").replace('"fan"', '"air_fryer"'), "utf-8")
    assert confirming.apply(load_rulebook(), path) == load_rulebook()
    assert confirming.without_effect(load_rulebook(), path) == ["appliance-2025 air_fryer"]


def test_coupons_are_confirmed_once_their_batches_are_there(tmp_path):
    packs, path = shutil.copytree(PACKS_DIR, tmp_path / "packs"), tmp_path / confirming.FILE
    with pytest.raises(Invalid, match="policy_invalid"):
        _confirm(path, load_rulebook(packs), "coupon-2025", "consumption_coupon")
    pack = packs / "coupon-2025.toml"
    pack.write_text(pack.read_text("utf-8") + BATCHES, "utf-8")
    rules = load_rulebook(packs)
    after = _confirm(path, rules, "coupon-2025", "consumption_coupon")
    item = Item("consumption_coupon", 200_000, attributes={"coupon_batch": "may-200"})
    assert not assess(item, on=date(2025, 5, 2), rulebook=rules).eligible
    assert assess(item, on=date(2025, 5, 2), rulebook=after).subsidy_fen == 20_000
