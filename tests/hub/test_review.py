"""People look at batches before they are accepted. Scenarios EV-06 to EV-09."""

import base64
import json
from dataclasses import replace
from datetime import date

import pytest

from pos_subsidy.errors import Conflict, Invalid
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import naming_payees, review, settlement
from pos_subsidy.hub.app import create_hub
from pos_subsidy.services import postponing
from pos_subsidy.services.shop import By
from tests import pictures
from tests.hub.shops import Shop, serving
from tests.support import nth_person, run

BATCH = "DEMO-A-20261120"


@pytest.fixture
def city(tmp_path, database):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True, database=database, review=True)
    city = hub_config.load(tmp_path / "hub")
    yield city
    city.engine.dispose()


@pytest.fixture
def shop(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        yield Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)


def sell(shop, count):
    """Sell to as many people, close the day and send it; return the redemptions' numbers."""
    sold = [shop.api.sell(nth_person(at), serial_no=f"SN-{at}") for at in range(count)]
    assert shop.api.post("/days/2026-11-20/close").status == 200
    assert shop.sync().complete
    return [one["redemption_id"] for one in sold]


def told(shop, number):
    found = shop.api.get(f"/redemptions/{number}").json
    return found["verdict"], found["verdict_code"], found["verdict_context"]


def look_at_sample(city, clock):
    for line in review.batch(city, "DEMO-A", BATCH).lines:
        if line.is_in_sample:
            review.look(city, line.claim["redemption_id"], by="lin", now=clock())


def fresh_counts(city):
    """Count the batch's lines by hand."""
    counts, sums = {}, {}
    for line in review.batch(city, "DEMO-A", BATCH).lines:
        verdict = line.claim["verdict"]
        counts[verdict] = counts.get(verdict, 0) + 1
        sums[verdict] = sums.get(verdict, 0) + line.claim["net_subsidy_fen"]
    return counts, sums


def counters_fit(city):
    found = review.batch(city, "DEMO-A", BATCH)
    assert (found.counts, found.sums_fen) == fresh_counts(city)
    assert sum(found.counts.values()) == len(found.lines)
    return found.counts


def test_a_claim_waits_for_its_batch_and_is_accepted_with_it(shop, city, clock):
    numbers = sell(shop, 3)
    assert [told(shop, number)[0] for number in numbers] == [None] * 3
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 3
    shop.sync()
    assert [told(shop, number)[0] for number in numbers] == ["accepted"] * 3
    with pytest.raises(Conflict) as again:
        review.approve(city, "DEMO-A", BATCH, by="wu", now=clock())
    assert again.value.code == "review_approved"


def test_a_doubt_without_a_reason_from_the_list_is_not_taken(shop, city, clock):
    """EV-06"""
    number = sell(shop, 1)[0]
    for word in ("suspended", "rejected"):
        for reason in (None, "", "because"):
            with pytest.raises(Invalid) as refused:
                review.decide(city, number, word, by="lin", now=clock(), reason=reason)
            assert refused.value.code == "review_reason_required"
    assert counters_fit(city) == {"waiting": 1}
    reason = "review_serial_unreadable"
    review.decide(city, number, "suspended", by="lin", now=clock(), reason=reason, note="第二张")
    shop.sync()
    assert told(shop, number) == ("suspended", reason, {"note": "第二张"})


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_nobody_without_a_name_reviews(shop, city, clock):
    (number,) = sell(shop, 1)
    for deed in (
        lambda by: review.look(city, number, by=by, now=clock()),
        lambda by: review.decide(city, number, "accepted", by=by, now=clock()),
        lambda by: review.postpone(city, number, by=by, now=clock()),
        lambda by: review.approve(city, "DEMO-A", BATCH, by=by, now=clock()),
    ):
        with pytest.raises(Invalid, match="reviewer_required"):
            deed(" ")
    assert review.overview(city)["reviewers"] == []


