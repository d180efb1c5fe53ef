"""The outlet's signing keys: one in use, older ones known so that what they signed still verifies."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


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
        return next((key for key in self.candidates(kid) if is_signed(key.public, message, signature)), None)

    def verify(self, kid: str, message: bytes, signature: bytes) -> bool:
        """Say whether any known key, revoked or not, made the signature."""
        return self.signer_of(kid, message, signature) is not None


def is_signed(public: Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def new_keyring(private: Ed25519PrivateKey | None = None) -> Keyring:
    """Return a keyring of one key, freshly made if none is given."""
    private = private or Ed25519PrivateKey.generate()
    public = private.public_key()
    kid = key_id(raw_public(public))
    return Keyring(kid, private, (KnownKey(kid, public),))


def rotated(keyring: Keyring, private: Ed25519PrivateKey) -> Keyring:
    """Return the keyring in which another key signs from now on; what the old one signed verifies."""
    new = new_keyring(private)
    if any(key.kid == new.kid and not key.revoked for key in keyring.known):
        return Keyring(new.kid, private, keyring.known)
    return Keyring(new.kid, private, (*keyring.known, *new.known))


def without(keyring: Keyring, revoked: Collection[str]) -> Keyring:
    """Return the keyring in which the keys of these ids count as revoked."""
    known = tuple(replace(key, revoked=key.revoked or key.kid in revoked) for key in keyring.known)
    return Keyring(keyring.kid, keyring.private, known)


def to_json(keyring: Keyring) -> dict[str, Any]:
    """Return the keyring as it is kept in a file only its owner can read."""
    raw = keyring.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    known = [
        {"kid": key.kid, "public": raw_public(key.public).hex(), "revoked": key.revoked}
        for key in keyring.known
    ]
    return {"kid": keyring.kid, "private": raw.hex(), "known": known}


def from_json(kept: dict[str, Any]) -> Keyring:
    """Return the keyring that ``to_json`` wrote."""
    known = tuple(
        KnownKey(key["kid"], Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])), key["revoked"])
        for key in kept["known"]
    )
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["private"]))
    return Keyring(kept["kid"], private, known)
