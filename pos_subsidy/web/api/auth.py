"""Who calls the API: the holder of one till's key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from pos_subsidy.context import get_db
from pos_subsidy.errors import NotSignedIn
from pos_subsidy.services import access
from pos_subsidy.services.shop import By


def api_key_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only holders of a key of this shop pass; ``g.api_key`` is theirs."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        identify_caller()
        if g.api_key is None:
            raise NotSignedIn("api_key_required")
        return view(*args, **kwargs)

    return guarded


def identify_caller() -> None:
    """Set ``g.api_key``, to None where no key is presented.

    Raises:
        NotSignedIn: the key presented is none of ours.
    """
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    g.api_key = None
    if presented:
        if scheme.lower() != "bearer":
            raise NotSignedIn("api_key_required")
        g.api_key = access.api_key(get_db(), presented.strip())


def caller(cashier: str | None = None) -> By:
    """Return who acts: the key's till, and the cashier named in the body.

    The shop's own cash system asks its managers itself; the journal names the key.
    """
    return By(till=g.api_key.till, cashier=cashier or "", approved_by=f"key:{g.api_key.name}")
