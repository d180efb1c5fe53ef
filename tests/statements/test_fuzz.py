"""The fuzz of ``scripts/fuzz_statements.py``, for some rounds; and what it once found."""

import importlib.util
from pathlib import Path

import pytest

from pos_subsidy import statements
from pos_subsidy.errors import Invalid
from tests.statements import bills

ROUNDS = 1_500


@pytest.fixture(scope="module")
def fuzzing():
    path = Path(__file__).parents[2] / "scripts/fuzz_statements.py"
    spec = importlib.util.spec_from_file_location("fuzz_statements", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_damaged_files_are_refused_or_add_up(fuzzing):
    found = fuzzing.fuzz(ROUNDS, 1)
    assert found["failures"] == []
    assert found["accepted"] + sum(found[name] for name in found if name.startswith("file_")) == ROUNDS


def test_the_good_files_are_all_accepted(fuzzing):
    assert {fuzzing.judge(content, name) for name, content in fuzzing.good_files().items()} == {"accepted"}


def test_a_quote_that_is_never_closed_swallows_no_rows():
    text = (
        "订单号,下单时间,成交价,国补金额,实付金额,状态\n"
        'O-1,2026-11-18 10:00:00,10,1,9,"已完成\n'
        "O-2,2026-11-18 10:00:00,10,1,9,已完成\n"
    )
    with pytest.raises(Invalid, match="file_row") as error:
        statements.read(text.encode(), "pos.csv")
    assert error.value.params["line"] == 2


def test_every_total_of_a_bill_is_checked_also_where_another_agrees():
    totals = bills.wechat().rstrip().rsplit(b"\r\n", 1)
    wrong = totals[1].replace(b"`85.00", b"`0.00", 1)
    for changed in (wrong, totals[1][::-1].replace(b"00.58`", b"00.0`", 1)[::-1]):
        assert changed != totals[1]
        with pytest.raises(Invalid, match="file_totals_differ"):
            statements.read(totals[0] + b"\r\n" + changed, "bill.csv")
