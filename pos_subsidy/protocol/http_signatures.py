"""Signs and checks requests between till and hub.

Source: RFC 9421 (HTTP message signatures), RFC 9530 (Content-Digest).
"""

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

from pos_subsidy.domain.keys import Keyring
from pos_subsidy.errors import NotSignedIn

TAG = "pos-subsidy"
_COVERED = ("@method", "@path", "@query")
# Every call names what it is about by an id of its own, so a replay changes nothing; the
# age is bounded all the same.
TOLERANCE = timedelta(days=1)


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