def test_counters_are_a_fresh_count_after_every_step(shop, city, clock):
    """EV-07"""
    numbers = sell(shop, 5)
    first = numbers[0]
    for reason in ("review_serial_unreadable", "review_invoice_missing"):
        review.decide(city, first, "suspended", by="lin", now=clock(), reason=reason)
        assert counters_fit(city) == {"waiting": 4, "suspended": 1}
        clock.pass_by(minutes=1)
    shop.sync()
    assert told(shop, first)[1] == "review_invoice_missing", "the newer reason counts"
    review.postpone(city, first, by="lin", now=clock())
    assert counters_fit(city) == {"waiting": 4, "suspended": 1}
    shop.api.post(f"/redemptions/{first}/reverse", {"kind": "full", "reason": "x"})
    assert shop.sync().complete
    assert counters_fit(city) == {"waiting": 4, "suspended": 1}
    assert review.batch(city, "DEMO-A", BATCH).sums_fen["suspended"] == 0
    review.decide(city, first, "rejected", by="lin", now=clock(), reason="review_photo_reused")
    assert counters_fit(city) == {"waiting": 4, "rejected": 1}
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 4
    assert counters_fit(city) == {"accepted": 4, "rejected": 1}


def test_one_suspended_line_holds_up_nobody(shop, city, clock):
    numbers = sell(shop, 3)
    review.decide(city, numbers[1], "suspended", by="lin", now=clock(), reason="review_region_differs")
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 2
    about = {"holder": "示例商贸", "bank": "嘉兴银行", "number": "6222000011112222"}
    naming_payees.propose(city, "DEMO-A", **about, by="lin", now=clock())
    naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())
    assert settlement.settle(city, by="lin", now=clock()).amount_fen == 2 * 91_500
    review.decide(city, numbers[1], "accepted", by="lin", now=clock())
    assert settlement.settle(city, by="lin", now=clock()).amount_fen == 91_500


def test_a_sample_is_the_same_whenever_it_is_drawn_and_must_be_looked_at(shop, city, clock):
    """EV-08"""
    numbers = sell(shop, 8)

    def sample():
        lines = review.batch(city, "DEMO-A", BATCH).lines
        return {one.claim["redemption_id"] for one in lines if one.is_in_sample}

    drawn = sample()
    assert len(drawn) == 2 and drawn == sample(), "15 % of eight, rounded up"
    others = [number for number in numbers if number not in drawn]
    for number in others:
        review.look(city, number, by="lin", now=clock())
    with pytest.raises(Conflict) as refused:
        review.approve(city, "DEMO-A", BATCH, by="wu", now=clock())
    assert (refused.value.code, refused.value.params["missing"]) == ("review_too_few", 2)
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 8
    elsewhere = replace(city, secret=b"another city's secret, of 32 bytes")
    keys = {one.key for one in review.batch(elsewhere, "DEMO-A", BATCH).lines}
    assert not keys & {one.key for one in review.batch(city, "DEMO-A", BATCH).lines}


def test_postponing_ends_with_the_programmes_last_settlement(shop, city, clock):
    """EV-09"""
    number = sell(shop, 1)[0]
    reason = "review_delivery_unproven"
    review.decide(city, number, "suspended", by="lin", now=clock(), reason=reason)
    months = []
    while True:
        clock.pass_by(minutes=1)
        try:
            months.append(review.postpone(city, number, by="lin", now=clock()))
        except Conflict as error:
            assert (error.code, error.params["last_day"]) == ("postpone_too_late", "2027-03-31")
            break
        shop.sync()
    assert months == ["2026-12", "2027-01", "2027-02", "2027-03"]
    verdict, code, context = told(shop, number)
    assert (verdict, code) == ("suspended", reason)
    assert context == {"until": "2027-03", "last_day": "2027-03-31", "last": True}, "the shop was warned"


