"""A messy catalogue on a page: seen first, loaded by the manager's word, taken back while nobody bought."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop
from pos_subsidy.services import findings
from pos_subsidy.store import catalogue
from tests.web.pages_shop import AFTERNOON, FRIDGE, Browser

MESSY = (Path(__file__).parent.parent / "catalogue-messy.csv").read_bytes()
HERE = "/office/catalogue"
HEADINGS = "条码,品类,品牌,型号,商品名称,能效等级,备案号,备案价,近30日均价"


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


def hand_in(manager: Browser, content: bytes, name: str = "goods.csv", *, status: int = 200) -> str:
    manager.get(HERE)
    form = {**manager.form(HERE), "file": (io.BytesIO(content), name)}
    answer = manager.client.post(HERE, data=form, headers=manager.headers, follow_redirects=True)
    assert answer.status_code == status, answer.text
    manager.page, manager.path = answer.text, answer.request.path
    return answer.text


def fridge_at(price: str, *, more: str = "") -> bytes:
    row = f"{FRIDGE},冰箱,样例甲,BCD-501,双门冰箱,一级,R1,{price},"
    return f"{HEADINGS}\n{row}\n{more}".encode("gb18030")


def price_of(app: Flask, gtin: str = FRIDGE) -> int | None:
    with app.app_context():
        found = catalogue.find(get_db(), gtin)
    return found.filed_price_fen if found else None


def table(page: str, name: str) -> list[list[str]]:
    body = page.split(f'id="{name}"')[1].split("</table>")[0].split("<tbody>")[1]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("<tr>")[1:]]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]


def test_a_messy_file_is_shown_row_by_row_and_nothing_is_loaded(app: Flask, manager: Browser) -> None:
    page = hand_in(manager, MESSY)
    assert "6 行可以载入" in page and "6 行有错" in page
    assert [(row[0], row[1]) for row in table(page, "problems")] == [
        ("7", "备案价"),
        ("8", "备案价"),
        ("9", "条码"),
        ("10", "条码"),
        ("11", "品类"),
        ("13", "备案价"),
    ]
    assert "前面已有，备案价 5999.00 元，这一行是 5899.00 元" in page and "多于两位小数" in page
    assert any(row[:2] == ["12", "型号"] for row in table(page, "warnings"))
    assert price_of(app) == 700_000 and price_of(app, "6934123456786") is None


def test_bad_rows_are_left_out_only_by_the_managers_word(app: Flask, manager: Browser) -> None:
    hand_in(manager, MESSY)
    here = manager.path
    page = manager.send(here, status=400)
    assert "catalogue_not_accepted" in page and price_of(app) == 700_000
    page = manager.send(here, good_rows="1")
    assert "已载入 6 件商品，6 件有变化" in page
    assert price_of(app) == 599_900 and price_of(app, "6934123456786") == 349_900


def test_a_good_file_needs_no_tick_and_its_preview_says_what_changes(app: Flask, manager: Browser) -> None:
    page = hand_in(manager, fridge_at("6999"))
    assert "新增 0 件，变更 1 件" in page and table(page, "goods")[0][4:] == [
        "¥7,000.00",
        "¥6,999.00",
        "变更",
    ]
    assert "good_rows" not in page
    manager.send(manager.path)
    assert price_of(app) == 699_900


def test_a_form_sent_twice_loads_once(app: Flask, manager: Browser) -> None:
    hand_in(manager, fridge_at("6999"))
    here, form = manager.path, manager.form(manager.path)
    for _ in range(2):
        answer = manager.client.post(here, data=form, headers=manager.headers)
        assert answer.status_code == 303 and "loaded=1" in answer.headers["Location"]
    assert len(table(manager.get(HERE), "loads")) == 1


def test_the_same_file_again_changes_nothing(app: Flask, manager: Browser) -> None:
    for said in ("1 件有变化", "0 件有变化"):
        hand_in(manager, fridge_at("6999"))
        assert said in manager.send(manager.path)
    assert len(table(manager.page, "loads")) == 1


def test_a_preview_does_not_wait_for_ever(app: Flask, manager: Browser) -> None:
    hand_in(manager, fridge_at("6999"))
    here, form = manager.path, manager.form(manager.path)
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(minutes=61))
    assert "catalogue_upload_over" in manager.get(here, status=404)
    answer = manager.client.post(here, data=form, headers=manager.headers)
    assert answer.status_code == 404 and price_of(app) == 700_000


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"a,b\n1,2\n", "x.csv", "file_unknown"),
        (b"PK\x03\x04cut", "x.xlsx", "file_cut"),
        ("条码,品牌\n1,2\n".encode(), "x.csv", "file_column_missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    manager: Browser, content: bytes, name: str, code: str
) -> None:
    assert code in hand_in(manager, content, name, status=400)


def test_no_file_is_said(manager: Browser) -> None:
    assert "catalogue_no_file" in hand_in(manager, b"", "", status=400)


def test_prices_have_a_history_with_day_and_file(manager: Browser) -> None:
    for price in ("6999", "6888"):
        hand_in(manager, fridge_at(price), f"{price}.csv")
        manager.send(manager.path)
    page = manager.get(f"{HERE}?gtin={FRIDGE}").split('id="history"')[1]
    assert page.index("6888.csv") < page.index("6999.csv")
    assert "¥7,000.00" in page and "¥6,888.00" in page and "2026-11-20" in page
    assert "没有记录" in manager.get(f"{HERE}?gtin=6901234567000")


def test_the_last_load_can_be_taken_back(app: Flask, manager: Browser) -> None:
    hand_in(manager, MESSY)
    manager.send(manager.path, good_rows="1")
    page = manager.send(f"{HERE}/undo")
    assert "已撤销，6 件商品恢复原样" in page
    assert price_of(app) == 700_000 and price_of(app, "6934123456786") is None
    assert f"{HERE}/undo" not in page, "one load, once"
    assert "已撤销" in manager.get(f"{HERE}?gtin={FRIDGE}").split('id="history"')[1]


def test_a_load_that_somebody_bought_under_stays(app: Flask, manager: Browser) -> None:
    hand_in(manager, fridge_at("6999"))
    manager.send(manager.path)
    manager.sell(app)
    manager.get(HERE)
    page = manager.send(f"{HERE}/undo", status=409)
    assert "catalogue_sold_since" in page and FRIDGE in page and "JX-1" in page
    assert price_of(app) == 699_900


def test_a_sale_of_goods_that_the_load_left_alone_is_no_hindrance(app: Flask, manager: Browser) -> None:
    other = "6956789012342,手机,样例丙,P60,手机,,,5999,5990\n"
    hand_in(manager, f"{HEADINGS}\n{other}".encode())
    manager.send(manager.path)
    manager.sell(app)
    manager.get(HERE)
    assert "已撤销" in manager.send(f"{HERE}/undo")
    assert price_of(app, "6956789012342") is None


def test_nothing_to_take_back_is_said(manager: Browser) -> None:
    hand_in(manager, fridge_at("6999"))
    manager.send(manager.path)
    form = manager.form(f"{HERE}/undo")
    manager.send(f"{HERE}/undo")
    answer = manager.client.post(f"{HERE}/undo", data={**form, "once": "another"}, headers=manager.headers)
    assert answer.status_code == 409 and "catalogue_nothing_to_undo" in answer.text


@pytest.mark.parametrize("hours", [1, 24])
def test_a_sale_is_judged_by_the_price_that_was_filed_when_it_began(
    app: Flask, manager: Browser, hours: int
) -> None:
    """Filed lower afterwards, it was still sold at the filed price."""
    hand_in(manager, fridge_at("6500"))
    manager.send(manager.path)
    manager.sell(app)
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(hours=hours))
    hand_in(manager, fridge_at("6000"))
    manager.send(manager.path)
    with app.app_context():
        assert findings.of_day(get_db(), get_shop(), AFTERNOON.date()) == []


def test_a_filing_raised_just_before_the_sale_is_found(app: Flask, manager: Browser) -> None:
    for price in ("6200", "6900"):
        hand_in(manager, fridge_at(price))
        manager.send(manager.path)
    manager.sell(app)
    page = manager.get("/office/day/2026-11-20/findings")
    assert "lint_filing_raised" in page and "从 6200.00 元调到 6900.00 元" in page


def test_only_a_manager_loads_goods(app: Flask) -> None:
    cashier = Browser(app).sign_in("cashier")
    for path in (HERE, f"{HERE}/uploads/x"):
        cashier.get(path, status=403)
