"""The reviewers' pages: batches that wait, one batch, one line with its evidence beside it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub import review, review_desk
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

_LONGEST_NOTE = 200
# What a line of a batch may be asked to show, in the order of the page.
STEPS = ("looked", "accepted", "suspended", "rejected", "postponed")

bp = Blueprint("review", __name__)


@bp.get("/review")
def queue() -> str:
    """List the batches that wait, and what each reviewer did."""
    return render_template("hub/review.html", queue=review_desk.queue(city()), steps=STEPS)


@bp.get("/review/batches/<outlet>/<batch_id>")
def batch(outlet: str, batch_id: str) -> str:
    """Show one batch, its sample first."""
    return _batch_page(outlet, batch_id, None)


@bp.post("/review/batches/<outlet>/<batch_id>/approve")
def approve(outlet: str, batch_id: str) -> Response:
    """Accept all of a batch that waits."""
    show_again(lambda wrong: _batch_page(outlet, batch_id, wrong))
    review.approve(city(), outlet, batch_id, by=actor().username, now=now())
    return redirect(url_for("review.batch", outlet=outlet, batch_id=batch_id), 303)


@bp.get("/review/claims/<redemption_id>")
def line(redemption_id: str) -> str:
    """Show one claim beside its evidence."""
    return _line_page(redemption_id, None)


@bp.post("/review/claims/<redemption_id>/look")
def look(redemption_id: str) -> Response:
    """Nothing is wrong with it: note that it was looked at, and show the next one."""
    show_again(lambda wrong: _line_page(redemption_id, wrong))
    review.look(city(), redemption_id, by=actor().username, now=now())
    return _onward(redemption_id)


@bp.post("/review/claims/<redemption_id>/suspend")
def suspend(redemption_id: str) -> Response:
    """Suspend it until the shop has mended what the reason says."""
    return _decide(redemption_id, "suspended")


@bp.post("/review/claims/<redemption_id>/accept")
def accept(redemption_id: str) -> Response:
    """Accept this one line before its batch."""
    return _decide(redemption_id, "accepted")


@bp.post("/review/claims/<redemption_id>/reject")
def reject(redemption_id: str) -> Response:
    """Reject it; the person's unit and the piece are free again."""
    return _decide(redemption_id, "rejected")


@bp.post("/review/claims/<redemption_id>/postpone")
def postpone(redemption_id: str) -> Response:
    """Carry a suspended line into the next month's settlement."""
    show_again(lambda wrong: _line_page(redemption_id, wrong))
    review.postpone(city(), redemption_id, by=actor().username, now=now())
    return redirect(url_for("review.line", redemption_id=redemption_id), 303)


def _decide(redemption_id: str, word: str) -> Response:
    show_again(lambda wrong: _line_page(redemption_id, wrong))
    reason, note = request.form.get("reason") or None, request.form.get("note", "").strip()[:_LONGEST_NOTE]
    by = actor().username
    review.decide(city(), redemption_id, word, by=by, now=now(), reason=reason, note=note)
    return redirect(url_for("review.line", redemption_id=redemption_id), 303)


def _onward(redemption_id: str) -> Response:
    found = review_desk.line(city(), redemption_id)
    if found.batch is not None and found.next_id is not None and found.batch.still_to_look_at:
        return redirect(url_for("review.line", redemption_id=found.next_id), 303)
    if found.batch is not None:
        outlet, batch_id = found.batch.outlet, found.batch.batch_id
        return redirect(url_for("review.batch", outlet=outlet, batch_id=batch_id), 303)
    return redirect(url_for("review.line", redemption_id=redemption_id), 303)


def _batch_page(outlet: str, batch_id: str, wrong: SubsidyError | None) -> str:
    found = review.batch(city(), outlet, batch_id)
    lines = sorted(found.lines, key=lambda one: (one.is_looked_at, not one.is_in_sample, one.key))
    return render_template(
        "hub/review_batch.html", batch=found, lines=lines, wrong=wrong, percent=city().review_percent
    )


def _line_page(redemption_id: str, wrong: SubsidyError | None) -> str:
    return render_template(
        "hub/review_line.html",
        line=review_desk.line(city(), redemption_id),
        reasons=review.REASONS,
        wrong=wrong,
        typed=request.form,
    )
