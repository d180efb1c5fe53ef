"""The office's work in a good state: a day to review, an account to confirm, a pack to propose."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pos_subsidy.hub import config, packs
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.office_log import By
from pos_subsidy.policy import PACKS_DIR
from tests.e2e.browsing import Service, follow
from tests.hub.office import hire
from tests.hub.shops import Shop, serving
from tests.pictures import jpeg
from tests.support import CATALOGUE, Clock, nth_person, run

AFTERNOON = "2026-11-20T15:00:00+08:00"
BATCH = "/review/batches/DEMO-A/DEMO-A-20261120"
OLD = (PACKS_DIR / "appliance-2026.toml").read_text("utf-8")
NEW = OLD.replace("version = 1", "version = 2", 1).replace("cap_yuan = 1500", "cap_yuan = 900", 1)
_SALES = 4


def prepare(folder: Path) -> Service:
    """Fill a demo hub that reviews with one shop's day and return its service, not yet started."""
    template = folder / "template"
    run("init", "--demo", "--data", str(template))
    run("catalogue", "load", str(CATALOGUE), "--data", str(template))
    config.init(folder / "hub", name="嘉兴市", demo=True, review=True)
    city = config.load(folder / "hub")
    hire(city)
    clock = Clock()
    with serving(create_hub(city, clock)) as url:
        about = {"name": "南湖示范店", "merchant_name": "示例商贸有限公司", "region": "330402"}
        shop = Shop(template, folder / "a", "DEMO-A", url, clock, **about)
        for number in range(_SALES):
            sold = shop.api.sell(nth_person(number), serial_no=f"SN-{number}", order_no=f"JX-{number}")
            delivered = {
                "delivered_on": "2026-11-20",
                "signed_by": "张",
                "region": "330402",
                "note_no": "DN-1",
            }
            photo = {
                "kind": "label",
                "content_base64": base64.b64encode(jpeg(f"SN-{number}", seed=number)).decode(),
            }
            handed = {"delivery": delivered, "photos": [photo]}
            answer = shop.api.put(f"/redemptions/{sold['redemption_id']}/evidence", handed)
            assert answer.status < 300, answer.json
        assert shop.api.post("/days/2026-11-20/close").status == 200
        assert shop.sync().complete
    propose(city, clock)
    city.engine.dispose()
    (folder / "new.toml").write_text(NEW.replace("version = 2", "version = 3", 1), "utf-8")
    return Service(folder / "hub", AFTERNOON, words=("hub", "serve"))


def propose(city: Any, clock: Clock) -> None:
    """Leave a pack that waits for a second person."""
    by, day = By("zhao", "administrator"), clock().date().replace(month=12, day=1)
    about = {"from_day": day, "why": "示例文件第二条", "by": by, "now": clock()}
    packs.propose(city, "appliance-2026.toml", NEW, **about)


def enter(page: Any, address: str, role: str) -> None:
    """Sign in, and out before if somebody is."""
    if page.locator("header form button").count():
        follow(page, "header form button")
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", role)
    page.fill("[name=password]", "pw")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/overview"))


def review(page: Any, address: str) -> None:
    """Look at the sample and its photo, suspend one of the others, approve the batch."""
    enter(page, address, "reviewer1")
    follow(page, "nav [href='/review']")
    follow(page, "#batches a")
    follow(page, "#lines tbody tr:first-child a")
    page.locator("#evidence figure img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#evidence figure img').naturalWidth > 500")
    follow(page, "form[action$='/look'] button")
    page.wait_for_url(re.compile(re.escape(BATCH)))
    follow(page, "#lines tbody tr:first-child a")
    page.select_option("[name=reason]", "review_invoice_missing")
    follow(page, "form[action$='/suspend'] button")
    page.wait_for_selector("#steps")
    enter(page, address, "reviewer3")
    page.goto(f"{address}{BATCH}")
    follow(page, "form[action$='/approve'] button")
    page.wait_for_selector("#approval .tag.yes")


def pay(page: Any, address: str) -> None:
    """Name an account and make a run; it is withheld, as nobody else has confirmed the account."""
    enter(page, address, "finance")
    follow(page, "nav [href='/settlement']")
    follow(page, "#balances a")
    page.fill("[name=holder]", "示例商贸有限公司")
    page.fill("[name=bank]", "嘉兴银行")
    page.fill("[name=number]", "6222000011112222")
    follow(page, "form[action$='/payees'] button")
    page.wait_for_selector("#payees")
    page.goto(f"{address}/settlement")
    follow(page, "form[action$='/settlement/runs'] button")
    page.wait_for_url(re.compile(r"/settlement/runs/P"))


def publish(page: Any, address: str, file: Path) -> None:
    """Publish the pack that waits, and propose another."""
    enter(page, address, "reviewer3")
    follow(page, "nav [href='/packs']")
    follow(page, "#waiting a")
    follow(page, "form[action$='/publish'] button")
    page.wait_for_selector("#published")
    enter(page, address, "administrator")
    page.goto(f"{address}/packs")
    page.set_input_files("[name=file]", str(file))
    page.fill("[name=why]", "示例文件第三条")
    follow(page, "form[action='/packs'] button")
    page.wait_for_url(re.compile(r"/packs/waiting/\d"))


def visit(service: Service, page: Any, language: str) -> Iterator[tuple[str, Any]]:
    """Show every page of the office's work as whoever works on it sees it."""
    page.goto(f"{service.address}/sign-in?lang={language}")
    enter(page, service.address, "reviewer2")
    for name, path in {"review": "/review", "review-batch": BATCH}.items():
        page.goto(f"{service.address}{path}")
        yield name, page
    for verdict in ("suspended", "accepted"):
        page.goto(f"{service.address}{BATCH}")
        place = "doubt" if verdict == "suspended" else "yes"
        follow(page, f"#lines td[data-label]:nth-child(3) .tag.{place} >> xpath=ancestor::tr >> css=a")
        yield f"review-line-{verdict}", page
    enter(page, service.address, "finance")
    page.goto(f"{service.address}/settlement")
    yield "settlement", page
    follow(page, "#runs a")
    yield "settlement-run", page
    page.goto(f"{service.address}/settlement/shops/DEMO-A")
    yield "statement", page
    page.goto(f"{service.address}/budgets")
    for name, typed in {"region": "330400", "period": "2026-12", "yuan": "1900000", "percent": "80"}.items():
        page.fill(f"#open [name={name}]", typed)
    page.fill("#open [name=why]", "十二月预算")
    page.fill("#open [name=clause]", "示例文件第一条")
    yield "pools", page
    follow(page, "#open form button")
    page.wait_for_selector("#before-after")
    yield "pool-confirm", page
    enter(page, service.address, "administrator")
    page.goto(f"{service.address}/packs")
    yield "packs", page
    follow(page, "#waiting a")
    yield "pack", page
