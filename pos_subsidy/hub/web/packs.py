"""Packs of rules: published ones, those that wait for a second person, what one would change."""

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.domain import moments
from pos_subsidy.domain.rules import Programme
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.hub import packs, trying_packs
from pos_subsidy.hub.city import ZONE
from pos_subsidy.hub.web.api import city, now
from pos_subsidy.hub.web.auth import actor, show_again

# Past sales are tried over these many days unless asked otherwise.
_DAYS = (30, 90, 366)

bp = Blueprint("packs", __name__)


@bp.get("/packs")
def listing() -> str:
    """List the packs."""
    return _page(None)


@bp.post("/packs")
def propose() -> Response:
    """Check a pack and keep it for a second person."""
    show_again(_page)
    sent = request.files.get("file")
    content = sent.read(packs.LONGEST + 1) if sent else b""
    name = (sent and sent.filename) or ""
    if not content:
        raise Invalid("file_missing")
    try:
        text = content.decode("utf-8-sig")
        from_day = date.fromisoformat(request.form.get("from_day", ""))
    except UnicodeDecodeError:
        raise Invalid("file_encoding", filename=name, said="UTF-8") from None
    except ValueError:
        raise Invalid("day_invalid") from None
    why = request.form.get("why", "")
    number = packs.propose(city(), name[:80], text, from_day=from_day, why=why, by=actor(), now=now())
    return redirect(url_for("packs.proposal", proposal_no=number), 303)


@bp.get("/packs/waiting/<int:proposal_no>")
def proposal(proposal_no: int) -> str:
    """Show what a pack that waits would change, and what real claims would come to."""
    return _proposal_page(proposal_no, None)


@bp.post("/packs/waiting/<int:proposal_no>/publish")
def publish(proposal_no: int) -> Response:
    """Publish it, as a second person."""
    show_again(lambda wrong: _proposal_page(proposal_no, wrong))
    packs.publish(city(), proposal_no, by=actor(), now=now())
    return redirect(url_for("packs.listing"), 303)


@bp.post("/packs/waiting/<int:proposal_no>/withdraw")
def withdraw(proposal_no: int) -> Response:
    """Take it back."""
    show_again(lambda wrong: _proposal_page(proposal_no, wrong))
    packs.withdraw(city(), proposal_no, by=actor(), now=now())
    return redirect(url_for("packs.listing"), 303)


@bp.get("/packs/<int:pack_no>.toml")
def text(pack_no: int) -> Response:
    """Hand out a published pack."""
    name, content = packs.text_of(city(), pack_no)
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="application/toml; charset=utf-8", headers=named)


def _today() -> date:
    return moments.business_date(now(), ZONE)


def _page(wrong: SubsidyError | None) -> str:
    return render_template(
        "hub/packs.html",
        packs=packs.overview(city()),
        rules=_in_force(),
        today=_today(),
        tomorrow=_today() + timedelta(1),
        wrong=wrong,
        typed=request.form,
    )


def _in_force() -> list[Programme]:
    """Return the programmes in force today, as the rules of today name them."""
    return list(
        {rule.programme.id: rule.programme for rule in city().rulebook.rules_in_force(_today())}.values()
    )


def _proposal_page(proposal_no: int, wrong: SubsidyError | None) -> str:
    asked = request.args.get("days", "")
    days = int(asked) if asked in map(str, _DAYS) else _DAYS[0]
    found = packs.proposal(city(), proposal_no)
    tried = trying_packs.try_out(city(), proposal_no, first=_today() - timedelta(days - 1), last=_today())
    return render_template(
        "hub/pack.html",
        found=found,
        changes=found.changes[: packs.MOST_CHANGES],
        tried=tried,
        days=days,
        periods=_DAYS,
        wrong=wrong,
    )
