"""The errors this service raises on purpose.

An error carries a stable ``code`` for programs and the ``params`` of its sentence; the
sentences themselves stand in ``domain/words.py``, in Chinese and English. Anything else
that escapes is a bug: the web layer logs it and shows no detail.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class SubsidyError(Exception):
    """Base of every expected failure."""

    default_code = "error"

    def __init__(self, code: str | None = None, **params: Any) -> None:
        self.code = code or self.default_code
        self.params: Mapping[str, Any] = params
        super().__init__(f"{self.code} {dict(params)}" if params else self.code)


class Invalid(SubsidyError):
    """The input is malformed: wrong length, wrong check digit, not a number."""

    default_code = "invalid"


class NotSignedIn(SubsidyError):
    """Nobody is signed in, or the API key is unknown."""

    default_code = "not_signed_in"


class NotAllowed(SubsidyError):
    """Signed in, but this is for somebody else to do."""

    default_code = "not_allowed"


class NotFound(SubsidyError):
    """No such voucher, product, batch or outlet."""

    default_code = "not_found"


class Conflict(SubsidyError):
    """The thing is no longer in the state this action needs."""

    default_code = "conflict"


class Refused(SubsidyError):
    """The policy says no. ``reasons`` holds every reason, the one to act on first."""

    default_code = "refused"

    def __init__(self, reasons: Sequence[Any]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(self.reasons[0].code)
        self.params = self.reasons[0].params


class TooManyRequests(SubsidyError):
    """A limit on guessing or on writes was reached."""

    default_code = "too_many_requests"


class Unavailable(SubsidyError):
    """Something outside did not answer, or the disk refuses writes; nothing was changed."""

    default_code = "unavailable"


class NotBuilt(SubsidyError):
    """This part of the contract is not built yet."""

    default_code = "not_built"
