"""Finds claims and shows one with its history. What is personal comes by form, never in an address."""

from datetime import date

from flask import Blueprint, render_template, request

from pos_subsidy.domain.identifiers import person_id
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import records, searching
from pos_subsidy.hub.overview import VERDICTS
from pos_subsidy.hub.searching import Found, Wanted
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

_LONGEST = 80

bp = Blueprint("claims", __name__)


@bp.get("/claims")
def search() -> str:
    """Search by numbers, shop, days, verdict and code; without any, show the latest."""
    wanted = Wanted(**{name: request.args.get(name, "").strip()[:_LONGEST] for name in _FIELDS})
    show_again(lambda wrong: _page(wanted, None, wrong))
    for day in (wanted.first, wanted.last):
        _must_be_day(day)
    found = searching.search(city(), wanted, after=request.args.get("after"))
    return _page(wanted, found, None)


@bp.post("/claims/person")
def of_person() -> str:
    """Search by an ID number, which stands neither in an address nor in the log."""
    show_again(lambda wrong: _page(Wanted(), None, wrong))
    id_type, number = request.form.get("id_type", ""), request.form.get("id_number", "")
    found = searching.of_person(city(), id_type, number[:_LONGEST], by=actor(), now=now())
    return _page(Wanted(), found, None, by_form=True)


@bp.post("/claims/piece")
def of_piece() -> str:
    """Search by a piece's serial number, IMEI or other number."""
    show_again(lambda wrong: _page(Wanted(), None, wrong))
    found = searching.of_piece(city(), request.form.get("number", "")[:_LONGEST], by=actor(), now=now())
    return _page(Wanted(), found, None, by_form=True)


@bp.get("/claims/<redemption_id>")
def show(redemption_id: str) -> str:
    """Show one claim with its history."""
    return render_template("hub/claim.html", story=records.story(city(), redemption_id))


_FIELDS = tuple(Wanted.__dataclass_fields__)


def _page(wanted: Wanted, found: Found | None, wrong: SubsidyError | None, *, by_form: bool = False) -> str:
    return render_template(
        "hub/claims.html",
        wanted=wanted,
        found=found,
        wrong=wrong,
        by_form=by_form,
        verdicts=VERDICTS,
        codes=searching.CODES,
        id_types=person_id.TYPES,
        asked={name: getattr(wanted, name) for name in _FIELDS if getattr(wanted, name)},
    )


def _must_be_day(written: str) -> None:
    if written:
        try:
            date.fromisoformat(written)
        except ValueError:
            raise Invalid("day_invalid") from None
