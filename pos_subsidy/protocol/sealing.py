"""Sealing a person's identity to the city: only the holder of the city's key can open it."""

from functools import lru_cache

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from pos_subsidy.domain.keys import key_id
from pos_subsidy.errors import Invalid


def new_private() -> bytes:
    """Return a fresh X25519 private key, 32 bytes."""
    return bytes(PrivateKey.generate())


def public_of(private: bytes) -> bytes:
    return bytes(PrivateKey(private).public_key)


def seal_kid(public: bytes) -> str:
    """Return the id of a seal's public key, hex."""
    return key_id(public)


def seal(content: bytes, public: bytes) -> bytes:
    return SealedBox(PublicKey(public)).encrypt(content)


@lru_cache(maxsize=4)
def _box(private: bytes) -> SealedBox[PrivateKey]:
    # Making one reckons its public key, which takes a third as long as opening a seal.
    return SealedBox(PrivateKey(private))


def unseal(sealed: bytes, private: bytes) -> bytes:
    """Return what was sealed.

    Raises:
        Invalid: ``seal_broken``, it was sealed to another key or altered.
    """
    try:
        return _box(private).decrypt(sealed)
    except (CryptoError, ValueError):
        raise Invalid("seal_broken") from None
