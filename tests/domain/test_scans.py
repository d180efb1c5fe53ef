"""A scan is everything it can be, and nothing it cannot."""

import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, luhn

from pos_subsidy.domain import gs1, scans, voucher
from pos_subsidy.domain.identifiers import frame_code, gtin, imei, invoice_qr, serial_no, vin
from pos_subsidy.domain.scans import candidates

SAMPLES = [
    line.split("\t")
    for line in (Path(__file__).parent / "qr-samples.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
VALIDATORS = {
    "gtin": gtin.validate,
    "imei": imei.validate,
    "frame_code": frame_code.validate,
    "ebike_certificate": frame_code.validate,
    "vin": vin.validate,
    "serial_no": serial_no.validate,
    "code": voucher.normalise,
}


def kinds(text):
    return {one.kind for one in candidates(text)}


def one(text, kind):
    return next(scan for scan in candidates(text) if scan.kind == kind)


@pytest.mark.parametrize(("kind", "text", "gives"), SAMPLES, ids=lambda value: value[:30])
def test_every_sample_is_what_it_is_said_to_be(kind, text, gives):
    expected = {"ebike": "ebike_certificate"}.get(kind, kind)
    if kind == "nothing":
        assert kinds(text) == set()
        assert scans.broken(text) is not None, gives
    else:
        assert expected in kinds(text)
        assert scans.broken(text) is None


def test_what_the_samples_say_is_read():
    by_text = {text: gives for _, text, gives in SAMPLES}
    label, short, digital, brief, special, old, bike = list(by_text)[:7]
    assert one(label, "energy_label").fields == {"record": "633881710439", "product_type": "32"}
    assert (one(short, "energy_label").value, one(short, "energy_label").fields["record"]) == ("Ab3dE9", None)
    read = one(digital, "invoice").fields["invoice"]
    assert (read.number, read.amount_fen, read.issued_on) == (
        "26427000000316294884",
        10_076,
        date(2026, 3, 30),
    )
    assert read.is_tax_included
    assert one(brief, "invoice").fields["invoice"].amount_fen == 19_900
    assert one(special, "invoice").fields["invoice"].kind == "31"
    read = one(old, "invoice").fields["invoice"]
    assert (read.code, read.number, read.is_tax_included) == ("033002100211", "12345678", False)
    assert one(bike, "ebike_certificate").value == "117321900000243"
    assert scans.broken("01,32,,123").params["cause"] == "invoice_number"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01,32,,123", "invoice_qr_invalid"),
        ("01,32,,26427000000316294884,100.765,20260330", "invoice_qr_invalid"),
        ("01,32,,26427000000316294884,100.76,20260230", "invoice_qr_invalid"),
        ("01,10,03300,12345678,1.00,20230105", "invoice_qr_invalid"),
        ("http://example.com/signDetails?productId=1", "energy_label_foreign"),
        ("http://www.energylabelrecord.com/signDetails?productId=1", "energy_label_foreign"),
    ],
)
def test_what_was_meant_and_is_wrong_is_named(text, code):
    assert scans.broken(text).code == code
    assert not kinds(text) & {"invoice", "energy_label"}


@pytest.mark.parametrize(
    "text",
    [
        "http://www.energylabel.com.cn@evil.test/signDetails?productId=1",
        "http://www.energylabel.com.cn:8080/signDetails?productId=1",
        "http://www.energylabel.com.cn.evil.test/signDetails?productId=1",
        "http://evil.test/?x=http://www.energylabel.com.cn/signDetails?productId=1",
        "http://www.energylabel.com.cn/signDetails?productId=abc",
        "http://www.energylabel.com.cn\\@evil.test/signDetails?productId=1",
        "javascript://www.energylabel.com.cn/signDetails?productId=1",
        "http://www.energylabel.com.cn/signDetails?productId=１２３",
        "http://[::1/signDetails?productId=1",
        "https://bbqk.com/../x",
    ],
)
def test_no_trick_of_an_address_passes_for_the_register(text):
    assert "energy_label" not in kinds(text)


def test_the_register_may_be_written_in_capitals():
    assert "energy_label" in kinds("HTTPS://WWW.ENERGYLABEL.COM.CN/signDetails?productId=1&productTypeCode=2")


@pytest.mark.parametrize(
    ("text", "number", "serial"),
    [
        ("(01)06901234567892(21)SN-0001", "6901234567892", "SN-0001"),
        ("]C1010690123456789221SN-0001", "6901234567892", "SN-0001"),
        ("]d20106901234567892" + "10LOT7" + gs1.SEPARATOR + "21SN-0001", "6901234567892", "SN-0001"),
        ("010690123456789217261231" + "21SN-0001", "6901234567892", "SN-0001"),
        ("]C10106901234567892", "6901234567892", None),
    ],
)
def test_a_box_names_goods_and_piece_in_one_bar_code(text, number, serial):
    assert one(text, "gtin").value == number
    assert one(text, "gtin").fields.get("serial_no") == serial


