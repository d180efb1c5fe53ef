"""Staff and settings: accounts, roles, keys, and the log of who did what."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.errors import NotAllowed
from pos_subsidy.services import audit_log, staffing
from pos_subsidy.services.shop import By
from pos_subsidy.store import journal, state
from pos_subsidy.web.phrases import PHRASES
from tests.web.pages_shop import AFTERNOON, Browser, journal_kinds

STAFF, LOG = "/office/staff", "/office/log"


@pytest.fixture
def manager(app: Flask) -> Browser:
    manager = Browser(app).sign_in("manager")
    manager.get(STAFF)
    return manager


def secret_on(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found, page
    return found[1]


def add(manager: Browser, role: str = "finance", username: str = "lili") -> str:
    """Add an account and return its password."""
    manager.get(STAFF)
    page = manager.send(STAFF, username=username, display_name="李丽", role=role, till="T2")
    return secret_on(page)


def act(manager: Browser, what: str, username: str = "lili", status: int = 200, **typed: str) -> str:
    manager.get(STAFF)
    return manager.send(f"{STAFF}/{username}", act=what, status=status, **typed)


def enter(app: Flask, password: str, username: str = "lili") -> Browser:
    browser = Browser(app)
    browser.get("/sign-in")
    browser.send("/sign-in", username=username, password=password)
    return browser


def test_a_new_account_gets_a_password_that_is_shown_once(app: Flask, manager: Browser) -> None:
    password = add(manager)
    assert enter(app, password).path == "/office/money"
    assert password not in manager.get(STAFF) and "lili" in manager.page and "李丽" in manager.page


def test_the_same_form_twice_makes_one_account_and_shows_no_secret_again(
    app: Flask, manager: Browser
) -> None:
    form = {**manager.form(STAFF), "username": "lili", "display_name": "李丽", "role": "it", "till": "T1"}
    first = manager.client.post(STAFF, data=form, headers=manager.headers)
    again = manager.client.post(STAFF, data=form, headers=manager.headers)
    assert (first.status_code, again.status_code) == (200, 303)
    assert journal_kinds(app).count("staff_changed") == 1
    kept = app.extensions["till"].db().execute("SELECT answer FROM request").fetchall()
    assert secret_on(first.text).encode() not in b"".join(answer for (answer,) in kept)


def test_switching_off_ends_a_session_at_once_and_on_brings_it_back(app: Flask, manager: Browser) -> None:
    password = add(manager)
    lili = enter(app, password)
    act(manager, "deactivate")
    lili.get("/office/money")
    assert lili.path == "/sign-in"
    act(manager, "activate")
    assert enter(app, password).path == "/office/money"


def test_a_new_password_ends_the_sessions_of_the_old_one(app: Flask, manager: Browser) -> None:
    old = add(manager)
    lili = enter(app, old)
    new = secret_on(act(manager, "password"))
    lili.get("/office/money")
    assert lili.path == "/sign-in" and enter(app, new).path == "/office/money"


def test_a_role_changes_at_once(app: Flask, manager: Browser) -> None:
    lili = enter(app, add(manager))
    act(manager, "role", role="cashier")
    lili.get("/office/money", status=403)
    lili.get("/till")


def test_a_pin_is_cleared(app: Flask, manager: Browser) -> None:
    password = add(manager)
    lili = enter(app, password)
    lili.get("/till/pin")
    lili.send("/till/pin", password=password, pin="580213")
    assert "有 PIN" in manager.get(STAFF)
    act(manager, "pin")
    assert "有 PIN" not in manager.get(STAFF)


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"username": "Li Li"}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"role": "owner"}, "role"),
        ({"till": "a b"}, "till"),
    ],
)
def test_a_wrong_field_is_named(manager: Browser, typed: dict[str, str], field: str) -> None:
    good = {"username": "lili", "display_name": "李丽", "role": "it", "till": "T1"}
    page = manager.send(STAFF, status=400, **{**good, **typed})
    assert "staff_invalid" in page and f"「{field}」" in page


def test_a_username_is_given_once(manager: Browser) -> None:
    add(manager)
    manager.get(STAFF)
    page = manager.send(STAFF, status=409, username="lili", display_name="x", role="it", till="T1")
    assert "username_taken" in page


@pytest.mark.parametrize("what", ["role", "deactivate"])
def test_nobody_changes_her_own_role_or_switches_herself_off(manager: Browser, what: str) -> None:
    assert "own_account" in act(manager, what, "manager", 409, role="cashier")


def test_it_makes_no_manager_and_touches_none(app: Flask, manager: Browser) -> None:
    """SE-03"""
    it = enter(app, add(manager, role="it"))
    it.get(STAFF)
    assert 'value="manager"' not in it.page and f"{STAFF}/manager" not in it.page
    it.send(STAFF, status=403, username="boss", display_name="x", role="manager", till="T1")
    with app.app_context():
        for what, role in (("password", ""), ("role", "it"), ("deactivate", "")):
            with pytest.raises(NotAllowed):
                staffing.change(
                    get_db(), get_shop(), "manager", what, role=role, by=By("T2", "lili"), now=now()
                )


@pytest.mark.parametrize("who", ["cashier", "nobody", ""])
def test_the_service_itself_refuses_who_may_not(app: Flask, who: str) -> None:
    """SE-03"""
    with app.app_context():
        common = {"by": By("T1", who), "now": now()}
        for deed in (
            lambda: staffing.change(get_db(), get_shop(), "manager", "password", **common),
            lambda: staffing.make_key(get_db(), get_shop(), name="x", till="T1", **common),
            lambda: staffing.revoke_key(get_db(), get_shop(), "x", **common),
        ):
            with pytest.raises(NotAllowed):
                deed()


def test_a_key_is_shown_once_works_and_stops_when_revoked(app: Flask, manager: Browser) -> None:
    key = secret_on(manager.send("/office/keys", name="一号机", till="T7"))
    asked = {"Authorization": f"Bearer {key}"}
    assert app.test_client().get("/api/v1/days/2026-11-20", headers=asked).status_code == 200
    page = manager.get(STAFF)
    assert key not in page and "一号机" in page and "T7" in page
    action = re.search(r'action="(/office/keys/[0-9a-f]{12}/revoke)"', page)
    assert action
    assert "已停用" in manager.send(action[1])
    assert app.test_client().get("/api/v1/days/2026-11-20", headers=asked).status_code == 401


def test_changes_are_journalled_without_their_secrets(app: Flask, manager: Browser) -> None:
    secrets = [add(manager), secret_on(act(manager, "password"))]
    manager.get(STAFF)
    secrets.append(secret_on(manager.send("/office/keys", name="k", till="T1")))
    with app.app_context():
        entries = [e for e in journal.entries(get_db()) if e.kind in ("staff_changed", "api_key_changed")]
    assert [(one.kind, one.body["what"], one.body["cashier"]) for one in entries] == [
        ("staff_changed", "added", "manager"),
        ("staff_changed", "password", "manager"),
        ("api_key_changed", "made", "manager"),
    ]
    written = json.dumps([dict(one.body) for one in entries])
    assert not any(secret in written for secret in secrets)


def test_the_log_says_who_did_what_and_nothing_of_customers(app: Flask, manager: Browser) -> None:
    cashier = Browser(app).sign_in()
    number = cashier.sell(app, order_no="JX-77")
    cashier.get(f"/till/redemptions/{number}/reverse?kind=full&reason=x")
    cashier.send(f"/till/redemptions/{number}/reverse", reason="张小明不要了")
    add(manager)
    page = manager.get(LOG)
    assert "JX-77" in page and "核销" in page and "冲正" in page and "账号变更" in page and "lili" in page
    assert "张小明" not in page and "330402" not in page and "SN-0001" not in page


def test_the_log_is_found_by_day_and_person(app: Flask, manager: Browser) -> None:
    Browser(app).sign_in().sell(app, order_no="JX-1")
    add(manager)
    assert "JX-1" in manager.get(f"{LOG}?person=cashier") and "账号变更" not in manager.page
    assert "账号变更" in manager.get(f"{LOG}?person=manager&day=2026-11-20") and "JX-1" not in manager.page
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=1))
    manager.sign_in("manager")
    assert "没有记录" in manager.get(f"{LOG}?day=2026-11-21")
    assert "day_invalid" in manager.get(f"{LOG}?day=yesterday", status=400)


def test_the_log_is_paged_without_gaps(app: Flask, manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        add(manager, username=f"p{number}-x")
    with app.app_context():
        whole = audit_log.page(get_db(), get_shop()).deeds
        seen, before = [], None
        monkeypatch.setattr(audit_log, "PAGE", 2)
        while True:
            page = audit_log.page(get_db(), get_shop(), before=before)
            seen += page.deeds
            before = page.before
            if before is None:
                break
    assert tuple(seen) == whole and len(whole) == 3


def test_every_kind_of_entry_has_a_name_in_the_log() -> None:
    assert [kind for kind in state.KINDS if f"log.{kind}" not in PHRASES] == []
