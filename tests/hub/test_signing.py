"""A request signed as our client does it is read the short way, which believes what the library would."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_subsidy.domain.keys import new_keyring
from pos_subsidy.errors import NotSignedIn
from pos_subsidy.protocol import http_signatures

KEYS, OTHERS = new_keyring(), new_keyring()
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOLDS, BODY = "http://hub.example:8400/hub/v1/holds", b'{"hold_id": "H-1"}'


def signed(method="POST", url=HOLDS, body=BODY, keyring=KEYS, at=NOW):
    return http_signatures.sign(method, url, body, keyring, at=at)


def public_of(kid):
    return {one.kid: one.private.public_key() for one in (KEYS, OTHERS)}.get(kid)


def by_library(method, url, headers, body):
    """Return what the library alone says of a request: the key's id, or None."""
    # Another case of a header's name means the same to it, and is not read the short way.
    lower = {name.lower(): value for name, value in headers.items()}
    assert short(method, url, lower, body) is None
    return heard(method, url, lower, body)


def short(method, url, headers, body):
    return http_signatures._plainly(method, url, headers, body, public_of, NOW, http_signatures.TOLERANCE)


def heard(method, url, headers, body):
    try:
        return http_signatures.check(method, url, headers, body, public_of=public_of, now=NOW)
    except NotSignedIn:
        return None


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", HOLDS, BODY),
        ("POST", f"{HOLDS}/H-1/confirm", b""),
        ("GET", "https://127.0.0.1/hub/v1/holds/H-1", b""),
    ],
)
def test_what_our_client_signs_is_read_the_short_way(method, url, body):
    headers = signed(method, url, body)
    assert short(method, url, headers, body) == by_library(method, url, headers, body) == KEYS.kid


def test_what_is_written_otherwise_is_read_by_the_library():
    url = f"{HOLDS}?after=7"
    headers = signed("GET", url, b"")
    assert short("GET", url, headers, b"") is None
    assert heard("GET", url, headers, b"") == KEYS.kid


@pytest.mark.parametrize("days", [-1.01, 1.01])
def test_a_signature_of_another_day_is_not_heard(days):
    headers = signed(at=NOW + timedelta(days=days))
    assert heard("POST", HOLDS, headers, BODY) is None


def test_a_signature_of_another_key_is_not_heard():
    headers = signed()
    headers["Signature-Input"] = headers["Signature-Input"].replace(KEYS.kid, OTHERS.kid)
    assert short("POST", HOLDS, headers, BODY) is None
    assert heard("POST", HOLDS, headers, BODY) is None


PIECES = st.sampled_from(
    [
        "",
        "0",
        "A",
        "=",
        '"',
        "/",
        "//",
        "?",
        "%41",
        ".",
        "..",
        " ",
        "\n",
        "\u0661",
        ", ",
        ";x=1",
        "ü",
        ":",
        "\0",
    ]
)


@given(st.data())
def test_the_short_way_believes_nothing_that_the_library_would_not(data):
    method, url, headers, body = "POST", HOLDS, signed(), BODY
    place = data.draw(st.sampled_from(["method", "url", "body", *headers]))
    told = {"method": method, "url": url, "body": body.decode(), **headers}
    text = told[place]
    at = data.draw(st.integers(0, len(text)))
    upto = data.draw(st.integers(at, min(at + 2, len(text))))
    told[place] = text[:at] + data.draw(PIECES) + text[upto:]
    changed = {name: told[name] for name in headers}
    request = (told["method"], told["url"], changed, told["body"].encode())
    if (believed := short(*request)) is not None:
        assert believed == by_library(*request)
