"""What tests share: a clock that obeys, people who do not exist, a caller of the API."""

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stdnum.cn import ric

from pos_subsidy import cli, create_app
from pos_subsidy.config import Folder
from pos_subsidy.context import Till
from pos_subsidy.domain.rules import Rule, Rulebook
from pos_subsidy.services import sweeping
from pos_subsidy.store.db import TillDatabase
from pos_subsidy.wiring import Wired, wire

CATALOGUE = Path(__file__).parent / "catalogue.csv"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in the shop

FRIDGE, FRIDGE_GRADE_2, WASHER = "6901234567892", "6923567890126", "6934123456786"
AIR_CONDITIONER, PHONE, TELEVISION = "6945678901232", "6956789012342", "6971234567895"
DISHWASHER, TABLET = "6976502732852", "6934058097474"
IMEI, OTHER_IMEI = "490154203237518", "354178036859789"
# Born in 1899, with right check digits: they hit nobody.
PERSONS = [
    {"name": "测试甲", "id_type": "resident", "id_number": number, "phone": f"1380000000{place}"}
    for place, number in enumerate(
        (
            "330402189901010015",
            "330402189901010023",
            "330411189901010011",
            "330421189901010014",
            "330424189901010013",
            "330481189901010010",
            "330482189901010017",
            "330483189901010013",
        )
    )
]
ANNA, BAO = PERSONS[0], PERSONS[1]


class Clock:
    """Stands still until it is moved, forwards or back."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


def run(*arguments: str) -> None:
    """Run a command of ours in this process."""
    cli.cli.main(list(arguments), standalone_mode=False)


def copy_shop(template: Path, path: Path) -> Folder:
    shutil.copytree(template, path)
    return Folder(path)


def wired_with(folder: Folder, clock: Clock, **changes: Any) -> Wired:
    """Put a till together that runs on the test's clock."""
    wired = wire(folder)
    shop = replace(wired.shop, **changes)
    till = Till(folder.database, clock, lambda: shop, "http://till.test")
    return replace(wired, till=till, clock=clock, shop=shop)


@dataclass
class Answer:
    """What the service said."""

    status: int
    json: dict[str, Any]
    raw: bytes
    headers: dict[str, str]

    @property
    def code(self) -> str | None:
        return self.json.get("code")

    @property
    def codes(self) -> list[str]:
        return [one["code"] for one in self.json.get("reasons", [])] or [self.json.get("code", "")]


class Api:
    """The till's API, as a till program calls it."""

    def __init__(self, client: Any, key: str, wired: Wired) -> None:
        self.client, self.key, self.wired = client, key, wired

    @classmethod
    def of(cls, wired: Wired, folder: Folder) -> "Api":
        key = json.loads((folder.path / "demo.json").read_text("utf-8"))["api_key"]
        return cls(create_app(wired).test_client(), key, wired)

    def get(self, path: str, **headers: str) -> Answer:
        return self._answer(self.client.get(f"/api/v1{path}", headers=self._headers(headers)))

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Answer:
        """Write with a fresh key, with the one given, or (None) without."""
        return self._write("POST", path, body, key, headers)

    def put(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Answer:
        """As ``post``."""
        return self._write("PUT", path, body, key, headers)

    def _write(self, method: str, path: str, body: Any, key: str | None, headers: dict[str, str]) -> Answer:
        if key == "":
            key = uuid.uuid4().hex
        if key is not None:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        response = self.client.open(
            f"/api/v1{path}",
            method=method,
            data=data,
            content_type="application/json",
            headers=self._headers(headers),
        )
        return self._answer(response)

    def voucher(self, person: dict[str, str] = ANNA, category: str = "refrigerator", **more: Any) -> Any:
        answer = self.post("/vouchers", {"category": category, "person": person, **more})
        assert answer.status == 201, answer.json
        return answer.json

    def try_hold(self, voucher: str, gtin: str = FRIDGE, price_fen: int = 610_000, **more: Any) -> Answer:
        body = {
            "voucher": voucher,
            "gtin": gtin,
            "price_fen": price_fen,
            "serial_no": "SN-0001",
            "order_no": "O-1",
            **more,
        }
        return self.post("/holds", body)

    def hold(self, voucher: str, gtin: str = FRIDGE, price_fen: int = 610_000, **more: Any) -> Any:
        answer = self.try_hold(voucher, gtin, price_fen, **more)
        assert answer.status == 201, answer.json
        return answer.json

    def try_redeem(self, hold: dict[str, Any], *, key: str | None = "", **more: Any) -> Answer:
        body = {"paid_fen": hold["payable_fen"], "channel": "wechat", "payment_ref": "W1", **more}
        return self.post(f"/holds/{hold['hold_id']}/redeem", body, key=key)

    def redeem(self, hold: dict[str, Any], **more: Any) -> Any:
        answer = self.try_redeem(hold, **more)
        assert answer.status == 201, answer.json
        return answer.json

    def sell(self, person: dict[str, str] = ANNA, **more: Any) -> Any:
        """Sell one refrigerator, from voucher to redemption."""
        return self.redeem(self.hold(self.voucher(person)["token"], **more))

    def sweep(self) -> sweeping.Swept:
        return sweeping.sweep(self.wired.till.db(), self.wired.shop, now=self.wired.clock())

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Accept-Language": "en", **more}

    def _answer(self, response: Any) -> Answer:
        content = response.get_json(silent=True)
        return Answer(response.status_code, content or {}, response.get_data(), dict(response.headers))


def journal_kinds(db: TillDatabase) -> list[str]:
    return [kind for (kind,) in db.execute("SELECT kind FROM journal ORDER BY seq").fetchall()]


def content(db: TillDatabase) -> dict[str, list[tuple]]:
    """Return every row of every table."""
    return {
        table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in db.table_names()
    }


def with_caps(rulebook: Rulebook, change: Callable[[int], int]) -> Rulebook:
    """Return the rulebook with other caps."""

    def changed(rule: Rule) -> Rule:
        grants = tuple(
            replace(grant, cap_fen=change(grant.cap_fen)) if grant.cap_fen else grant for grant in rule.grants
        )
        return replace(rule, grants=grants)

    return replace(rulebook, rules=tuple(changed(rule) for rule in rulebook.rules))


def with_rights_restored(rulebook: Rulebook) -> Rulebook:
    """Return the rulebook of a city where a full reversal gives the right back."""

    def changed(rule: Rule) -> Rule:
        return replace(rule, terms=replace(rule.terms, right_after_full_reversal="restored"))

    return replace(rulebook, rules=tuple(changed(rule) for rule in rulebook.rules))


def nth_id_number(number: int) -> str:
    """Return the ID number of the n-th of many people, none of them born in our time."""
    body = f"3304021899{1 + number // 28 % 12:02d}{1 + number % 28:02d}{number % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def nth_person(number: int) -> dict[str, str]:
    """Return the n-th of many people, as the API takes one."""
    phone = f"1390000{number:04d}"
    return {"name": "测试人", "id_type": "resident", "id_number": nth_id_number(number), "phone": phone}
