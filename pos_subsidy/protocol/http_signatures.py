"""Signs and checks requests between till and hub.

Source: RFC 9421 (HTTP message signatures), RFC 9530 (Content-Digest).
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException, InvalidSignature

from pos_subsidy.domain.keys import Keyring, raw_public
from pos_subsidy.errors import NotSignedIn
from pos_subsidy.protocol.signatures import is_made

TAG = "pos-subsidy"
_COVERED = ("@method", "@path", "@query")
# Every call names what it is about by an id of its own, so a replay changes nothing; the
# age is bounded all the same.
TOLERANCE = timedelta(days=1)


# Exactly what ``sign`` writes for an address without a query. Reading it takes the library three times
# as long as the signature itself; whatever is written otherwise, or does not verify, is the library's.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?((?:/[A-Za-z0-9_-]+)+)", re.ASCII)
_PLAIN_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
_PLAIN_SIGNATURE = re.compile(r"pyhms=:([A-Za-z0-9+/]{85}[AQgw]==):", re.ASCII)
_PLAIN_INPUT = re.compile(
    r'pyhms=(\("@method" "@path" "@query" "content-digest"\);created=([1-9][0-9]{9});'
    rf'keyid="([0-9a-f]{{16}})";alg="ed25519";tag="{TAG}")',
    re.ASCII,
)


@dataclass(slots=True)
class Message:
    """A request as the library wants to see it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def sign(method: str, url: str, body: bytes, keyring: Keyring, *, at: datetime) -> dict[str, str]:
    """Return the headers that sign a request."""
    message = Message(method, url)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Keys(private=keyring.private)
    )
    signer.sign(message, key_id=keyring.kid, created=at, tag=TAG, covered_component_ids=_COVERED, body=body)
    return message.headers


def check(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    public_of: Callable[[str], Ed25519PublicKey | None],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of the key that signed the request, at most ``tolerance`` ago.

    Raises:
        NotSignedIn: ``signature_invalid``: no signature, an unknown key, altered, too old.
    """
    if kid := _plainly(method, url, headers, body, public_of, now, tolerance):
        return kid
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(public_of=public_of))
    try:
        results = verifier.verify(
            Message(method, url, dict(headers)),
            max_age=None,
            expect_tag=TAG,
            require_components=(*_COVERED, "content-digest"),
            body=body,
        )
        created = datetime.fromtimestamp(int(results[0].parameters["created"]), UTC)
        if abs(now - created) > tolerance:
            raise InvalidSignature("too old")
        return str(results[0].parameters["keyid"])
    # The library meets arbitrary headers here and fails in several ways; each means the same.
    except (HTTPMessageSignaturesException, ValueError, KeyError, IndexError, TypeError):
        raise NotSignedIn("signature_invalid") from None


def _plainly(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    public_of: Callable[[str], Ed25519PublicKey | None],
    now: datetime,
    tolerance: timedelta,
) -> str | None:
    """Return the key id of a request that is signed as ``sign`` does it, None for the library to judge."""
    at, said = _PLAIN_URL.fullmatch(url), _PLAIN_INPUT.fullmatch(headers.get("Signature-Input", ""))
    digest = _PLAIN_DIGEST.fullmatch(headers.get("Content-Digest", ""))
    signature = _PLAIN_SIGNATURE.fullmatch(headers.get("Signature", ""))
    if not (at and said and digest and signature) or method not in ("GET", "POST", "PUT"):
        return None
    if digest[1] != base64.b64encode(hashlib.sha256(body).digest()).decode():
        return None
    if abs(now - datetime.fromtimestamp(int(said[2]), UTC)) > tolerance:
        return None
    public = public_of(said[3])
    if public is None:
        return None
    base = (
        f'"@method": {method}\n"@path": {at[1]}\n"@query": ?\n'
        f'"content-digest": {digest[0]}\n"@signature-params": {said[1]}'
    )
    made = is_made(public, raw_public(public), base.encode("ascii"), base64.b64decode(signature[1]))
    return said[3] if made else None


class _Verifier(HTTPMessageVerifier):
    # The library would compare with the machine's clock; the caller's clock decides here.
    max_clock_skew = timedelta(days=36_500)


@dataclass(slots=True)
class _Keys(HTTPSignatureKeyResolver):
    private: Ed25519PrivateKey | None = None
    public_of: Callable[[str], Ed25519PublicKey | None] = lambda kid: None

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:
        return self.private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self.public_of(key_id)
