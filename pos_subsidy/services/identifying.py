"""Random names for things, and secrets derived from the outlet's own."""

import hashlib
import hmac
import secrets
from datetime import date

from pos_subsidy.domain import voucher


def voucher_code() -> str:
    return voucher.new_code(secrets.randbelow)


def unguessable(prefix: str, length: int = 16) -> str:
    """Return e.g. ``H-7K3M9QWX4T2B8F0C``."""
    return f"{prefix}-" + "".join(secrets.choice(voucher.ALPHABET) for _ in range(length))


def redemption_id(business_date: date) -> str:
    """Return a number that people can read out and nobody can guess."""
    return unguessable(f"R-{business_date:%Y%m%d}", 8)


def wallet_link(code: str, *, secret: bytes) -> str:
    """Return the unguessable part of the consumer's link; the same for the same voucher."""
    return hmac.new(secret, b"wallet\x1f" + code.encode(), hashlib.sha256).hexdigest()[:40]


def wallet_hash(link: str) -> str:
    """Return what is stored of a link, so that the file does not open anybody's page."""
    return hashlib.sha256(link.encode()).hexdigest()
