"""Every refusal in a real browser, in both languages: its code, its words, what to do next.

The shop is filled from 13:00 on by the tests' own hands, then the real service runs on it from 14:15
on: vouchers of 13:00 are over, those of 14:00 are not.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pos_subsidy.context import get_shop
from pos_subsidy.domain import qr_token, reasons, words_claims, words_sale, words_vouchers
from pos_subsidy.domain import voucher as codes
from pos_subsidy.domain.keys import new_keyring, to_json
from pos_subsidy.domain.qr_token import Claims
from tests.e2e.browsing import DESKTOP, FRIDGE, Service, follow, scanned, sign_in, window
from tests.support import nth_id_number
from tests.web.pages_shop import AFTERNOON, IMEI, PHONE, Browser, issue, make_shop, shop_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LANGUAGES = ("zh", "en")
UNFILED = "6999999999997"
_CAR = "category=car&price=150000&scheme=replacement&fuel=nev"
_SCRAPPAGE = "category=car&price=150000&scheme=scrappage"
_EBIKE = "category=ebike&price=3000&on=2025-06-18"

# What a buyer is told before she comes, by the question that brings it.
ASKED = {
    "attribute_required": "category=car&price=150000",
    "rating_required": "category=refrigerator&price=6100",
    "rating_not_eligible": "category=refrigerator&price=6100&rating=3",
    "price_over_ceiling": "category=phone&price=7000",
    "price_under_minimum": "category=car&price=49999.99&scheme=replacement&fuel=nev&on=2025-06-18",
    "no_programme": "category=refrigerator&price=6100&rating=1&on=2024-01-01",
    "provisional_rule": "category=air_purifier&price=1000&rating=1&on=2025-06-18",
    "nothing_granted": "category=refrigerator&price=0.01&rating=1",
    "trade_in_required": f"{_EBIKE}&old_bike_handed_in=no&ccc=yes",
    "ccc_required": f"{_EBIKE}&old_bike_handed_in=yes&ccc=no",
    "activation_required": "category=phone&price=3000&activated_on_site=no",
    "displacement_over_limit": f"{_SCRAPPAGE}&fuel=ice&displacement_l=2.5",
    "old_car_not_eligible": f"{_SCRAPPAGE}&fuel=nev&old_car_fuel=diesel"
    "&old_car_first_registered_on=2020-01-01",
    "region_not_eligible": f"{_CAR}&invoice_region=110000",
    "registration_too_late": f"{_CAR}&on=2025-06-18&registered_on=2026-01-11",
    "days_out_of_order": f"{_CAR}&on=2025-06-18&registered_on=2025-06-17",
    "day_in_future": f"{_CAR}&old_car_first_registered_on=2027-01-01",
    "house_not_eligible": "category=renovation&price=10000&house_completed_on=2026-11-01&on=2025-06-18",
    "category_unknown": "category=toaster&price=100",
    "price_invalid": "category=phone&price=abc",
    "rating_invalid": "category=refrigerator&price=6100&rating=9",
    "attribute_invalid": "category=car&price=150000&scheme=sale",
}

# What the till says, by what is scanned ("=" puts a value into a field) one after the other.
SCANNED = {
    "voucher_unknown": ["{unknown}"],
    "voucher_code_invalid": ["voucher={misread}", ""],
    "voucher_forged": ["{forged}"],
    "voucher_other_shop": ["{elsewhere}"],
    "token_key_revoked": ["{revoked}"],
    "token_stale": ["{photograph}"],
    "voucher_spent": ["{spent}"],
    "voucher_voided": ["{voided}"],
    "voucher_expired": ["{expired}"],
    "voucher_held": ["{held}"],
    "serial_used": ["{fresh}", "SN-SOLD", "JX-R-0", ""],
    "serial_held": ["{fresh}", "SN-HELD", "JX-R-1", ""],
    "imei_used": ["{phone}", IMEI, "SN-R-2", "JX-R-2", ""],
    "category_mismatch": ["{phone}", f"gtin={FRIDGE}", "serial_no=SN-R-3", "order_no=JX-R-3", ""],
    "not_in_catalogue": ["{fresh}", f"gtin={UNFILED}", ""],
    "price_over_filed": ["{fresh}", "price=7500", ""],
    "identifier_invalid": ["{fresh}", "gtin=6901234567890", ""],
    "piece_differs": ["{fresh}", "SN-R-4", "screen=SN-R-5", ""],
    "scan_is_payment_code": ["134567890123456789"],
    "scan_is_energy_label": ["http://www.energylabel.com.cn/signDetails?productId=1"],
    "scan_is_other_voucher": ["HC1:NCFOXN"],
}

# What pages of one sale say, by their address.
SHOWN = {
    "hold_unknown": "/till/holds/H-0000000000000000",
    "redemption_unknown": "/till/redemptions/R-20261120-00000000",
    "claim_unknown": "/till/claims/C-20261120-00000000",
    "piece_not_found": "/till/find?q=SN-NEVER",
    "already_reversed": "/till/redemptions/{returned}/reverse?kind=full&reason=x",
    "new_price_invalid": "/till/redemptions/{sold}/reverse?kind=partial&new_price=6100&reason=x",
}

# What forms say: where they are and what is typed into them.
_BUYER = {"gtin": FRIDGE, "price": "6100", "name": "张小明", "phone": "13800000014", "consent": "1"}
FILLED = {
    "voucher_exists": ("/till/issue", {**_BUYER, "id_number": "{waiting}"}),
    "units_exhausted": ("/till/issue", {**_BUYER, "id_number": "{bought}"}),
    "person_invalid": ("/till/issue", {**_BUYER, "id_number": "{nobody}"}),
    "exchange_same_piece": ("/till/redemptions/{sold}/exchange", {"serial_no": "SN-SOLD", "reason": "x"}),
    "paid_amount_differs": ("{holding}", {"channel": "wechat", "paid": "1"}),
    "payment_required": ("{holding}", {"payment_ref": "1"}),
    "payments_do_not_add_up": ("{holding}", {"channel": "wechat", "channel2": "alipay", "amount2": "9000"}),
}

# What a claim is refused for at its submission: what its papers show otherwise than good ones.
CLAIMED = {
    "paper_missing": {"number_invoice": ""},
    "invoice_differs": {"amount_invoice": "149000"},
    "invoice_day_differs": {"day_invoice": "2026-11-19"},
    "invoice_used": {"number_invoice": "{invoice}"},
    "same_car_twice": {"old_car_vin": "WVWZZZ1JZXW000001"},
    "car_used": {"vin": "{car}"},
    "old_car_used": {"old_car_vin": "{old_car}"},
    "flat_used": {},
    "claim_too_late": {"day_invoice": "2025-06-18", "registered_on": "2025-06-18"},
    "claim_submitted": {"vin": "11111111111111111", "old_car_vin": "LFV2A21K8A3000001"},
    "claim_withdrawn": {},
}
# What another till does to a claim while its page stands open at this one.
OVERTAKEN = {"claim_submitted": "submit", "claim_withdrawn": "withdraw"}
# A claim that is refused before it is opened: its buyer, and what she asks for.
NOT_OPENED = {
    "scheme_conflict": "category=car&scheme=scrappage",
    "claimed_at_till": "category=refrigerator",
}
_PURCHASES = {
    "flat_used": {"category": "renovation", "sold_on": "2025-06-18", "price": "100000"},
    "claim_too_late": {"sold_on": "2025-06-18"},
}
_CAR_PAPERS = {
    **{f"got_{one}": "1" for one in ("invoice", "registration", "old_car_transfer", "bank_account")},
    "got_old_car_registration": "1",
    "amount_invoice": "150000",
    "day_invoice": "2026-11-20",
    "vin": "WVWZZZ1JZXW000001",
    "registered_on": "2026-11-20",
    "old_car_vin": "1M8GDM9AXKP042788",
    "old_car_disposed_on": "2025-03-01",
    "old_car_first_registered_on": "2015-03-01",
    "old_car_held_since": "2020-05-01",
    "old_car_fuel": "petrol",
    "invoice_region": "330402",
}
_FLAT_PAPERS = {
    **{f"got_{one}": "1" for one in ("property", "contract", "invoice", "photos", "bank_account")},
    "amount_invoice": "100000",
    "day_invoice": "2025-06-18",
    "flat_no": "330402001001GB00001F00010001",
    "house_completed_on": "2010-01-01",
}

# What hands on the pages of one shop are not refused for, and where it is shown instead.
ELSEWHERE = {
    "the till asks for it before it holds": {"serial_required", "imei_required", "identity_check_required"},
    "the page shows the state and what can be done instead of the button": {
        *("hold_expired", "hold_redeemed", "hold_released", "hold_state"),
        *("voucher_not_voidable", "voucher_not_usable", "voucher_state"),
    },
    "the till knows goods, ratings and pieces itself; only the API can tell otherwise": {
        *("goods_unnamed", "rating_mismatch", "not_found", "serial_already_bound"),
    },
    "the city refuses: tests/hub, tests/e2e/test_offline.py": {
        *("budget_exhausted", "claimed_elsewhere", "offline_cap_reached"),
    },
    "what the city's lists forbid: tests/hub/test_city_lists.py": {"piece_blocked"},
    "a claim's page lists the papers there are; only the API can name another: tests/web/test_claims.py": {
        "paper_unknown",
    },
    "coupons and two vouchers on one piece: tests/domain/test_coupons.py, tests/web/test_holds.py": {
        *("coupon_not_open", "not_stackable"),
    },
    "a refund that failed at the channel, in the office: tests/hub/test_refunds.py": {
        *("reversal_unknown", "refund_not_failed", "refund_repeated"),
    },
    "no rule that ships decides by it: tests/domain/test_subsidy.py": {"no_programme_for_this"},
    "not of the till: corrections of a statement, uploads of the office": {
        *("correction_too_large", "upload_refused"),
    },
}


@dataclass
class Counter:
    """The service, what is in the shop, and one window for each language."""

    service: Service
    known: dict[str, str]
    windows: dict[str, "Page"]


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, chromium: "Chromium") -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("refusals") / "shop"
    known = _filled(folder)
    service = Service(folder, "2026-11-20T14:15:00+08:00")
    service.start()
    windows = {}
    for language in LANGUAGES:
        windows[language] = window(chromium, [], DESKTOP)
        sign_in(windows[language], service.address, "cashier")
        windows[language].goto(f"{service.address}/till?lang={language}")
    yield Counter(service, known, windows)
    for page in windows.values():
        page.context.close()
    service.stop()


def _filled(folder: Path) -> dict[str, str]:
    """Fill a shop with what refusals need; return the numbers by name."""
    morning = make_shop(folder, at=AFTERNOON - timedelta(hours=1))
    known = {"expired": issue(morning, id_number=nth_id_number(1)).voucher.code}
    app = shop_at(folder, AFTERNOON)
    till = Browser(app).sign_in()
    known["sold"] = till.sell(app, id_number=nth_id_number(2), serial_no="SN-SOLD", order_no="JX-S-1")
    known["spent"] = till.voucher
    known["returned"] = till.sell(app, id_number=nth_id_number(3), serial_no="SN-RETURNED", order_no="JX-S-2")
    till.get(f"/till/redemptions/{known['returned']}/reverse?kind=full&reason=x")
    till.send(f"/till/redemptions/{known['returned']}/reverse")
    bought = issue(app, id_number=nth_id_number(4), gtin=PHONE, price_fen=399_900).voucher.code
    till.scan(bought, IMEI, "SN-TOLD", "JX-S-3")
    till.send("/till", act="hold")
    till.send(till.path, channel="wechat", payment_ref="42000")
    fresh = issue(app, id_number=nth_id_number(5)).voucher.code
    known["fresh"] = fresh
    known["phone"] = issue(app, id_number=nth_id_number(6), gtin=PHONE, price_fen=399_900).voucher.code
    known["voided"] = issue(app, id_number=nth_id_number(7)).voucher.code
    till.get(f"/till/vouchers/{known['voided']}")
    till.send(f"/till/vouchers/{known['voided']}/void", reason="x")
    known |= {"bought": nth_id_number(2), "waiting": nth_id_number(5), "nobody": nth_id_number(5)[:-1] + "0"}
    known["unknown"] = codes.new_code(lambda count: count // 2)
    known["misread"] = fresh[:-1] + ("7" if fresh[-1] != "7" else "8")
    with app.app_context():
        ring = get_shop().keyring
    stolen = new_keyring()
    claims = Claims("DEMO-A", fresh, "refrigerator", "screen", AFTERNOON, AFTERNOON + timedelta(minutes=2))
    known["photograph"] = qr_token.make(claims, ring)
    known["forged"] = _with_another_signature(known["photograph"])
    known["revoked"] = qr_token.make(claims, stolen)
    known["elsewhere"] = qr_token.make(replace(claims, issuer="DEMO-B"), ring)
    kept = json.loads((folder / "keys" / "shop.json").read_text("utf-8"))
    known_keys = (*ring.known, replace(stolen.known[0], revoked=True))
    kept["keyring"] = to_json(replace(ring, known=known_keys))
    (folder / "keys" / "shop.json").write_text(json.dumps(kept), "utf-8")
    known |= _claims(till)
    quarter_past = shop_at(folder, AFTERNOON + timedelta(minutes=15))
    other = Browser(quarter_past).sign_in("manager")
    known["holding"] = other.hold(
        quarter_past, id_number=nth_id_number(8), serial_no="SN-HELD", order_no="JX-S-4"
    )
    known["held"] = other.voucher
    return known


def _claims(till: Browser) -> dict[str, str]:
    """Submit a car's claim and a flat's, open one for every refusal; return where they are."""
    car = {"vin": "LSVAA49J7R2000001", "old_car_vin": "LGXC16AF3S0000001", "number_invoice": _invoice("car")}
    _submit_claim(till, 20, {**_CAR_PAPERS, **car})
    flat = {**_FLAT_PAPERS, "number_invoice": _invoice("flat")}
    _submit_claim(till, 21, flat, **_PURCHASES["flat_used"])
    found = {"car": car["vin"], "old_car": car["old_car_vin"], "invoice": car["number_invoice"]}
    for number, code in enumerate(CLAIMED, start=22):
        found[f"claim_{code}"] = _open_claim(till, number, **_PURCHASES.get(code, {}))
    return {**found, "buyer": nth_id_number(20)}


def _submit_claim(till: Browser, number: int, papers: dict[str, str], **purchase: str) -> None:
    path = _open_claim(till, number, **purchase)
    till.send(f"{path}/papers", **papers)
    till.send(f"{path}/submit")


def _open_claim(till: Browser, number: int, **purchase: str) -> str:
    asked = {"category": "car", "sold_on": "2026-11-20", "price": "150000", **purchase}
    till.get(f"/till/claims/new?category={asked['category']}&sold_on={asked['sold_on']}")
    car = {"scheme": "replacement", "fuel": "nev"} if asked["category"] == "car" else {}
    who = {"name": "张小明", "phone": "13800000014", "id_number": nth_id_number(number), "consent": "1"}
    till.send("/till/claims/new", **car, **who, price=asked["price"])
    return till.path


def _invoice(what: str) -> str:
    """Return an invoice number of its own for everything that is claimed for."""
    return f"26427000{[*CLAIMED, 'car', 'flat'].index(what):012d}"


def _with_another_signature(token: str) -> str:
    last = "0" if token[-3] != "0" else "1"
    return token[:-3] + last + token[-2:]


@pytest.mark.parametrize("code", ASKED)
def test_a_buyer_is_told_before_she_comes(counter: Counter, code: str) -> None:
    for language, page in counter.windows.items():
        page.goto(f"{counter.service.address}/ask?{ASKED[code]}")
        _is_told(page, code, language)


@pytest.mark.parametrize("code", SCANNED)
def test_the_till_says_what_is_wrong_with_a_scan(counter: Counter, code: str) -> None:
    for language, page in counter.windows.items():
        page.goto(f"{counter.service.address}/till")
        with page.expect_navigation():
            page.keyboard.press("Escape")
        for step in SCANNED[code]:
            _take(page, step.format_map(counter.known))
        _is_told(page, code, language)


@pytest.mark.parametrize("code", SHOWN)
def test_a_page_says_why_it_is_not_there(counter: Counter, code: str) -> None:
    for language, page in counter.windows.items():
        page.goto(counter.service.address + SHOWN[code].format_map(counter.known))
        _is_told(page, code, language)


@pytest.mark.parametrize("code", FILLED)
def test_a_form_says_what_is_wrong_with_it(counter: Counter, code: str) -> None:
    path, typed = FILLED[code]
    for language, page in counter.windows.items():
        page.goto(counter.service.address + path.format_map(counter.known))
        form = page.locator("form[method=post]", has=page.locator(f"[name={next(iter(typed))}]")).first
        for name, value in typed.items():
            form.locator(f"[name={name}]").first.evaluate(_FILL, value.format_map(counter.known))
        with page.expect_navigation():
            form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
        _is_told(page, code, language)


@pytest.mark.parametrize("code", CLAIMED)
def test_a_claim_says_why_it_cannot_be_submitted(counter: Counter, code: str) -> None:
    papers = {**(_FLAT_PAPERS if code == "flat_used" else _CAR_PAPERS), "number_invoice": _invoice(code)}
    for page in counter.windows.values():
        page.goto(f"{counter.service.address}{counter.known[f'claim_{code}']}")
        _type(page, "papers", {**papers, **CLAIMED[code]}, counter.known)
    if code in OVERTAKEN:
        _overtake(counter, counter.known[f"claim_{code}"], OVERTAKEN[code])
    for language, page in counter.windows.items():
        follow(page, "form[action$='/submit'] button")
        _is_told(page, code, language)


@pytest.mark.parametrize("code", NOT_OPENED)
def test_a_claim_that_cannot_be_opened_says_why(counter: Counter, code: str) -> None:
    for language, page in counter.windows.items():
        page.goto(f"{counter.service.address}/till/claims/new?{NOT_OPENED[code]}")
        if page.locator("[name=id_number]").count():
            who = {"name": "张小明", "phone": "13800000014", "id_number": "{buyer}", "consent": "1"}
            _type(page, "new", {"fuel": "nev", "price": "150000", **who}, counter.known)
        _is_told(page, code, language)


def test_a_claim_says_that_its_time_has_not_come(
    chromium: "Chromium", tmp_path_factory: pytest.TempPathFactory
) -> None:
    """``claim_too_early``: in the first days of 2025 cars were sold and claims not yet taken."""
    folder = tmp_path_factory.mktemp("january") / "shop"
    in_january = datetime(2025, 1, 10, 6, tzinfo=UTC)
    till = Browser(make_shop(folder, at=in_january)).sign_in()
    path = _open_claim(till, 1, sold_on="2025-01-10")
    days = {"day_invoice": "2025-01-10", "registered_on": "2025-01-10", "old_car_disposed_on": "2025-01-05"}
    service = Service(folder, "2025-01-10T14:15:00+08:00")
    service.start()
    try:
        for language in LANGUAGES:
            page = window(chromium, [], DESKTOP)
            sign_in(page, service.address, "cashier")
            page.goto(f"{service.address}{path}?lang={language}")
            _type(page, "papers", {**_CAR_PAPERS, **days, "number_invoice": _invoice("car")}, {})
            follow(page, "form[action$='/submit'] button")
            _is_told(page, "claim_too_early", language)
            page.context.close()
    finally:
        service.stop()


def test_what_was_refused_stays_typed_and_a_flats_number_is_not_shown(counter: Counter) -> None:
    page = counter.windows["en"]
    page.goto(f"{counter.service.address}{counter.known['claim_paper_missing']}")
    _type(page, "papers", {"got_invoice": "1", "number_invoice": "123", "vin": _CAR_PAPERS["vin"]}, {})
    assert "invoice_number_invalid" in page.inner_text("main")
    assert page.input_value("[name=number_invoice]") == "123"
    assert page.input_value("[name=vin]") == _CAR_PAPERS["vin"]
    page.goto(f"{counter.service.address}{counter.known['claim_flat_used']}")
    _type(page, "papers", {**_FLAT_PAPERS, "number_invoice": _invoice("flat_used")}, {})
    assert page.input_value("[name=flat_no]") == "" and "fingerprint" in page.inner_text("main")
    _type(page, "papers", {"house_completed_on": "2011-01-01"}, {})
    assert "attribute_invalid" not in page.inner_text("main")


def test_no_refusal_is_left_out() -> None:
    """What people can be refused for is refused in a browser once, or said here why not."""
    shown = {*ASKED, *SCANNED, *SHOWN, *FILLED, *CLAIMED, *NOT_OPENED, "claim_too_early"}
    said = (*words_vouchers.WORDS, *words_sale.WORDS, *words_claims.WORDS)
    wanted = {*reasons.ORDER, *(code for code in said if "." not in code)}
    assert wanted - shown == set().union(*ELSEWHERE.values())


# By the page itself: some fields lie folded away until a button opens them.
_FILL = """(field, value) => {
  if (/checkbox|radio/.test(field.type)) field.checked = true;
  else field.value = value;
}"""


def _take(page: "Page", step: str) -> None:
    """Scan, or put a value into a field, or press a button."""
    name, equals, value = step.partition("=")
    if equals and name.islower() and name.isidentifier():
        page.evaluate("([name, value]) => { document.getElementById(name).value = value; }", [name, value])
        return
    page.evaluate("document.getElementById('scan').focus()")
    page.evaluate("value => { document.getElementById('scan').value = value; }", step)
    page.keyboard.press("Enter")
    scanned(page)


def _type(page: "Page", form: str, typed: dict[str, str], known: dict[str, str]) -> None:
    """Fill a claim's form in and send it."""
    for name, value in typed.items():
        field = page.locator(f"form[method=post][action$='/{form}'] [name={name}]")
        if field.get_attribute("type") == "checkbox":
            field.check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value.format_map(known))
    follow(page, f"form[method=post][action$='/{form}'] .actions button.primary")


def _overtake(counter: Counter, path: str, act: str) -> None:
    other = counter.windows["zh"].context.new_page()
    other.goto(f"{counter.service.address}{path}")
    if act == "withdraw":
        other.click("details summary")
        other.fill("[name=reason]", "x")
    follow(other, f"form[action$='/{act}'] button")
    other.close()


def _is_told(page: "Page", code: str, language: str) -> None:
    """The code, its sentence and a next step stand there, in the reader's language alone."""
    card = page.locator(".reason, .verdict").filter(has=page.get_by_text(code, exact=True)).first
    card.wait_for()
    told = f"{page.locator('.verdict').first.inner_text()} {card.inner_text()}"
    assert card.locator(".next").inner_text().strip()
    # A clause is cited by its own name, goods are called as they are.
    for cited in card.locator(".clause").all_inner_texts():
        told = told.replace(cited, "")
    told = re.sub("[「“].*?[」”]", "", told)
    assert "{" not in told
    assert bool(re.search("[\u4e00-\u9fff]", told)) == (language == "zh"), told
