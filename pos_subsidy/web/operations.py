"""For whoever runs the service: is it alive, is it ready, what does it count."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import moments
from pos_subsidy.services import health
from pos_subsidy.web.api import openapi
from pos_subsidy.web.api.answering import as_json

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 only once writes work."""
    health.must_be_writable(get_db(), now=now())
    return as_json({"status": "ok"})


@bp.get("/readyz")
def readyz() -> Response:
    """Say whether a sale can be made now, and how fresh rules and lists are."""
    health.must_be_writable(get_db(), now=now())
    found = health.state(get_db(), get_shop(), now=now())
    # What the city told this shop of its pools is for its staff.
    told = {name: value for name, value in found.items() if name != "budget"}
    return as_json({"status": "ok", "clock": moments.text(now()), **told})


@bp.get("/openapi.json")
def describe() -> Response:
    """The API's description, also where programs look for it first."""
    return as_json(openapi.document())


@bp.get("/metrics")
def metrics() -> Response:
    """Counts for Prometheus; no personal data."""
    registry = CollectorRegistry()
    for name, value in health.counts(get_db(), get_shop()).items():
        Gauge(f"pos_subsidy_{name}", name.replace("_", " "), registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
