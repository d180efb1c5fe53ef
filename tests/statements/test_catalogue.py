"""Catalogues as shops send them."""

import io

import pytest
from openpyxl import Workbook

from pos_subsidy.errors import Invalid
from pos_subsidy.policy import load_rulebook
from pos_subsidy.protocol.catalogue_file import read_catalogue

NAMES = {code: category.names for code, category in load_rulebook().categories.items()}
HEADINGS = "条码,品类,品牌,型号,商品名称,能效等级,备案号,备案价,近30日均价"
GOOD = '6901234567892,冰箱,禾样,BCD-501,双门冰箱,一级,714992848993,"5,999.00",5950'


def read(*rows: str, encoding: str = "gb18030", said: str | None = None):
    content = "\n".join((HEADINGS, *rows)).encode(encoding)
    return read_catalogue(content, "goods.csv", categories=NAMES, encoding=said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_any_usual_encoding_is_read(encoding):
    product = read(GOOD, encoding=encoding).products[0]
    assert (product.category, product.energy_rating, product.filed_price_fen) == ("refrigerator", 1, 599_900)


def test_a_file_that_is_not_in_the_encoding_said_is_refused():
    with pytest.raises(Invalid, match="file_encoding"):
        read(GOOD, encoding="gb18030", said="utf-8")


@pytest.mark.parametrize("written", ["一级", "1级", "Ⅰ级", "1", "１", "1级能效"])
def test_ratings_as_people_write_them(written):
    assert read(GOOD.replace("一级", written)).products[0].energy_rating == 1


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("6901234567892", "6901234567891", "gtin", "identifier_invalid"),
        ("6901234567892", "", "gtin", "catalogue_gtin_missing"),
        ("冰箱,禾样", "扫把,禾样", "category", "catalogue_category_unknown"),
        ('"5,999.00"', "5999.001", "filed_price", "catalogue_price_decimals"),
        ('"5,999.00"', "-5", "filed_price", "catalogue_price_invalid"),
        ('"5,999.00"', "0", "filed_price", "catalogue_price_invalid"),
        ('"5,999.00"', "", "filed_price", "catalogue_price_invalid"),
        ("一级", "九级", "energy_rating", "catalogue_rating_invalid"),
    ],
)
def test_a_bad_row_is_named_with_field_and_reason(old, new, field, code):
    found = read(GOOD.replace(old, new, 1))
    assert [(one.field, one.code) for one in found.problems] == [(field, code)]


def test_one_bar_code_with_two_prices_is_refused_the_second_time():
    found = read(GOOD, GOOD.replace("5,999", "5,899"))
    assert [(one.line, one.code) for one in found.problems] == [(3, "catalogue_duplicate_price")]
    assert found.products[0].filed_price_fen == 599_900


def test_the_very_same_row_twice_is_no_matter():
    found = read(GOOD, GOOD)
    assert (len(found.products), found.problems) == (1, ())


def test_a_model_of_another_class_is_warned_of():
    found = read(GOOD.replace("冰箱,禾样", "洗衣机,禾样"))
    assert [one.code for one in found.warnings] == ["catalogue_model_contradicts"]
    assert len(found.products) == 1


def test_no_rating_and_no_label_means_no_rating_system_except_for_digital_goods():
    cooker, phone = read(
        "6901234567892,电饭煲,禾样,C1,电饭煲,,,499,", "6923567890126,手机,禾样,P1,手机,,,2999,"
    ).products
    assert (cooker.has_rating_system, phone.has_rating_system) == (False, None)
    labelled = read("6901234567892,电饭煲,禾样,C1,电饭煲,,714992848993,499,").products[0]
    assert labelled.has_rating_system is None


def test_a_workbook_is_read_like_a_csv():
    book = Workbook()
    book.active.append(HEADINGS.split(","))
    book.active.append([6901234567892, "冰箱", "禾样", "BCD-501", "双门冰箱", 1, "7149", 5999, 5950.5])
    sink = io.BytesIO()
    book.save(sink)
    found = read_catalogue(sink.getvalue(), "goods.xlsx", categories=NAMES)
    assert found.products[0].filed_price_fen == 599_900
    assert found.products[0].mean_price_30d_fen == 595_050


def test_a_file_without_the_needed_columns_names_them():
    with pytest.raises(Invalid, match="file_column_missing") as error:
        read_catalogue("条码,品牌\n1,2\n".encode(), "goods.csv", categories=NAMES)
    assert "品类" in error.value.params["column"]
