"""The text inside a voucher's QR: ``TI1:`` and the base45 of a COSE_Sign1.

The payload is a CBOR map with integer keys in the manner of a CWT (RFC 8392): issuer,
voucher, issued, expires, category, kind. Nothing in it names a person. A token is accepted
only in the very form in which it was made: whatever was scanned is decoded, encoded again
and compared, so that no second text means the same voucher.

Source: RFC 9052 (COSE), RFC 9285 (base45), RFC 8949 section 4.2 (deterministic CBOR).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import base45
import cbor2

from pos_subsidy.domain.keys import Keyring
from pos_subsidy.errors import Invalid

PREFIX = "TI1:"
MAX_LENGTH = 400
_SIGN1 = 18
_EDDSA = -8
_ALG, _KID = 1, 4
_ISS, _EXP, _IAT, _CTI, _CATEGORY, _KIND = 1, 4, 6, 7, -257, -258
_KINDS = {"screen": 0, "paper": 1}
_BASE45 = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_LONGEST_LIFE_SECONDS = 366 * 86_400


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. Moments are whole seconds."""

    issuer: str
    voucher: str
    category: str
    kind: str
    issued_at: datetime
    expires_at: datetime


def make(claims: Claims, keyring: Keyring) -> str:
    """Return the signed token text."""
    payload = {
        _ISS: claims.issuer,
        _EXP: int(claims.expires_at.timestamp()),
        _IAT: int(claims.issued_at.timestamp()),
        _CTI: claims.voucher.encode("ascii"),
        _CATEGORY: claims.category,
        _KIND: _KINDS[claims.kind],
    }
    protected = _cbor({_ALG: _EDDSA, _KID: bytes.fromhex(keyring.kid)})
    body = _cbor(payload)
    _, signature = keyring.sign(_to_be_signed(protected, body))
    return _text(protected, body, signature)


def looks_like_token(scanned: str) -> bool:
    """Say whether a scan means to be a token, good or not."""
    return scanned.startswith(PREFIX)


def read(scanned: str, keyring: Keyring, *, outlet: str) -> Claims:
    """Return what the token says, if one of this outlet's keys signed exactly this text.

    Whether its time is over is for the caller to judge.

    Raises:
        Invalid: ``voucher_forged`` (not in the one form, or no key of ours signed it),
            ``voucher_other_shop`` (another outlet's), ``token_key_revoked``.
    """
    protected, body, signature, kid = _unwrap(scanned)
    claims = _claims(body)
    if _text(protected, body, signature) != scanned:
        raise Invalid("voucher_forged", cause="not_canonical")
    if claims.issuer != outlet:
        raise Invalid("voucher_other_shop", outlet=claims.issuer)
    signer = keyring.signer_of(kid, _to_be_signed(protected, body), signature)
    if signer is None:
        raise Invalid("voucher_forged", cause="signature")
    if signer.revoked:
        raise Invalid("token_key_revoked")
    return claims


def _unwrap(scanned: str) -> tuple[bytes, bytes, bytes, str]:
    try:
        if not scanned.startswith(PREFIX) or len(scanned) > MAX_LENGTH:
            raise ValueError("prefix or length")
        encoded = scanned.removeprefix(PREFIX)
        if not _BASE45.issuperset(encoded):
            raise ValueError("alphabet")
        message = _uncbor(base45.b45decode(encoded))
        if not isinstance(message, cbor2.CBORTag) or message.tag != _SIGN1:
            raise ValueError("tag")
        protected, unprotected, body, signature = message.value
        header = _uncbor(protected)
        if unprotected or header.keys() != {_ALG, _KID} or header[_ALG] != _EDDSA:
            raise ValueError("header")
        if not isinstance(body, bytes) or not isinstance(signature, bytes) or len(header[_KID]) != 8:
            raise ValueError("types")
        return protected, body, signature, header[_KID].hex()
    # Decoders meet arbitrary bytes here and fail in many ways; every one means the same.
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, cbor2.CBORError, RecursionError):
        raise Invalid("voucher_forged", cause="malformed") from None


def _claims(body: bytes) -> Claims:
    try:
        payload = _uncbor(body)
        if payload.keys() != {_ISS, _EXP, _IAT, _CTI, _CATEGORY, _KIND}:
            raise ValueError("keys")
        issued, expires = payload[_IAT], payload[_EXP]
        if type(issued) is not int or type(expires) is not int:
            raise ValueError("times")
        # Milliseconds instead of seconds, or an end before the beginning, must never be
        # read as "good for centuries".
        if not 0 <= issued <= expires <= issued + _LONGEST_LIFE_SECONDS:
            raise ValueError("times")
        if not isinstance(payload[_ISS], str) or not isinstance(payload[_CATEGORY], str):
            raise ValueError("texts")
        return Claims(
            issuer=payload[_ISS],
            voucher=payload[_CTI].decode("ascii"),
            category=payload[_CATEGORY],
            kind={number: kind for kind, number in _KINDS.items()}[payload[_KIND]],
            issued_at=datetime.fromtimestamp(issued, UTC),
            expires_at=datetime.fromtimestamp(expires, UTC),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, cbor2.CBORError):
        raise Invalid("voucher_forged", cause="malformed") from None


def _cbor(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _uncbor(data: bytes) -> Any:
    """Decode one item and refuse every other encoding of it."""
    value = cbor2.loads(data)
    if _cbor(value) != data:
        raise ValueError("not deterministic")
    return value


def _to_be_signed(protected: bytes, body: bytes) -> bytes:
    return _cbor(["Signature1", protected, b"", body])


def _text(protected: bytes, body: bytes, signature: bytes) -> str:
    message = _cbor(cbor2.CBORTag(_SIGN1, [protected, {}, body, signature]))
    encoded: bytes = base45.b45encode(message)
    return PREFIX + encoded.decode("ascii")
