"""What the city's templates can say: money, local time, names of regions and goods."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import format_datetime, format_decimal

from pos_subsidy.domain import moments
from pos_subsidy.domain.identifiers import region
from pos_subsidy.hub.web.api import city
from pos_subsidy.hub.web.auth import may_use
from pos_subsidy.hub.web.language import in_language, language, said, t
from pos_subsidy.look.assets import asset
from pos_subsidy.look.comfort import other_language

_LONGEST = 200


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        yuan=money, count=count, moment=local_moment, goods=goods_name, region=region_name, role=role_name
    )
    app.jinja_env.filters.update(
        exact=exact_moment, row=row_name, told=told, deed=deed_name, from_json=json.loads
    )
    app.jinja_env.globals.update(asset=asset, other_language=other_language, may=may_use)
    app.context_processor(_header)


def money(amount_fen: int) -> str:
    """Write an amount with its sign and thousands, e.g. ``−¥1,500.00``."""
    return f"{'−' if amount_fen < 0 else ''}¥{format_decimal(Decimal(abs(amount_fen)) / 100, '#,##0.00')}"


def count(number: int) -> str:
    """Write a number with its thousands."""
    return str(format_decimal(number, "#,##0"))


def exact_moment(written: str | datetime | None) -> str:
    """Write a moment to the second: where two are compared, a minute hides which was first."""
    return local_moment(written, "yyyy-MM-dd HH:mm:ss")


def local_moment(written: str | datetime | None, pattern: str = "yyyy-MM-dd HH:mm") -> str:
    """Write a moment as the city's day and clock, e.g. ``2026-11-20 14:03``; a dash for none."""
    if not written:
        return "—"
    try:
        at = written if isinstance(written, datetime) else moments.moment(written)
    except ValueError:
        return str(written)[:_LONGEST]  # a shop signs what it likes
    return str(format_datetime(at, pattern))


def goods_name(category: str) -> str:
    """Return what a category is called in the reader's language."""
    known = city().rulebook.categories.get(category)
    return in_language(known, "name") if known else category


def region_name(code: str) -> str:
    """Return what a region is called in the reader's language."""
    return region.name_of(code)[language() == "en"]


def role_name(role: str) -> str:
    """Return what a role is called in the reader's language."""
    key = f"role.{role}"
    return t(key) if said(key) else role


def told(said_by_shop: Any, name: str) -> str:
    """Write what a shop's row says of one thing: as what it should be, else as it stands there."""
    if said_by_shop is None or said_by_shop == "":
        return "—"
    if name.endswith("_fen") and isinstance(said_by_shop, int):
        return money(said_by_shop)
    text = str(said_by_shop)
    if name.endswith("_at"):
        return exact_moment(text)
    if name == "category":
        return goods_name(text)
    key = f"authorisation.{text}"
    return t(key) if name == "authorisation" and said(key) else text[:_LONGEST]


def row_name(kind: str) -> str:
    """Return what a row of a shop, or a step of a claim, is called in the reader's language."""
    key = f"row.{kind}"
    return t(key) if said(key) else kind


def deed_name(what: str) -> str:
    """Return what a deed of the log is called in the reader's language."""
    key = f"deed.{what}"
    return t(key) if said(key) else what


def _header() -> dict[str, Any]:
    from pos_subsidy.hub.web.navigation import places

    return {"city": city(), "places": places}
