"""What the city finds by itself in a sale and its papers: lateness, offline caps, invoices, places."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from pos_subsidy.cli.hub import hub as hub_command
from pos_subsidy.hub import audit, office_log
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.city import OfflineCaps
from pos_subsidy.hub.store import claims, units
from pos_subsidy.hub.store.db import run as run_in
from tests.hub.shops import Shop, serving
from tests.support import ANNA, BAO, nth_person, run

INVOICE = {
    "number": "26332000000012345678",
    "total_fen": 610_000,
    "issued_on": "2026-11-20",
    "buyer_name": ANNA["name"],
    "items": 1,
}


@pytest.fixture
def city(tmp_path, database):
    """A city whose people look at batches first, so that papers come before the verdict."""
    hub_config.init(tmp_path / "hub", name="测试市", demo=True, database=database, review=True)
    city = hub_config.load(tmp_path / "hub")
    yield city
    city.engine.dispose()


def hand_in(shop, sold, **parts):
    answer = shop.api.put(f"/redemptions/{sold['redemption_id']}/evidence", parts)
    assert answer.status < 300, answer.json


def found(city, sold):
    return run_in(city.engine, lambda db: claims.find(db, sold["redemption_id"]))


def words(city, sold):
    claim = found(city, sold)
    return claim["verdict"], claim["code"]


def test_an_invoice_serves_one_sale_of_the_whole_city_and_the_later_is_shown_the_first(shops, city):
    first, second = (
        shop.api.sell(person, serial_no=serial)
        for shop, person, serial in ((shops[0], ANNA, "SN-1"), (shops[1], BAO, "SN-2"))
    )
    hand_in(shops[0], first, invoice=INVOICE)
    hand_in(shops[1], second, invoice={**INVOICE, "buyer_name": BAO["name"]})
    for shop in shops:
        assert shop.sync().complete
    assert words(city, first) == ("waiting", None)
    assert words(city, second) == ("suspended", "invoice_used")
    told = shops[1].api.get(f"/redemptions/{second['redemption_id']}").json
    assert (told["verdict"], told["verdict_code"]) == ("suspended", "invoice_used")
    assert '"outlet": "DEMO-A"' in found(city, second)["params"]
    assert audit.audit(city) == []


def test_where_claims_are_accepted_at_once_the_audit_names_the_second_sale_of_an_invoice(
    shop_template, tmp_path, city, clock
):
    with serving(create_hub(replace(city, is_reviewed=False), clock)) as url:
        shops = [Shop(shop_template, tmp_path / name, f"DEMO-{name}", url, clock) for name in ("A", "B")]
        for at, (shop, person) in enumerate(zip(shops, (ANNA, BAO), strict=True)):
            sold = shop.api.sell(person, serial_no=f"SN-{at}")
            hand_in(shop, sold, invoice={**INVOICE, "buyer_name": person["name"]})
            assert shop.sync().complete
    assert words(city, sold) == ("accepted", None)
    named = [one for one in audit.audit(city) if one["code"] == "invoice_used_twice"]
    assert [one["redemption_id"] for one in named] == [sold["redemption_id"]]


def test_an_invoice_that_is_replaced_serves_another_sale(shops, city):
    first, second = (
        shop.api.sell(person, serial_no=serial)
        for shop, person, serial in ((shops[0], ANNA, "SN-1"), (shops[1], BAO, "SN-2"))
    )
    hand_in(shops[0], first, invoice=INVOICE)
    hand_in(shops[0], first, invoice={**INVOICE, "number": "26332000000012345679"})
    assert shops[0].sync().complete
    hand_in(shops[1], second, invoice={**INVOICE, "buyer_name": BAO["name"]})
    assert shops[1].sync().complete
    assert [words(city, one) for one in (first, second)] == [("waiting", None)] * 2


def test_the_invoice_of_a_sale_that_was_undone_serves_no_other(shops, city):
    first, second = (
        shop.api.sell(person, serial_no=serial)
        for shop, person, serial in ((shops[0], ANNA, "SN-1"), (shops[1], BAO, "SN-2"))
    )
    hand_in(shops[0], first, invoice=INVOICE)
    shops[0].api.post(f"/redemptions/{first['redemption_id']}/reverse", {"kind": "full", "reason": "x"})
    assert shops[0].sync().complete
    assert run_in(city.engine, lambda db: units.piece_owner(db, "serial", "SN-1")) is None
    hand_in(shops[1], second, invoice={**INVOICE, "buyer_name": BAO["name"]})
    assert shops[1].sync().complete
    assert words(city, second) == ("suspended", "invoice_used")


def test_goods_that_went_to_another_city_are_looked_at_by_people(shops, city):
    near, far = (shops[0].api.sell(one, serial_no=f"SN-{at}") for at, one in enumerate((ANNA, BAO)))
    for sold, region in ((near, "330481"), (far, "330106")):
        told = {"delivered_on": "2026-11-20", "signed_by": "张", "region": region, "note_no": "DN-1"}
        hand_in(shops[0], sold, delivery=told)
    assert shops[0].sync().complete
    assert words(city, near) == ("waiting", None)
    assert words(city, far) == ("suspended", "review_region_differs")


# 90 days after 31 December 2026: 31 March is the last, by the city's own time.
@pytest.mark.parametrize(("hour", "expected"), [(15, "waiting"), (16, "suspended")])
def test_what_arrives_after_the_programmes_last_settlement_waits_for_people(
    shops, city, clock, hour, expected
):
    shops[0].line._errors = 3
    sold = shops[0].api.sell()
    clock.now = datetime(2027, 3, 31, hour, 0, tzinfo=UTC)
    assert shops[0].sync().complete
    assert words(city, sold)[0] == expected


@pytest.mark.parametrize(
    ("caps", "expected"),
    [
        (None, ["waiting"] * 5),
        (OfflineCaps(3, 10_000_000), ["waiting"] * 3 + ["suspended", "waiting"]),
        (OfflineCaps(10, 200_000), ["waiting"] * 2 + ["suspended"] * 2 + ["waiting"]),
    ],
)
def test_what_a_shop_sold_beyond_the_citys_caps_waits_for_people(
    shop_template, tmp_path, city, clock, caps, expected
):
    city = replace(city, offline_caps=caps)
    with serving(create_hub(city, clock)) as url:
        shop = Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)
        shop.line._errors = 3
        sold = [shop.api.sell(nth_person(at), serial_no=f"SN-{at}") for at in range(4)]
        clock.pass_by(hours=1)
        assert shop.sync().complete
        clock.pass_by(hours=1)
        shop.line._errors = 3
        sold.append(shop.api.sell(nth_person(4), serial_no="SN-4"))
        assert shop.sync().complete
    assert [words(city, one)[0] for one in sold] == expected
    if caps is not None:
        assert {words(city, one)[1] for one in sold} == {None, "sold_beyond_offline_caps"}


def test_the_caps_are_set_by_a_command_and_kept(tmp_path):
    folder = tmp_path / "hub"
    hub_config.init(folder, name="x", demo=True)
    assert hub_config.load(folder).offline_caps is None
    decided = ("--by", "zhao", "--why", "嘉商〔2026〕7号")
    run("hub", "offline-caps", "--sales", "20", "--yuan", "20,000", *decided, "--data", str(folder))
    city = hub_config.load(folder)
    assert city.offline_caps == OfflineCaps(20, 2_000_000)
    run("hub", "offline-caps", "--none", *decided, "--data", str(folder))
    assert hub_config.load(folder).offline_caps is None
    (lifted, made) = office_log.view(city, what="offline_caps").lines
    assert (made["by"], made["role"], made["about"]) == ("zhao", "console", "20 笔 / ¥20000.00")
    assert lifted["note"] == "嘉商〔2026〕7号"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--sales", "20", "--by", "zhao", "--why", "示例文件"], "caps_invalid"),
        (["--sales", "20", "--yuan", "many", "--by", "zhao", "--why", "示例文件"], "caps_invalid"),
        (["--sales", "-1", "--yuan", "1", "--by", "zhao", "--why", "示例文件"], "caps_invalid"),
        (["--sales", "20", "--yuan", "1", "--why", "示例文件"], "reviewer_required"),
        (["--sales", "20", "--yuan", "1", "--by", "zhao"], "office_reason_required"),
        (["--none", "--sales", "20", "--by", "zhao", "--why", "示例文件"], "caps_invalid"),
    ],
)
def test_caps_that_are_none_or_of_nobody_change_nothing(tmp_path, options, code):
    folder = tmp_path / "hub"
    hub_config.init(folder, name="x", demo=True)
    done = CliRunner().invoke(hub_command, ["offline-caps", *options, "--data", str(folder)])
    assert done.exit_code != 0 and code in str(done.exception.code if done.exception else "") + done.output
    assert hub_config.load(folder).offline_caps is None