def test_a_symbology_prefix_is_taken_off():
    assert one("]E06901234567892", "gtin").value == "6901234567892"


@pytest.mark.parametrize(
    "text", ["]C19906901234567892", "]C101069012345678", "]C10106901234567892" + "0106901234567892"]
)
def test_a_broken_element_string_names_no_goods(text):
    assert "gtin" not in kinds(text)


def test_payment_codes_of_three_kinds():
    assert "payment_code" in kinds("134567890123456789")
    assert "payment_code" in kinds("2812345678901234567")
    assert "payment_code" in kinds("6212345678901234567")
    assert "payment_code" not in kinds("164567890123456789")


def test_numbers_of_ours():
    assert "number" in kinds("r-20261120-7K3M9QWX")
    assert "number" in kinds("C-20261120-7K3M9QWX")
    assert "number" not in kinds("X-20261120-7K3M9QWX")


def test_what_is_endless_or_nothing_is_nothing():
    assert kinds("1" * 2_001) == set() == kinds("") == kinds("\x00\x01")


digits = st.text(string.digits, min_size=1, max_size=24)


def numeric(length):
    return st.text(string.digits, min_size=length, max_size=length)


@given(st.one_of(numeric(7), numeric(11), numeric(12), numeric(13)))
def test_a_true_bar_code_is_among_them(body):
    text = body + ean.calc_check_digit(body)
    assert one(text, "gtin").value == gtin.validate(text)


@given(numeric(14))
def test_a_true_imei_is_among_them_and_so_is_the_frame_code(body):
    text = body + luhn.calc_check_digit(body)
    assert {"imei", "frame_code", "serial_no"} <= kinds(text)


@given(numeric(15))
def test_a_true_frame_code_is_among_them_alone_and_in_its_certificate(text):
    assert "frame_code" in kinds(text)
    for key in ("vinCode", "cert_ins_id"):
        address = f"http://mv.cqccms.com.cn/incoc/GSViewEbike!viewCocEbike.action?{key}={text}"
        assert one(address, "ebike_certificate").value == text


@given(st.text("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=17, max_size=17))
def test_a_true_vin_is_among_them_with_its_check(text):
    if text.startswith("L") and not vin.has_good_check_digit(text):
        assert "vin" not in kinds(text)
    else:
        assert one(text, "vin").fields["check_digit_good"] == vin.has_good_check_digit(text)


@given(st.text(voucher.ALPHABET, min_size=10, max_size=10))
def test_a_true_voucher_code_is_among_them_however_it_is_typed(body):
    body = f"K{body}"  # at least one a letter
    code = body + luhn.calc_check_digit(body, voucher.ALPHABET)
    for typed in (code, code.lower(), "-".join((code[:4], code[4:8], code[8:]))):
        assert one(typed, "code").value == code


@given(st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-/.", min_size=4, max_size=40))
def test_a_true_serial_number_is_among_them(text):
    if not text.startswith(("R-", "H-", "C-")) and gs1.parse(text) is None:
        assert "serial_no" in kinds(text)


@given(numeric(20), st.integers(1, 10**9), st.dates(date(2018, 1, 1), date(2030, 1, 1)))
def test_a_true_invoice_is_among_them(number, amount_fen, day):
    text = f"01,32,,{number},{amount_fen // 100}.{amount_fen % 100:02d},{day:%Y%m%d},,5F98"
    read = one(text, "invoice").fields["invoice"]
    assert (read.number, read.amount_fen, read.issued_on) == (number, amount_fen, day)


@given(numeric(14), st.text("0123456789ABCDEFGHJK-", min_size=4, max_size=20))
def test_a_true_box_is_among_them(body, serial):
    number = body[:13] + ean.calc_check_digit(body[:13])
    text = f"]C101{number}21{serial}"
    assert one(text, "gtin").value == gtin.validate(number)
    assert one(text, "serial_no").value == serial


@given(
    st.one_of(
        st.text(max_size=60),
        digits,
        st.text(string.ascii_letters + string.digits + "-/.,:()]\x1d", max_size=60),
        st.from_regex(r"\A01,\d\d,\d{0,12},\d{0,20},[\d.]{0,9},\d{0,8}\Z"),
        st.from_regex(r"\Ahttps?://[a-z.]{1,20}/[!-~]{0,30}\Z"),
    )
)
def test_nothing_impossible_is_among_them(text):
    for scan in candidates(text):
        if validate := VALIDATORS.get(scan.kind):
            assert validate(scan.value) == scan.value
        if scan.kind in ("imei", "frame_code", "ebike_certificate"):
            assert len(scan.value) == 15 and scan.value.isascii() and scan.value.isdigit()
        if scan.kind == "payment_code":
            assert scan.value.isdigit() and 16 <= len(scan.value) <= 24
        if scan.kind == "token":
            assert scan.value.startswith("TI1:")
        if scan.kind == "invoice":
            assert invoice_qr.read(text.strip()).number == scan.value
        if scan.kind == "energy_label":
            assert "energylabel.com.cn" in text.lower() or "bbqk.com" in text.lower()
    scans.broken(text)
