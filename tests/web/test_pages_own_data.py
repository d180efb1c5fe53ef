"""Her other vouchers, what is kept of her, and its deletion, by the link she holds."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from pos_subsidy import bundled
from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import journal as chain
from pos_subsidy.services import identifying, own_data
from pos_subsidy.store import journal, migrations
from pos_subsidy.store.db import open_database
from tests.web.pages_shop import AFTERNOON, ID_NUMBER, OTHER_ID, Browser, issue, journal_kinds

HER_PHONE = "138-0000-0014"


@pytest.fixture
def phone(app: Flask) -> Browser:
    return Browser(app)


def _persons(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return (
            get_db()
            .execute("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM sealed_identity)")
            .fetchone()
        )


def _ask(phone: Browser, link: str, act: str, *, status: int = 200, number: str = HER_PHONE) -> str:
    phone.get(f"/wallet/{link}/data")
    return phone.send(f"/wallet/{link}/data", status=status, phone=number, act=act)


def _link_of_sale(app: Flask) -> str:
    Browser(app).sign_in().sell(app)
    with app.app_context():
        code = get_db().execute("SELECT code FROM voucher").fetchone()[0]
        return identifying.wallet_link(code, secret=get_shop().secret)


def _must_be_whole(app: Flask, tmp_path: Path) -> None:
    """Pass if the chain is whole and the state can still be rebuilt from it."""
    with app.app_context():
        verify = get_shop().keyring.verify
        assert list(chain.check(journal.entries(get_db()), verify=verify)) == []
        empty = open_database(tmp_path / "rebuilt.db")
        migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
        assert journal.rebuild_into(get_db(), empty) == []
        empty.close()


def test_her_vouchers_are_listed_with_state_and_amount_and_lead_to_their_pages(
    app: Flask, phone: Browser
) -> None:
    sold = _link_of_sale(app)
    issued = issue(app, category="phone", gtin=None, price_fen=None)
    issue(app, id_number=OTHER_ID)
    page = phone.get(f"/wallet/{issued.wallet_link}/vouchers")
    assert f'href="/wallet/{sold}"' in page and f'href="/wallet/{issued.wallet_link}"' in page
    assert "已核销" in page and "¥915.00" in page and "未使用" in page
    assert page.count('class="mono"') == 2, "nobody else's"
    assert "/vouchers" in phone.get(f"/wallet/{sold}")


def test_a_forwarded_link_says_what_is_kept_but_not_of_whom(app: Flask, phone: Browser) -> None:
    """CP-07"""
    link = issue(app).wallet_link
    page = phone.get(f"/wallet/{link}/data") + phone.get(f"/wallet/{link}/vouchers")
    for personal in (ID_NUMBER[-4:], "张*", "0014"):
        assert personal not in page.replace("这张券", "")
    assert "钥匙由本店保管" in page and "只有市级平台能打开" not in page, "a shop alone holds the key itself"
    assert "5 年" in page
    page = _ask(phone, link, "show", status=403, number="13900000000")
    assert "手机号对不上" in page and "张*" not in page
    _ask(phone, link, "delete", status=403, number="13900000000")
    assert _persons(app) == (1, 1) and journal_kinds(app) == ["voucher_issued"]


def test_she_sees_what_is_kept_of_her(app: Flask, phone: Browser) -> None:
    page = _ask(phone, issue(app).wallet_link, "show")
    assert "张**" in page and "**** 0015" in page and "**** 0014" in page and "可以马上删除" in page
    assert journal_kinds(app) == ["voucher_issued"], "to look changes nothing"


def test_without_a_purchase_everything_is_deleted_at_once(app: Flask, phone: Browser, tmp_path: Path) -> None:
    link = issue(app).wallet_link
    issue(app, id_number=OTHER_ID)
    page = _ask(phone, link, "delete")
    assert "已经删除" in page and "张" not in page.replace("这张券", "")
    assert _persons(app) == (1, 1), "the other customer's stay"
    assert journal_kinds(app)[2:] == ["voucher_voided", "person_forgotten"]
    assert "已作废" in phone.get(f"/wallet/{link}")
    till = Browser(app).sign_in()
    with app.app_context():
        code = get_db().execute("SELECT code FROM voucher WHERE status = 'voided'").fetchone()[0]
    assert "已作废" in till.get(f"/till/vouchers/{code}")
    _must_be_whole(app, tmp_path)
    issue(app)
    assert _persons(app) == (2, 2), "she may come again"


def test_after_a_purchase_the_wish_is_recorded_and_carried_out_when_its_time_is_over(
    app: Flask, phone: Browser, tmp_path: Path
) -> None:
    link = _link_of_sale(app)
    assert "审计还需要" in _ask(phone, link, "show") and "2031-11-21" in phone.page
    page = _ask(phone, link, "delete")
    assert "已记下删除申请" in page and "2031-11-21" in page and _persons(app) == (1, 1)
    _ask(phone, link, "delete")
    assert journal_kinds(app).count("deletion_wished") == 1
    with app.app_context():
        for days, forgotten in ((365 * 5, 0), (365 * 5 + 2, 1), (365 * 5 + 3, 0)):
            assert own_data.forget_due(get_db(), get_shop(), now=now() + timedelta(days=days)) == forgotten
    assert _persons(app) == (0, 0) and "已经删除" in phone.get(f"/wallet/{link}/data")
    assert "已核销" in phone.get(f"/wallet/{link}")
    _must_be_whole(app, tmp_path)


def test_a_manager_sees_the_wishes_and_carries_out_what_is_due(app: Flask, phone: Browser) -> None:
    link = _link_of_sale(app)
    manager = Browser(app).sign_in("manager")
    assert "没有待办的删除申请" in manager.get("/office/privacy")
    assert "/office/privacy" in manager.get("/office/day/2026-11-20")
    _ask(phone, link, "delete")
    page = manager.get("/office/privacy")
    assert "张**" in page and "2031-11-21" in page and "审计还需要" in page and "disabled" in page
    manager.send("/office/privacy")
    assert _persons(app) == (1, 1), "nobody is deleted before her time is over"
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=365 * 5 + 2))
    manager.sign_in("manager")
    assert "可以删除" in manager.get("/office/privacy")
    assert "已删除 1 人的信息" in manager.send("/office/privacy") and _persons(app) == (0, 0)
    assert journal_kinds(app)[-1] == "person_forgotten"
    assert "张**" not in manager.get("/office/privacy")


def test_wishes_are_for_managers_and_in_english_too(app: Flask, browser: Browser) -> None:
    browser.get("/office/privacy", status=403)
    page = Browser(app).sign_in("manager").get("/office/privacy?lang=en")
    assert "No open wishes" in page and "5 years" in page


def test_one_who_only_has_a_claim_sees_her_data_and_wishes_its_deletion(
    app: Flask, browser: Browser, phone: Browser
) -> None:
    browser.get("/till/claims/new?category=car&sold_on=2026-11-20")
    who = {"name": "张小明", "phone": "13800000014", "id_number": ID_NUMBER, "consent": "1"}
    browser.send("/till/claims/new", scheme="replacement", fuel="nev", price="150000", **who)
    slip = re.findall(r'href="(/claim/[^"]+)"', browser.page)[0]
    assert f'href="{slip}/data"' in phone.get(slip)
    page = phone.get(f"{slip}/data")
    assert f'href="{slip}">回到申领单' in page
    assert "张*" not in page and ID_NUMBER[-4:] not in page
    phone.send(f"{slip}/data", status=403, phone="13900000000", act="show")
    phone.get(f"{slip}/data")
    page = phone.send(f"{slip}/data", phone=HER_PHONE, act="show")
    assert "张**" in page and "**** 0015" in page and "2031-11-21" in page
    page = phone.send(f"{slip}/data", phone=HER_PHONE, act="delete")
    assert "已记下删除申请" in page and journal_kinds(app).count("deletion_wished") == 1
    phone.get(f"/claim/{'0' * 40}/data", status=404)


def test_a_later_purchase_puts_the_deletion_off(app: Flask, phone: Browser) -> None:
    link = _link_of_sale(app)
    _ask(phone, link, "delete")
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=10))
    till = Browser(app).sign_in()
    issued = issue(app, category="phone", gtin="6923567890126", price_fen=500_000)
    till.scan(issued.voucher.code, "SN-77", "490154203237518", "JX-7")
    till.send("/till", act="hold")
    till.send(till.path, channel="cash", payment_ref="")
    with app.app_context():
        assert own_data.forget_due(get_db(), get_shop(), now=AFTERNOON + timedelta(days=365 * 5 + 2)) == 0
    assert "2031-12-01" in phone.get(f"/wallet/{link}/data")


def test_while_a_payment_runs_nothing_is_deleted(app: Flask, phone: Browser) -> None:
    issued = issue(app)
    till = Browser(app).sign_in()
    till.scan(issued.voucher.code, "SN-1", "JX-1")
    till.send("/till", act="hold")
    page = _ask(phone, issued.wallet_link, "delete", status=409)
    assert "正在付款" in page and _persons(app) == (1, 1)


def test_the_phone_number_cannot_be_guessed(app: Flask, phone: Browser) -> None:
    link = issue(app).wallet_link
    for guess in range(5):
        _ask(phone, link, "show", status=403, number=f"1390000000{guess}")
    _ask(phone, link, "show", status=429)


@pytest.mark.parametrize("part", ["/vouchers", "/data"])
def test_a_wrong_link_opens_nothing(app: Flask, phone: Browser, part: str) -> None:
    """CP-03"""
    issue(app)
    assert "找不到这张券" in phone.get(f"/wallet/{'0' * 40}{part}", status=404)
