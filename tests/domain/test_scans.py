"""Everything that a scan can be: the truth is always among it, the impossible never."""

import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import ean, luhn

from pos_subsidy.domain import qr_token, scans, voucher, words
from pos_subsidy.domain.identifiers import energy_label, frame_code, gs1, gtin, imei, invoice, serial_no, vin
from pos_subsidy.domain.scans import Scan

SAMPLES = [
    line.split("\t")
    for line in Path(__file__).with_name("qr-samples.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
GS = "\x1d"
CERTIFICATE = "http://mv.cqccms.com.cn/incoc/GSViewEbike!viewCocEbike.action?vinCode="
LABEL = "https://www.energylabel.com.cn/signDetails?productId=633881710439"
# What each line of the samples must give: kind, value, and fields.
MEANT: dict[str, tuple[str, str, dict[str, object]]] = {
    SAMPLES[0][1]: ("energy_label", "633881710439", {"record": "633881710439", "product_type": "32"}),
    "http://bbqk.com/Ab3dE9": ("energy_label", "Ab3dE9", {"short_id": "Ab3dE9", "record": None}),
    "01,32,,26427000000316294884,100.76,20260330,,5F98": (
        "invoice",
        "26427000000316294884",
        {"amount_fen": 10_076, "includes_tax": True, "issued_on": date(2026, 3, 30), "type": "32"},
    ),
    "01,32,,24417000000034170288,199.00,20240720": (
        "invoice",
        "24417000000034170288",
        {"amount_fen": 19_900, "includes_tax": True, "issued_on": date(2024, 7, 20)},
    ),
    "01,31,,24922000000012341234,666.00,20240208,,76A1": (
        "invoice",
        "24922000000012341234",
        {"type": "31", "amount_fen": 66_600, "includes_tax": True},
    ),
    "01,10,033002100211,12345678,884.96,20230105,12345678901234567890,1A2B": (
        "invoice",
        "12345678",
        {"code": "033002100211", "amount_fen": 88_496, "includes_tax": False},
    ),
    CERTIFICATE + "117321900000243": ("ebike_certificate", "117321900000243", {}),
    "6901234567892": ("gtin", "6901234567892", {"form": "GTIN-13"}),
    "490154203237518": ("imei", "490154203237518", {}),
    "1M8GDM9AXKP042788": ("vin", "1M8GDM9AXKP042788", {"check_digit_good": True}),
}
REFUSED = {
    "01,32,,123": (
        "invoice",
        "invoice_number_invalid",
        {"digits": 20, "length": 3, "field": "invoice.number"},
    ),
    "http://example.com/signDetails?productId=1": (
        "energy_label",
        "energy_label_foreign",
        {"host": "example.com"},
    ),
}
DIGITS = "0123456789"


def _digits(length: int, longest: int | None = None) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=longest or length)


GTINS = st.sampled_from((7, 11, 12, 13)).flatmap(_digits).map(lambda body: body + ean.calc_check_digit(body))
GTINS_14 = _digits(13).map(lambda body: body + ean.calc_check_digit(body))
IMEIS = _digits(14).map(lambda body: body + luhn.calc_check_digit(body))
SERIALS = st.text(DIGITS + string.ascii_uppercase + "-/.", min_size=4, max_size=20)
CODES = (
    st.text(voucher.ALPHABET, min_size=11, max_size=11)
    .map(lambda body: body + luhn.calc_check_digit(body, voucher.ALPHABET))
    .filter(lambda code: not code.isdigit())
)
VINS = st.text("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=17, max_size=17)
PAYMENT_CODES = st.one_of(
    st.tuples(st.sampled_from(("10", "11", "12", "13", "14", "15")), _digits(16)).map("".join),
    st.tuples(st.sampled_from(("25", "26", "27", "28", "29", "30")), _digits(14, 22)).map("".join),
    _digits(17).map(lambda rest: "62" + rest),
)
OURS = st.one_of(
    st.text(voucher.ALPHABET, min_size=16, max_size=16).map(lambda rest: "H-" + rest),
    st.text(voucher.ALPHABET, min_size=8, max_size=8).map(lambda rest: "R-20261120-" + rest),
)
DAYS = st.dates(date(2016, 1, 1), date(2030, 12, 31))
FENS = st.integers(-10_000_000, 100_000_000)


def _found(text: str, kind: str) -> list[Scan]:
    return [one for one in scans.candidates(text) if one.kind == kind]


def _values(text: str, kind: str) -> list[str]:
    return [one.value for one in _found(text, kind)]


def _reasons(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.code) for one in scans.broken(text)]


@pytest.mark.parametrize(("kind", "text", "meant"), SAMPLES, ids=[line[1][:40] for line in SAMPLES])
def test_every_sample_gives_what_its_line_says(kind: str, text: str, meant: str) -> None:
    if kind == "nothing":
        assert not scans.candidates(text), meant
        named, code, params = REFUSED[text]
        assert [(one.kind, one.code, dict(one.params)) for one in scans.broken(text)] == [
            (named, code, params)
        ]
        return
    of_kind, value, fields = MEANT[text]
    (found,) = _found(text, of_kind)
    assert found.value == value
    assert fields.items() <= found.fields.items()


def test_15_digits_are_imei_frame_code_and_serial_number_at_once() -> None:
    assert [one.kind for one in scans.candidates("490154203237518")] == ["imei", "frame_code", "serial"]
    assert [one.kind for one in scans.candidates("490154203237519")] == ["frame_code", "serial"]
    assert _reasons("490154203237519") == [("imei", "identifier_invalid")]


@given(GTINS)
def test_a_true_bar_code_is_found_with_and_without_the_symbology(number: str) -> None:
    assert _values(number, "gtin")[-1:] == [gtin.validate(number)]
    assert _values("]E0" + number, "gtin") == [gtin.validate(number)]
    assert [one.kind for one in scans.candidates("]E0" + number)] == ["gtin"]


@given(IMEIS)
def test_a_true_imei_is_found(number: str) -> None:
    assert _values(number, "imei") == [number]
    assert _values("]C0" + number, "imei") == [number]


@given(CODES)
def test_a_true_voucher_code_is_found_however_it_is_written(code: str) -> None:
    written = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()
    assert _values(code, "code") == _values(written, "code") == [code]


@given(_digits(11))
def test_a_upc_a_is_no_voucher_code(body: str) -> None:
    number = body + ean.calc_check_digit(body)
    assert _values(number, "gtin") == ["0" + number] and not _found(number, "code")


@given(SERIALS)
def test_a_true_serial_number_is_found_in_any_case(number: str) -> None:
    assert number in _values(number, "serial")
    assert number in _values(number.lower(), "serial")


@given(VINS)
def test_a_vin_is_found_with_its_check_digit_judged(number: str) -> None:
    good = vin.has_good_check_digit(number)
    if number.startswith("L") and not good:
        assert not _found(number, "vin") and ("vin", "identifier_invalid") in _reasons(number)
    else:
        (found,) = _found(number, "vin")
        assert found.value == number and found.fields["check_digit_good"] is good


@given(_digits(15), st.sampled_from(("vinCode", "cert_ins_id")))
def test_a_frame_code_is_found_by_itself_and_in_a_certificate(number: str, name: str) -> None:
    assert _values(number, "frame_code") == [number]
    assert _values(f"https://cert.test/c?x=1&{name}={number}", "ebike_certificate") == [number]


@given(_digits(1, 20), _digits(1, 3), st.sampled_from(("", "www.")))
def test_a_label_of_the_register_is_found(record: str, kind: str, www: str) -> None:
    text = f"https://{www}EnergyLabel.com.cn/signDetails?productId={record}&productTypeCode={kind}&isOld=0"
    (found,) = _found(text, "energy_label")
    assert (found.value, found.fields["product_type"]) == (record, kind)


@given(st.sampled_from(("31", "32")), _digits(20), FENS, DAYS, st.sampled_from(("", ",,5F98", ",", ",,,")))
def test_a_digital_invoice_is_found(kind: str, number: str, fen: int, day: date, rest: str) -> None:
    (found,) = _found(f"01,{kind},,{number},{_written(fen)},{day:%Y%m%d}{rest}", "invoice")
    assert found.fields == {
        **{"type": kind, "code": "", "number": number, "amount_fen": fen},
        **{"includes_tax": True, "issued_on": day},
    }


@given(
    st.sampled_from(("01", "04", "10")), st.sampled_from((10, 12)).flatmap(_digits), _digits(8), FENS, DAYS
)
def test_an_old_invoice_is_found_without_tax(kind: str, code: str, number: str, fen: int, day: date) -> None:
    text = f"01,{kind},{code},{number},{_written(fen)},{day:%Y%m%d},12345678901234567890,1A2B,"
    (found,) = _found(text, "invoice")
    assert (found.fields["code"], found.value) == (code, number)
    assert (found.fields["amount_fen"], found.fields["includes_tax"]) == (fen, False)


@given(PAYMENT_CODES)
def test_a_payment_code_is_found(number: str) -> None:
    (found,) = _found(number, "payment_code")
    expected = {"1": "wechat", "6": "unionpay"}.get(number[0], "alipay")
    assert found.fields["rail"] == expected


@given(OURS)
def test_a_number_of_ours_is_found(number: str) -> None:
    (found,) = _found(number.lower(), "number_of_ours")
    assert found.value == number
    assert found.fields["of"] == {"R": "redemption", "H": "hold"}[number[0]]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=300))
