"""A shop with goods and staff, and a browser without scripts, for the tests of the pages."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from pos_subsidy import create_app
from pos_subsidy.config import Folder, Settings
from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain.product import Product
from pos_subsidy.services import access, issuance
from pos_subsidy.services.assessment import PersonInput
from pos_subsidy.services.issuance import Application, Issued
from pos_subsidy.services.shop import By
from pos_subsidy.store import catalogue
from pos_subsidy.store.db import write_transaction
from pos_subsidy.wiring import open_till_database, wire

AFTERNOON = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # 14:00 in the shop
FRIDGE, PHONE = "6901234567892", "6923567890126"
ID_NUMBER, OTHER_ID = "330402189901010015", "330402189901010023"
IMEI = "490154203237518"


class _Compiled(BytecodeCache):
    """Templates compiled once for all the shops of a run."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def make_shop(path: Path, *, at: datetime = AFTERNOON, **changes: Any) -> Flask:
    """Return the service of a fresh demo shop, at 14:00 unless told otherwise, on a training clock."""
    shutil.copytree(_stocked(), path)
    return shop_at(path, at, **changes)


def shop_at(path: Path, at: datetime, **changes: Any) -> Flask:
    """Return the service of a shop that is there already, at a moment."""
    wired = wire(Folder(path), training_clock=at, public_url="http://shop.test")
    shop = replace(wired.shop, **changes)
    wired = replace(wired, shop=shop, till=replace(wired.till, shop=lambda: shop))
    app = create_app(wired, training=True)
    app.jinja_env.bytecode_cache = _COMPILED
    return app


@lru_cache
def _stocked() -> Path:
    """Make one shop with staff and goods, of which every test gets a copy of its own."""
    path = Path(tempfile.mkdtemp(prefix="pages-shop-")) / "shop"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    folder = Folder(path)
    folder.init(Settings("DEMO-A", "南湖示范店", "示例商贸有限公司", "", "330402", True))
    db = open_till_database(folder)
    for role in ("cashier", "manager"):
        access.new_staff(db, username=role, display_name=role.title(), role=role, password="pw", till="T1")
    goods = [
        Product(FRIDGE, "refrigerator", "样例甲", "BCD-501", "双门冰箱", 1, True, "R1", 700_000, None),
        Product(PHONE, "phone", "样例乙", "P-30", "手机", None, False, "R2", 650_000, None),
    ]
    with write_transaction(db):
        catalogue.put(db, goods, now=AFTERNOON)
        # A hash says itself how dear it is; some hundred tests sign in.
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("pw")
        db.execute("UPDATE staff SET password_hash = ?", [quick])
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()
    return path


def issue(app: Flask, *, id_number: str = ID_NUMBER, **about: Any) -> Issued:
    """Issue a voucher as another till of the shop would."""
    about = {"category": None, "gtin": FRIDGE, "price_fen": 610_000, **about}
    person = PersonInput("resident", id_number, "张小明", "13800000014")
    with app.app_context():
        return issuance.issue(
            get_db(), get_shop(), Application(person=person, **about), by=By("T2", "c2"), now=now()
        )


@dataclass
class Form:
    """One form of a page: where it goes and what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.forms.append(Form(told.get("action") or "", (told.get("method") or "get").lower()))
        elif tag == "input" and self.forms and told.get("name"):
            ticked = told.get("type") not in ("radio", "checkbox") or "checked" in told
            if ticked:
                self.forms[-1].fields[str(told["name"])] = told.get("value") or ""
        elif tag == "select" and self.forms:
            self._select = told.get("name")
        elif tag == "option" and self._select and self.forms:
            if self._select not in self.forms[-1].fields or "selected" in told:
                self.forms[-1].fields[self._select] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None


class Browser:
    """A browser that runs no scripts."""

    def __init__(self, app: Flask, *, language: str = "zh-CN") -> None:
        self.client = app.test_client()
        self.headers = {"Accept": "text/html", "Accept-Language": language}
        self.page = ""
        self.voucher = ""  # the last one that was held
        self.status = 0
        self.path = ""

    def get(self, path: str, *, status: int = 200) -> str:
        return self._show(self.client.get(path, headers=self.headers, follow_redirects=True), status)

    def send(self, action: str, *, status: int = 200, **typed: str) -> str:
        """Fill in the form of this page that goes to ``action`` and send it, following redirects."""
        answer = self.client.post(
            action, data={**self.form(action), **typed}, headers=self.headers, follow_redirects=True
        )
        return self._show(answer, status)

    def form(self, action: str) -> dict[str, str]:
        """Return what the page's form would send."""
        reader = _Forms()
        reader.feed(self.page)
        posted = [form for form in reader.forms if form.action == action and form.method == "post"]
        assert posted, f"no form to {action} among {[form.action for form in reader.forms]}"
        return dict(posted[0].fields)

    def sign_in(self, role: str = "cashier") -> "Browser":
        self.get("/sign-in")
        self.send("/sign-in", username=role, password="pw")
        return self

    def scan(self, *texts: str) -> str:
        for text in texts:
            if self.path != "/till":
                self.get("/till")
            self.send("/till", scan=text, act="next")
        return self.page

    def hold(self, app: Flask, *, serial_no: str = "SN-0001", order_no: str = "JX-1", **about: Any) -> str:
        """Put a refrigerator's sale together by scans alone, hold it, and return the hold's path."""
        self.voucher = issue(app, **about).voucher.code
        self.scan(self.voucher, serial_no, order_no)
        self.send("/till", act="hold")
        assert self.path.startswith("/till/holds/"), self.page
        return self.path

    def sell(self, app: Flask, **about: Any) -> str:
        """Sell a refrigerator and return the redemption's number."""
        path = self.hold(app, **about)
        self.send(path, channel="wechat", payment_ref="42000")
        assert self.path.startswith("/till/redemptions/"), self.page
        return self.path.rsplit("/", 1)[1]

    def _show(self, answer: Any, status: int) -> str:
        assert answer.status_code == status, (answer.status_code, answer.text[:3000])
        self.page, self.status, self.path = answer.text, answer.status_code, answer.request.path
        return self.page


def journal_kinds(app: Flask) -> list[str]:
    """Return what has happened in the shop, in order."""
    with app.app_context():
        return [kind for (kind,) in get_db().execute("SELECT kind FROM journal ORDER BY seq").fetchall()]
