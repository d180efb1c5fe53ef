"""Every page of the city's hub in a good state: shops with some days behind them, conflicts, a fork.

The test of the hub's pages walks it, and ``scripts/screenshots.py`` takes its pictures on it.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pos_subsidy.domain.journal import canonical
from pos_subsidy.hub import blocklist, catalogue, config, office_log, pools
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import outlets
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached
from pos_subsidy.services.shop import By
from tests.e2e.browsing import Service, follow
from tests.hub.office import PASSWORD, hire
from tests.hub.shops import Shop, serving
from tests.pictures import jpeg
from tests.support import CATALOGUE, DISHWASHER, FRIDGE, IMEI, TABLET, WASHER, Clock, nth_person, run

AFTERNOON = "2026-11-20T15:00:00+08:00"
_FIRST_DAY = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
_DAYS = 5
_SHOPS = {
    "DEMO-A": ("南湖示范店", "示例商贸有限公司", "330402"),
    "DEMO-B": ("秀洲家电城", "示例商贸有限公司", "330411"),
    "DEMO-C": ("桐乡数码广场", "样例电器（桐乡）有限公司", "330483"),
}
_GOODS = ({}, {"gtin": WASHER, "price_fen": 329_900}, {"price_fen": 549_900})
_CATEGORIES = ("refrigerator", "washing_machine", "refrigerator")
_NEW_FILE = (
    "条码,品类,品牌,型号,能效等级,备案价\n"
    f"{WASHER},洗衣机,样例乙,XQG100,1,3399\n6920000000012,电视,样例丙,L65,1,4299\n{FRIDGE},冰箱,,,9,一千\n"
).encode()


def prepare(folder: Path) -> Service:
    """Fill a demo hub with some days' work and return its service, not yet started."""
    template = folder / "template"
    run("init", "--demo", "--data", str(template))
    run("catalogue", "load", str(CATALOGUE), "--data", str(template))
    config.init(folder / "hub", name="嘉兴市", demo=True)
    city = config.load(folder / "hub")
    hire(city)
    clock = Clock(_FIRST_DAY)
    because = pools.Because("wang.fang", "2026 年度预算", "示例文件第一条")
    for region, fen in (("330400", 2_500_000), ("330483", 400_000)):
        about = {"programme": "appliance-2026", "region": region, "period": "2026", "warn_percent": 80}
        pools.open_pool(city, **about, fen=fen, because=because, now=clock())
    paths: dict[str, str] = {}
    with serving(create_hub(city, clock)) as url:
        shops = [
            Shop(
                template,
                folder / code,
                code,
                url,
                clock,
                name=name,
                merchant_name=merchant,
                merchant_uscc="",
                region=region,
            )
            for code, (name, merchant, region) in _SHOPS.items()
        ]
        number = 0
        for _day in range(_DAYS):
            for place, shop in enumerate(shops):
                for _ in range(1 + (number + place) % 2):
                    number += 1
                    _sell(shop, number)
            clock.pass_by(days=1)
        clock.pass_by(days=-1)
        _sell(shops[0], 90)
        shops[1].line._errors = 3  # cut off: it cannot know
        lost = shops[1].api.sell(nth_person(91), serial_no="SN-90", order_no="JX-20261120-91")
        back = _sell(shops[0], 92)
        shops[0].api.post(f"/redemptions/{back}/reverse", {"kind": "full", "reason": "顾客退货"})
        for shop in shops:
            assert shop.sync().complete
        about = {"by": By("T1", "manager"), "now": clock()}
        attached = [Attached("铭牌.jpg", jpeg("SN-90")), Attached("送货单.jpg", jpeg("SN-90", seed=2))]
        words = "这台冰箱在我店卖出并送货，见铭牌和送货单；对方登记的序列号有误。"
        number = lost["redemption_id"]
        view = appeals.make(shops[1].db, shops[1].wired.shop, number, words, attached, **about)
        assert shops[1].sync().complete
        paths["appeal"] = f"/appeals/{view.appeals[0].appeal.appeal_id}"
        paths["claim"] = f"/claims/{back}"
        paths["claim-rejected"] = f"/claims/{lost['redemption_id']}"
        paths["conflict"] = f"/conflicts/claims/{lost['redemption_id']}"
        entry = shops[2].entries()[-1]
        other = asdict(replace(entry, body={**entry.body, "till": "T2"}))
        fork = {"seq": entry.seq, "stored_hash": entry.hash, "other_row": canonical(other).decode()}
        run_in(
            city.engine, lambda db: outlets.quarantine(db, "DEMO-C", at="2026-11-20T06:30:00.000Z", **fork)
        )
        _list_some(city, clock)
    city.engine.dispose()
    return Service(folder / "hub", AFTERNOON, paths=paths, words=("hub", "serve"))


