"""The money desk's pages: runs and their files, the bank's answer, statements, payees by two people."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.errors import NotFound, SubsidyError
from pos_subsidy.hub import paying
from pos_subsidy.hub.answering import BankAnswer
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, may_use, show_again

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

bp = Blueprint("settlement", __name__)


@bp.get("/settlement")
def runs() -> str:
    """Show runs, what shops are owed, and the trial balance."""
    return _page(None)


@bp.post("/settlement/runs")
def make() -> Response:
    """Make a payment run."""
    show_again(_page)
    done = paying.make_run(city(), after=request.form.get("after", ""), by=actor(), now=now())
    return redirect(url_for("settlement.run", run_id=done.run_id), 303)


@bp.get("/settlement/runs/<run_id>")
def run(run_id: str) -> str:
    """Show one run with its payments."""
    return render_template("hub/settlement_run.html", found=paying.run_page(city(), run_id))


@bp.get("/settlement/runs/<run_id>/file.<ending>")
def file(run_id: str, ending: str) -> Response:
    """Hand out the payment file for the bank."""
    if ending not in _TYPES:
        raise NotFound("not_found")
    content = paying.payment_file(city(), run_id, ending, by=actor(), now=now())
    named = {"Content-Disposition": f'attachment; filename="{run_id}.{ending}"', "Cache-Control": "no-store"}
    return Response(content, content_type=_TYPES[ending], headers=named)


@bp.post("/settlement/answers")
def take_answer() -> str:
    """Read the bank's answer and say what it did, line by line where it could not be booked."""
    show_again(_page)
    sent = request.files.get("file")
    content = sent.read(paying.MOST_ANSWER_BYTES) if sent else b""
    answer = paying.take_answer(city(), content, (sent and sent.filename) or "", by=actor(), now=now())
    return _page(None, answer)


@bp.get("/settlement/shops/<outlet>")
def statement(outlet: str) -> str:
    """Show a shop's statement and its accounts."""
    return _statement_page(outlet, None)


@bp.post("/settlement/shops/<outlet>/payees")
def payee(outlet: str) -> Response:
    """Name the account a shop is paid to."""
    show_again(lambda wrong: _statement_page(outlet, wrong))
    typed = {name: request.form.get(name, "").strip() for name in ("holder", "bank", "number")}
    paying.propose_payee(city(), outlet, **typed, by=actor(), now=now())
    return redirect(url_for("settlement.statement", outlet=outlet), 303)


@bp.post("/settlement/shops/<outlet>/payees/confirm")
def confirm_payee(outlet: str) -> Response:
    """Confirm it, as a second person."""
    show_again(lambda wrong: _statement_page(outlet, wrong))
    payee_no = request.form.get("payee_no", type=int)
    paying.confirm_payee(city(), outlet, payee_no, by=actor(), now=now())
    return redirect(url_for("settlement.statement", outlet=outlet), 303)


def _page(wrong: SubsidyError | None, answer: BankAnswer | None = None) -> str:
    return render_template("hub/settlement.html", desk=paying.desk(city()), wrong=wrong, answer=answer)


def _statement_page(outlet: str, wrong: SubsidyError | None) -> str:
    second = actor() if may_use("settlement.confirm_payee") else None
    found = paying.statement(city(), outlet, compared_by=second, now=now())
    return render_template("hub/statement.html", found=found, outlet=outlet, wrong=wrong, typed=request.form)
