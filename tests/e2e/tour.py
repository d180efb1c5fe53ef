"""Every page in a good state: a demo shop with a day behind it, the real service, the way to each page.

The tests of access walk it, and ``scripts/screenshots.py`` takes its pictures on it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pos_subsidy import certificates
from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.services import access, filed_goods, identifying, reconciliation, upload_links
from pos_subsidy.services.shop import By
from tests.e2e.browsing import Service, follow, scan, sign_in
from tests.web.pages_shop import FRIDGE, ID_NUMBER, IMEI, OTHER_ID, PHONE, Browser, issue, make_shop

AFTERNOON = "2026-11-20T14:05:00+08:00"
_MESSY = Path(__file__).parent.parent / "catalogue-messy.csv"
_POS = (
    "订单号,下单时间,商品条码,数量,成交价,国补金额,实付金额,支付方式,状态\n"
    "JX-20261120-0001,2026-11-20 14:00:00,6901234567892,1,6100.00,915.00,5165.00,微信,已完成\n"
    "JX-20261120-0009,2026-11-20 14:01:00,6901234567892,1,6100.00,915.00,5185.00,微信,已完成\n"
)
_IDS = ("330411189901010011", "330483189901010013", "330482189901010017")


def prepare(folder: Path) -> Service:
    """Fill a demo shop with a day's work and return its service, not yet started."""
    app = make_shop(folder)
    till = Browser(app).sign_in()
    paths: dict[str, str] = {}
    sold = till.sell(app, id_number=ID_NUMBER, serial_no="SN-20261120-01", order_no="JX-20261120-0001")
    paths["receipt"] = f"/till/redemptions/{sold}"
    paths["wallet-redeemed"] = _wallet(app, till)
    paths["reverse"] = f"/till/redemptions/{sold}/reverse?kind=full&reason=顾客退货"
    paths["exchange"] = f"/till/redemptions/{sold}/exchange"
    paths["office-evidence"] = f"/office/evidence/{sold}"
    paths["office-appeal"] = f"/office/appeals/{sold}"
    with app.app_context():
        link, _ends = upload_links.make(get_db(), sold, by=By("T1", "manager"), now=now())
    paths["handin"] = f"/handin/{link}"
    returned = till.sell(app, id_number=OTHER_ID, serial_no="SN-20261120-02", order_no="JX-20261120-0002")
    till.get(f"/till/redemptions/{returned}/reverse?kind=full&reason=退货")
    till.send(f"/till/redemptions/{returned}/reverse")
    paths["wallet-reversed"] = _wallet(app, till, returned)
    paths["hold"] = till.hold(app, id_number=_IDS[0], serial_no="SN-20261120-03", order_no="JX-20261120-0003")
    paths["wallet-held"] = _wallet(app, till)
    waiting = issue(app, id_number=_IDS[1])
    paths["voucher"] = f"/till/vouchers/{waiting.voucher.code}"
    paths["rights"] = f"{paths['voucher']}/rights"
    till.get(paths["voucher"])
    paths["wallet"] = _link(till.page)
    for part in ("rights", "vouchers", "data"):
        paths[f"wallet-{part}"] = f"{paths['wallet']}/{part}"
    paths["ready-code"] = issue(app, id_number=_IDS[2], gtin=PHONE, price_fen=399_900).voucher.code
    till.get("/till/claims/new?category=car&sold_on=2026-11-20")
    till.send(
        "/till/claims/new",
        scheme="replacement",
        fuel="nev",
        price="150000",
        name="测试",
        phone="13800000000",
        id_number=_IDS[2],
        consent="1",
    )
    paths["claim"] = till.path
    found = re.search(r'href="(/claim/[^"]+)"', till.page)
    assert found
    paths["claim-slip"] = found[1]
    paths["claim-slip-data"] = f"{found[1]}/data"
    till.get(f"{paths['wallet-redeemed']}/data")
    till.send(f"{paths['wallet-redeemed']}/data", act="delete", phone="13800000014")
    with app.app_context():
        access.new_staff(
            get_db(), username="clerk", display_name="张小明", role="cashier", password="pw", till="T2"
        )
        upload = filed_goods.hand_in(get_db(), get_shop(), "goods.csv", _MESSY.read_bytes(), now=now())
        day = get_shop().today(now())
        reconciliation.reconcile(get_db(), get_shop(), day, [("pos.csv", _POS.encode("gb18030"))], now=now())
    paths["office-upload"] = f"/office/catalogue/uploads/{upload}"
    certificates.make(folder, [], name="南湖示范店", now=datetime.fromisoformat(AFTERNOON))
    return Service(folder, AFTERNOON, paths=paths)


