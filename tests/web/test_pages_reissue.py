"""An expired voucher issued anew by one button, without the ID typed again."""

from datetime import timedelta

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.services import sweeping
from tests.web.pages_shop import AFTERNOON, Browser, issue, journal_kinds


def _expired(app: Flask, *, swept: bool, **about: object) -> str:
    code = str(issue(app, **about).voucher.code)
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=2))
    if swept:
        with app.app_context():
            sweeping.sweep(get_db(), get_shop(), now=now())
    return code


@pytest.mark.parametrize("swept", [True, False])
def test_one_button_ends_the_old_and_issues_a_new_one_that_sells(
    app: Flask, browser: Browser, swept: bool
) -> None:
    old = _expired(app, swept=swept)
    browser.get(f"/till/vouchers/{old}")
    page = browser.send(f"/till/vouchers/{old}/reissue")
    new = browser.path.rsplit("/", 1)[1]
    assert new != old and "券已发放" in page and "张" in page and "¥915.00" in page
    assert journal_kinds(app)[-2:] == ["voucher_expired", "voucher_issued"]
    assert new in browser.get(f"/till/vouchers/{old}").replace(" ", "")
    browser.scan(new, "SN-0001", "JX-1")
    browser.send("/till", act="hold")
    assert "已核销" in browser.send(browser.path, channel="cash")


def test_the_new_voucher_belongs_to_the_same_sealed_person(app: Flask, browser: Browser) -> None:
    old = _expired(app, swept=True, category="refrigerator", gtin=None, price_fen=None, kind="paper")
    browser.get(f"/till/vouchers/{old}")
    browser.send(f"/till/vouchers/{old}/reissue")
    with app.app_context():
        told = get_db().execute("SELECT person_key, commitment, kind, category FROM voucher").fetchall()
        (sealed,) = get_db().execute("SELECT count(*) FROM sealed_identity").fetchone()
    assert len(told) == 2 and told[0] == told[1] and sealed == 1


def test_sent_twice_it_is_issued_once_and_pressed_twice_it_is_said(app: Flask, browser: Browser) -> None:
    old = _expired(app, swept=True)
    browser.get(f"/till/vouchers/{old}")
    form = browser.form(f"/till/vouchers/{old}/reissue")
    went = [
        browser.client.post(f"/till/vouchers/{old}/reissue", data=form, headers=browser.headers)
        for _ in range(2)
    ]
    assert went[0].headers["Location"] == went[1].headers["Location"]
    again = browser.client.post(
        f"/till/vouchers/{old}/reissue", data={**form, "once": "another"}, headers=browser.headers
    )
    assert again.status_code == 409 and "reissued_already" in again.text
    assert journal_kinds(app).count("voucher_issued") == 2


def test_a_voucher_that_is_good_is_not_issued_anew(app: Flask, browser: Browser) -> None:
    code = issue(app).voucher.code
    browser.get(f"/till/vouchers/{code}")
    assert "/reissue" not in browser.page
    form = {**browser.form(f"/till/vouchers/{code}/void"), "once": "x"}
    answer = browser.client.post(f"/till/vouchers/{code}/reissue", data=form, headers=browser.headers)
    assert answer.status_code == 409 and "voucher_not_over" in answer.text


def test_a_right_used_up_since_is_refused(app: Flask, browser: Browser) -> None:
    old = _expired(app, swept=True)
    browser.sell(app)
    browser.get(f"/till/vouchers/{old}")
    assert "units_exhausted" in browser.send(f"/till/vouchers/{old}/reissue", status=422)


def test_an_identity_that_was_deleted_is_asked_for_again(app: Flask, browser: Browser) -> None:
    old = _expired(app, swept=True)
    with app.app_context():
        get_db().execute("DELETE FROM sealed_identity")
        get_db().conn.commit()
    browser.get(f"/till/vouchers/{old}")
    assert "identity_not_kept" in browser.send(f"/till/vouchers/{old}/reissue", status=409)
