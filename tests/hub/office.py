"""The city's office for tests of its pages: somebody of every role, and a browser without scripts."""

from argon2 import PasswordHasher

from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.office import Account
from pos_subsidy.hub.web.permissions import ROLES
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