def visit(service: Service, context: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Walk a browser through every page and yield its name and the page, ready to be looked at."""
    page = context.new_page()

    def go(path: str) -> Any:
        page.goto(f"{service.address}{path}")
        return page

    for name, path in {
        "sign-in": f"/sign-in?lang={language}",
        "ask": "/ask",
        "ask-answer": "/ask?category=refrigerator&price=6100&rating=1&on=2026-11-20",
        "rules": "/rules",
        "apply": "/apply",
        "apply-who": f"/apply?gtin={FRIDGE}&price=6100",
        "trust": "/trust",
        "unreachable": "/unreachable",
        "wallet-not-found": "/wallet/none",
        **{
            name: path
            for name, path in service.paths.items()
            if name.startswith(("wallet", "claim-slip", "handin"))
        },
    }.items():
        yield name, go(path)
    sign_in(page, service.address, "manager")
    yield "till", go("/till")
    scan(page, "6901234567890")
    yield "till-refused", page
    follow(page, "[data-key=Escape]")
    for text in (service.paths["ready-code"], IMEI, "SN-PHONE-7", "JX-20261120-0004"):
        scan(page, text)
    yield "till-ready", page
    follow(page, "button[value=add]")
    follow(page, "a[href*='/till/order']")
    page.fill("[name=discount]", "50")
    follow(page, "button[value=discount]")
    yield "order", page
    for name in ("hold", "voucher", "rights", "receipt", "reverse", "exchange", "claim"):
        yield name, go(service.paths[name])
    for name, path in {
        "issue": "/till/issue",
        "poster": "/till/poster",
        "today": "/till/today",
        "piece-free-again": "/till/find?q=SN-20261120-02",
        "piece-never-seen": "/till/find?q=SN-20261120-99",
        "shift": "/till/shift",
        "claims": "/till/claims",
        "claim-new": "/till/claims/new?category=car",
        "office-day": "/office/day/2026-11-20",
        "office-calendar": "/office/calendar?month=2026-11",
        "office-findings": "/office/day/2026-11-20/findings",
        "office-catalogue": "/office/catalogue",
        "office-catalogue-preview": service.paths["office-upload"],
        "office-privacy": "/office/privacy",
        "office-money": "/office/money",
        "office-appeals": "/office/appeals",
        "office-appeal": service.paths["office-appeal"],
        "office-staff": "/office/staff",
        "office-log": "/office/log",
        "evidence-list": "/office/evidence",
        "evidence": service.paths["office-evidence"],
        "error": "/till/redemptions/none",
        "pin": "/till/pin",
    }.items():
        yield name, go(path)
    page.fill("[name=password]", "pw")
    page.fill("[name=pin]", "580213")
    follow(page, "form button.primary")
    yield "lock", go("/lock")


def _wallet(app: Any, till: Browser, sold: str = "") -> str:
    if sold:
        till.get(f"/till/redemptions/{sold}")
    code = re.search(r'mono">((?:[0-9A-Z]{4} ?){3})<', till.page)
    assert code, till.page
    till.get(f"/till/vouchers/{code[1].replace(' ', '')}")
    with app.app_context():
        return f"/wallet/{identifying.wallet_link(code[1].replace(' ', ''), secret=get_shop().secret)}"


def _link(page: str) -> str:
    found = re.search(r'href="http://shop.test(/wallet/[^"]+)"', page)
    assert found, page
    return found[1]
