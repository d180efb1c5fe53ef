"""The page of findings: what was seen, why, what to do, and the manager's word on it."""

import re
from pathlib import Path

import pytest
from flask import Flask

from pos_subsidy import bundled
from pos_subsidy.context import get_db
from pos_subsidy.store import journal, migrations
from pos_subsidy.store.db import open_database, write_transaction
from tests.web.pages_shop import FRIDGE, Browser, journal_kinds

DAY = "/office/day/2026-11-20"
HERE = f"{DAY}/findings"


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


@pytest.fixture
def too_dear(app: Flask, manager: Browser) -> str:
    """A sale whose price stands above the one that is filed."""
    number = manager.sell(app)
    with app.app_context(), write_transaction(get_db()):
        get_db().execute("UPDATE product SET filed_price_fen = 600000 WHERE gtin = ?", [FRIDGE])
    return number


def _explain(manager: Browser, reason: str, *, status: int = 200) -> str:
    manager.get(HERE)
    action = re.search(rf'action="({HERE}/[^"]+)"', manager.page)
    assert action, manager.page
    return manager.send(action[1], status=status, reason=reason)


def test_a_day_without_a_flaw_says_so(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    assert "没有发现问题" in manager.get(HERE) and "自查没有发现问题" in manager.get(DAY)


def test_a_finding_says_what_was_seen_why_and_what_next(app: Flask, manager: Browser, too_dear: str) -> None:
    page = manager.get(HERE)
    assert "售价 6100.00 元，备案价 6000.00 元" in page and "最终售价不得高于备案价" in page
    assert "核对备案目录" in page and "lint_price_over_filed" in page and "1 条须说明" in page
    assert f'id="{too_dear}"' in page and "商办流通函〔2025〕469号" in page
    english = manager.get(f"{HERE}?lang=en")
    assert "Sold at 6100.00 yuan; 6000.00 is filed." in english and "1 to explain" in english


def test_the_days_page_counts_them_and_leads_there(manager: Browser, too_dear: str) -> None:
    page = manager.get(DAY)
    assert "1 条自查发现" in page and f'href="{HERE}"' in page


def test_an_explanation_is_kept_journalled_and_shown(app: Flask, manager: Browser, too_dear: str) -> None:
    page = _explain(manager, "经理批准的促销前原价")
    assert "经理批准的促销前原价" in page and "1 条已说明" in page and "1 条须说明" not in page
    assert journal_kinds(app)[-1] == "finding_explained"
    assert "1 条须说明" not in manager.get(DAY)


def test_an_empty_explanation_is_none(app: Flask, manager: Browser, too_dear: str) -> None:
    assert "finding_reason_required" in _explain(manager, "  ", status=400)
    assert "finding_explained" not in journal_kinds(app)


def test_a_finding_that_was_mended_cannot_be_explained(app: Flask, manager: Browser, too_dear: str) -> None:
    manager.get(HERE)
    action = re.search(rf'action="({HERE}/[^"]+)"', manager.page)
    assert action
    form = {**manager.form(action[1]), "reason": "x"}
    with app.app_context(), write_transaction(get_db()):
        get_db().execute("UPDATE product SET filed_price_fen = 700000")
    answer = manager.client.post(action[1], data=form, headers=manager.headers)
    assert answer.status_code == 404 and "finding_unknown" in answer.text


def test_closing_asks_once_for_what_waits_and_closes_nevertheless(
    app: Flask, manager: Browser, too_dear: str
) -> None:
    manager.get(DAY)
    page = manager.send(f"{DAY}/close", status=409)
    assert "findings_unexplained" in page and "day_closed" not in journal_kinds(app)
    page = manager.send(f"{DAY}/close", nevertheless="1")
    assert "已关账" in page and journal_kinds(app)[-1] == "day_closed"


def test_closing_does_not_ask_once_all_is_explained(app: Flask, manager: Browser, too_dear: str) -> None:
    _explain(manager, "已核实")
    manager.get(DAY)
    assert "已关账" in manager.send(f"{DAY}/close")


def test_warnings_hold_up_nothing(app: Flask, manager: Browser) -> None:
    manager.sell(app, serial_no="AB-12")
    assert "lint_serial_odd" in manager.get(HERE) and "1 条提示" in manager.page
    manager.get(DAY)
    assert "已关账" in manager.send(f"{DAY}/close")


def test_explanations_are_rebuilt_from_the_journal(
    app: Flask, manager: Browser, too_dear: str, tmp_path: Path
) -> None:
    _explain(manager, "第一次")
    _explain(manager, "改一下")
    empty = open_database(tmp_path / "rebuilt.db")
    migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
    with app.app_context():
        assert journal.rebuild_into(get_db(), empty) == []
    assert empty.execute("SELECT count(*) FROM finding_explained").fetchone() == (2,)
    empty.close()


def test_only_a_manager_sees_them(app: Flask, too_dear: str) -> None:
    cashier = Browser(app).sign_in("cashier")
    cashier.get(HERE, status=403)
    for path in (HERE, f"{HERE}/{too_dear}/x"):
        assert cashier.client.post(path, data={"reason": "x"}).status_code in (400, 403, 405)
