"""A consumer whom her shop forgot before the city heard of her."""

from pos_subsidy.services import own_data
from pos_subsidy.store import vouchers
from tests.support import ANNA, BAO, journal_kinds


def test_the_journal_still_reaches_the_city_and_other_sales_are_judged(shops):
    shop = shops[0]
    issued = vouchers.find(shop.db, shop.api.voucher(ANNA)["code"])
    own_data.ask_deletion(shop.db, shop.wired.shop, issued, now=shop.clock())
    assert journal_kinds(shop.db) == ["voucher_issued", "voucher_voided", "person_forgotten"]
    sold = shop.api.sell(BAO, serial_no="SN-B")
    synced = shop.sync()
    assert synced.complete and not synced.parked
    found = shop.api.get(f"/redemptions/{sold['redemption_id']}").json
    assert found["verdict"] == "accepted"
