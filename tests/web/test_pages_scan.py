"""What a scan is taken for."""

import pytest

from pos_subsidy.domain import words
from pos_subsidy.errors import Invalid
from pos_subsidy.web import forms, scan, speaking

ALL = ("voucher", "goods", "serial_no", "price", "order_no")


@pytest.mark.parametrize(
    ("text", "wanted", "kind"),
    [
        ("6901234567892", ALL, "goods"),
        ("96385074", ALL, "goods"),
        ("036000291452", ALL, "goods"),
        ("16901234567899", ALL, "goods"),
        ("7K3M9QWX4T20", ALL, "code"),
        ("7k3m-9qwx-4t2o", ALL, "code"),
        ("SN2732C139C19", ("serial_no", "price"), "serial_no"),
        ("SN2732C139C19", ALL, "serial_no"),
        ("490154203237518", ("imei1",), "imei1"),
        ("490154203237518", ("serial_no",), "serial_no"),
        ("6100", ("price", "order_no"), "price"),
        ("¥6100.50", ("price", "order_no"), "price"),
        ("6901234567892", ("order_no",), "order_no"),
        ("JX-2026/1", ("order_no",), "order_no"),
        ("R-20261120-JMKXTZ1S", ALL, "ours"),
        ("h-97nzh6edq4x34q2x", ALL, "ours"),
        ("TI1:ABC", ALL, "token"),
        ("ti1:abc", ("order_no",), "token"),
        ("]Q1ti1:abc", ALL, "token"),
        ("]E06901234567892", ALL, "goods"),
        ("(01)06901234567892(21)SN-0001", ALL, "goods"),
        ("010690123456789221SN-0001", ALL, "goods"),
        ("(01)06901234567892(21)SN-0001", ("serial_no", "price"), "serial_no"),
    ],
)
def test_shape_and_what_is_wanted_decide_together(text: str, wanted: tuple[str, ...], kind: str) -> None:
    assert scan.classify(text, wanted=wanted).kind == kind


def test_a_misread_imei_never_passes_for_a_serial_number() -> None:
    with pytest.raises(Invalid, match="scan_incomplete"):
        scan.classify("490154203237519", wanted=("serial_no", "imei1", "order_no"))
    assert scan.classify("490154203237519", wanted=("serial_no", "price")).kind == "serial_no"


def test_filed_goods_are_goods_even_where_an_order_number_is_wanted() -> None:
    found = scan.classify("6901234567892", wanted=("order_no",), is_filed=lambda gtin: True)
    assert found.kind == "goods"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://www.energylabel.com.cn/signDetails?productId=1", "scan_is_energy_label"),
        ("https://bbqk.com/abc", "scan_is_energy_label"),
        ("01,32,,26332000001234567890,6100.00,20261120,,A1B2", "scan_is_invoice"),
        ("134567890123456789", "scan_is_payment_code"),
        ("2812345678901234567", "scan_is_payment_code"),
        ("HC1:NCFOXN", "scan_is_other_voucher"),
        ("https://voucher.redeem.test/abc", "scan_is_other_voucher"),
        ("01,32,,123", "scan_is_invoice"),
        ("http://energylabel.com.cn/", "scan_is_energy_label"),
        ("http://www.energylabelrecord.com/x", "scan_is_energy_label"),
        ("http://energylabel.com.cn@evil.test/signDetails?productId=1", "energy_label_foreign"),
        ("https://cert.test/c?vinCode=117321900000243", "scan_is_ebike_certificate"),
    ],
)
def test_what_belongs_elsewhere_is_named_and_never_called_forged(text: str, code: str) -> None:
    """VQ-13"""
    with pytest.raises(Invalid) as caught:
        scan.classify(text, wanted=ALL)
    assert caught.value.code == code
    assert code in speaking.PAGE_WORDS or code in words.WORDS


def test_a_gs1_symbol_names_the_goods_or_the_piece_as_the_sale_wants() -> None:
    symbol = "010690123456789221SN-0001"
    assert scan.classify(symbol, wanted=ALL).value == "6901234567892"
    found = scan.classify(symbol, wanted=("serial_no",), is_filed=lambda gtin: True)
    assert (found.kind, found.value) == ("serial_no", "SN-0001")


def test_a_serial_number_of_unclear_length_is_asked_for_and_never_guessed() -> None:
    with pytest.raises(Invalid, match="scan_serial_unclear") as caught:
        scan.classify("010690123456789221SN0110LOT", wanted=("serial_no",))
    assert caught.value.params["readings"] == "SN0110LOT / SN01"


def test_bar_codes_reach_the_catalogue_in_their_one_form() -> None:
    asked: list[str] = []
    scan.classify("036000291452", wanted=("serial_no",), is_filed=lambda gtin: bool(asked.append(gtin)))
    assert asked == ["0036000291452"]


@pytest.mark.parametrize("fragment", ["8901086261", "410", "690123456789"])
def test_a_fragment_of_a_bar_code_is_no_serial_number(fragment: str) -> None:
    """HR-21"""
    with pytest.raises(Invalid, match="scan_incomplete"):
        scan.classify(fragment, wanted=("goods", "serial_no"))


def test_a_mistyped_code_reaches_the_check_of_codes() -> None:
    assert scan.classify("7K3M9QWX4T21", wanted=ALL).kind == "code"


@pytest.mark.parametrize("typed", ["6100.005", "61,00,1.2.3"])
def test_a_price_that_is_none_is_not_taken_for_a_serial_number(typed: str) -> None:
    with pytest.raises(Invalid, match="price_invalid"):
        scan.classify(typed, wanted=("price",))


@pytest.mark.parametrize("text", ["序列号", "a b c", "?"])
def test_what_can_be_nothing_is_said_to_be_unrecognised(text: str) -> None:
    with pytest.raises(Invalid, match="scan_unrecognised"):
        scan.classify(text, wanted=("serial_no",))


def test_full_width_characters_and_slips_of_an_input_method_are_mended() -> None:
    assert forms.mended("ＴＩ１：７Ｋ。３＄ \r\n") == "TI1:7K.3$ "
    assert forms.mended("　６９０１") == "6901"


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("6100", 610_000), ("6,100.50", 610_050), ("￥0.01", 1), ("６１００元", 610_000), (" 12.3 ", 1_230)],
)
def test_amounts_are_read_as_people_write_them(typed: str, fen: int) -> None:
    assert forms.amount_fen(typed) == fen


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.005", "1e3x", "NaN", "Infinity", "一百"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="price_invalid"):
        forms.amount_fen(typed)


def test_an_ebikes_certificate_names_its_piece() -> None:
    address = "http://mv.cqccms.com.cn/incoc/GSViewEbike!viewCocEbike.action?vinCode=117321900000243"
    found = scan.classify(address, wanted=("serial_no",), by_certificate=True)
    assert (found.kind, found.value) == ("serial_no", "117321900000243")
    with pytest.raises(Invalid, match="scan_is_ebike_certificate"):
        scan.classify(address, wanted=("serial_no",))
