"""Moments as fixed-width UTC text, so that their order as text is their order in time.

>>> text(datetime(2026, 11, 20, 1, 5, 12, tzinfo=UTC))
'2026-11-20T01:05:12.000Z'
>>> text(datetime(998, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC))
'0998-01-02T03:04:05.999Z'
>>> moment('2026-11-20T01:05:12.000Z')
datetime.datetime(2026, 11, 20, 1, 5, 12, tzinfo=datetime.timezone.utc)
"""

from datetime import UTC, date, datetime, tzinfo


def text(at: datetime) -> str:
    """Write an aware moment in RFC 3339 UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment(written: str) -> datetime:
    """Read what ``text`` wrote."""
    return datetime.fromisoformat(written).astimezone(UTC)


def business_date(at: datetime, zone: tzinfo) -> date:
    """Return the outlet's local date of a moment."""
    return at.astimezone(zone).date()
