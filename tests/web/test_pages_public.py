"""Pages for everybody: what would I get, the rules to print, a person's rights, a claim's slip."""

import re
import subprocess
import sys
from datetime import date

import pytest

from pos_subsidy.policy import load_rulebook
from pos_subsidy.web import rule_sheet
from tests.web.pages_shop import Browser, issue, journal_kinds


@pytest.fixture
def browser(app) -> Browser:
    return Browser(app)


def test_everybody_may_ask_what_an_item_would_get(app, browser):
    page = browser.get("/ask?category=computer&price=5999&rating=1")
    assert "¥899.85" in page and "¥5,099.15" in page
    assert "补贴比例 15%" in page and "不计入基数：安装费" in page
    assert page.count("发改环资〔2025〕1745号") >= 3
    assert journal_kinds(app) == []


def test_the_page_and_the_api_say_the_same(app, browser):
    page = browser.get("/ask?category=computer&price=5999&rating=1")
    body = {"category": "computer", "price_fen": 599_900, "energy_rating": 1}
    told = app.test_client().post("/api/v1/assessments", json=body).json
    for step in told["steps"]:
        assert step["text_zh"] in page


def test_a_refusal_says_why_and_what_would_be_granted(browser):
    assert "同价 1 级可补 450.00 元" in browser.get("/ask?category=computer&price=3000&rating=2")
    assert "最多 500.00 元" in browser.get("/ask?category=phone&price=6100")
    page = browser.get("/ask?category=dishwasher&price=3000&lang=en")
    assert "Refrigerator or freezer, Washing machine" in page


def test_the_form_asks_what_the_rule_of_the_class_wants(browser):
    page = browser.get("/ask?category=car")
    assert 'name="scheme"' in page and 'value="scrappage"' in page and 'name="rating"' not in page
    assert 'name="rating"' in browser.get("/ask?category=computer")
    page = browser.get("/ask?category=ebike&on=2025-06-18&price=3000&old_bike_handed_in=no")
    assert "没有交回旧车" in page


def test_another_day_has_other_rules(browser):
    assert "¥1,000.00" in browser.get("/ask?category=refrigerator&price=5000&rating=1&on=2025-06-18")
    assert "¥750.00" in browser.get("/ask?category=refrigerator&price=5000&rating=1&on=2026-12-31")
    assert "没有对应的补贴" in browser.get("/ask?category=refrigerator&price=5000&rating=1&on=2027-01-01")


def test_a_class_claimed_afterwards_is_paid_in_full_first(browser):
    page = browser.get("/ask?category=car&price=150000&scheme=replacement&fuel=nev")
    assert "¥12,000.00" in page and "¥150,000.00" in page and "购买后申领" in page


@pytest.mark.parametrize(
    "query",
    [
        "category=computer&price=0",
        "category=computer&price=1.005",
        "category=computer&price=ten",
        "category=computer&price=99999999999999",
        "category=broom&price=1",
        "category=computer&price=1&on=2026-02-30",
        "category=computer&price=1&rating=1.5匹",
        "category=car&price=1&displacement_l=big",
        "category=car&price=1&old_car_held_since=2025-02-30",
    ],
)
def test_what_is_wrong_is_said_on_the_page_and_the_form_stays(browser, query):
    page = browser.get(f"/ask?{query}", status=400)
    assert 'data-verdict="doubt"' in page and 'name="price"' in page


def test_what_is_missing_is_no_refusal(browser):
    page = browser.get("/ask?category=car&price=150000")
    assert 'data-verdict="doubt"' in page and "还差 2 项信息就能算" in page
    assert 'data-verdict="wait"' in browser.get("/ask?category=car")
    page = browser.get("/ask?category=computer&price=5999")
    assert "还差 1 项信息就能算" in page and "看产品上的能效" in page
    assert 'data-verdict="no"' in browser.get("/ask?category=computer&price=0.01&rating=1")


def test_a_price_in_powers_of_ten_takes_no_time(browser):
    browser.get("/ask?category=computer&price=1e9999999", status=400)


def test_the_rules_of_a_day_are_a_sheet_with_every_programme_and_source(browser):
    page = browser.get("/rules?on=2025-06-18")
    rules = load_rulebook().rules_in_force(date(2025, 6, 18))
    assert rules and all(rule.programme.name_zh in page for rule in rules)
    assert all(rule.source.cited in page for rule in rules)
    assert "尚未确认，不发放" in page and "data:image/svg+xml;base64," in page
    assert "没有生效的规则" in browser.get("/rules?on=2024-06-18")
    browser.get("/rules?on=never", status=400)


