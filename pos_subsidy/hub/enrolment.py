"""Shops join with a one-time code; afterwards their keys speak for them."""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import key_id, raw_public
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import outlets, reviews, units
from pos_subsidy.hub.store.db import run
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import ENROLMENT, Enrolment

# Only a demo hub knows it, and only for shops that call themselves demo.
DEMO_CODE = "DEMO"


def new_code(city: City, *, now: datetime) -> str:
    """Make a one-time code for one shop and return it; only its hash is kept.

    Its second half names the hub's key, so that the shop knows whom it talks to.
    """
    code = f"{secrets.token_hex(8).upper()}-{city.keyring.kid}"
    run(city.engine, lambda db: outlets.add_code(db, _hash(code), at=moments.text(now)))
    return code


def enrol(city: City, asked: Enrolment, *, signed_by: str, now: datetime) -> dict[str, Any]:
    """Enrol a shop and return the hub's signed keys. The same shop with the same keys may ask again.

    Raises:
        Invalid: ``keys_malformed``, or the request is not signed with a key it presents.
        NotAllowed: ``enrolment_code_unknown``.
        Conflict: ``outlet_exists``, the name is taken by a shop with other keys;
            ``keys_taken``, another shop has a key presented here.
    """
    publics = _publics(asked)
    at = moments.text(now)

    def admit(db: Connection) -> None:
        known = outlets.find(db, asked.outlet)
        its_keys = {kid for kid, _ in outlets.keys(db, asked.outlet)}
        if known is None:
            _use_code(db, city, asked)
            outlets.add(
                db,
                asked.outlet,
                at=at,
                name=asked.name,
                merchant_name=asked.merchant_name,
                merchant_uscc=asked.merchant_uscc,
                region=asked.region,
            )
        elif signed_by not in its_keys:
            raise Conflict("outlet_exists", outlet=asked.outlet)
        if any(owner != asked.outlet for public in publics for owner in outlets.owners_of(db, public)):
            raise Conflict("keys_taken")
        outlets.add_keys(db, asked.outlet, publics, at=at)

    run(city.engine, admit)
    said = {
        "outlet": asked.outlet,
        "city": city.name,
        "public_key": base64.b64encode(raw_public(city.keyring.private.public_key())).decode(),
        "seal_public": base64.b64encode(city.seal_public).decode(),
    }
    return envelopes.wrap(ENROLMENT, said, city.keyring)


def set_standing(city: City, outlet: str, *, suspended: bool, now: datetime) -> int:
    """Suspend a shop from granting subsidies, or readmit it; return how many of its holds still run.

    Its sales are judged by its standing at their own moment.

    Raises:
        NotFound: ``outlet_unknown``.
    """
    return run(city.engine, lambda db: change_standing(db, outlet, suspended=suspended, now=now))


def change_standing(db: Connection, outlet: str, *, suspended: bool, now: datetime) -> int:
    """Do as ``set_standing`` in the caller's transaction."""
    status = "suspended" if suspended else "active"
    if not outlets.set_status(db, outlet, status):
        raise NotFound("outlet_unknown", outlet=outlet)
    reviews.set_standing(db, outlet, status, since=moments.text(now))
    return units.running_holds(db, outlet, now=moments.text(now))


def presented_keys(asked: Enrolment) -> dict[str, Ed25519PublicKey]:
    """Return the keys a shop presents, by id."""
    return {key_id(public): Ed25519PublicKey.from_public_bytes(public) for public in _publics(asked)}


def _use_code(db: Connection, city: City, asked: Enrolment) -> None:
    if city.demo and asked.code == DEMO_CODE and asked.outlet.startswith("DEMO-"):
        return
    if not outlets.use_code(db, _hash(asked.code), by=asked.outlet):
        raise NotAllowed("enrolment_code_unknown")


def _publics(asked: Enrolment) -> list[bytes]:
    try:
        publics = [base64.b64decode(key, validate=True) for key in asked.public_keys]
    except ValueError:
        raise Invalid("keys_malformed") from None
    if any(len(public) != 32 for public in publics):
        raise Invalid("keys_malformed")
    return publics


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
