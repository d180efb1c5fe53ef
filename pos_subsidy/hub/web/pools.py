"""The city's budget: every pool, one pool with its decisions, and the forms by which people decide.

Each decision is shown first with what it changes, before and after; it is carried out when that is
confirmed, and only if nobody has decided about the pool since.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.domain import moments
from pos_subsidy.domain.rules import Programme
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import pools
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.deciding import Because, amount_fen, newest_decision
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

Shown = dict[str, Any]
_LONGEST = 200
# What is typed once and comes again with the confirmation.
_TYPED = ("programme", "region", "period", "yuan", "percent", "target", "why", "clause")

bp = Blueprint("pools", __name__)


@bp.get("/budgets")
def listing() -> str:
    """List the pools."""
    return _list_page(None)


@bp.get("/budgets/<programme>/<region>/<period>")
def show(programme: str, region: str, period: str) -> str:
    """Show a pool with every decision about it."""
    return _pool_page(f"{programme}/{region}/{period}", None)


@bp.post("/budgets")
def open_pool() -> Response | str:
    """Open a pool with its first money."""
    show_again(_list_page)
    fen, percent, because, at = amount_fen(_field("yuan")), _percent(), _because(), now()

    def done(*, rehearse: bool, seen: int | None) -> list[Shown]:
        opened = pools.open_pool(
            city(),
            programme=_field("programme"),
            region=_field("region"),
            period=_field("period"),
            fen=fen,
            warn_percent=percent,
            because=because,
            now=at,
            rehearse=rehearse,
        )
        return [opened]

    return _decided([], done, what="opened")


@bp.post("/budgets/<programme>/<region>/<period>/grant")
def grant(programme: str, region: str, period: str) -> Response | str:
    """Put more money in."""
    pool_id = f"{programme}/{region}/{period}"
    show_again(lambda wrong: _pool_page(pool_id, wrong))
    fen, because, at = amount_fen(_field("yuan")), _because(), now()

    def done(*, rehearse: bool, seen: int | None) -> list[Shown]:
        return [pools.grant(city(), pool_id, fen=fen, because=because, now=at, seen=seen, rehearse=rehearse)]

    return _decided([pool_id], done, what="granted")


@bp.post("/budgets/<programme>/<region>/<period>/move")
def move(programme: str, region: str, period: str) -> Response | str:
    """Move what is left into another pool."""
    pool_id, target = f"{programme}/{region}/{period}", _field("target")
    show_again(lambda wrong: _pool_page(pool_id, wrong))
    fen, because, at = amount_fen(_field("yuan")), _because(), now()

    def done(*, rehearse: bool, seen: int | None) -> list[Shown]:
        moved = pools.move(
            city(), pool_id, target, fen=fen, because=because, now=at, seen=seen, rehearse=rehearse
        )
        return [moved["from"], moved["to"]]

    return _decided([pool_id, target], done, what="moved")


@bp.post("/budgets/<programme>/<region>/<period>/warn")
def warn(programme: str, region: str, period: str) -> Response | str:
    """Decide from which share gone the shops are told."""
    pool_id = f"{programme}/{region}/{period}"
    show_again(lambda wrong: _pool_page(pool_id, wrong))
    percent, because, at = _percent(), _because(), now()

    def done(*, rehearse: bool, seen: int | None) -> list[Shown]:
        return [
            pools.warn(
                city(), pool_id, percent=percent, because=because, now=at, seen=seen, rehearse=rehearse
            )
        ]

    return _decided([pool_id], done, what="warned")


def _decided(pool_ids: list[str], done: Callable[..., list[Shown]], *, what: str) -> Response | str:
    """Carry a confirmed decision out, or show what it would change."""
    if request.form.get("confirmed") == "1":
        after = done(rehearse=False, seen=_whole("seen"))
        return redirect(_address(after[0]["pool"]), 303)
    before = [pools.show(city(), one) for one in pool_ids]
    after = done(rehearse=True, seen=None)
    return render_template(
        "hub/pool_confirm.html",
        what=what,
        changes=[(before[place] if before else None, one) for place, one in enumerate(after)],
        typed={name: request.form[name] for name in _TYPED if name in request.form},
        seen=newest_decision(*before),
        back=_address(pool_ids[0]) if pool_ids else url_for("pools.listing"),
    )


def _list_page(wrong: SubsidyError | None) -> str:
    return render_template(
        "hub/pools.html",
        pools=pools.listing(city()),
        programmes=_programmes(),
        wrong=wrong,
        typed=request.form,
    )


def _programmes() -> list[Programme]:
    """Return the programmes that may have a pool, those in force today first."""
    rulebook, today = city().rulebook, moments.business_date(now(), ZONE)
    in_force = {one.programme.id for one in rulebook.rules_in_force(today)}
    return sorted(rulebook.programmes, key=lambda one: (one.id not in in_force, one.id))


def _pool_page(pool_id: str, wrong: SubsidyError | None) -> str:
    found = pools.show(city(), pool_id)
    others = [one for one in pools.listing(city()) if one["pool"] != pool_id]
    return render_template("hub/pool.html", pool=found, others=others, wrong=wrong, typed=request.form)


def _because() -> Because:
    by = actor()
    return Because(by.username, _field("why"), _field("clause"), by.role)


def _percent() -> int | None:
    return _whole("percent") if _field("percent") else None


def _whole(name: str) -> int:
    written = _field(name)
    if not (written.isascii() and written.isdecimal() and len(written) <= 9):
        raise Invalid("percent_invalid" if name == "percent" else "invalid", found=written[:12])
    return int(written)


def _address(pool_id: str) -> str:
    programme, region, period = pool_id.split("/")
    return url_for("pools.show", programme=programme, region=region, period=period)


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:_LONGEST]
