"""A captured upload is worth nothing to whoever captured it. Scenario SE-10."""

import httpx
import pytest

from pos_subsidy.errors import SubsidyError
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema import metadata


@pytest.fixture
def captured(shops):
    """A signed upload of the first shop, as it went over the line."""
    seen = []
    shops[0].client._http.event_hooks["request"].append(
        lambda asked: asked.url.path.endswith("/batches") and seen.append(asked)
    )
    shops[0].api.sell()
    assert shops[0].sync().complete
    return seen[0]


def again(asked, *, content=None, **headers):
    kept = {name: value for name, value in asked.headers.items() if name != "content-length"}
    return httpx.post(str(asked.url), content=content or asked.content, headers={**kept, **headers})


def stored(city):
    rows = metadata.tables["row"]
    return run(city.engine, lambda db: db.execute(rows.select()).all())


def test_an_upload_replayed_a_week_later_has_the_same_receipt(shops, captured, city, clock):
    """SE-10"""
    before, first = stored(city), again(captured)
    clock.pass_by(days=7)
    later = again(captured)
    assert (first.status_code, later.status_code) == (200, 200)
    assert later.json()["said"]["last_seq"] == first.json()["said"]["last_seq"]
    assert later.json()["said"]["head_hash"] == first.json()["said"]["head_hash"]
    assert stored(city) == before


def test_an_upload_of_one_shop_is_not_anothers(shops, captured, city):
    """SE-10"""
    before = stored(city)
    refused = shops[1].client._http.post(captured.url.path, content=captured.content)
    assert (refused.status_code, refused.json()["code"]) == (401, "signature_invalid")
    with pytest.raises(SubsidyError) as error:
        shops[1].client.send(captured.content)
    assert error.value.code == "upload_refused", error.value.params
    assert stored(city) == before


def test_a_byte_changed_under_the_old_digest_is_refused(shops, captured, city):
    """SE-10"""
    before, content = stored(city), bytearray(captured.content)
    content[len(content) // 2] ^= 1
    refused = again(captured, content=bytes(content))
    assert (refused.status_code, refused.json()["code"]) == (401, "signature_invalid")
    assert stored(city) == before
