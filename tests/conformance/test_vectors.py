"""Published vectors and pictures, where they lie beside the project."""

import json
from pathlib import Path

import cbor2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from PIL import Image

from pos_subsidy.domain import qr_token
from pos_subsidy.domain.identifiers import gtin
from pos_subsidy.domain.keys import Keyring, KnownKey, key_id

BESIDE = Path(__file__).parent.parent.parent.parent / "shared" / "conformance"
pytestmark = pytest.mark.skipif(not BESIDE.is_dir(), reason="no conformance material beside the project")


def _ring(raw: bytes) -> Keyring:
    public = Ed25519PublicKey.from_public_bytes(raw)
    kid = key_id(raw)
    return Keyring(kid, Ed25519PrivateKey.generate(), (KnownKey(kid, public),))


def test_every_wycheproof_signature_is_judged_right():
    vectors = json.loads((BESIDE / "wycheproof/testvectors_v1/ed25519_test.json").read_text("utf-8"))
    judged = 0
    for group in vectors["testGroups"]:
        ring = _ring(bytes.fromhex(group["publicKey"]["pk"]))
        for test in group["tests"]:
            good = ring.verify(ring.kid, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            assert good == (test["result"] == "valid"), test["comment"]
            judged += 1
    assert judged == vectors["numberOfTests"]


@pytest.mark.parametrize("name", ["eddsa-sig-01.json"])
def test_what_we_sign_is_what_cose_says(name):
    """The bytes under the signature are those of RFC 9052, and the published signature verifies."""
    example = json.loads((BESIDE / "cose/eddsa-examples" / name).read_text("utf-8"))
    message = cbor2.loads(bytes.fromhex(example["output"]["cbor"]))
    protected, _, payload, signature = message.value
    signed = qr_token._to_be_signed(protected, payload)
    assert signed.hex().upper() == example["intermediates"]["ToBeSign_hex"].upper()
    ring = _ring(bytes.fromhex(example["input"]["sign0"]["key"]["x_hex"]))
    assert ring.verify(ring.kid, signed, signature)


@pytest.mark.parametrize("folder", ["sign1-tests", "eddsa-examples"])
def test_no_foreign_cose_message_is_taken_for_a_voucher(folder):
    import base45

    ring = _ring(bytes(32))
    for path in sorted((BESIDE / "cose" / folder).glob("*.json")):
        raw = bytes.fromhex(json.loads(path.read_text("utf-8"))["output"]["cbor"])
        text = qr_token.PREFIX + base45.b45encode(raw).decode()
        with pytest.raises(Exception, match="voucher_forged"):
            qr_token.read(text, ring, outlet="DEMO-A")


def test_bar_codes_on_pictures_are_good_numbers():
    read = 0
    for path in sorted((BESIDE / "zxing/ean13-4").glob("*.png")):
        with Image.open(path) as picture:
            found = zxingcpp.read_barcodes(picture.convert("L"))
        numbers = [gtin.validate(code.text) for code in found if code.format.name.startswith("EAN")]
        read += path.with_suffix(".txt").read_text("utf-8").strip() in numbers
    assert read > 10