def test_a_claim_that_lay_is_never_carried_into_a_month_that_is_over(shop, city, clock):
    number = sell(shop, 1)[0]
    review.decide(city, number, "suspended", by="lin", now=clock(), reason="review_delivery_unproven")
    assert review.postpone(city, number, by="lin", now=clock()) == "2026-12"
    clock.pass_by(minutes=60 * 24 * 70)
    assert review.postpone(city, number, by="lin", now=clock()) == "2027-02"


def test_an_undone_close_is_no_batch_for_review(shop, city, clock):
    shop.api.sell(nth_person(1))
    shop.api.post("/days/2026-11-20/close")
    run("reopen-day", "2026-11-20", "--reason", "x", "--data", str(shop.folder.path))
    shop.api.sell(nth_person(2), serial_no="SN-2")
    shop.api.post("/days/2026-11-20/close")
    assert shop.sync().complete
    assert review.batch(city, "DEMO-A", BATCH).counts == {"waiting": 2}


def test_the_commands_review_a_batch(shop, city, clock, tmp_path, capsys):
    number = sell(shop, 1)[0]
    folder = ("--data", str(tmp_path / "hub"))
    run("hub", "review", "list", *folder)
    assert [one["batch_id"] for one in json.loads(capsys.readouterr().out)["open"]] == [BATCH]
    run("hub", "review", "look", *folder, number, "--by", "lin")
    run("hub", "review", "show", *folder, "DEMO-A", BATCH)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["needed"], shown["still_to_look_at"], shown["lines"][0]["looked_at"]) == (1, 0, True)
    run("hub", "review", "approve", *folder, "DEMO-A", BATCH, "--by", "wu")
    assert "1 笔通过" in capsys.readouterr().out


def test_a_line_its_shop_postpones_is_paid_later_and_the_others_now(shop, city, clock):
    late, *others = sell(shop, 3)
    wait(shop, late, clock)
    assert shop.sync().complete
    assert told(shop, late)[:2] == ("suspended", "evidence_postponed")
    assert told(shop, late)[2]["until"] == "2026-12-05"
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 2
    assert counters_fit(city) == {"accepted": 2, "suspended": 1}


def test_a_line_whose_papers_have_come_waits_for_a_reviewer_again(shop, city, clock):
    late, *_others = sell(shop, 3)
    wait(shop, late, clock)
    shop.sync()
    hand_in(shop, late)
    shop.sync()
    assert counters_fit(city) == {"waiting": 3}
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 3
    shop.sync()
    assert told(shop, late)[0] == "accepted"


def test_a_line_that_waits_again_after_its_batch_was_approved_is_on_the_reviewers_list(shop, city, clock):
    """It would lie unpaid: an approved batch was in no list, and cannot be approved again."""
    late, *_others = sell(shop, 3)
    wait(shop, late, clock)
    shop.sync()
    look_at_sample(city, clock)
    assert review.approve(city, "DEMO-A", BATCH, by="wu", now=clock()) == 2
    assert review.overview(city)["open"] == []
    hand_in(shop, late)
    shop.sync()
    assert [one["batch_id"] for one in review.overview(city)["open"]] == [BATCH]
    review.decide(city, late, "accepted", by="wu", now=clock())
    assert review.overview(city)["open"] == []


def hand_in(shop, number):
    """Hand in all papers of the first person's sale."""
    photo = base64.b64encode(pictures.jpeg()).decode()
    invoice = {
        **{"number": "24417000000034170288", "total_fen": 610_000, "issued_on": "2026-11-20"},
        **{"buyer_name": nth_person(0)["name"], "items": 1},
    }
    body = {"invoice": invoice, "photos": [{"kind": "box", "content_base64": photo}]}
    answer = shop.api.put(f"/redemptions/{number}/evidence", body)
    assert answer.status == 200 and not answer.json["missing"], answer.json


def wait(shop, number, clock):
    """Postpone a line at its shop."""
    about = {"reason": "等发票", "by": By("T1", "lead"), "now": clock()}
    postponing.postpone(shop.db, shop.wired.shop, number, date(2026, 12, 5), **about)