def test_a_token_is_nothing_else_and_stays_as_it_was_sent(rest: str) -> None:
    text = qr_token.PREFIX + rest
    for sent in (text, text.lower(), "]Q1" + text):
        assert scans.candidates(sent) == (Scan("token", text),)


@given(GTINS_14, SERIALS, SERIALS)
@example("06901234567892", "SN10X21Y", "A110101")
def test_goods_and_piece_are_found_in_a_gs1_string(number: str, serial: str, lot: str) -> None:
    """With separators there is one reading; where they were lost the true one is among several."""
    goods = gtin.validate(number.removeprefix("000000"))
    for text in (
        f"(01){number}(21){serial}(10){lot}",
        f"]C1{GS}01{number}21{serial}{GS}10{lot}",
        f"]d201{number}10{lot}{GS}21{serial}",
        f"01{number}11260330" + f"21{serial}{GS}10{lot}",
    ):
        found = [one for one in _found(text, "serial") if one.fields["of_gs1"]]
        assert [(one.value, one.fields["sure"]) for one in found] == [(serial, True)]
        assert _values(text, "gtin") == [goods]
    for lost in (f"01{number}21{serial}10{lot}", f"]Q301{number}10{lot}21{serial}"):
        assert serial in _values(lost, "serial")
        assert goods in _values(lost, "gtin")


