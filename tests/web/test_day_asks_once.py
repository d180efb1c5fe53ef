"""What the day's page and its close ask the database does not grow with the day's sales."""

from datetime import date, timedelta

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.services import findings, postponing
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
