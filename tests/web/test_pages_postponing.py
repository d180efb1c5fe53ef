"""A day is not closed over overdue evidence, unless each such line is postponed by word."""

from datetime import timedelta

import pytest
from flask import Flask

from tests import pictures
from tests.web.pages_shop import AFTERNOON, OTHER_ID, Browser, journal_kinds
from tests.web.test_pages_evidence import INVOICE, LIST, _hand_in

LATER = "/office/day/2026-11-29"


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


def test_overdue_evidence_holds_the_batch_until_it_comes_or_is_postponed(
    app: Flask, manager: Browser
) -> None:
    first = manager.sell(app)
    second = manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=9))
    manager.get(LATER)
    page = manager.send(f"{LATER}/close", status=409)
    assert "evidence_overdue" in page and "2 笔" in page
    manager.get(f"{LIST}/{first}")
    _hand_in(manager, f"{LIST}/{first}", box=pictures.jpeg())
    manager.get(LATER)
    assert "1 笔" in manager.send(f"{LATER}/close", status=409)
    manager.get(f"{LIST}/{second}")
    for wrong in ({"until": "2026-11-29", "reason": "x"}, {"until": "2099-01-01", "reason": "x"}):
        assert "postpone_day_invalid" in manager.send(f"{LIST}/{second}/postpone", status=400, **wrong)
        manager.get(f"{LIST}/{second}")
    page = manager.send(f"{LIST}/{second}/postpone", until="2026-12-05", reason="等送货")
    assert "已推迟到 2026-12-05" in page and "等送货" in page
    assert "已推迟到 2026-12-05" in manager.get(LIST)
    manager.get(LATER)
    assert "已关账" in manager.send(f"{LATER}/close")
    kinds = journal_kinds(app)
    assert (kinds.count("evidence_postponed"), kinds.count("evidence_resumed")) == (1, 0)


def test_a_postponed_line_goes_on_by_itself_once_its_evidence_is_complete(
    app: Flask, manager: Browser
) -> None:
    here = f"{LIST}/{manager.sell(app)}"
    manager.get(here)
    manager.send(f"{here}/postpone", until="2026-12-05", reason="等发票")
    manager.send(here, **INVOICE)
    assert "已推迟到" in manager.get(here)
    page = _hand_in(manager, here, box=pictures.jpeg())
    assert "材料齐全" in page and "已推迟到" not in page
    assert journal_kinds(app)[-1] == "evidence_resumed"


def test_nothing_is_postponed_that_is_complete(app: Flask, manager: Browser) -> None:
    here = f"{LIST}/{manager.sell(app)}"
    manager.get(here)
    manager.send(here, **INVOICE)
    stale = manager.form(f"{here}/postpone")
    _hand_in(manager, here, box=pictures.jpeg())
    form = {**stale, "until": "2026-12-05", "reason": "x"}
    answer = manager.client.post(f"{here}/postpone", data=form, headers=manager.headers)
    assert answer.status_code == 409 and "evidence_nothing_open" in answer.text
