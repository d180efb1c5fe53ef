"""Where the shop wants it, a manager approves on that very form."""

import json
from pathlib import Path

import pytest
from flask import Flask

from pos_subsidy.config import Folder, Settings
from pos_subsidy.context import get_db, now
from pos_subsidy.errors import Invalid
from pos_subsidy.services import access
from tests.web.pages_shop import Browser, issue, journal_kinds, make_shop

RIGHT = {"manager_name": "manager", "manager_secret": "pw"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_shop(tmp_path / "shop", manager_for=frozenset({"reverse", "exchange", "void"}))


def _last_body(app: Flask) -> dict[str, object]:
    with app.app_context():
        (body,) = get_db().execute("SELECT body FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return dict(json.loads(body))


def _to_reverse(app: Flask, browser: Browser) -> str:
    path = f"/till/redemptions/{browser.sell(app)}/reverse"
    browser.get(f"{path}?kind=full&reason=x")
    return path


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ({}, 403, "approval_required"),
        ({"manager_name": "manager"}, 403, "approval_required"),
        ({**RIGHT, "manager_secret": "wrong"}, 401, "approval_failed"),
        ({**RIGHT, "manager_name": "nobody"}, 401, "approval_failed"),
        ({**RIGHT, "manager_name": "cashier"}, 401, "approval_failed"),
    ],
)
def test_a_reversal_without_a_managers_word_is_refused(
    app: Flask, browser: Browser, typed: dict[str, str], status: int, code: str
) -> None:
    """SE-03: the form is posted directly, the page's own fields are not trusted."""
    path = _to_reverse(app, browser)
    page = browser.send(path, status=status, **typed)
    assert code in page and "确认冲正" in page and 'value="pw"' not in page and "wrong" not in page
    assert "reversed" not in journal_kinds(app)


def test_a_manager_approves_a_reversal_and_the_journal_names_her(app: Flask, browser: Browser) -> None:
    path = _to_reverse(app, browser)
    assert 'name="manager_secret"' in browser.page
    browser.send(path, **RIGHT)
    assert journal_kinds(app)[-1] == "reversed"
    body = _last_body(app)
    assert (body["cashier"], body["approved_by"]) == ("cashier", "manager")


def test_a_pin_approves_as_well(app: Flask, browser: Browser) -> None:
    with app.app_context():
        access.set_pin(get_db(), "manager", password="pw", pin="2580")
        access.set_pin(get_db(), "cashier", password="pw", pin="1379")
    path = _to_reverse(app, browser)
    browser.send(path, status=401, manager_name="manager", manager_secret="1379")
    browser.send(path, manager_name="manager", manager_secret="2580")
    assert journal_kinds(app)[-1] == "reversed"


def test_an_approval_is_good_for_one_action(app: Flask, browser: Browser) -> None:
    browser.send(_to_reverse(app, browser), **RIGHT)
    code = issue(app, id_number="330411189901010011").voucher.code
    browser.get(f"/till/vouchers/{code}")
    assert "approval_required" in browser.send(f"/till/vouchers/{code}/void", status=403, reason="x")
    browser.send(f"/till/vouchers/{code}/void", reason="x", **RIGHT)
    assert _last_body(app)["approved_by"] == "manager"


def test_an_exchange_wants_approval(app: Flask, browser: Browser) -> None:
    path = f"/till/redemptions/{browser.sell(app)}/exchange"
    browser.get(path)
    assert "approval_required" in browser.send(path, status=403, serial_no="SN-0002", reason="x")
    browser.send(path, serial_no="SN-0002", reason="x", **RIGHT)
    assert _last_body(app)["approved_by"] == "manager"


def test_a_manager_signed_in_is_her_own_approval(app: Flask) -> None:
    manager = Browser(app).sign_in("manager")
    path = _to_reverse(app, manager)
    assert "manager_secret" not in manager.page
    manager.send(path)
    assert _last_body(app)["approved_by"] == "manager"


def test_guesses_are_counted(app: Flask, browser: Browser) -> None:
    path = _to_reverse(app, browser)
    for _ in range(5):
        browser.send(path, status=401, manager_name="manager", manager_secret="guess")
    browser.client.post(path, data={**browser.form(path), **RIGHT}, headers=browser.headers)
    assert "reversed" not in journal_kinds(app)


def test_the_till_s_key_approves_by_itself_and_is_named(app: Flask, browser: Browser) -> None:
    number = browser.sell(app)
    with app.app_context():
        key = access.new_api_key(get_db(), name="ERP", till="T1", now=now())
    answer = app.test_client().post(
        f"/api/v1/redemptions/{number}/reverse",
        json={"kind": "full", "reason": "x"},
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k1"},
    )
    assert answer.status_code == 201, answer.text
    assert _last_body(app)["approved_by"] == "key:ERP"


def test_by_default_nobody_is_asked(tmp_path: Path) -> None:
    app = make_shop(tmp_path / "shop")
    browser = Browser(app).sign_in()
    path = _to_reverse(app, browser)
    assert "manager_secret" not in browser.page
    browser.send(path)
    assert "approved_by" not in _last_body(app)


@pytest.mark.parametrize("typed", [["revers"], "reverse", ["void", "all"]])
def test_a_misspelt_action_does_not_go_unnoticed(tmp_path: Path, typed: object) -> None:
    folder = Folder(tmp_path / "shop")
    folder.init(Settings("DEMO-A", "店", "公司", "", "330402", True))
    config = tmp_path / "shop" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text("utf-8")), "manager_for": typed}), "utf-8")
    with pytest.raises(Invalid, match="setting_unknown"):
        folder.settings()
    config.write_text(json.dumps({**json.loads(config.read_text("utf-8")), "manager_for": ["void"]}), "utf-8")
    assert list(folder.settings().manager_for) == ["void"]
