"""The city's pages of appeals and signals: what a reviewer sees, decides and may not."""

import pytest
from sqlalchemy import text

from pos_subsidy.hub import appeal_cases, review
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached
from tests.hub.office import Desk, cells, hire, pages
from tests.hub.test_appeals import BOSS, city, doubted, shop, told  # noqa: F401
from tests.hub.test_signals import sign_odd_evidence
from tests.pictures import png
from tests.support import nth_person


@pytest.fixture
def app(city, clock):  # noqa: F811
    hire(city)
    return pages(city, clock)


@pytest.fixture
def appealed(shop, city, clock):  # noqa: F811
    """A sale that reviewer1 rejected, and its appeal with a photo."""
    number = shop.api.sell()["redemption_id"]
    shop.sync()
    review.decide(city, number, "rejected", by="reviewer1", now=clock(), reason="review_serial_unreadable")
    clock.pass_by(minutes=1)
    shop.sync()
    attached = [Attached("铭牌.png", png())]
    view = appeals.make(shop.db, shop.wired.shop, number, "<b>重拍了</b>", attached, by=BOSS, now=clock())
    assert shop.sync().complete
    return number, view.appeals[-1].appeal.appeal_id


def test_a_reviewer_sees_both_sides_and_somebody_else_decides(app, city, shop, appealed):  # noqa: F811
    number, appeal_id = appealed
    here = f"/appeals/{appeal_id}"
    first = Desk(app).sign_in("reviewer1")
    assert appeal_id in first.get("/appeals") and 'aria-current="page">申诉' in first.page
    page = first.get(here)
    assert "&lt;b&gt;重拍了" in page and "铭牌.png" in page and 'id="barred"' in page
    assert 'name="outcome"' not in page, "who rejected it is not asked again"
    second = Desk(app).sign_in("reviewer2")
    page = second.get(here)
    assert ["市级收到时间", "2026-11-20 12:00:00"] in cells(page, "compare")
    assert f"/review/claims/{number}#evidence" not in page, "none was handed in"
    assert "序列号看不清" in page and "SN-0001" in page and 'id="compare"' in page
    case = appeal_cases.case(city, appeal_id)
    photo = second.client.get(f"{here}/files/{case.files[0]['sha256']}")
    assert photo.data == png() and photo.headers["X-Content-Type-Options"] == "nosniff"
    second.send(here, status=400, outcome="granted", reason="appeal_rule_stands")
    assert "appeal_reason_required" in second.page
    second.send(here, outcome="granted", reason="appeal_proof_convinces", note="清楚")
    assert 'id="decision"' in second.page and "材料足以证明" in second.page and "清楚" in second.page
    shop.sync()
    assert told(shop, number) == "accepted"
    assert "同意申诉" in Desk(app).sign_in("auditor").get("/log")
    assert appeal_id in second.get("/appeals?state=granted") and appeal_id not in second.get("/appeals")
    english = second.get(f"{here}?lang=en")
    assert "The proof convinces" in english and "Stored first" not in english


def test_the_auditor_looks_and_does_not_decide_and_others_see_no_file(app, city, shop, appealed):  # noqa: F811
    number, appeal_id = appealed
    sign_odd_evidence(shop, number)
    shop.sync()
    here = f"/appeals/{appeal_id}"
    sha256 = appeal_cases.case(city, appeal_id).files[0]["sha256"]
    auditor, operator = Desk(app).sign_in("auditor"), Desk(app).sign_in("operator")
    assert 'name="outcome"' not in auditor.get(here) and 'name="outcome"' not in operator.get(here)
    assert auditor.client.get(f"{here}/files/{sha256}").status_code == 200
    assert operator.client.get(f"{here}/files/{sha256}").status_code == 403
    Desk(app).sign_in("finance").get("/appeals", status=403)
    auditor.get("/appeals/none", status=404)


def test_the_list_of_signals_says_its_figures_and_changes_nothing(app, city, shop, appealed):  # noqa: F811
    for place in range(5):
        shop.api.sell({**nth_person(place), "phone": "13800009999"}, serial_no=f"SN-{place}")
    shop.sync()
    before = run_in(city.engine, lambda db: db.execute(text("SELECT * FROM claim ORDER BY 1")).fetchall())
    desk = Desk(app).sign_in("reviewer1")
    page = desk.get("/signals")
    assert "5 人共用同一手机号" in page and "线索只是提醒人去看" in page and "13800009999" not in page
    assert "no verdict" in desk.get("/signals?lang=en&since=2026-11-01")
    assert "没有线索" in desk.get("/signals?lang=zh&since=2026-11-21")
    desk.get("/signals?since=nonsense", status=400)
    Desk(app).sign_in("finance").get("/signals", status=403)
    after = run_in(city.engine, lambda db: db.execute(text("SELECT * FROM claim ORDER BY 1")).fetchall())
    assert after == before
