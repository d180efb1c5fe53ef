"""The city's pages: who gets in, where to, and who does not."""

import json
import re
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pos_subsidy.cli.hub import DEMO_ACCOUNTS
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotSignedIn, TooManyRequests
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import office_log, staff
from pos_subsidy.hub.office_log import CONSOLE
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.hub.web import permissions
from pos_subsidy.hub.web.permissions import CHANGES_NOTHING, PUBLIC, ROLES, TABLE, TILL
from tests.hub.office import Desk, hire, pages
from tests.support import run

PAGE = {"Accept": "text/html"}


@pytest.fixture
def app(city, clock):
    hire(city)
    return pages(city, clock)


def rules(app):
    """Return every rule, also of what tills call, which is an application of its own."""
    return [*app.url_map.iter_rules(), *app.extensions["calls"].url_map.iter_rules()]


def routes(app):
    """Return endpoint, method and an address for every route."""
    for rule in rules(app):
        address = re.sub(r"<[^>]+>", "none", re.sub(r"<int:[^>]+>", "1", rule.rule))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def test_every_route_stands_in_the_table_and_nothing_else_does(city, clock):
    app = pages(city, clock, training=True)
    assert {rule.endpoint for rule in rules(app)} == set(TABLE)


def test_a_route_that_nobody_entered_is_refused_to_everybody(app):
    app.add_url_rule("/forgotten", "somewhere.forgotten", lambda: "open")
    for role in ROLES:
        Desk(app).sign_in(role).get("/forgotten", status=403)
    assert Desk(app).get("/forgotten") and "/forgotten" not in Desk(app).get("/sign-in")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_passes_where_the_table_says_so_and_nowhere_else(app, role):
    app.config["RATELIMIT_ENABLED"] = False
    desk = Desk(app).sign_in(role)
    app.config["WTF_CSRF_METHODS"] = []
    wrong = []
    for endpoint, method, address in routes(app):
        if TABLE[endpoint] in (PUBLIC, TILL):
            continue
        status = desk.client.open(address, method=method, headers=PAGE).status_code
        if (status == 403) is permissions.may(role, endpoint) or status >= 500:
            wrong.append(f"{method} {address}: {status}")
    assert wrong == []


def test_strangers_are_sent_to_sign_in_and_tills_are_asked_for_a_signature(app):
    app.config["WTF_CSRF_METHODS"] = []
    wrong = []
    for endpoint, method, address in routes(app):
        answer = app.test_client().open(address, method=method, headers=PAGE)
        if TABLE[endpoint] is TILL:
            good = answer.status_code in (400, 401) and answer.is_json
        elif TABLE[endpoint] is PUBLIC:
            good = answer.status_code not in (403, 500)
        else:
            good = answer.status_code == 303 and "/sign-in" in answer.headers["Location"]
        if not good:
            wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == []


def test_the_auditor_reads_everything_and_changes_nothing(app):
    for endpoint, method, _address in routes(app):
        if TABLE[endpoint] in (PUBLIC, TILL):
            continue
        reads = method == "GET" or endpoint in CHANGES_NOTHING
        assert permissions.may("auditor", endpoint) is reads, endpoint


def test_five_wrong_passwords_lock_a_name_whether_there_is_such_an_account_or_not(app, city, clock):
    for name in ("finance", "nobody"):
        desk = Desk(app)
        desk.get("/sign-in")
        for _ in range(4):
            assert "用户名或密码不对" in desk.send("/sign-in", status=401, username=name, password="x")
        desk.send("/sign-in", status=401, username=name, password="x")
        assert "暂时不能登录" in desk.send("/sign-in", status=429, username=name, password="pw")
    Desk(app).sign_in("auditor")
    assert [one["what"] for one in office_log.view(city, about="finance").lines] == ["sign_in_locked"]
    assert office_log.view(city, about="nobody").lines == []
    clock.pass_by(minutes=16)
    assert Desk(app).sign_in("finance").path != "/sign-in"


def test_an_answer_takes_as_long_for_a_locked_name_as_for_one_that_nobody_has(city, clock):
    """The password is reckoned before the lock is looked at; CPU time, for others work here, too."""

    def cpu_seconds(name, error):
        began = time.process_time()
        with pytest.raises(error):
            staff.sign_in(city, name, "x", now=clock())
        return time.process_time() - began

    fresh = [cpu_seconds("nobody", NotSignedIn) for _ in range(5)]
    locked = [cpu_seconds("nobody", TooManyRequests) for _ in range(5)]
    assert 0.5 < min(locked) / min(fresh) < 2


def test_wrong_passwords_are_limited_by_address_whatever_the_name(app):
    desk = Desk(app)
    desk.get("/sign-in")
    for number in range(20):
        desk.send("/sign-in", status=401, username=f"somebody{number}", password="x")
    desk.send("/sign-in", status=429, username="finance", password="pw")


def test_a_session_ends_when_nobody_is_there_and_after_a_long_day(app, clock):
    desk = Desk(app).sign_in()
    for _ in range(20):
        clock.pass_by(minutes=29)
        desk.get("/password")
        assert desk.path == "/password"
    clock.pass_by(minutes=29)
    assert "登录已超时" in desk.get("/password") and desk.path == "/sign-in"
    desk.sign_in()
    clock.pass_by(minutes=31)
    assert "登录已超时" in desk.get("/password")


