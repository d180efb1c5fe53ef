"""The manager's day in a real browser: differences decided, a day closed and reopened, evidence by phone."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.e2e.browsing import DESKTOP, PHONE, Service, follow, sign_in, window
from tests.support import nth_id_number
from tests.web.pages_shop import AFTERNOON, Browser, make_shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

pytestmark = pytest.mark.browser
DAY = "/office/day/2026-11-20"
POS = (
    "订单号,下单时间,商品条码,数量,成交价,国补金额,实付金额,支付方式,状态\n"
    "JX-1,2026-11-20 14:00:00,6901234567892,1,6100.00,915.00,5185.00,微信,已完成\n"
    "JX-2,2026-11-20 14:01:00,6901234567892,1,6100.00,915.00,5165.00,微信,已完成\n"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("office") / "shop"
    till = Browser(app := make_shop(folder, at=AFTERNOON)).sign_in()
    sold = till.sell(app, id_number=nth_id_number(1), serial_no="SN-1", order_no="JX-1")
    till.sell(app, id_number=nth_id_number(2), serial_no="SN-2", order_no="JX-2")
    service = Service(folder, "2026-11-20T14:20:00+08:00", paths={"sold": sold})
    service.start()
    yield service
    service.stop()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_day_with_a_difference_is_decided_closed_and_reopened(
    shop: Service, chromium: "Chromium", complaints: list[str], language: str
) -> None:
    page = window(chromium, complaints, DESKTOP)
    sign_in(page, shop.address, "manager")
    page.goto(f"{shop.address}{DAY}?lang={language}")
    page.set_input_files(
        "input[name=files]", {"name": "pos.csv", "mimeType": "text/csv", "buffer": POS.encode("gb18030")}
    )
    follow(page, "form.upload button")
    row = page.locator("#differences tbody tr")
    assert row.count() == 1 and "JX-2" in row.inner_text() and "¥5,165.00" in row.inner_text()
    if row.locator("form.decide").is_hidden():
        row.locator("summary").click()
    row.locator("select").select_option("accept")
    row.locator("input[name=reason]").fill(f"抹零 {language}")
    follow(page, "form.decide button")
    assert f"抹零 {language}" in page.inner_text("#differences")
    assert page.locator("#reconciliation .tag.yes").first.is_visible()

    follow(page, f"form[action='{DAY}/close'] button")
    assert page.locator(".row-head .tag.yes").first.is_visible()
    assert page.locator(f"form[action='{DAY}/close'] button").is_disabled()
    page.fill("#reopen-reason", "漏了一单")
    follow(page, f"form[action='{DAY}/reopen'] button")
    assert page.locator(f"form[action='{DAY}/close'] button").is_enabled()
    follow(page, "a[href*='/office/calendar']")
    assert page.locator(".calendar li.today.open").is_visible()
    page.context.close()
    assert complaints == []


def test_a_photo_is_handed_in_from_a_second_window_by_the_qr_on_the_screen(
    shop: Service, chromium: "Chromium", complaints: list[str]
) -> None:
    desk = window(chromium, complaints, DESKTOP)
    sign_in(desk, shop.address, "manager")
    desk.goto(f"{shop.address}/office/evidence")
    follow(desk, "#evidence a.mono >> nth=0")
    here = desk.url
    given = desk.locator(".papers .tag.yes").count()
    follow(desk, "form[action$='/phone'] button")
    shown = zxingcpp.read_barcodes(Image.open(io.BytesIO(desk.locator("img.qr").screenshot())))
    link = re.search(r"/handin/[^/?#]+$", shown[0].text)
    assert link, shown[0].text

    phone = window(chromium, complaints, PHONE, is_mobile=True)
    phone.goto(f"{shop.address}{link[0]}")
    assert "张" not in phone.inner_text("main") and "JX-" not in phone.inner_text("main")
    phone.set_input_files(
        "input[type=file] >> nth=0", {"name": "box.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    follow(phone, "button.primary")
    assert phone.locator(".tag.yes").first.is_visible()
    desk.goto(here)
    assert desk.locator(".papers .tag.yes").count() == given + 1
    for page in (desk, phone):
        page.context.close()
    assert complaints == []


def photo() -> bytes:
    """Return a picture of a box, sharp and bright enough to be taken."""
    image = Image.effect_noise((1200, 900), 60).convert("RGB")
    ImageDraw.Draw(image).rectangle((200, 200, 900, 700), fill=(230, 230, 225), outline=(20, 20, 20), width=9)
    for at in range(24):
        ImageDraw.Draw(image).line((250 + 25 * at, 300, 250 + 25 * at, 600), fill=(10, 10, 10), width=5)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
