"""Shops join with a one-time code; afterwards their keys speak for them."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import key_id, raw_public
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound
from pos_subsidy.hub import office_log
from pos_subsidy.hub.city import City
from pos_subsidy.hub.store import keys, outlets, reviews, units
from pos_subsidy.hub.store.db import run
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import ENROLMENT, Enrolment

# Only a demo hub knows it, and only for shops that call themselves demo.
DEMO_CODE = "DEMO"
CODE_LIVES = timedelta(days=14)


def new_code(city: City, *, now: datetime) -> str:
    """Make a one-time code for one shop and return it; only its hash is kept.

    Its second half names the hub's key, so that the shop knows whom it talks to.
    """
    code = f"{secrets.token_hex(8).upper()}-{city.keyring.kid}"
    run(city.engine, lambda db: outlets.add_code(db, _hash(code), at=moments.text(now)))
    return code


def revoke_code(city: City, code: str, *, by: str) -> None:
    """Use a code up for nobody, e.g. because it was sent to the wrong person.

    Raises:
        NotAllowed: ``enrolment_code_unknown``, there is none, or it was used.
    """
    made_ever = ""
    if not run(
        city.engine,
        lambda db: outlets.use_code(db, _hash(code), by=f"revoked by {by}", made_since=made_ever),
    ):
        raise NotAllowed("enrolment_code_unknown")


def enrol(city: City, asked: Enrolment, *, signed_by: str, now: datetime) -> dict[str, Any]:
    """Enrol a shop and return the hub's signed keys. The same shop with the same keys may ask again.

    A shop whose keys were all cut off may come back with fresh ones and a code of its own.

    Raises:
        Invalid: ``keys_malformed``, or the request is not signed with a key it presents.
        NotAllowed: ``enrolment_code_unknown``; ``key_revoked`` or ``key_expired``, the shop signed
            with a key that is not believed any more.
        Conflict: ``outlet_exists``, the name is taken by a shop with other keys;
            ``keys_taken``, another shop has a key presented here.
    """
    publics = _publics(asked)
    at = moments.text(now)

    def admit(db: Connection) -> None:
        known = outlets.find(db, asked.outlet)
        its_keys = {key.kid: key for key in keys.of_outlet(db, asked.outlet)}
        if known is None:
            _use_code(db, city, asked, now=now)
            outlets.add(
                db,
                asked.outlet,
                at=at,
                name=asked.name,
                merchant_name=asked.merchant_name,
                merchant_uscc=asked.merchant_uscc,
                region=asked.region,
            )
        elif signed_by in its_keys:
            if (trouble := its_keys[signed_by].trouble_at(at)) is not None:
                raise NotAllowed(trouble, kid=signed_by, since=its_keys[signed_by].revoked_at or at)
        # Every till was cut off, and the city has given a code for the one that takes over.
        elif all(key.revoked_at is not None for key in its_keys.values()):
            _use_real_code(db, asked, now=now)
        else:
            raise Conflict("outlet_exists", outlet=asked.outlet)
        if any(key.outlet != asked.outlet for public in publics for key in keys.of_public(db, public)):
            raise Conflict("keys_taken")
        keys.add(db, asked.outlet, publics, at=at, by=signed_by)

    run(city.engine, admit)
    said = {
        "outlet": asked.outlet,
        "city": city.name,
        "public_key": base64.b64encode(raw_public(city.keyring.private.public_key())).decode(),
        "seal_public": base64.b64encode(city.seal_public).decode(),
    }
    return envelopes.wrap(ENROLMENT, said, city.keyring)


def set_standing(
    city: City,
    outlet: str,
    *,
    suspended: bool,
    now: datetime,
    by: office_log.By = office_log.CONSOLE,
    why: str = "",
) -> int:
    """Suspend a shop, or readmit it, by command; return how many of its holds still run.

    Its sales are judged by its standing at their own moment.

    Raises:
        NotFound: ``outlet_unknown``.
    """

    def change(db: Connection) -> int:
        return change_standing(db, outlet, suspended=suspended, by=by, why=why, now=now)

    return run(city.engine, change)


def change_standing(
    db: Connection, outlet: str, *, suspended: bool, by: office_log.By, why: str, now: datetime
) -> int:
    """Do as ``set_standing`` in the caller's transaction."""
    what = "shop_suspended" if suspended else "shop_reinstated"
    office_log.note(db, by, what, about=outlet, now=now, note=why)
    status = "suspended" if suspended else "active"
    if not outlets.set_status(db, outlet, status):
        raise NotFound("outlet_unknown", outlet=outlet)
    reviews.set_standing(db, outlet, status, since=moments.text(now))
    return units.running_holds(db, outlet, now=moments.text(now))


def presented_keys(asked: Enrolment) -> dict[str, Ed25519PublicKey]:
    """Return the keys a shop presents, by id."""
    return {key_id(public): Ed25519PublicKey.from_public_bytes(public) for public in _publics(asked)}


def _use_code(db: Connection, city: City, asked: Enrolment, *, now: datetime) -> None:
    if city.demo and asked.code == DEMO_CODE and asked.outlet.startswith("DEMO-"):
        return
    _use_real_code(db, asked, now=now)


def _use_real_code(db: Connection, asked: Enrolment, *, now: datetime) -> None:
    since = moments.text(now - CODE_LIVES)
    if not outlets.use_code(db, _hash(asked.code), by=asked.outlet, made_since=since):
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