def test_a_source_with_an_address_has_its_qr():
    sheets = rule_sheet.sheets(load_rulebook(), date(2025, 6, 18))
    cited = [one for sheet in sheets for one in sheet.sources]
    assert any(one.source.url and one.picture for one in cited)
    assert all(bool(one.picture) == bool(one.source.url) for one in cited)
    assert rule_sheet.picture("") == ""


def test_the_sheet_can_be_written_to_a_file(tmp_path):
    out = tmp_path / "rules.html"
    command = [
        sys.executable,
        "-m",
        "pos_subsidy",
        "policy",
        "print",
        "--on",
        "2026-11-20",
        "--out",
        str(out),
    ]
    subprocess.run([*command, "--address", "http://city.test/rules"], check=True, capture_output=True)
    text = out.read_text("utf-8")
    assert "<style>" in text and "家电以旧换新补贴（2026）" in text
    assert not re.search(r'(src|href)="(?!data:)', text), "the file needs nothing beside it"


def test_a_person_sees_what_she_used_and_what_is_left(app, browser):
    voucher = issue(app)
    page = browser.get(f"/wallet/{voucher.wallet_link}/rights")
    assert "有 1 张未用的券" in page and "还剩 1 件（共 1 件）" in page
    assert "330402" not in page
    cashier = Browser(app).sign_in()
    cashier.scan(voucher.voucher.code, "SN-1", "JX-1")
    cashier.send("/till", act="hold")
    cashier.send(cashier.path, channel="wechat", payment_ref="42000")
    page = browser.get(f"/wallet/{voucher.wallet_link}/rights")
    assert "已用完" in page and "还剩 0 件（共 1 件）" in page
    assert "张** 的名额" in cashier.get(f"/till/vouchers/{voucher.voucher.code}/rights")


def test_rights_are_not_shown_to_a_stranger(app, browser):
    voucher = issue(app)
    browser.get("/wallet/" + "0" * 40 + "/rights", status=404)
    assert Browser(app).get(f"/till/vouchers/{voucher.voucher.code}/rights").count("名额") == 0
    browser.get("/claim/" + "0" * 40, status=404)


def test_a_claim_is_opened_completed_and_submitted_at_the_counter(app):
    cashier = Browser(app).sign_in()
    assert "还没有申领单" in cashier.get("/till/claims")
    cashier.get("/till/claims/new?category=car")
    person = {"name": "张小明", "phone": "13800000014", "id_number": "330402189901010015"}
    cashier.send("/till/claims/new", scheme="replacement", fuel="nev", price="150000", consent="1", **person)
    path = cashier.path
    assert path.startswith("/till/claims/C-20261120-") and "¥12,000.00" in cashier.page
    cashier.send(f"{path}/submit", status=422)
    assert "材料不齐" in cashier.page
    assert all(
        f'type="date" name="{one}"' in cashier.page for one in ("registered_on", "old_car_disposed_on")
    )
    codes = ("invoice", "registration", "old_car_transfer", "old_car_registration", "bank_account")
    cashier.send(
        f"{path}/papers",
        **{f"got_{code}": "1" for code in codes},
        number_invoice="26427000000316294884",
        amount_invoice="150000",
        day_invoice="2026-11-20",
        vin="LSVAA49J7R2000001",
        old_car_vin="LGXC16AF3S0000001",
        old_car_held_since="2020-05-01",
        old_car_disposed_on="2026-10-08",
        registered_on="2026-11-20",
        invoice_region="330402",
    )
    assert "材料齐了" in cashier.page
    cashier.send(f"{path}/submit")
    assert "已提交" in cashier.page and journal_kinds(app)[-1] == "claim_submitted"
    slip = re.search(r'href="(/claim/[0-9a-f]{40})"', cashier.page)
    page = Browser(app).get(slip[1])
    assert "已提交" in page and "330402189901010015" not in page and "张小明" not in page
    picture = app.test_client().get(f"{slip[1]}/qr.svg")
    assert picture.content_type == "image/svg+xml"


def test_a_claim_needs_consent_and_keeps_what_was_typed(app):
    cashier = Browser(app).sign_in()
    cashier.get("/till/claims/new?category=car")
    cashier.send("/till/claims/new", scheme="replacement", fuel="nev", price="150000", status=400)
    assert 'value="150000"' in cashier.page
    cashier.send("/till/claims/new", consent="1", price="150000", name="张", phone="1", status=422)
    assert "person_invalid" in cashier.page and 'value="replacement" selected' in cashier.page


def test_without_a_certificate_there_is_nothing_to_trust(browser):
    assert "还没有证书" in browser.get("/trust", status=404)
    browser.get("/trust/authority.crt", status=404)


def test_claims_are_for_staff_only(app):
    for path in ("/till/claims", "/till/claims/new", "/till/claims/C-1"):
        assert "登录" in Browser(app).get(path)
