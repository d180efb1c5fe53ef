"""What the day's page and its close ask the database does not grow with the day's sales."""

from datetime import date, timedelta

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.services import findings, postponing, reconciliation
from tests.web.pages_shop import OTHER_ID, Browser


@pytest.mark.parametrize("looking", ["findings", "close"])
def test_another_sale_costs_no_further_question(app: Flask, looking: str) -> None:
    manager = Browser(app).sign_in("manager")
    manager.sell(app)
    once = asked(app, looking)
    manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    assert 0 < asked(app, looking) <= once


def asked(app: Flask, looking: str) -> int:
    """Return how many statements a look through the day takes."""
    with app.test_request_context():
        db, shop, said = get_db(), get_shop(), []
        later = now() + timedelta(days=9)
        db.conn.set_trace_callback(said.append)
        if looking == "findings":
            findings.of_day(db, shop, date(2026, 11, 20))
        else:
            assert postponing.holding_back(db, shop, now=later)
        db.conn.set_trace_callback(None)
    return len(said)


def test_whoever_looks_at_a_day_takes_no_place_in_the_line_of_writers(app: Flask) -> None:
    Browser(app).sign_in("manager").sell(app)
    with app.test_request_context():
        db, said = get_db(), []
        db.conn.set_trace_callback(said.append)
        reconciliation.reconcile(db, get_shop(), date(2026, 11, 20), [], now=now())
        db.conn.set_trace_callback(None)
    assert said and not [one for one in said if one.startswith("BEGIN IMMEDIATE")]
