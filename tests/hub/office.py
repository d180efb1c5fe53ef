"""The city's office for tests of its pages: somebody of every role, and a browser without scripts."""

import re

from argon2 import PasswordHasher

from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.office import Account
from pos_subsidy.hub.web.permissions import ROLES
from tests.support import ANNA, BAO
from tests.web.pages_shop import _COMPILED, Browser

PASSWORD = "pw"
NAMES = dict(zip(ROLES, ("周敏", "李娜", "王芳", "陈静", "赵磊", "孙洁", "钱伟"), strict=True))
# A hash says itself how dear it is; many tests sign in.
_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def hire(city, *, at="2026-11-20T00:00:00.000Z"):
    """Give the city's office somebody of every role, named like it."""

    def write(db):
        for role in ROLES:
            office.add_account(db, Account(role, NAMES[role], role, _QUICK, True, 0, at))

    run(city.engine, write)


def pages(city, clock, **about):
    """Return the hub's service with templates that are compiled once for a run."""
    app = create_hub(city, clock, **about)
    app.jinja_env.bytecode_cache = _COMPILED
    return app


class Desk(Browser):
    """The browser of somebody in the office."""

    def sign_in(self, role="operator", *, status=200):
        self.get("/sign-in")
        self.send("/sign-in", status=status, username=role, password=PASSWORD)
        return self


def sell(shops):
    """Make three sales: a good one, one of the same person, one of the same piece; their numbers."""
    good = shops[0].api.sell(ANNA, serial_no="SN-1", order_no="JX-1")
    shops[1].line._errors = 3  # cut off: it cannot know
    person = shops[1].api.sell(ANNA, serial_no="SN-2", order_no="JX-2")
    piece = shops[1].api.sell(BAO, serial_no="SN-1", order_no="JX-3")
    for shop in shops:
        assert shop.sync().complete
    return [one["redemption_id"] for one in (good, person, piece)]


def cells(page, table):
    """Return the rows of a table of a page, each as the text of its cells."""
    found = re.search(rf'<table class="[^"]*" id="{table}">.*?<tbody>(.*?)</tbody>', page, re.S)
    assert found, table
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.S)
    return [[_text(one) for one in re.findall(r"<t[dh].*?</t[dh]>", row, re.S)] for row in rows]


def _text(cell):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
