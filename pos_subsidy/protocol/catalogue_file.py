"""Catalogues of filed goods as shops send them: CSV or XLSX, in Chinese or English."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pos_subsidy.domain import model_hints, ratings
from pos_subsidy.domain.amounts import amount_fen
from pos_subsidy.domain.identifiers import gtin as gtins
from pos_subsidy.domain.product import Product
from pos_subsidy.errors import Invalid
from pos_subsidy.protocol.table import read_table

HEADINGS = {
    "gtin": ("条码", "商品条码", "国际条码"),
    "category": ("品类", "商品品类", "类别"),
    "brand": ("品牌",),
    "model": ("型号", "商品型号"),
    "name": ("商品名称", "名称"),
    "energy_rating": ("能效等级", "能效", "水效等级", "能效（水效）等级"),
    "label_record_no": ("备案号", "能效备案号", "能效标识备案号"),
    "filed_price": ("备案价", "备案价格", "申报价格"),
    "mean_price_30d": ("近30日均价", "30日均价", "前30日均价"),
}
_NEEDED = ("gtin", "category", "filed_price")
_NO_RATING = ("", "无", "-", "/", "N/A")
_UNRATED_FAMILIES = frozenset({"phone", "tablet", "smart_watch", "smart_glasses"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row, or worth a look."""

    line: int
    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file's good rows, its bad rows, and what is worth a look."""

    products: tuple[Product, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    encoding: str
    rows: int


class _Wrong(Exception):
    def __init__(self, field: str, code: str, **params: Any) -> None:
        self.field, self.code, self.params = field, code, params


def read_catalogue(
    content: bytes,
    filename: str,
    *,
    categories: Mapping[str, Sequence[str]],
    encoding: str | None = None,
) -> CatalogueFile:
    """Read a catalogue row by row. ``categories`` maps codes to the names a file may use.

    Raises:
        Invalid: the file as a whole: ``file_encoding``, ``file_unknown``,
            ``file_column_missing``, ``file_cut``.
    """
    table = read_table(content, filename, HEADINGS, encoding=encoding)
    missing = [name for name in _NEEDED if name not in table.fields]
    if missing:
        wanted = "、".join(HEADINGS[name][0] for name in missing)
        raise Invalid("file_column_missing", filename=filename, column=wanted)
    codes = {name.casefold(): code for code, names in categories.items() for name in (code, *names)}
    products: dict[str, Product] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for line, named in table.rows:
        try:
            product = _product(named, codes)
            _must_not_contradict(product, products.get(product.gtin))
        except _Wrong as wrong:
            problems.append(Problem(line, wrong.field, wrong.code, wrong.params))
            continue
        products[product.gtin] = product
        warnings += _hints(product, line)
    return CatalogueFile(
        tuple(products.values()), tuple(problems), tuple(warnings), table.encoding, len(table.rows)
    )


def _product(named: Mapping[str, Any], codes: Mapping[str, str]) -> Product:
    number = _gtin(named)
    written = _text(named, "category")
    category = codes.get(written.casefold())
    if category is None:
        raise _Wrong("category", "catalogue_category_unknown", found=written)
    rating = _rating(_text(named, "energy_rating"))
    record_no = _text(named, "label_record_no")
    has_system: bool | None = True if rating else None
    if rating is None and not record_no and category not in _UNRATED_FAMILIES:
        has_system = False
    mean = _text(named, "mean_price_30d")
    return Product(
        gtin=number,
        category=category,
        brand=_text(named, "brand"),
        model=_text(named, "model"),
        name=_text(named, "name"),
        energy_rating=rating,
        has_rating_system=has_system,
        label_record_no=record_no,
        filed_price_fen=_price(named, "filed_price"),
        mean_price_30d_fen=_price(named, "mean_price_30d") if mean else None,
    )


def _gtin(named: Mapping[str, Any]) -> str:
    written = _text(named, "gtin")
    if not written:
        raise _Wrong("gtin", "catalogue_gtin_missing")
    try:
        return gtins.validate(written)
    except Invalid as error:
        raise _Wrong("gtin", error.code, **error.params) from None


def _price(named: Mapping[str, Any], name: str) -> int:
    try:
        price_fen = amount_fen(named.get(name))
    except ValueError as error:
        code = "catalogue_price_decimals" if str(error) == "decimals" else "catalogue_price_invalid"
        raise _Wrong(name, code, found=_text(named, name)) from None
    if price_fen <= 0:
        raise _Wrong(name, "catalogue_price_invalid", found=_text(named, name))
    return price_fen


def _rating(written: str) -> int | None:
    if re.sub("(能效|水效|级|等)", "", written.upper()) in _NO_RATING:
        return None
    try:
        return ratings.read(written)
    except Invalid:
        raise _Wrong("energy_rating", "catalogue_rating_invalid", found=written) from None


def _must_not_contradict(product: Product, before: Product | None) -> None:
    if before is None or replace(product, name=before.name) == before:
        return
    if product.filed_price_fen != before.filed_price_fen:
        params = {"first_fen": before.filed_price_fen, "second_fen": product.filed_price_fen}
        raise _Wrong("filed_price", "catalogue_duplicate_price", gtin=product.gtin, **params)
    raise _Wrong("gtin", "catalogue_duplicate", gtin=product.gtin)


def _hints(product: Product, line: int) -> list[Problem]:
    hinted = model_hints.category_of(product.model)
    found = []
    if hinted is not None and hinted != product.category:
        found.append(Problem(line, "model", "catalogue_model_contradicts", {"model": product.model}))
    if product.has_rating_system is False:
        found.append(Problem(line, "energy_rating", "catalogue_no_rating_system", {"gtin": product.gtin}))
    return found


def _text(named: Mapping[str, Any], name: str) -> str:
    written = named.get(name)
    if isinstance(written, float) and written.is_integer():
        written = int(written)  # spreadsheets keep bar codes as numbers
    return unicodedata.normalize("NFKC", str(written if written is not None else "")).strip().lstrip("`'")
