"""The log of who did what at the city's desk."""

from flask import Blueprint, render_template, request

from pos_subsidy.hub import office_log
from pos_subsidy.hub.web.api import city

bp = Blueprint("log", __name__)


@bp.get("/log")
def show() -> str:
    """Show the log, of one person or deed if asked for, the newest first."""
    by, what = request.args.get("by", "")[:64], request.args.get("what", "")[:64]
    before = request.args.get("before", type=int)
    found = office_log.view(city(), by=by, what=what, before=before)
    return render_template("hub/log.html", log=found, by=by, what=what)
