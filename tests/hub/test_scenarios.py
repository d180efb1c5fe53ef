"""Offline, sync and the city's loss: scenarios OS and HB that need two sides."""

import pytest
from sqlalchemy import delete

from pos_subsidy.errors import Conflict, Unavailable
from pos_subsidy.hub import audit, enrolment
from pos_subsidy.hub.store import claims, rows
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.hub.store.schema import claim
from pos_subsidy.protocol import batches
from pos_subsidy.services import city_sync
from pos_subsidy.store import settings
from tests.support import ANNA, BAO, PERSONS, nth_person, run


def test_a_reversal_that_arrives_before_its_sale_waits_for_the_gap(shops, city):
    """OS-10"""
    shop = shops[0]
    sold = shop.api.sell()
    shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    back = shop.entries()[-1]
    late = batches.write("DEMO-A", [back], {})
    with pytest.raises(Conflict) as refused:
        shop.client.send(late)
    assert (refused.value.code, refused.value.params["last_seq"]) == ("rows_missing", "0")
    assert run_in(city.engine, claims.sums) == []
    assert shop.sync().complete
    assert shop.client.send(late).last_seq == back.seq, "by now it is there"
    found = run_in(city.engine, lambda db: claims.find(db, sold["redemption_id"]))
    assert (found["subsidy_fen"], found["net_subsidy_fen"]) == (91_500, 0)


def test_a_feed_that_breaks_goes_on_where_it_stopped(shops, city, clock):
    """OS-13"""
    shop = shops[0]
    number = shop.api.sell()["redemption_id"]
    assert shop.sync().complete
    fetched = int(settings.get(shop.db, "verdict_counter"))

    def talk(db):
        for at in range(1_300):
            params = {"at": at}
            about = {"word": "suspended", "code": "subsidy_differs", "params": params}
            claims.say(db, "DEMO-A", redemption_id=f"R-{at}", **about, at="2026-11-20T06:00:00.000Z")

    run_in(city.engine, talk)
    honest, pages = shop.client.verdicts, []

    class Cut:
        """The shop's line, which breaks at the third page, twice."""

        def __getattr__(self, name):
            return getattr(shop.line, name)

        def verdicts(self, after):
            pages.append(after)
            if len(pages) in (3, 4):
                raise Unavailable("no_hub")
            return honest(after)

    for _ in range(2):
        with pytest.raises(Unavailable):
            city_sync._fetch(shop.db, shop.wired.shop, Cut(), now=clock())
        assert int(settings.get(shop.db, "verdict_counter")) == fetched + 1_000
    city_sync._fetch(shop.db, shop.wired.shop, Cut(), now=clock())
    assert pages == [fetched, *[fetched + n for n in (500, 1_000, 1_000, 1_000, 1_300)]]
    assert shop.api.get(f"/redemptions/{number}").json["verdict"] == "accepted"


def test_a_sale_of_a_shop_that_was_blocked_meanwhile_is_stored_and_judged(shops, city, clock):
    """OS-16, HB-13"""
    shop = shops[0]
    shop.line._errors = 3  # cut off: it cannot know
    before = shop.api.sell(ANNA, serial_no="SN-1")
    clock.pass_by(days=1)
    enrolment.set_standing(city, "DEMO-A", suspended=True, now=clock())
    clock.pass_by(days=1)
    after = shop.api.sell(BAO, serial_no="SN-2")
    assert after["authorisation"] == "offline" and after["status"] == "redeemed"
    assert shop.sync().complete
    told = [shop.api.get(f"/redemptions/{one['redemption_id']}").json for one in (before, after)]
    assert [(one["verdict"], one["verdict_code"]) for one in told] == [
        ("accepted", None),
        ("rejected", "merchant_suspended"),
    ]
    kinds = [entry.kind for entry in run_in(city.engine, lambda db: list(rows.entries(db, "DEMO-A")))]
    assert kinds.count("redeemed") == 2, "a sale that happened is stored as one"


