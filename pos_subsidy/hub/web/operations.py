"""For whoever runs the hub: is it alive, what has it stored."""

import json
from typing import Any

from flask import Blueprint, Response

from pos_subsidy.domain import moments
from pos_subsidy.hub import health
from pos_subsidy.hub.store import claims, outlets
from pos_subsidy.hub.store.db import read
from pos_subsidy.hub.web.api import city, now

bp = Blueprint("hub_operations", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 only where the database answers and takes writes; cheap, for every cut-off till asks."""
    health.must_be_alive(city())
    return _json({"status": "ok"})


@bp.get("/readyz")
def readyz() -> Response:
    """A row was written, under the right schema; how many shops, rows and claims. Nobody by name."""
    steps = health.must_be_ready(city(), now=now())
    shops, sums = read(city().engine, lambda db: (outlets.listing(db), claims.sums(db)))
    verdicts: dict[str, int] = {}
    for one in sums:
        verdicts[one["verdict"]] = verdicts.get(one["verdict"], 0) + one["claims"]
    rows = sum(shop["last_seq"] for shop in shops)
    found = {"status": "ok", "clock": moments.text(now()), "outlets": len(shops), "rows": rows}
    return _json({**found, "claims": verdicts, "schema": steps})


def _json(content: Any) -> Response:
    return Response(json.dumps(content), content_type="application/json")
