"""A shop appeals from its pages and by the API, and reads there what became of it."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.protocol.messages import Verdict
from pos_subsidy.services import city_sync
from tests.pictures import png
from tests.support import Api, copy_shop, wired_with
from tests.web.pages_shop import Browser, journal_kinds

DAY = "/office/day/2026-11-20"


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


def judged(app: Flask, number: str, word: str, counter: int = 1, **params: Any) -> None:
    """Let the city say a word."""
    code = "review_serial_unreadable" if word != "accepted" else None
    said = Verdict(counter, number, word, code, params, f"2026-11-20T07:0{counter}:00.000Z")
    with app.app_context():
        assert city_sync.apply_verdicts(get_db(), get_shop(), [said], now=now()) == 1


def test_a_rejected_sale_is_appealed_with_a_file_and_the_decision_is_read(
    app: Flask, manager: Browser
) -> None:
    number = manager.sell(app)
    judged(app, number, "rejected")
    here = f"/office/appeals/{number}"
    assert f'href="{here}"' in manager.get(DAY)
    assert f'href="{here}"' in manager.get(f"/till/redemptions/{number}")
    assert "序列号看不清" in manager.get(here)
    assert "申诉没有写理由" in manager.send(here, status=400, words=" ")
    manager.get(here)
    data = {**manager.form(here), "words": "照片重拍了", "files": (io.BytesIO(png()), "铭牌.png")}
    answer = manager.client.post(here, data=data, headers=manager.headers, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "照片重拍了" in page and "铭牌.png" in page and "待决定" in page
    assert f'action="{here}"' not in page, "one at a time"
    assert journal_kinds(app)[-1] == "appeal_made" and "提出申诉" in manager.get("/office/log")
    assert "1 个待决定" in manager.get("/office/appeals") and "待决定" in manager.get("/office/money")
    decided = {"appeal_id": page.split('<section class="card" id="')[1].split('"')[0], "outcome": "refused"}
    told = {
        **decided,
        "reason": "appeal_proof_lacking",
        "note": "仍不清楚",
        "decided_at": "2026-11-20T07:02:00.000Z",
    }
    judged(app, number, "rejected", 2, appeal=told)
    page = manager.get(here)
    assert "申诉决定： 材料不足" in page and "仍不清楚" in page and f'action="{here}"' in page
    english = manager.get(f"{here}?lang=en")
    assert "On appeal: The proof is not enough" in english and "refused" in manager.get(DAY)


def test_an_accepted_sale_and_an_unknown_one_are_answered_with_words(app: Flask, manager: Browser) -> None:
    number = manager.sell(app)
    judged(app, number, "accepted")
    page = manager.get(f"/office/appeals/{number}")
    assert "只有被驳回或挂起的单子可以申诉" in page and 'name="words"' not in page
    assert "appeal_needless" in page
    manager.get("/office/appeals/none", status=404)


def test_the_api_appeals_once_and_shows_both_records(shop_template: Path, tmp_path: Path, clock: Any) -> None:
    folder = copy_shop(shop_template, tmp_path / "shop")
    wired = wired_with(folder, clock)
    api = Api.of(wired, folder)
    number = api.sell()["redemption_id"]
    here = f"/redemptions/{number}/appeals"
    early = api.post(here, {"words": "x"})
    assert (early.status, early.code) == (409, "appeal_needless")
    first = {
        "outlet": "DEMO-B",
        "seq": 7,
        "at": "2026-11-20T04:00:00.000Z",
        "hash": "h",
        "kid": "k",
        "signature": "s",
    }
    said = Verdict(
        1,
        number,
        "rejected",
        "serial_used",
        {"number": "SN-0001", "first": first},
        "2026-11-20T05:00:00.000Z",
    )
    city_sync.apply_verdicts(wired.till.db(), wired.shop, [said], now=clock())
    bad = api.post(here, {"words": "x", "files": [{"name": "a.png", "content_base64": "???"}]})
    assert (bad.status, bad.code) == (400, "evidence_file_invalid")
    body = {
        "words": "是我先卖的",
        "files": [{"name": "a.png", "content_base64": base64.b64encode(png()).decode()}],
    }
    made = api.post(here, body, key="k-1")
    assert made.status == 201 and made.json["appeals"][0]["state"] == "open"
    assert api.post(here, body, key="k-1").raw == made.raw
    assert api.post(here, body, key="k-2").code == "appeal_open"
    shown = api.get(here).json
    assert shown["records"]["first"] == first and shown["records"]["own"]["signature"]
    assert [one["verdict"] for one in shown["history"]] == ["rejected"]
