"""The outlet's signing keys: one in use, older ones known so that what they signed still verifies."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def raw_public(key: Ed25519PublicKey) -> bytes:
    """Return the 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public: bytes) -> str:
    """Return the id of a raw public key: the first 8 bytes of its SHA-256, hex."""
    return hashlib.sha256(public).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key whose signatures this outlet can check."""

    kid: str
    public: Ed25519PublicKey
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that signs now, and every key that ever signed here.

    Two keys may share an id: all of them are tried.
    """

    kid: str
    private: Ed25519PrivateKey
    known: tuple[KnownKey, ...]

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """Return the key id and the signature."""
        return self.kid, self.private.sign(message)

    def candidates(self, kid: str) -> Iterator[KnownKey]:
        return (key for key in self.known if key.kid == kid)

    def signer_of(self, kid: str, message: bytes, signature: bytes) -> KnownKey | None:
        """Return the known key that made the signature, or None."""
        return next((key for key in self.candidates(kid) if _is_good(key.public, message, signature)), None)

    def verify(self, kid: str, message: bytes, signature: bytes) -> bool:
        """Say whether any known key, revoked or not, made the signature."""
        return self.signer_of(kid, message, signature) is not None


def _is_good(public: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
