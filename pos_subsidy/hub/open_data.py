"""Publishes what happened on a day, without a row that tells of a single person or shop."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pos_subsidy.domain import merging, moments
from pos_subsidy.domain.identifiers import region as regions
from pos_subsidy.domain.merging import OTHER, Group
from pos_subsidy.errors import Invalid, NotFound
from pos_subsidy.hub.city import ZONE, City
from pos_subsidy.hub.store import open_days
from pos_subsidy.hub.store.db import read, run

_PEOPLE, _SHOPS = merging.LEAST_PEOPLE, merging.LEAST_SHOPS
RULE_ZH = (
    f"每一行至少来自 {_PEOPLE} 位消费者和 {_SHOPS} 家门店；不足的与相邻类别、地区合并，"
    "合并后仍不足的当日不发布。这样，知道其中多数人的读者也推不出某一个人的金额。发布后不再改动：两个版本相减会暴露单笔退货。"
)
RULE_EN = (
    f"Every row rests on at least {_PEOPLE} people and {_SHOPS} shops; smaller ones are merged with "
    "neighbouring classes and regions, and what is still too small is not published that day. So even a "
    "reader who knows most of the people in a row cannot work out one person's amount. A published day is "
    "never restated: the difference of two versions would tell of single returns."
)
COLUMNS = (
    *("day", "programme", "region", "region_zh", "region_en", "category", "category_zh", "category_en"),
    *("sales", "price_fen", "subsidy_fen"),
)


def publish(city: City, day: str, *, now: datetime) -> dict[str, Any]:
    """Return a day's table, making it if it was not made before; then it stays as it is.

    Raises:
        Invalid: ``open_day_invalid``, or ``open_day_not_over``.
    """
    is_over = _day(day) < moments.business_date(now, ZONE)

    def make(db: Connection) -> dict[str, Any]:
        found = open_days.find(db, day)
        if found is None and not is_over:
            raise Invalid("open_day_not_over", day=day)
        if found is None:
            found = _table(city, day, open_days.sales_of(db, day), made_at=moments.text(now))
            open_days.keep(db, day, found, at=moments.text(now))
        return found

    return run(city.engine, make)


def published(city: City, day: str) -> dict[str, Any]:
    """Return a day's table as it was published.

    Raises:
        Invalid: ``open_day_invalid``.
        NotFound: ``open_day_unknown``.
    """
    _day(day)
    found = read(city.engine, lambda db: open_days.find(db, day))
    if found is None:
        raise NotFound("open_day_unknown", day=day)
    return found


def days(city: City) -> list[str]:
    """Return the days that were published, newest first."""
    return read(city.engine, open_days.listing)


def as_csv(table: Mapping[str, Any]) -> str:
    """Return a table's rows as CSV, amounts in fen."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(table["rows"])
    return out.getvalue()


def _day(written: str) -> date:
    try:
        if (found := date.fromisoformat(written)).isoformat() == written:
            return found
    except ValueError:
        pass
    raise Invalid("open_day_invalid", found=written[:20])


def _table(city: City, day: str, sales: Sequence[Mapping[str, Any]], *, made_at: str) -> dict[str, Any]:
    by_programme: dict[str, dict[tuple[str, str], list[Mapping[str, Any]]]] = {}
    for one in sales:
        cells = by_programme.setdefault(one["programme"], {})
        cells.setdefault((one["region"], one["category"]), []).append(one)
    rows = [
        _row(city, day, programme, group)
        for programme, cells in sorted(by_programme.items())
        for group in merging.publishable(_group(*key, found) for key, found in sorted(cells.items()))
    ]
    told = {"day": day, "city": city.name, "made_at": made_at, "rule_zh": RULE_ZH, "rule_en": RULE_EN}
    return {**told, "rows": rows}


def _group(region: str, category: str, sales: Sequence[Mapping[str, Any]]) -> Group:
    return Group(
        region=region,
        category=category,
        # One whose identity could not be opened counts as nobody: that can only hide more.
        people=frozenset(one["person"] for one in sales if one["person"]),
        shops=frozenset(one["outlet"] for one in sales),
        sales=len(sales),
        price_fen=sum(one["price_fen"] for one in sales),
        subsidy_fen=sum(one["net_subsidy_fen"] for one in sales),
    )


def _row(city: City, day: str, programme: str, group: Group) -> dict[str, Any]:
    others = ("其他地区合计", "other regions together"), ("其他类别合计", "other classes together")
    region = others[0] if group.region == OTHER else regions.name_of(group.region)
    known = city.rulebook.categories.get(group.category)
    category = (known.name_zh, known.name_en) if known else (group.category, group.category)
    category = others[1] if group.category == OTHER else category
    return {
        "day": day,
        "programme": programme,
        "region": group.region,
        "region_zh": region[0],
        "region_en": region[1],
        "category": group.category,
        "category_zh": category[0],
        "category_en": category[1],
        "sales": group.sales,
        "price_fen": group.price_fen,
        "subsidy_fen": group.subsidy_fen,
    }
