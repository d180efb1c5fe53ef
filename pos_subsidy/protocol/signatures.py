"""Checks many Ed25519 signatures of few keys."""

from collections.abc import Callable, Sequence

import nacl.bindings
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import CryptoError

from pos_subsidy.domain.keys import is_signed, raw_public


def verifier(keys: Sequence[tuple[str, Ed25519PublicKey]]) -> Callable[[str, bytes, bytes], bool]:
    """Return (key id, message, signature) -> whether one of the keys with that id made it."""
    known: dict[str, list[tuple[Ed25519PublicKey, bytes]]] = {}
    for kid, key in keys:
        known.setdefault(kid, []).append((key, raw_public(key)))

    def verify(kid: str, message: bytes, signature: bytes) -> bool:
        return any(is_made(key, raw, message, signature) for key, raw in known.get(kid, ()))

    return verify


def is_made(key: Ed25519PublicKey, raw: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a key, given with its raw bytes, made a signature."""
    # libsodium says yes in half the time and lets other threads work; only its yes counts, it is the
    # stricter of the two.
    try:
        nacl.bindings.crypto_sign_open(signature + message, raw)
    except (CryptoError, ValueError, TypeError):
        return is_signed(key, message, signature)
    return True
