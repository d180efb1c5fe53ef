"""Coupons from the till to the hub: counted batch by batch, recomputed by the row's own batch."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pos_subsidy.policy import PACKS_DIR, load_rulebook
from tests.domain.test_coupons import BATCHES
from tests.support import ANNA, BAO, PERSONS


@pytest.fixture
def batches(tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    path = packs / "coupon-2025.toml"
    text = path.read_text("utf-8").replace('status = "provisional"', 'status = "confirmed"')
    path.write_text(text + BATCHES, "utf-8")
    return load_rulebook(packs)


@pytest.fixture
def city(city, batches):
    return replace(city, rulebook=batches)


@pytest.fixture
def selling(shops, batches, clock):
    clock.now = datetime(2025, 5, 2, 4, tzinfo=UTC)
    for shop in shops:
        changed = replace(shop.wired.shop, rulebook=batches)
        shop.api.client.application.extensions["till"] = replace(
            shop.wired.till, shop=lambda own=changed: own
        )
    return shops


def voucher(shop, batch, person=ANNA):
    body = {"category": "consumption_coupon", "person": person, "attributes": {"coupon_batch": batch}}
    return shop.api.post("/vouchers", body)


def use(shop, batch, person=ANNA, *, told=None, **more):
    issued = voucher(shop, batch, person)
    assert issued.status == 201, issued.json
    body = {"gtin": None, "category": "consumption_coupon", "serial_no": None, "price_fen": 200_000, **more}
    return shop.api.try_hold(issued.json["token"], attributes={"coupon_batch": told or batch}, **body)


def test_a_coupon_is_held_redeemed_and_accepted(selling):
    held = use(selling[0], "may-200")
    assert (held.status, held.json["subsidy_fen"], held.json["authorisation"]) == (201, 20_000, "online")
    sold = selling[0].api.redeem(held.json)
    selling[0].sync()
    assert selling[0].api.get(f"/redemptions/{sold['redemption_id']}").json["verdict"] == "accepted"


def test_a_persons_coupons_are_counted_by_batch_in_the_whole_city(selling):
    selling[0].api.redeem(use(selling[0], "may-200").json)
    selling[0].line._tend()
    assert voucher(selling[0], "may-200").codes == ["units_exhausted"]
    assert use(selling[1], "may-200").codes == ["claimed_elsewhere"]
    assert use(selling[1], "may-50").status == 201, "another batch has units of its own"


def test_a_voucher_is_good_for_its_own_batch_only(selling):
    refused = use(selling[0], "may-200", told="may-50")
    assert (refused.status, refused.codes) == (422, ["category_mismatch"])


def test_the_shop_knows_when_its_batch_is_used_up(selling):
    people = (ANNA, BAO)
    for person in people:
        selling[0].api.redeem(use(selling[0], "may-50", person).json)
    assert use(selling[0], "may-50", ANNA).codes == ["budget_exhausted"]


def test_a_batch_is_used_up_in_the_whole_city(selling):
    for person in (ANNA, BAO):
        selling[0].api.redeem(use(selling[0], "may-50", person).json)
    selling[0].line._tend()
    refused = use(selling[1], "may-50", PERSONS[2])
    assert (refused.status, refused.codes) == (422, ["budget_exhausted"])
    selling[1].line._errors = 3  # the line is cut while it sells
    sold = selling[1].api.redeem(use(selling[1], "may-50", PERSONS[3]).json)
    assert sold["authorisation"] == "offline"
    selling[0].sync()
    selling[1].sync()
    found = selling[1].api.get(f"/redemptions/{sold['redemption_id']}").json
    assert (found["verdict"], found["verdict_code"]) == ("rejected", "budget_exhausted")
