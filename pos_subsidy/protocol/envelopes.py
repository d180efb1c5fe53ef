"""What the hub says, signed: receipts, feeds, answers to holds."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_subsidy.domain.journal import canonical
from pos_subsidy.domain.keys import Keyring, key_id, raw_public
from pos_subsidy.errors import Invalid

_CONTEXT = b"pos-subsidy hub says\x1f"


def wrap(kind: str, said: Mapping[str, Any], keyring: Keyring) -> dict[str, Any]:
    """Return ``said`` with the hub's signature over its canonical form."""
    body = {"kind": kind, **said}
    kid, signature = keyring.sign(_CONTEXT + canonical(body))
    return {"said": body, "kid": kid, "signature": base64.b64encode(signature).decode()}


def unwrap(kind: str, envelope: bytes, public: Ed25519PublicKey) -> dict[str, Any]:
    """Return what the hub said.

    Raises:
        Invalid: ``receipt_invalid``: it is not the hub's, altered, or about something else.
    """
    try:
        outer = json.loads(envelope)
        said: dict[str, Any] = outer["said"]
        if outer["kid"] != key_id(raw_public(public)):
            raise Invalid("receipt_invalid", cause="key")
        public.verify(base64.b64decode(outer["signature"], validate=True), _CONTEXT + canonical(said))
        if said["kind"] != kind:
            raise Invalid("receipt_invalid", cause="kind")
        return said
    except (ValueError, KeyError, TypeError, InvalidSignature):
        raise Invalid("receipt_invalid", cause="signature") from None
