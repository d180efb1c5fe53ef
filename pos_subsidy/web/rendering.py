"""What templates can say: money, local time, names of goods, the state of the line."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Flask, Response, render_template, request, session
from flask_babel import format_datetime, format_decimal
from flask_login import current_user

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import explanation, moments, words
from pos_subsidy.domain.decision import Step
from pos_subsidy.domain.rules import PACK_DEFAULT
from pos_subsidy.look.assets import asset
from pos_subsidy.look.comfort import other_language
from pos_subsidy.services import approving, health
from pos_subsidy.web.auth import LOCKED, may_use
from pos_subsidy.web.language import PUBLIC, in_language, language, t


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        yuan=money, clock=clock, moment=local_moment, code=grouped, goods_name=goods_name
    )
    app.jinja_env.filters.update(told=told, cited=cited)
    app.jinja_env.globals.update(asset=asset, other_language=other_language, term=term)
    app.jinja_env.globals.update(may=may_use, approvers=approving.APPROVERS)
    app.context_processor(_header)


def told(steps: Iterable[Step]) -> list[dict[str, str]]:
    """Return steps of a sum as sentences."""
    return [explanation.step_json(step) for step in steps]


def cited(clause: str) -> str:
    """Return a clause; that there is none is said in the reader's language."""
    return t("verdict.no_text") if clause == PACK_DEFAULT.cited else clause


def term(name: str) -> str:
    """Return what a word of the rules is called in the reader's language."""
    return words.term(name)[language() == "en"]


def money(amount_fen: int) -> str:
    """Write an amount with its sign and thousands, e.g. ``−¥1,500.00``."""
    return f"{'−' if amount_fen < 0 else ''}¥{format_decimal(Decimal(abs(amount_fen)) / 100, '#,##0.00')}"


def clock(written: str | datetime) -> str:
    """Write a moment as the shop's wall clock reads, e.g. ``14:03``."""
    return format_datetime(_moment(written), "HH:mm")


def local_moment(written: str | datetime) -> str:
    """Write a moment as the shop's day and clock, e.g. ``2026-11-20 14:03``."""
    return format_datetime(_moment(written), "yyyy-MM-dd HH:mm")


def grouped(voucher_code: str) -> str:
    """Write a voucher code in groups of four.

    >>> grouped("7K3M9QWX4T2B")
    '7K3M 9QWX 4T2B'
    """
    return " ".join(voucher_code[at : at + 4] for at in range(0, len(voucher_code), 4))


def goods_name(category: str) -> str:
    """Return what a category is called in the reader's language."""
    known = get_shop().rulebook.categories.get(category)
    return in_language(known, "name") if known else category


def page_of_code(code: str, status: int) -> Response:
    """Return the plain page of an expected failure."""
    spoken = words.say(code, {})
    page = render_template("error.html", code=code, spoken=spoken, reasons=[], status=status, lang=language())
    return Response(page, status)


def _header() -> dict[str, Any]:
    """Give every page the shop, and those of staff the line's state."""
    shop = get_shop()
    shown: dict[str, Any] = {"shop": shop, "moment_now": moments.text(now()), "line": None}
    unlocked = current_user and current_user.is_authenticated and not session.get(LOCKED)
    if unlocked and not request.path.startswith(PUBLIC):
        shown["line"] = health.state(get_db(), shop, now=now())
        shown["today"] = shop.today(now())
    return shown


def _moment(written: str | datetime) -> datetime:
    return written if isinstance(written, datetime) else moments.moment(written)
