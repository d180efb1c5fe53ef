"""The scan field under a real browser: bursts, suffixes, input methods, a camera, a lost line."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import qrcode
import zxingcpp
from PIL import Image

from tests.e2e.browsing import CHROMIUM, DESKTOP, FRIDGE, follow, issue, scan, scanned, sign_in, window

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = pytest.mark.browser

# One scan every 20 ms, each character an input event of its own, with the keys a scanner ends with.
_BURST = """([id, texts, ends]) => new Promise((done) => {
  const field = document.getElementById(id);
  const press = (key) => field.dispatchEvent(
    new KeyboardEvent('keydown', {...key, bubbles: true, cancelable: true}));
  const type = (text) => {
    for (const one of text) {
      press({key: one});
      if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += one;
      field.dispatchEvent(new InputEvent('input', {bubbles: true}));
    }
    ends.forEach(press);
  };
  let place = 0;
  const timer = setInterval(() => {
    if (place < texts.length) return type(texts[place++]);
    clearInterval(timer);
    done();
  }, 20);
})"""
_ENTER = {"key": "Enter"}
_TAB = {"key": "Tab"}
_LINE_FEED = {"key": "j", "ctrlKey": True}
_EMPTY = "document.getElementById('scans').hidden && !document.getElementById('scan').value"


@pytest.fixture(scope="module")
def signed_in(address, chromium):
    written: list[str] = []
    page = window(chromium, written, DESKTOP)
    sign_in(page, address, "cashier")
    yield page, written
    page.context.close()


@pytest.fixture
def till(address, signed_in):
    """An empty sale; what the page complains of is looked at after each test."""
    page, written = signed_in
    page.goto(f"{address}/till?lang=zh")
    # What the test before left waiting goes in first; until then no button does anything.
    _until(page, "(document.documentElement.dataset.scansWaiting || '0') == '0'")
    with page.expect_navigation():
        page.keyboard.press("Escape")
    written.clear()
    yield page
    assert all("ERR_INTERNET_DISCONNECTED" in one or "status of 400" in one for one in written), written


def _until(page: "Page", true: str, patience_ms: int = 20_000) -> None:
    """Wait until a condition holds; the pages forbid to evaluate text from within."""
    for _turn in range(patience_ms // 50):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {true}")


def _scanned(
    page: "Page", texts: list[str], ends: tuple[dict[str, object], ...] = (_ENTER,), into: str = "scan"
) -> None:
    """Type as a scanner does, from within the page: a busy machine cannot make it a slow hand."""
    page.evaluate(_BURST, [into, texts, list(ends)])


def _scans_sent(page: "Page") -> list[str]:
    sent: list[str] = []

    def note(request: "Request") -> None:
        body = request.post_data or ""
        if request.method == "POST" and (found := re.search(r'name="scan"\r\n\r\n(.*?)\r\n--', body, re.S)):
            sent.append(found[1])

    page.on("request", note)
    return sent


def test_a_hundred_scans_in_two_seconds_arrive_each_once_and_in_order(till):
    sent = _scans_sent(till)
    texts = [f"SN-BURST-{number:03}" for number in range(100)]
    _scanned(till, texts)
    _until(till, _EMPTY)
    _until(till, "document.getElementById('serial_no').value == 'SN-BURST-099'")
    assert sent == texts


def test_a_whole_sale_scanned_in_one_breath_is_ready_and_holds_with_enter(till, address):
    wallet = issue(till, address, "330402189901010031")
    till.goto(wallet)
    code = till.inner_text(".voucher-code").replace("-", "").replace(" ", "")
    till.goto(f"{address}/till")
    _scanned(till, [code, FRIDGE, "SN-BREATH-1", "JX-BREATH-1"])
    scanned(till)
    assert till.is_visible(".verdict.yes")
    assert [till.input_value(f"[name={name}]") for name in ("gtin", "serial_no", "order_no")] == [
        FRIDGE,
        "SN-BREATH-1",
        "JX-BREATH-1",
    ]
    till.wait_for_timeout(400)
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/holds/"))
    follow(till, "[data-key=Escape]")


def test_a_refrigerator_is_two_scans_and_three_keys(till, address):
    till.goto(issue(till, address, "330402189901010074"))
    code = till.inner_text(".voucher-code")
    till.goto(f"{address}/till")
    for text in (code, "SN-FIVE-1", ""):
        till.keyboard.type(text)
        till.keyboard.press("Enter")
        if text:
            scanned(till)
            till.wait_for_timeout(300)
    till.wait_for_url(re.compile(r"/till/holds/"))
    till.keyboard.press("1")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/redemptions/"))
    assert "915.00" in till.inner_text(".verdict.yes")


@pytest.mark.parametrize(
    "ends",
    [(_ENTER,), (_TAB,), (_LINE_FEED,), (_ENTER, _LINE_FEED), (_ENTER, _ENTER), ()],
    ids=["CR", "Tab", "LF", "CR LF", "CR CR", "none"],
)
def test_every_end_that_scanners_are_set_to_is_understood(till, ends):
    sent = _scans_sent(till)
    _scanned(till, [FRIDGE], ends)
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    till.wait_for_timeout(400)
    assert sent == [FRIDGE]
    assert till.evaluate("document.activeElement.id") == "scan"


def test_a_tab_after_a_slow_hand_goes_to_the_next_field(till):
    sent = _scans_sent(till)
    till.keyboard.type("6901234567", delay=70)
    till.keyboard.press("Tab")
    till.wait_for_timeout(400)
    assert sent == [] and till.evaluate("document.activeElement.id") != "scan"


def test_what_a_hand_types_slowly_waits_for_enter(till):
    sent = _scans_sent(till)
    till.keyboard.type("6901234567", delay=70)
    till.wait_for_timeout(500)
    assert sent == [] and till.input_value("#scan") == "6901234567"


def test_a_refused_scan_stays_in_sight_when_the_next_one_is_taken(till):
    _scanned(till, ["134567890123456789", FRIDGE])
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    assert "134567890123456789" in till.inner_text("#scans") and "付款码" in till.inner_text("#scans")


def test_what_is_typed_while_a_scan_is_on_its_way_is_not_lost(till):
    till.context.route("**/till", lambda route: (till.wait_for_timeout(300), route.continue_()))
    till.evaluate("document.getElementById('scan').focus()")
    till.keyboard.type(FRIDGE)
    till.keyboard.press("Enter")
    till.fill("#price", "6100")
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    assert till.input_value("#price") == "6100"
    till.context.unroute("**/till")


def test_a_scan_after_a_button_was_pressed_goes_to_the_scan_field(till):
    sent = _scans_sent(till)
    till.focus("[data-sound-switch]")
    till.keyboard.type(FRIDGE)
    till.keyboard.press("Enter")
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    assert sent == [FRIDGE] and till.get_attribute("html", "data-sound") == "on"


def test_a_bar_code_scanned_into_the_price_goes_where_it_belongs(till):
    till.click("#price")
    _scanned(till, [FRIDGE], into="price")
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    assert till.input_value("#price") in ("", "7000", "7,000.00")


def test_a_bar_code_scanned_behind_a_price_is_not_cut(till):
    till.click("#price")
    till.keyboard.type("4100")
    till.wait_for_timeout(100)
    _scanned(till, [FRIDGE], into="price")
    _until(till, f"document.getElementById('gtin').value == '{FRIDGE}'")
    assert till.input_value("#price").replace(",", "").startswith("4100") and not till.input_value(
        "#order_no"
    )


_STRAY = """(keys) => {
  const pressed = keys.map((key) => new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  return pressed.map((one) => document.activeElement.dispatchEvent(one));
}"""


def test_a_scan_on_the_holds_page_pays_nothing_and_chooses_nothing(till, address):
    till.goto(issue(till, address, "330402189901010082"))
    code = till.inner_text(".voucher-code")
    till.goto(f"{address}/till")
    for text in (code, "SN-STRAY-1", ""):
        scan(till, text) if text else till.keyboard.press("Enter")
        till.wait_for_timeout(200)
    till.wait_for_url(re.compile(r"/till/holds/"))
    held = till.url
    for way in (None, "cash"):
        for stray in ("JJ6PH2C64EZF", "6951200000007", "130000123456789012"):
            till.goto(held)
            if way:
                till.check(f"[name=channel][value={way}]")
            untouched = till.evaluate(_STRAY, [*stray, "Enter"])
            assert not untouched[-1], "Enter pays nothing"
            chosen = till.evaluate("document.querySelector('[name=channel]:checked')?.value ?? null")
            assert (chosen, till.input_value("[name=payment_ref]")) == (way, stray)
    till.keyboard.press("Escape")
    till.goto(held)
    till.keyboard.press("1")
    till.keyboard.press("Enter")
    till.wait_for_url(re.compile(r"/till/redemptions/"))

    # On the receipt it begins the next sale.
    with till.expect_navigation():
        till.evaluate(_STRAY, [*FRIDGE, "Enter"])
    _until(till, f"document.getElementById('gtin')?.value == '{FRIDGE}'")


def test_a_token_through_a_chinese_input_method_still_reads(till, address, tmp_path):
    wallet = issue(till, address, "330402189901010058")
    token = _token_of(till, wallet, tmp_path)
    slips = str.maketrans({"$": "￥", ".": "。", "/": "、", "*": "×"})
    wide = "".join(chr(ord(one) + 0xFEE0) if 0x21 <= ord(one) <= 0x7E else one for one in token)
    for mangled in (token.translate(slips), wide, token.lower()):
        till.goto(f"{address}/till")
        till.evaluate("document.getElementById('scan').focus()")
        till.keyboard.insert_text(mangled)
        till.keyboard.press("Enter")
        _until(till, "document.getElementById('voucher').value.length == 12")
        with till.expect_navigation():
            till.keyboard.press("Escape")
        assert till.input_value("#voucher") == ""


@pytest.fixture
def on_its_way(till):
    """What the page asks the service stays on its way until the function is called."""
    # Within the page: its worker asks for pages in a way that a browser's routes cannot tell apart.
    till.evaluate(
        """() => {
          const ask = window.fetch;
          const gate = new Promise((open) => { window.letArrive = open; });
          window.fetch = async (...asked) => {
            // Whether the service can be reached is asked before every form.
            if (asked[0] !== "/healthz") await gate;
            return ask(...asked);
          };
        }"""
    )
    return lambda: till.evaluate("() => window.letArrive()")


@pytest.mark.parametrize("button", ["clear", "check"])
def test_a_button_pressed_while_scans_are_on_their_way_does_nothing_and_says_so(till, on_its_way, button):
    _scanned(till, [FRIDGE])
    till.click(f"[name=act][value={button}]")
    _scanned(till, ["SN-AFTER-1"])
    _until(till, "/再按一次/.test(document.getElementById('scans').innerText)")
    on_its_way()
    _until(till, "document.getElementById('serial_no')?.value == 'SN-AFTER-1'")
    _until(till, "document.documentElement.dataset.scansWaiting == '0'")
    assert till.input_value("#gtin") == FRIDGE and "再按一次" in till.inner_text("#scans")
    with till.expect_navigation():
        till.keyboard.press("Escape")
    assert till.input_value("#gtin") == ""


def test_scans_go_on_when_a_button_had_the_focus_last(till):
    till.focus("[name=act][value=check]")
    _scanned(till, [FRIDGE, "SN-FOCUS-1"])
    _until(till, "document.getElementById('serial_no')?.value == 'SN-FOCUS-1'")
    assert till.evaluate("document.activeElement.value") == "check"


def test_a_lost_line_keeps_the_scans_and_goes_on_by_itself(till):
    till.context.set_offline(True)
    _scanned(till, [FRIDGE, "SN-LOST-1"])
    _until(till, "/留着/.test(document.getElementById('scans').innerText)")
    till.context.set_offline(False)
    _until(till, "document.getElementById('gtin').value == '" + FRIDGE + "'")


def test_the_camera_reads_a_voucher(till, address, chromium, complaints, tmp_path):
    token = _token_of(till, issue(till, address, "330402189901010066"), tmp_path)
    film = _film_of(token, tmp_path / "voucher.y4m")
    seeing = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    page = window(seeing, complaints, DESKTOP, permissions=["camera"])
    sign_in(page, address, "cashier")
    page.goto(f"{address}/till")
    page.click("#camera")
    _until(page, "document.getElementById('voucher').value.length == 12")
    page.wait_for_selector("#viewfinder", state="visible")
    page.click("#camera")
    page.wait_for_selector("#viewfinder", state="hidden")
    seeing.close()
    assert complaints == []


def _token_of(page: "Page", wallet: str, folder: Path) -> str:
    page.goto(wallet)
    page.evaluate("document.getElementById('qr').decode()")
    page.locator("#qr").screenshot(path=folder / "token.png")
    return str(zxingcpp.read_barcodes(Image.open(folder / "token.png"))[0].text)


def _film_of(text: str, path: Path) -> Path:
    """Write what a camera sees of a code: raw 4:2:0 frames, as Chromium plays them."""
    side = 720
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=8)
    made.add_data(text, optimize=0)
    made.make(fit=True)
    seen = made.make_image().get_image().convert("L").resize((600, 600))
    frame = Image.new("L", (side, side), 200)
    frame.paste(seen, (60, 60))
    luma, chroma = frame.tobytes(), bytes([128]) * (side // 2) ** 2
    path.write_bytes(
        b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420mpeg2\n" % (side, side)
        + (b"FRAME\n" + luma + chroma + chroma) * 3
    )
    return path