def test_a_lost_separator_is_told() -> None:
    found = [one for one in _found("010690123456789221SN0110LOT", "serial") if one.fields["of_gs1"]]
    assert [one.value for one in found] == ["SN0110LOT", "SN01"]
    assert not any(one.fields["sure"] for one in found)


@pytest.mark.parametrize("prefix", ["]C1", "]e0", "]d2", "]Q3"])
def test_a_scanner_may_name_gs1(prefix: str) -> None:
    assert _values(f"{prefix}0106901234567892", "gtin") == ["6901234567892"]
    assert _values(f"{prefix}21SN-0001", "serial") == ["SN-0001"]


def test_an_ean_8_and_a_carton_keep_their_own_forms_in_gs1() -> None:
    assert _values("(01)00000096385074", "gtin") == ["96385074"]
    (carton,) = _found("(01)16901234567899", "gtin")
    assert (carton.value, carton.fields["form"]) == ("16901234567899", "GTIN-14")


@pytest.mark.parametrize(
    "text",
    [
        "(01)06901234567891",
        "]C10106901234567891",
        f"010690123456789110L{GS}21SN-0001",
        "(01)06901234567891(21)SN-0001",
    ],
)
def test_a_gs1_string_with_a_wrong_gtin_names_neither_goods_nor_piece(text: str) -> None:
    assert not _found(text, "gtin") and not _found(text, "serial")
    assert _reasons(text) == [("gs1", "identifier_invalid")]