def test_signing_out_ends_a_copied_session_too(app):
    desk = Desk(app).sign_in()
    kept = desk.client.get_cookie("hub_session").value
    desk.get("/password")
    desk.send("/sign-out")
    thief = Desk(app)
    thief.client.set_cookie("hub_session", kept)
    thief.get("/password")
    assert thief.path == "/sign-in"


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"active": False}, {"password": "long enough pw"}])
def test_a_change_of_the_account_ends_its_sessions(app, city, clock, change):
    desk = Desk(app).sign_in()
    staff.change(city, "operator", by=CONSOLE, now=clock(), **change)
    desk.get("/password")
    assert desk.path == "/sign-in"


def test_an_account_that_is_switched_off_does_not_sign_in(app, city, clock):
    staff.change(city, "operator", active=False, by=CONSOLE, now=clock())
    Desk(app).sign_in(status=401)


def test_a_password_is_changed_by_its_owner_who_knows_the_old_one(app):
    desk = Desk(app).sign_in("finance")
    desk.get("/password")
    assert "密码" in desk.send("/password", status=400, old="pw", new="short")
    desk.send("/password", status=401, old="wrong", new="a better password")
    desk.send("/password", old="pw", new="a better password")
    desk.send("/sign-in", username="finance", password="a better password")
    assert desk.path != "/sign-in"


def test_a_form_without_the_pages_token_does_nothing(app):
    desk = Desk(app).sign_in()
    answer = desk.client.post("/sign-out", headers=PAGE)
    assert answer.status_code == 400 and "页面已过期" in answer.text
    desk.get("/password")
    assert desk.path == "/password"


def test_pages_carry_the_headers_that_forbid_what_they_do_not_need(app):
    answer = Desk(app).client.get("/sign-in", headers=PAGE)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = Desk(app).client.post("/sign-in", headers=PAGE)
    assert cookie.status_code == 400


def test_nobody_is_sent_to_another_host_after_signing_in(app):
    for wanted in ("//evil.test/", "/\\evil.test", "https://evil.test/"):
        desk = Desk(app)
        desk.get("/sign-in")
        data = {**desk.form("/sign-in"), "username": "finance", "password": "pw", "next": wanted}
        answer = desk.client.post("/sign-in", data=data, headers=PAGE)
        assert answer.headers["Location"] == "/"


def test_what_is_missing_is_said_in_words_and_a_bug_gives_nothing_away(app, monkeypatch):
    desk = Desk(app).sign_in()
    assert "address_unknown" in desk.get("/no-such-page", status=404)
    monkeypatch.setitem(app.view_functions, "auth.password", lambda: 1 / 0)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert "ZeroDivision" not in desk.get("/password", status=500)


def test_a_page_is_english_for_who_chose_it_and_stays_so(app):
    desk = Desk(app)
    assert "Sign in" in desk.get("/sign-in?lang=en") and 'lang="en"' in desk.get("/sign-in")


def test_the_log_only_grows(city, clock):
    hire(city)
    staff.change(city, "operator", role="auditor", by=CONSOLE, now=clock())
    for statement in ("UPDATE office_log SET note = 'x'", "DELETE FROM office_log"):
        with pytest.raises(DBAPIError, match="append-only"):
            run_in(city.engine, lambda db, told=statement: db.execute(text(told)))
    assert office_log.view(city).lines[0]["note"] == "auditor"


def test_accounts_are_made_on_the_command_line(city, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("POS_HUB_STAFF_PASSWORD", "correct horse battery")
    where = ("--data", str(tmp_path / "hub"))
    run("hub", "staff", "add", "wang.fang", "--role", "reviewer2", "--name", "王芳", *where)
    run("hub", "staff", "change", "wang.fang", "--role", "finance", *where)
    run("hub", "staff", "list", *where)
    assert '"role": "finance"' in capsys.readouterr().out
    kept = run_in(city.engine, lambda db: office.account(db, "wang.fang"))
    assert kept.password_hash.startswith("$argon2")
    with pytest.raises(Conflict):
        run("hub", "staff", "add", "wang.fang", "--role", "auditor", "--name", "王", *where)


def test_an_account_is_not_made_of_nonsense_and_nobody_changes_her_own(city, clock):
    good = {"username": "li", "display_name": "李", "role": "finance", "password": "long enough"}
    for wrong in ({"username": "李"}, {"role": "boss"}, {"password": "short"}, {"display_name": " "}):
        with pytest.raises(Invalid):
            staff.add(city, **{**good, **wrong}, by=CONSOLE, now=clock())
    staff.add(city, **good, by=CONSOLE, now=clock())
    with pytest.raises(Conflict):
        staff.change(city, "li", role="administrator", by=office_log.By("li", "finance"), now=clock())


def test_demo_accounts_are_for_training_only(tmp_path, clock):
    run("hub", "init", "--demo", "--data", str(tmp_path / "demo"))
    told = json.loads((tmp_path / "demo" / DEMO_ACCOUNTS).read_text("utf-8"))
    assert set(staff.ROLES) < set(told) and told["finance2"]["username"] == "finance2", (
        "two confirm an account"
    )
    run("hub", "init", "--data", str(tmp_path / "real"))
    assert not (tmp_path / "real" / DEMO_ACCOUNTS).exists()
    real = hub_config.load(tmp_path / "real")
    with pytest.raises(NotAllowed):
        staff.add_demo_accounts(real, "long enough", now=clock())
    assert staff.listing(real) == []
    real.engine.dispose()
