"""Reads bodies, and gives every write one effect and one stored answer."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, request
from pydantic import BaseModel, ValidationError

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import ratings
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.services import requests
from pos_subsidy.services.requests import Scope
from pos_subsidy.services.shop import Remember
from pos_subsidy.web import errors
from pos_subsidy.web.privacy import must_be_private

JSON = "application/json"
# Answers that say nothing about the request itself; the next try must run.
_NOT_KEPT = frozenset({401, 403, 429})

Model = TypeVar("Model", bound=BaseModel)


def body(model: type[Model]) -> Model:
    """Return the request's body.

    Raises:
        Invalid: ``body_invalid``, naming the first field at fault, never its value.
        NotAllowed: ``tls_required``, it holds an identity and came over an open network.
    """
    return read(model, request.get_data() or b"{}")


def read(model: type[Model], written: bytes) -> Model:
    """Return a body that came as a part of the request; raises what ``body`` raises."""
    try:
        told = model.model_validate_json(written)
        if getattr(told, "person", None) is not None:
            must_be_private()
        return told
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        if field == "energy_rating":
            raise _rating_invalid(_told(field)) from None
        raise Invalid("body_invalid", field=field, cause=first["msg"]) from None


def _rating_invalid(told: str) -> Invalid:
    """Return the error of a rating that is no number, with the number where the text names one."""
    try:
        return Invalid("rating_invalid", rating=told, number=ratings.read(told), variant="as_text")
    except Invalid:
        return Invalid("rating_invalid", rating=told)


def _told(field: str) -> str:
    """Return what a field of the body said, shortened for an answer."""
    told: Any = request.get_json(force=True, silent=True)
    return str(told[field])[:20]


def as_json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status, content_type=JSON)


def idempotent(view: Callable[..., Any]) -> Callable[..., Response]:
    """Run a write once per idempotency key; repeat its stored answer after that.

    The view gets ``answering``: ``answering(status, shape)`` makes the function that a
    service calls inside its transaction, which stores the answer with the effect.
    """

    @wraps(view)
    def once(**kwargs: Any) -> Response:
        key = requests.checked_key(request.headers.get("Idempotency-Key"))
        scope = Scope(g.api_key.key_hash, request.method, request.path, key)
        fingerprint = requests.body_hash(get_shop(), request.get_data())
        with requests.running(scope, now=now()):
            if found := requests.stored(get_db(), scope, body_hash=fingerprint):
                return _replay(found)
            return _run(view, kwargs, scope, fingerprint)

    return once


def _run(view: Callable[..., Any], kwargs: dict[str, Any], scope: Scope, fingerprint: str) -> Response:
    answered: list[Response] = []

    def keep(response: Response) -> None:
        requests.keep(
            get_db(),
            scope,
            body_hash=fingerprint,
            status=response.status_code,
            content_type=response.content_type,
            answer=response.get_data(),
            now=now(),
        )

    def answering(status: int, shape: Callable[[Any], Any]) -> Remember:
        def remember(result: Any) -> None:
            response = as_json(shape(result), status)
            keep(response)
            answered.append(response)

        return remember

    try:
        view(answering=answering, **kwargs)
    except SubsidyError as error:
        response = errors.answer(error)
        if response.status_code < 500 and response.status_code not in _NOT_KEPT:
            keep(response)
        return response
    return answered[0]


def _replay(found: requests.StoredAnswer) -> Response:
    response = Response(found.answer, found.status, content_type=found.content_type)
    response.headers["Idempotent-Replay"] = "true"
    return response