@pytest.mark.parametrize(
    "text",
    [
        "]C1",
        "]C106901234567892",
        "(01)",
        "(01)0690",
        "(0A)06901234567892",
        "(01)06901234567892(01)06901234567892",
    ],
)
def test_what_only_begins_like_gs1_is_nothing(text: str) -> None:
    assert not scans.candidates(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://energylabel.com.cn@evil.test/signDetails?productId=1", "energy_label_foreign"),
        ("http://www.energylabel.com.cn:pw@evil.test/signDetails?productId=1", "energy_label_foreign"),
        ("http://x@energylabel.com.cn/signDetails?productId=1", "energy_label_foreign"),
        ("http://energylabel.com.cn.evil.test/signDetails?productId=1", "energy_label_foreign"),
        ("http://m.energylabel.com.cn/signDetails?productId=1", "energy_label_foreign"),
        ("http://energylabel.com.cn:8080/signDetails?productId=1", "energy_label_foreign"),
        ("http://evil.test/SIGNDETAILS?productId=1", "energy_label_foreign"),
        ("http://bbqk.com@evil.test/abc", "energy_label_foreign"),
        ("http://xbbqk.com/abc", "energy_label_foreign"),
        ("http://www.energylabelrecord.com/signDetails?productId=1", "energy_label_closed"),
        ("http://energylabel.com.cn/", "energy_label_incomplete"),
        ("http://energylabel.com.cn/signDetails", "energy_label_incomplete"),
        ("http://energylabel.com.cn/login?productId=1", "energy_label_incomplete"),
        ("http://energylabel.com.cn/signDetails?productId=1&productId=2", "energy_label_incomplete"),
        ("http://energylabel.com.cn/signDetails?productId=%EF%BC%91", "energy_label_incomplete"),
        ("http://energylabel.com.cn/signDetails?productId=", "energy_label_incomplete"),
        (LABEL + "&productTypeCode=x", "energy_label_incomplete"),
        ("http://bbqk.com/", "energy_label_incomplete"),
        ("http://bbqk.com/a/b", "energy_label_incomplete"),
    ],
)
def test_what_only_looks_like_a_label_is_none_and_says_why(text: str, code: str) -> None:
    assert not _found(text, "energy_label")
    assert _reasons(text) == [("energy_label", code)]


@pytest.mark.parametrize(
    "text",
    [
        "http://energylabel.com.cn\\@evil.test/signDetails?productId=1",
        "http://energylabel.com.cn\t.evil.test/signDetails?productId=1",
        "http://energylabel.\tcom.cn/signDetails?productId=1",
        "http://energylabel.com.cn/sign\nDetails?productId=1",
        "http://energylabel。com。cn/signDetails?productId=1",
        "ftp://energylabel.com.cn/signDetails?productId=1",
        "http://[energylabel.com.cn/signDetails?productId=1",
        "http://energylabel.com.cn:99999/signDetails?productId=1",
    ],
)
def test_an_address_that_two_readers_read_differently_is_nothing(text: str) -> None:
    assert not scans.candidates(text)


@pytest.mark.parametrize(
    "text",
    [
        "HTTPS://WWW.ENERGYLABEL.COM.CN/signDetails?productId=633881710439",
        "http://energylabel.com.cn:80/signDetails?productId=633881710439#top",
        "www.energylabel.com.cn/signDetails?productId=633881710439",
        LABEL,
    ],
)
def test_the_registers_address_may_be_written_in_several_ways(text: str) -> None:
    assert _values(text, "energy_label") == ["633881710439"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01,32,,2441700000003417028,199.00,20240720", "invoice_number_invalid"),
        ("01,32,,2441700000003417028a,199.00,20240720", "invoice_number_invalid"),
        ("01,10,033002100211,1234567,884.96,20230105", "invoice_number_invalid"),
        ("01,10,,24417000000034170288,884.96,20230105", "invoice_invalid"),
        ("01,32,033002100211,24417000000034170288,199.00,20240720", "invoice_invalid"),
        ("01,32,,24417000000034170288,199.005,20240720", "invoice_invalid"),
        ("01,32,,24417000000034170288,1e9,20240720", "invoice_invalid"),
        ("01,32,,24417000000034170288,199.00,20240732", "invoice_invalid"),
        ("01,32,,24417000000034170288,199.00", "invoice_invalid"),
        ("01,,,24417000000034170288,199.00,20240720", "invoice_invalid"),
        ("02,32,,24417000000034170288,199.00,20240720", "invoice_invalid"),
    ],
)
def test_a_broken_invoice_says_why(text: str, code: str) -> None:
    assert not scans.candidates(text)
    assert _reasons(text) == [("invoice", code)]


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("vinCode=11732190000024", "length"),
        ("vinCode=1173219000002433", "length"),
        ("vinCode=11732190000024X", "alphabet"),
        ("vinCode=117321900000243&cert_ins_id=117321900000244", "several"),
        ("vinCode=%EF%BC%917321900000243", "length"),
    ],
)
def test_a_certificate_without_one_frame_code_says_why(query: str, cause: str) -> None:
    text = f"https://cert.test/c?{query}"
    assert not _found(text, "ebike_certificate")
    (reason,) = scans.broken(text)
    assert (reason.kind, reason.params["cause"]) == ("ebike_certificate", cause)


def test_the_host_of_a_certificate_is_the_one_that_would_answer() -> None:
    (found,) = _found("http://cqccms.com.cn@evil.test/?vinCode=117321900000243", "ebike_certificate")
    assert found.fields["host"] == "evil.test"


