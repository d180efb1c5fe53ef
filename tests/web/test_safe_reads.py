"""What is only fetched changes nothing; neighbours' numbers open nothing. Scenarios SE-04 and SE-08."""

import re

import pytest
from flask import Flask

from pos_subsidy.context import get_db
from pos_subsidy.store import journal
from tests.support import Api, content
from tests.web.pages_shop import Browser

# What may be remembered by looking: who signed in, what was found, which link was made.
_BOOKKEEPING = {"setting"}


@pytest.fixture
def sold(app: Flask) -> tuple[Browser, dict[str, str]]:
    """A manager, and the parts of addresses of what there is in the shop."""
    app.config["RATELIMIT_ENABLED"] = False
    browser = Browser(app).sign_in("manager")
    redemption_id = browser.sell(app)
    held = browser.hold(app, id_number="330402189901010023", serial_no="SN-0002", order_no="JX-2")
    browser.get(held)
    code = re.search(r"/till/vouchers/([^/\"?]+)", browser.get("/till/today") + browser.page)
    parts = {"redemption_id": redemption_id, "hold_id": held.rsplit("/", 1)[1], "day": "2026-11-20"}
    return browser, {**parts, "code": code[1] if code else "none", "ending": "csv", "part": "box_photo"}


def _state(app: Flask) -> dict[str, list[tuple]]:
    with app.app_context():
        found = content(get_db())
    return {name: rows for name, rows in found.items() if name not in _BOOKKEEPING}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_fetch_of_any_address_changes_anything(
    app: Flask, sold: tuple[Browser, dict[str, str]], method: str
) -> None:
    """SE-04"""
    browser, parts = sold
    before = _state(app)
    ahead = {"Accept": "text/html", "Sec-Purpose": "prefetch", "Purpose": "prefetch"}
    asked = 0
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts.get(found[1], "none"), rule.rule)
        writes = rule.methods and rule.methods & {"POST", "PUT", "DELETE"}
        if rule.endpoint in ("static", "auth.sign_out") and not writes:
            continue
        answer = browser.client.open(f"{address}?code={parts['code']}&act=void", method=method, headers=ahead)
        assert answer.status_code < 500, address
        asked += 1
    assert asked > 60
    assert _state(app) == before


def test_a_form_posted_from_elsewhere_changes_nothing(
    app: Flask, sold: tuple[Browser, dict[str, str]]
) -> None:
    """SE-04"""
    browser, parts = sold
    before = _state(app)
    wrong = []
    for rule in app.url_map.iter_rules():
        if not rule.methods or "POST" not in rule.methods or rule.rule.startswith(("/api/", "/training/")):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts.get(found[1], "none"), rule.rule)
        form = {"reason": "x", "kind": "full", "once": "a", "new_price": "1"}
        answer = browser.client.post(address, data=form, headers={"Origin": "https://elsewhere.example"})
        if answer.status_code < 400:
            wrong.append(f"{address}: {answer.status_code}")
    assert wrong == []
    assert _state(app) == before


def test_numbers_of_rows_and_neighbours_open_nothing(api: Api) -> None:
    """SE-08"""
    redeemed = api.redeem(api.hold(api.voucher()["token"]))
    number = redeemed["redemption_id"]
    neighbour = f"{number[:-1]}{'2' if number[-1] != '2' else '3'}"
    for wrong in ("1", "2", "0", "-1", neighbour, str(redeemed.get("journal_seq", 5))):
        for path in (
            f"/redemptions/{wrong}",
            f"/holds/{wrong}",
            f"/vouchers/{wrong}",
            f"/redemptions/{wrong}/evidence",
        ):
            assert api.get(path).status in (400, 404), path
        held = api.try_hold(wrong, serial_no="SN-9")
        assert held.status in (400, 404, 422) and "hold_id" not in held.json


def test_the_journal_grows_when_something_is_done(app: Flask, sold: tuple[Browser, dict[str, str]]) -> None:
    """The tests above compare with something that moves."""
    browser, parts = sold
    before = _state(app)
    path = f"/till/redemptions/{parts['redemption_id']}/reverse"
    browser.get(f"{path}?kind=full&reason=x")
    browser.send(path)
    assert _state(app) != before
    with app.app_context():
        assert journal.head(get_db()) is not None