def test_a_shop_cannot_be_suspended_with_running_holds_unnoticed(shops, city, clock):
    """HB-13"""
    shops[0].api.hold(shops[0].api.voucher()["token"])
    assert enrolment.set_standing(city, "DEMO-A", suspended=True, now=clock()) == 1


def test_three_weeks_of_sales_are_stored_with_both_times_and_judged_one_by_one(shops, city, clock):
    """OS-15, in small"""
    shop = shops[0]
    shop.line._errors = 3
    sold = [shop.api.sell(nth_person(at), serial_no=f"SN-{at}") for at in range(15)]
    clock.pass_by(days=21)
    assert shop.sync().complete
    for one in sold:
        found = run_in(city.engine, lambda db, one=one: claims.find(db, one["redemption_id"]))
        assert (found["business_date"], found["received_at"][:10]) == ("2026-11-20", "2026-12-11")
        assert found["verdict"] == "accepted", "lateness alone refuses nothing"


def test_a_refused_scan_is_kept_once_and_beside_the_one_that_went_through(shops, city):
    """OS-17"""
    shop = shops[0]
    shop.line._errors = 3
    voucher = shop.api.voucher()
    forged = voucher["token"][:-4] + "0000"
    refused = shop.api.try_hold(forged)
    assert refused.status >= 400
    sold = shop.api.redeem(shop.api.hold(voucher["token"]))
    whole = batches.write("DEMO-A", shop.entries(), {})
    for _ in range(2):
        shop.client.send(whole)
    assert shop.sync().complete
    stored = run_in(city.engine, lambda db: list(rows.entries(db, "DEMO-A")))
    scans = [one.body for one in stored if one.kind == "scan_refused"]
    assert len(scans) == 1 and scans[0]["code"] == refused.code
    assert sum(one.kind == "redeemed" for one in stored) == 1
    assert run_in(city.engine, lambda db: claims.find(db, sold["redemption_id"])) is not None


def test_holds_of_dead_tills_end_and_their_people_buy_elsewhere(shops, clock):
    """HB-02, in small"""
    dead, other = shops
    held = [
        dead.api.hold(dead.api.voucher(person)["token"], serial_no=f"SN-{at}")
        for at, person in enumerate(PERSONS[:6])
    ]
    refused = other.api.try_hold(other.api.voucher(PERSONS[0])["token"], serial_no="SN-B")
    assert refused.codes == ["claimed_elsewhere"]
    clock.pass_by(hours=25)
    for at, person in enumerate(PERSONS[:6]):
        other.api.hold(other.api.voucher(person)["token"], serial_no=f"SN-B{at}")
    for one in held:
        assert dead.client.cancel(one["hold_id"]) in ("cancelled", "expired")
    again = dead.api.try_hold(dead.api.voucher(nth_person(50))["token"], serial_no="SN-B1")
    assert again.codes == ["serial_used"], "the late cancel took nothing from the other shop"


def test_a_claim_that_the_city_lost_is_proven_by_the_shops_receipt(shops, city, tmp_path, capsys):
    """HB-11"""
    shop = shops[0]
    number = shop.api.sell()["redemption_id"]
    assert shop.sync().complete
    run("journal", "receipt", "--data", str(shop.folder.path))
    receipts = [receipt.encode() for (receipt,) in shop.db.execute("SELECT signed FROM receipt").fetchall()]
    assert capsys.readouterr().out.strip().encode() in receipts
    assert audit.audit(city, receipts) == []
    run_in(city.engine, lambda db: db.execute(delete(claim)))
    run_in(city.engine, lambda db: db.execute(delete(rows.row)))
    found = audit.audit(city, receipts)
    assert {"receipt_not_kept", "receipted_claim_missing"} <= {one["code"] for one in found}
    assert number in {one.get("redemption_id") for one in found}
