"""The reviewers' and the money desk's pages, on a real shop's batch."""

import io
import re

import openpyxl
import pytest

from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub import office_log, review
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import office
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.hub.store.office import Account
from tests.hub.office import _QUICK, Desk, hire, pages
from tests.hub.shops import Shop, serving
from tests.hub.test_pages_claims import cells
from tests.hub.test_review import BATCH, sell

PAGE = f"/review/batches/DEMO-A/{BATCH}"


@pytest.fixture
def city(tmp_path):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True, review=True)
    city = hub_config.load(tmp_path / "hub")
    hire(city)
    second = Account("finance2", "吴刚", "finance", _QUICK, True, 0, "2026-11-20T00:00:00.000Z")
    run_in(city.engine, lambda db: office.add_account(db, second))
    yield city
    city.engine.dispose()


@pytest.fixture
def shop(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        yield Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)


@pytest.fixture
def app(city, clock):
    return pages(city, clock)


def sampled(city):
    found = review.batch(city, "DEMO-A", BATCH)
    return [one.claim["redemption_id"] for one in found.lines if one.is_in_sample]


def test_a_batch_goes_through_three_levels(app, city, shop):
    numbers = sell(shop, 3)
    first = Desk(app).sign_in("reviewer1")
    assert [row[0] for row in cells(first.get("/review"), "batches")] == [BATCH]
    assert "0 / 1" in first.page and "还要查看 1 笔" in first.get(PAGE)
    chosen = sampled(city)[0]
    line = f"/review/claims/{chosen}"
    assert "门店还没有提交材料" in first.get(line)
    assert f"{line}/reject" not in first.page, "that is the second level's"
    first.send(f"{line}/look")
    assert first.path == PAGE and 'id="looked">1 / 1<' in first.page
    assert "/approve" not in first.page
    doubted = next(number for number in numbers if number != chosen)
    first.get(f"/review/claims/{doubted}")
    first.send(f"/review/claims/{doubted}/suspend", reason="review_invoice_missing", note="请补发票原件")
    assert "缺发票" in first.page and "请补发票原件" in first.page
    third = Desk(app).sign_in("reviewer3")
    third.get(PAGE)
    third.send(f"{PAGE}/approve")
    assert "reviewer3 已批准" in third.page
    shop.sync()
    said = {number: shop.api.get(f"/redemptions/{number}").json["verdict"] for number in numbers}
    assert said == {number: "suspended" if number == doubted else "accepted" for number in numbers}
    second = Desk(app).sign_in("reviewer2")
    second.get(f"/review/claims/{doubted}")
    assert "推迟到 2026-12" in second.send(f"/review/claims/{doubted}/postpone")
    second.send(f"/review/claims/{doubted}/accept")
    assert "/postpone" not in second.page, "it is decided"
    assert ["reviewer1", "1", "0", "1", "0", "0"] in cells(second.get("/review"), "reviewers")


def test_a_batch_is_not_approved_before_enough_was_looked_at(app, shop):
    sell(shop, 2)
    desk = Desk(app).sign_in("reviewer3")
    desk.get(PAGE)
    assert "disabled" in desk.page.split('id="approval"')[1].split("</section>")[0]
    assert "review_too_few" in desk.send(f"{PAGE}/approve", status=409)


def test_a_doubt_wants_its_reason_and_what_was_typed_stays(app, city, shop):
    number = sell(shop, 1)[0]
    desk = Desk(app).sign_in("reviewer2")
    desk.get(f"/review/claims/{number}")
    page = desk.send(f"/review/claims/{number}/suspend", status=400, reason="", note="看不清")
    assert "review_reason_required" in page and 'value="看不清"' in page


def test_evidence_stands_beside_the_claim_and_the_newest_counts(app, shop):
    sold = shop.api.sell(serial_no="SN-1")
    number = sold["redemption_id"]
    delivered = {"delivered_on": "2026-11-20", "signed_by": "张", "region": "330402"}
    for note in ("DN-1", "DN-2"):
        answer = shop.api.put(f"/redemptions/{number}/evidence", {"delivery": {**delivered, "note_no": note}})
        assert answer.status < 300, answer.json
    shop.sync()
    page = Desk(app).sign_in("reviewer1").get(f"/review/claims/{number}")
    shown = page.split('id="evidence"')[1].split("</section>")[0]
    assert "送货签收单" in shown and "DN-2" in shown and "DN-1" not in shown


