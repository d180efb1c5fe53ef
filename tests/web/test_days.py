"""Closing a day: scenarios DR at the API."""

from datetime import UTC, date, datetime

import pytest
from sqlite_utils.utils import sqlite3

from pos_subsidy.services import day_close
from pos_subsidy.services.shop import By
from tests.support import ANNA, BAO, PERSONS, journal_kinds


def test_closing_twice_gives_the_same_batch(api, db):
    """DR-02"""
    api.sell(ANNA)
    first = api.post("/days/2026-11-20/close")
    rows = len(journal_kinds(db))
    second = api.post("/days/2026-11-20/close")
    assert (first.status, first.json) == (200, second.json)
    assert (first.json["line_count"], first.json["subsidy_fen"]) == (1, 91_500)
    assert len(journal_kinds(db)) == rows


def test_a_close_that_dies_half_way_leaves_the_day_open(api, db):
    """DR-03: killed after the journal row and before the batch, the day is open as a whole."""
    api.sell(ANNA)
    rows = journal_kinds(db)
    db.execute(
        "CREATE TRIGGER dies BEFORE INSERT ON batch BEGIN SELECT RAISE (ABORT, 'the disk is gone'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        day_close.close_day(db, api.wired.shop, date(2026, 11, 20), by=By("T1"), now=api.wired.clock())
    db.execute("DROP TRIGGER dies")
    assert journal_kinds(db) == rows
    assert api.get("/days/2026-11-20").json["batch"] is None
    api.sell(BAO, serial_no="SN-2")
    closed = api.post("/days/2026-11-20/close")
    assert (closed.status, closed.json["line_count"]) == (200, 2)


def test_what_happens_after_the_close_belongs_to_the_next_batch(api, clock):
    api.sell(ANNA)
    first = api.post("/days/2026-11-20/close").json
    api.sell(BAO, serial_no="SN-2")
    clock.now = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    second = api.post("/days/2026-11-21/close").json
    assert second["first_seq"] == first["last_seq"] + 1
    assert (first["line_count"], second["line_count"]) == (1, 1)


def test_a_day_without_sales_closes(api):
    """DR-10"""
    closed = api.post("/days/2026-11-20/close")
    assert (closed.status, closed.json["line_count"], closed.json["subsidy_fen"]) == (200, 0, 0)


def test_open_holds_are_listed_and_left_alone(api):
    """DR-15"""
    api.sell(ANNA)
    held = api.hold(api.voucher(BAO)["token"], serial_no="SN-2")
    api.post("/days/2026-11-20/close")
    day = api.get("/days/2026-11-20").json
    assert [one["hold_id"] for one in day["open_holds"]] == [held["hold_id"]]
    assert day["batch"]["line_count"] == 1
    assert api.redeem(held)["status"] == "redeemed"


def test_the_range_follows_the_sequence_when_the_clock_jumps(api, clock):
    """DR-16"""
    api.sell(ANNA)
    clock.pass_by(hours=-1)
    api.sell(BAO, serial_no="SN-2")
    closed = api.post("/days/2026-11-20/close").json
    assert (closed["first_seq"], closed["line_count"]) == (1, 2)
    lines = api.get("/days/2026-11-20").json["lines"]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_totals_count_reversals_once(api):
    sold = [api.sell(person, serial_no=f"SN-{place}") for place, person in enumerate(PERSONS[:3])]
    api.post(f"/redemptions/{sold[0]['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    body = {"kind": "partial", "new_price_fen": 600_000, "reason": "x"}
    api.post(f"/redemptions/{sold[1]['redemption_id']}/reverse", body)
    totals = api.get("/days/2026-11-20").json["totals"]
    assert (totals["redeemed"], totals["reversed"]) == (3, 1)
    assert (totals["subsidy_fen"], totals["net_subsidy_fen"]) == (274_500, 181_500)


def test_the_description_names_every_call(api):
    paths = api.get("/openapi.json").json["paths"]
    for path in (
        "/holds/{hold_id}/redeem",
        "/vouchers",
        "/assessments",
        "/requests/{key}",
        "/days/{day}/close",
    ):
        assert f"/api/v1{path}" in paths
    redeem = paths["/api/v1/holds/{hold_id}/redeem"]["post"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in redeem["parameters"]]
