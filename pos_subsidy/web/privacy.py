"""Keeps identities off the shop's Wi-Fi unless nobody can listen."""

import ipaddress

from flask import request

from pos_subsidy.errors import NotAllowed


def must_be_private() -> None:
    """Pass if what this request carries was readable for nobody on the way.

    Raises:
        NotAllowed: ``tls_required``: it came over a network, and not by https.
    """
    if not is_private():
        raise NotAllowed("tls_required")


def is_private() -> bool:
    """Say whether nobody on the way can read what this page sends."""
    return request.is_secure or _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