def _list_some(city: Any, clock: Clock) -> None:
    """Fill the catalogue and the blocklist when the sales are over: they judge none of them."""
    officer, tomorrow = office_log.By("operator", "operator"), date(2026, 11, 21)
    about = {"why": "示例备案文件〔2026〕第三号", "by": officer, "now": clock()}
    catalogue.load(city, CATALOGUE.name, CATALOGUE.read_bytes(), since=date(2026, 9, 1), **about)
    about["why"] = "厂家调价函，示例备案文件第四号"
    catalogue.file_price(city, FRIDGE, 599_900, since=tomorrow, **about)
    catalogue.set_status(city, DISHWASHER, "withdrawn", since=tomorrow, **about)
    entries = [
        ("serial", "SN-20261031-0007", "stolen", None),
        ("imei", IMEI, "paid_elsewhere", None),
        ("product", TABLET, "recalled", date(2026, 12, 31)),
        ("outlet", "DEMO-C", "investigated", None),
    ]
    told = {"note": "示例协查函第七号", "by": officer, "now": clock()}
    for kind, number, reason, until in entries:
        blocklist.enter(city, kind, number, reason=reason, since=date(2026, 11, 20), until=until, **told)
    blocklist.lift(city, 1, note="已找回，示例回函", by=officer, now=clock())


def _sell(shop: Any, number: int) -> str:
    about = {"serial_no": f"SN-{number}", "order_no": f"JX-20261120-{number}", **_GOODS[number % 3]}
    issued = shop.api.voucher(nth_person(number), _CATEGORIES[number % 3])
    return str(shop.api.redeem(shop.api.hold(issued["token"], **about))["redemption_id"])


def sign_in(page: Any, address: str, role: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", role)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/overview"))


def visit(service: Service, context: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Walk a browser through every page of the hub and yield its name and the page."""
    page = context.new_page()
    page.goto(f"{service.address}/sign-in?lang={language}")
    yield "hub-sign-in", page
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict.no")
    yield "hub-sign-in-failed", page
    sign_in(page, service.address, "administrator")
    for name, path in {
        "hub-overview": "/overview?period=week",
        "hub-overview-empty": "/overview?period=today",
        "hub-shops": "/shops",
        "hub-shop": "/shops/DEMO-B",
        "hub-shop-quarantined": "/shops/DEMO-C",
        "hub-claims": "/claims",
        "hub-claims-none": "/claims?code=nothing",
        "hub-claim": service.paths["claim"],
        "hub-claim-rejected": service.paths["claim-rejected"],
        "hub-conflicts": "/conflicts",
        "hub-conflict": service.paths["conflict"],
        "hub-fork": "/conflicts/forks/1",
        "hub-pools": "/budgets",
        "hub-pool": "/budgets/appliance-2026/330400/2026",
        "hub-packs": "/packs",
        "hub-catalogue": "/catalogue",
        "hub-product": f"/catalogue/{FRIDGE}",
        "hub-blocklist": "/blocklist",
        "hub-log": "/log",
        "hub-staff": "/staff",
        "hub-password": "/password",
        "hub-error": "/claims/none",
    }.items():
        page.goto(f"{service.address}{path}")
        yield name, page
    page.goto(f"{service.address}/catalogue")
    page.set_input_files("[name=file]", {"name": "市级目录.csv", "mimeType": "text/csv", "buffer": _NEW_FILE})
    follow(page, "form[action='/catalogue/file'] button")
    yield "hub-catalogue-preview", page
    follow(page, "header form button")
    sign_in(page, service.address, "reviewer1")
    page.goto(f"{service.address}/claims")
    page.click("details summary")
    page.fill("[name=id_number]", nth_person(90)["id_number"])
    follow(page, "form[action='/claims/person'] button")
    page.wait_for_url(re.compile(r"/claims/person"))
    yield "hub-claims-of-person", page
    for name, path in {
        "hub-appeals": "/appeals",
        "hub-appeal": service.paths["appeal"],
        "hub-signals": "/signals?since=2026-11-01",
        "hub-review": "/review",
    }.items():
        page.goto(f"{service.address}{path}")
        yield name, page
    follow(page, "header form button")
    sign_in(page, service.address, "finance")
    for name, path in {"hub-settlement": "/settlement", "hub-statement": "/settlement/shops/DEMO-B"}.items():
        page.goto(f"{service.address}{path}")
        yield name, page
    page.goto(f"{service.address}/open?lang={language}")
    yield "hub-open", page