def name_account(app):
    page = "/settlement/shops/DEMO-A"
    one, two = Desk(app).sign_in("finance"), Desk(app).sign_in("finance2")
    one.get(page)
    typed = {"holder": "示例商贸有限公司", "bank": "嘉兴银行"}
    assert "payee_invalid" in one.send(f"{page}/payees", status=400, **typed, number="12")
    one.get(page)
    one.send(f"{page}/payees", **typed, number="6222 0000 1111 2222")
    assert "6222" not in one.page.split("<main", 1)[1], "sealed"
    assert f"{page}/payees/confirm" not in one.page, "no button that refuses her"
    typed = {**one.form(f"{page}/payees"), "payee_no": "1"}
    refused = one.client.post(f"{page}/payees/confirm", data=typed, headers=one.headers)
    assert refused.status_code == 403 and "second_person_required" in refused.text
    assert "6222 0000 1111 2222" in two.get(page), "to compare it with the bank's paper"
    assert "…2222" in Desk(app).sign_in("auditor").get(page) and "6222 0000" in two.page
    assert "finance2 已确认" in two.send(f"{page}/payees/confirm")
    log = Desk(app).sign_in("auditor").get("/log?what=payee_number_seen")
    seen = [row for row in cells(log, "log") if "查看完整账号" in " ".join(row)]
    assert seen and all("finance2" in " ".join(row) and "DEMO-A" in " ".join(row) for row in seen)
    return one


def test_money_is_paid_by_a_run_its_file_and_the_banks_answer(app, city, shop):
    numbers = sell(shop, 2)
    for number in numbers:
        review.decide(city, number, "accepted", by="reviewer2", now=shop.clock())
    desk = name_account(app)
    assert 'id="payable">¥1,830.00<' in desk.get("/settlement")
    assert 'id="next-run">¥1,830.00<' in desk.get("/settlement/shops/DEMO-A")
    assert 'id="balance">¥1,830.00<' in desk.page
    assert cells(desk.get("/settlement"), "balances")[0][2:4] == ["¥1,830.00", "¥1,830.00"]
    stale = desk.form("/settlement/runs")
    desk.send("/settlement/runs")
    run_id = desk.path.rsplit("/", 1)[1]
    assert [row[2:4] for row in cells(desk.page, "payments")] == [["待银行答复", "¥1,830.00"]]
    again = desk.client.post("/settlement/runs", data=stale, headers=desk.headers)
    assert again.status_code == 409 and "run_made_meanwhile" in again.text, "pressed twice"
    answer = desk.client.get(f"/settlement/runs/{run_id}/file.csv")
    assert answer.headers["Content-Disposition"].endswith(f'"{run_id}.csv"')
    assert "6222000011112222" in answer.data.decode("utf-8-sig")
    book = desk.client.get(f"/settlement/runs/{run_id}/file.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [cell.value for cell in sheet[2]][3:5] == ["6222000011112222", 1830]
    desk.get(f"/settlement/runs/{run_id}/file.exe", status=404)
    payment = f"{run_id}-DEMO-A"
    lines = ["付款编号,结果,金额（元）,银行流水号", f"{payment},成功,1830.00,B-1", "P-0,成功,1.00,B-2"]
    desk.get("/settlement")
    page = desk.send("/settlement/answers", file=(io.BytesIO("\n".join(lines).encode("gb18030")), "回单.csv"))
    assert "到账 1 笔" in page and "第 3 行" in page and "没有这笔付款" in page
    assert cells(desk.page, "trial")[-1][1].startswith("¥0.00 平衡")
    assert 'id="idle"' in desk.page, "no second run of nothing"
    assert "已到账" in desk.get("/settlement/shops/DEMO-A") and "next-run" not in desk.page
    shop.sync()
    assert shop.api.get(f"/redemptions/{numbers[0]}").json["verdict"] == "settled"
    deeds = {one["what"] for one in office_log.view(city, by="finance").lines}
    assert {"payment_run", "payment_file_taken", "bank_answer", "payee_named"} <= deeds
    assert not re.search("6222", str(office_log.view(city).lines))


def test_what_is_no_answer_of_a_bank_is_said_in_words(app, shop):
    desk = Desk(app).sign_in("finance")
    desk.get("/settlement")
    assert "file_missing" in desk.send("/settlement/answers", status=400)
    desk.get("/settlement")
    other = (io.BytesIO(b"a,b\n1,2\n"), "x.csv")
    assert "file_column_missing" in desk.send("/settlement/answers", status=400, file=other)
    desk.get("/settlement/runs/none", status=404)


def test_the_auditor_sees_all_of_it_and_has_no_button(app, shop):
    number = sell(shop, 1)[0]
    desk = Desk(app).sign_in("auditor")
    for path in (
        "/review",
        PAGE,
        f"/review/claims/{number}",
        "/settlement",
        "/settlement/shops/DEMO-A",
        "/packs",
    ):
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', desk.get(path))
        assert forms == ["/sign-out"], path
