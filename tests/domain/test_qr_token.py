"""Tokens under attack: nothing but the very text that was signed is accepted."""

import random
from datetime import UTC, datetime, timedelta

import base45
import cbor2
import pytest

from pos_subsidy.domain import keys, qr_token
from pos_subsidy.domain.qr_token import Claims
from pos_subsidy.errors import Invalid

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MUTATIONS = 200_000


@pytest.fixture(scope="module")
def ring():
    return keys.new_keyring()


@pytest.fixture(scope="module")
def token(ring):
    claims = Claims("DEMO-A", "7K3M9QWX4T2B", "refrigerator", "screen", NOW, NOW + timedelta(minutes=30))
    return qr_token.make(claims, ring)


def test_what_was_made_is_read(token, ring):
    assert qr_token.read(token, ring, outlet="DEMO-A").voucher == "7K3M9QWX4T2B"


def test_of_200_000_mutated_tokens_none_is_accepted(token, ring):
    draw, accepted = random.Random(20261120), 0
    for number in range(MUTATIONS):
        mutated = _mutate(token, draw, number % 8)
        if mutated == token:
            continue
        try:
            qr_token.read(mutated, ring, outlet="DEMO-A")
            accepted += 1
        except Invalid as error:
            assert error.code in ("voucher_forged", "voucher_other_shop")
    assert accepted == 0


def _mutate(token: str, draw: random.Random, kind: int) -> str:
    text, place = list(token), draw.randrange(len(token))
    if kind == 0:
        text[place] = draw.choice(ALPHABET)
    elif kind == 1:
        text.insert(place, draw.choice(ALPHABET))
    elif kind == 2:
        del text[place]
    elif kind == 3:
        text += draw.choice(["\n", " ", "\t", "A", "00", "\r\n"])
    elif kind == 4:
        text[place] = text[place].lower() if text[place].isalpha() else chr(ord(text[place]) + 0xFEE0)
    elif kind == 5:
        text = text[:place]
    elif kind == 6:
        other = draw.randrange(len(text))
        text[place], text[other] = text[other], text[place]
    else:
        return _flip_bit(token, draw)
    return "".join(text)


def _flip_bit(token: str, draw: random.Random) -> str:
    raw = bytearray(base45.b45decode(token.removeprefix(qr_token.PREFIX)))
    raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
    return qr_token.PREFIX + base45.b45encode(bytes(raw)).decode()


def test_the_same_message_written_otherwise_is_refused(token, ring):
    """An indefinite-length or longer encoding decodes to the same message and is still another text."""
    raw = base45.b45decode(token.removeprefix(qr_token.PREFIX))
    message = cbor2.loads(raw)
    protected, _, body, signature = message.value
    longer = b"\xd8\x12" + b"\x9f" + b"".join(cbor2.dumps(one) for one in (protected, {}, body, signature))
    for other in (
        longer + b"\xff",
        raw + b"\x00",
        cbor2.dumps(cbor2.CBORTag(18, [protected, {4: b"x"}, body, signature])),
    ):
        text = qr_token.PREFIX + base45.b45encode(other).decode()
        with pytest.raises(Invalid, match="voucher_forged"):
            qr_token.read(text, ring, outlet="DEMO-A")


@pytest.mark.parametrize("algorithm", [-7, -37, 5, 0, None, "none"])
def test_the_algorithm_is_never_taken_from_the_token(token, ring, algorithm):
    message = cbor2.loads(base45.b45decode(token.removeprefix(qr_token.PREFIX)))
    _, _, body, _ = message.value
    protected = cbor2.dumps({1: algorithm, 4: bytes.fromhex(ring.kid)}, canonical=True)
    signature = ring.private.sign(cbor2.dumps(["Signature1", protected, b"", body], canonical=True))
    other = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, body, signature]), canonical=True)
    with pytest.raises(Invalid, match="voucher_forged"):
        qr_token.read(qr_token.PREFIX + base45.b45encode(other).decode(), ring, outlet="DEMO-A")


@pytest.mark.parametrize(
    "garbage", ["", "TI1:", "TI1:::::", "TI1:" + "A" * 500, "TI2:ABC", "HC1:6BF", "TI1:😀"]
)
def test_garbage_is_forged_and_never_a_crash(garbage, ring):
    with pytest.raises(Invalid, match="voucher_forged"):
        qr_token.read(garbage, ring, outlet="DEMO-A")


def test_the_largest_token_keeps_to_its_size(ring):
    claims = Claims("X" * 23, "7K3M9QWX4T2B", "purified_water_dispenser", "paper", NOW, NOW + timedelta(365))
    assert len(qr_token.make(claims, ring)) <= 280
