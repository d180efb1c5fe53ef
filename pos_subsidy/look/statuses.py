"""The one table from our errors to HTTP."""

from pos_subsidy import errors
from pos_subsidy.errors import SubsidyError

STATUS: dict[type[SubsidyError], int] = {
    errors.Invalid: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Refused: 422,
    errors.TooManyRequests: 429,
    errors.NotBuilt: 501,
    errors.Unavailable: 503,
}


def status_of(error: SubsidyError) -> int:
    """Return the HTTP status of an expected error."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
