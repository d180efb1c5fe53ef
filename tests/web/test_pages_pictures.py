"""Pictures at the till: the voucher photographed, badly or well; what is no picture; several codes."""

import io
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from PIL import Image, ImageFilter

from pos_subsidy.errors import Invalid
from pos_subsidy.web import pictures
from tests.web.pages_shop import FRIDGE, Browser, issue

BESIDE = Path(__file__).parents[3] / "shared/conformance/zxing"
TOKEN = "TI1:" + "6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R8VRU2FCJG9" * 4


def code(text: str, *, level=qrcode.constants.ERROR_CORRECT_M, box: int = 8) -> Image.Image:
    made = qrcode.QRCode(error_correction=level, border=4, box_size=box)
    made.add_data(text, optimize=0)
    made.make(fit=True)
    return made.make_image().get_image().convert("L")


def file(picture: Image.Image, kind: str = "PNG", **more) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def send(browser: Browser, content: bytes, status: int = 200) -> str:
    browser.get("/till")
    form = {**browser.form("/till"), "act": "next", "picture": (io.BytesIO(content), "p.png")}
    answer = browser.client.post("/till", data=form, headers=browser.headers, follow_redirects=True)
    return browser._show(answer, status)


def test_a_photographed_voucher_and_bar_code_fill_the_sale(app):
    browser = Browser(app).sign_in()
    voucher = issue(app, gtin=None, category="refrigerator", price_fen=None)
    page = send(browser, file(code(voucher.voucher.code)))
    assert voucher.voucher.code in page
    page = send(browser, file(code(FRIDGE), "JPEG", quality=60))
    assert FRIDGE in page and "BCD-501" in page


def test_of_several_codes_the_one_the_sale_wants_is_taken(app):
    browser = Browser(app).sign_in()
    both = Image.new("L", (1100, 500), 255)
    both.paste(code("http://www.energylabel.com.cn/signDetails?productId=1&productTypeCode=2"), (0, 0))
    both.paste(code(FRIDGE), (600, 100))
    assert FRIDGE in send(browser, file(both))


def test_what_is_on_no_picture_is_said(app):
    browser = Browser(app).sign_in()
    assert "图片里没有找到条码" in send(browser, file(Image.new("L", (300, 300), 200)), status=400)
    assert "图片无法打开" in send(browser, b"no picture at all", status=400)
    assert "这是能效标识" in send(
        browser, file(code("http://www.energylabel.com.cn/signDetails?productId=1")), status=400
    )


def test_a_picture_that_would_fill_the_memory_is_refused():
    bomb = file(Image.new("1", (9_000, 9_000)))
    with pytest.raises(Invalid, match="picture_invalid"):
        pictures.read(bomb)
    with pytest.raises(Invalid, match="picture_invalid"):
        pictures.read(b"\\x89PNG" + b"0" * (pictures.MAX_BYTES + 1))
    cut = file(code(TOKEN))[:400]
    with pytest.raises(Invalid):
        pictures.read(cut)


@pytest.mark.parametrize("turned", range(0, 360, 45))
def test_a_token_is_read_at_any_angle(turned):
    picture = code(TOKEN).rotate(turned, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    assert pictures.read(file(picture)) == [TOKEN]


def test_an_orientation_noted_by_the_phone_is_followed():
    picture = code(FRIDGE)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert pictures.read(file(picture, "JPEG", exif=exif.tobytes())) == [FRIDGE]


@pytest.mark.parametrize("blur", [0, 1, 2])
@pytest.mark.parametrize("glare", [False, True])
def test_a_token_photographed_badly_is_read_right_or_not_at_all(blur, glare):
    picture = code(TOKEN, box=6).filter(ImageFilter.GaussianBlur(blur))
    if glare:
        picture.paste(
            235, (picture.width // 3, picture.height // 3, picture.width // 3 + 30, picture.height // 3 + 30)
        )
    assert pictures.read(file(picture.convert("RGB"), "JPEG", quality=40)) == [TOKEN]


@pytest.mark.skipif(not BESIDE.is_dir(), reason="no conformance material beside the project")
def test_published_pictures_are_read_and_false_ones_are_not():
    right = total = 0
    for folder in sorted(BESIDE.glob("qrcode-*")):
        for path in sorted([*folder.glob("*.png"), *folder.glob("*.jpg")]):
            expected = path.with_suffix(".txt")
            if not expected.exists():
                continue
            total += 1
            try:
                found = pictures.read(path.read_bytes())
            except Invalid:
                continue
            wanted = expected.read_bytes().decode("utf-8", "replace").rstrip()
            right += wanted in [one.rstrip() for one in found]
    assert total >= 170 and right >= 165, (right, total)
    for path in sorted((BESIDE / "falsepositives-2").glob("*.*g")):
        with pytest.raises(Invalid, match="picture_without_code"):
            pictures.read(path.read_bytes())


def _bars(kind: zxingcpp.BarcodeFormat, text: str, scale: int) -> Image.Image:
    return Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(scale=scale))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_code_upon_a_code_is_read_by_chance_and_one_beside_it_is_not() -> None:
    large = code(TOKEN, level=qrcode.constants.ERROR_CORRECT_H, box=10).convert("L")
    bars = _bars(zxingcpp.BarcodeFormat.Code128, "SN-1", 2)
    upon = large.copy()
    upon.paste(bars, ((large.width - bars.width) // 2, (large.height - bars.height) // 2))
    assert pictures.codes_of(_png(upon)) == [TOKEN]
    beside = Image.new("L", (large.width, large.height + 200), 255)
    beside.paste(large, (0, 0))
    beside.paste(bars, (40, large.height + 40))
    assert sorted(pictures.codes_of(_png(beside))) == sorted([TOKEN, "SN-1"])


@pytest.mark.parametrize(("text", "read"), [("4061", []), ("16901234567899", ["16901234567899"])])
def test_of_interleaved_codes_only_a_whole_carton_number_is_taken(text: str, read: list[str]) -> None:
    assert pictures.codes_of(_png(_bars(zxingcpp.BarcodeFormat.ITF, text, 4))) == read
