"""Every route × every role, from the one table (SE-03)."""

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from pos_subsidy.context import get_db
from pos_subsidy.store import staff
from pos_subsidy.store.db import write_transaction
from pos_subsidy.store.staff import Staff
from pos_subsidy.web import permissions
from pos_subsidy.web.permissions import KEY, PUBLIC, ROLES, TABLE
from tests.web.pages_shop import Browser, make_shop

PAGE = {"Accept": "text/html"}
# In a real shop no such route exists, so the demo's clock stands still here.
_LEFT_OUT = {"training.move"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """A shop with somebody of every role, and no tokens on its forms: roles alone decide."""
    app = make_shop(tmp_path / "shop")
    _hire(app, "lead", "finance", "it")
    app.config["RATELIMIT_ENABLED"] = False
    return app


def _hire(app: Flask, *roles: str) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("pw")
    with app.app_context(), write_transaction(get_db()):
        for role in roles:
            staff.add_staff(get_db(), Staff(role, role, role, quick, "T1"))


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return endpoint, method and an address for every route."""
    found = []
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<day>", "2026-11-20").replace("<ending>", "csv")
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            found.append((rule.endpoint, method, re.sub(r"<[^>]+>", "none", address)))
    return found


def test_every_route_stands_in_the_table_and_nothing_else_does(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(TABLE)


def test_a_route_that_nobody_entered_is_refused_to_everybody() -> None:
    assert not any(permissions.may(role, "nobody.thought_of_it") for role in ROLES)


def test_a_manager_may_everything_that_any_role_may() -> None:
    assert all("manager" in who for who in TABLE.values() if who not in (PUBLIC, KEY))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_passes_where_the_table_says_so_and_nowhere_else(app: Flask, role: str) -> None:
    """SE-03"""
    browser = Browser(app).sign_in(role)
    app.config["WTF_CSRF_METHODS"] = []
    wrong = []
    for endpoint, method, address in routes(app):
        if TABLE[endpoint] in (PUBLIC, KEY):
            continue
        status = browser.client.open(address, method=method, headers=PAGE).status_code
        if (status == 403) is permissions.may(role, endpoint) or status == 500:
            wrong.append(f"{method} {address}: {status}")
    assert wrong == []


def test_strangers_are_sent_to_sign_in_or_asked_for_a_key(app: Flask) -> None:
    app.config["WTF_CSRF_METHODS"] = []
    client = app.test_client()
    wrong = []
    for endpoint, method, address in routes(app):
        answer = client.open(address, method=method, headers=PAGE)
        if TABLE[endpoint] is KEY:
            good = answer.status_code == 401
        elif TABLE[endpoint] is PUBLIC:
            good = answer.status_code not in (403, 500) or endpoint in _LEFT_OUT
        else:
            good = answer.status_code == 303 and "/sign-in" in answer.headers["Location"]
        if not good:
            wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    "role, home, shown, hidden",
    [
        ("lead", "/office/day/2026-11-20", "关账", "设置"),
        ("finance", "/office/money", "市级还欠本店", "设置"),
        ("it", "/office/staff", "接口密钥", "收银</a>"),
        ("cashier", "/till", "今日", "日结对账"),
    ],
)
def test_everybody_begins_at_her_own_work(app: Flask, role: str, home: str, shown: str, hidden: str) -> None:
    browser = Browser(app).sign_in(role)
    assert browser.path == home and shown in browser.page and hidden not in browser.page


def test_finance_sees_the_day_without_the_button_that_closes_it(app: Flask) -> None:
    browser = Browser(app).sign_in("finance")
    assert "/close" not in browser.get("/office/day/2026-11-20")


def test_a_lead_approves_what_a_cashier_asks_for(tmp_path: Path) -> None:
    app = make_shop(tmp_path / "strict", manager_for=frozenset({"reverse"}))
    _hire(app, "lead", "finance")
    browser = Browser(app).sign_in()
    path = f"/till/redemptions/{browser.sell(app)}/reverse"
    browser.get(f"{path}?kind=full&reason=x")
    browser.send(path, status=401, manager_name="finance", manager_secret="pw")
    browser.send(path, manager_name="lead", manager_secret="pw")
