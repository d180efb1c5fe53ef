"""A verdict as people read it: yes or no, and why, with the next step of every reason."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Response, g, url_for

from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import SubsidyError
from pos_subsidy.look.statuses import status_of
from pos_subsidy.services.looking_up import Redemption
from pos_subsidy.web import errors, speaking
from pos_subsidy.web.language import t


@dataclass(frozen=True, slots=True)
class Point:
    """One reason, in the reader's language."""

    code: str
    title: str
    detail: str
    next_step: str
    clause: str = ""
    receipt: str = ""  # the redemption's page, where the reason names one


@dataclass(frozen=True, slots=True)
class Verdict:
    """The band across the page. ``mood`` is yes, no, doubt or wait."""

    mood: str
    title: str
    detail: str = ""
    amount_fen: int | None = None
    points: tuple[Point, ...] = ()


def of_error(error: SubsidyError) -> Verdict:
    """Return the band for an expected failure."""
    reasons = getattr(error, "reasons", None) or [Reason(error.code, error.params, "")]
    return refusal(reasons, whole=bool(getattr(error, "reasons", None)))


def refusal(reasons: Iterable[Reason], *, whole: bool = True) -> Verdict:
    """Return the band for a no: headline of its own if the policy refused, else of the one fault."""
    told = points(reasons)
    if not whole:
        fault = replace(told[0], title="", detail="")
        return Verdict("no", told[0].title, told[0].detail, points=(fault,))
    count = len(told)
    title = t("verdict.no_one", reason=told[0].title) if count == 1 else t("verdict.no_many", count=count)
    return Verdict("no", title, t("verdict.first_first") if count > 1 else "", points=told)


def of_piece(verdict: Verdict, act: str) -> Verdict:
    """Return a refusal headed as what it refuses, ``swap`` or ``bind``: the sale's subsidy stands."""
    if not verdict.points or not verdict.points[0].title:
        return verdict
    count = len(verdict.points)
    number = "one" if count == 1 else "many"
    title = t(f"exchange.{act}_{number}", reason=verdict.points[0].title, count=count)
    return replace(verdict, title=title)


def points(reasons: Iterable[Reason]) -> tuple[Point, ...]:
    """Return reasons in the reader's language."""
    return tuple(_point(reason) for reason in reasons)


def of_city(sold: Redemption) -> tuple[Point, ...]:
    """Return why the city rejected or suspended a redemption, if it did."""
    if not sold.verdict_code:
        return ()
    return points([Reason(sold.verdict_code, json.loads(sold.verdict_params or "{}"), "")])


def answer(error: SubsidyError) -> Response:
    """Show the page again with the band; the plain error page where the view named none."""
    again = g.pop("again", None)
    if again is None:
        return errors.answer(error)
    status = status_of(error)
    try:
        return Response(again(of_error(error)), status)
    except SubsidyError as missing:
        # The page is of a thing that does not exist: there is none to show again.
        return errors.answer(missing)


def _point(reason: Reason) -> Point:
    spoken = speaking.say(reason.code, reason.params)
    named = str(reason.params.get("redemption_id") or "")
    receipt = url_for("till.receipt", redemption_id=named) if named else ""
    return Point(reason.code, spoken.title, spoken.detail, spoken.next_step, reason.clause, receipt)