@pytest.mark.parametrize(
    "number", ["6901234567892", "490154203237518", "134567890123456789", "117321900000243"]
)
def test_digits_of_other_scripts_are_no_digits(number: str) -> None:
    for zero in ("０", "٠", "०"):
        assert not scans.candidates("".join(chr(ord(zero) + int(digit)) for digit in number))


@pytest.mark.parametrize("start", ["TI1:", "0106901234567892", LABEL + "&x=", "01,32,,", "", "]C121"])
def test_very_long_text_is_nothing(start: str) -> None:
    assert not scans.candidates(start + "1" * scans.LONGEST)
    assert not scans.broken(start + "1" * scans.LONGEST)


@given(VINS.map(lambda text: "01,32,," + text) | SERIALS | _digits(1, 24) | st.text())
def test_every_reason_has_words_for_its_figures(text: str) -> None:
    for one in scans.broken(text):
        said = words.say(one.code, one.params)
        assert "?" not in said.detail_en and "{" not in said.detail_zh


_PIECES = st.sampled_from(
    (
        *("]C1", "]d2", "]E0", "]Q1", "(01)", "(21)", "(10)", "01", "21", "10", "11", "06901234567892", GS),
        *("http://", "https://", "energylabel.com.cn", "bbqk.com", "/", "@", ":80", "/signDetails", "?"),
        *("productId=", "vinCode=", "cert_ins_id=", "117321900000243", "&", "#", "%00", "\\", "[", "]"),
        *("01,32,,", ",", "24417000000034170288", "199.00", "20240720", "TI1:", "R-", "H-", " ", "９", "é"),
    )
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(max_codepoint=127), max_size=60),
    _digits(1, 30),
    st.lists(_PIECES | st.text(string.printable, max_size=6), max_size=12).map("".join),
)


@given(TEXTS)
@settings(max_examples=1_000)
def test_nothing_impossible_is_ever_found_and_no_text_raises(text: str) -> None:
    scans.broken(text)
    for one in scans.candidates(text):
        _must_be_possible(one, text)


def _must_be_possible(one: Scan, text: str) -> None:
    """Ask the kind's own validator, which must leave the value as it is."""
    validators = {
        "gtin": gtin.validate,
        "imei": imei.validate,
        "vin": vin.validate,
        "frame_code": frame_code.validate,
        "ebike_certificate": frame_code.validate,
        "serial": serial_no.validate,
        "code": voucher.normalise,
    }
    if one.kind in validators:
        assert validators[one.kind](one.value) == one.value
    elif one.kind == "token":
        assert qr_token.looks_like_token(one.value)
    elif one.kind == "energy_label":
        assert one.value in text and energy_label.parse(text.strip()) is not None
    elif one.kind == "invoice":
        assert isinstance(one.fields["amount_fen"], int) and invoice.parse(_bare(text)) is not None
        assert len(one.value) == (20 if one.fields["includes_tax"] else 8)
    elif one.kind == "payment_code":
        assert one.value in text and 16 <= len(one.value) <= 24 and one.value.isascii()
    else:
        assert one.kind == "number_of_ours" and one.value[:2] in ("R-", "H-")
    assert one.value.isascii() or one.kind == "token"


def _bare(text: str) -> str:
    text = text.strip()
    return text[3:].strip() if text.startswith("]") else text


def _written(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


@pytest.mark.parametrize(
    "run", ["91" + "1021" * 22, "91" + "102111121711121" * 13, "240" + "10211112171111" * 14]
)
def test_lost_separators_leave_few_readings(run: str) -> None:
    """A hostile bar code must not stop the till."""
    assert len(gs1.readings(run[: gs1.LONGEST], certain=True)) < 500


def test_one_bad_guess_does_not_spoil_a_good_reading() -> None:
    """A field of the maker's own may hold what only looks like a date and a GTIN."""
    text = "91A112603300106901234567891"
    assert gs1.readings(text, certain=True)[0] == {"91": text[2:]}
    assert not _found("]C1" + text, "gtin") and not scans.broken("]C1" + text)


def test_a_gs1_string_has_an_end() -> None:
    fields = GS.join(f"9{place}{'A' * 80}" for place in range(1, 3))
    assert gs1.readings(fields, certain=True)
    assert not gs1.readings(f"{fields}{GS}93{'A' * 80}", certain=True)
