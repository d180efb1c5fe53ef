"""A person's rights through the API: what is used, left, over; asking writes nothing."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

from pos_subsidy.policy import PACKS_DIR, load_rulebook
from tests.policy.test_layers import FILLING
from tests.support import ANNA, BAO, Api, content

PERSON = {"id_type": ANNA["id_type"], "id_number": ANNA["id_number"]}


def rights(api, **more):
    answer = api.post("/rights", {"person": PERSON, **more}, key=None)
    assert answer.status == 200, answer.json
    return {(one["categories"][0], one["programme"], one["scheme"]): one for one in answer.json["rights"]}


def test_every_class_of_the_day_is_told_with_its_units(api):
    found = rights(api)
    assert found["refrigerator", "appliance-2026", None]["units_left"] == 1
    assert found["car", "car-2026", None]["state"] == "open"
    assert all(one["clause"] for one in found.values())


def test_a_sale_uses_one_and_asking_uses_none(api, db):
    api.sell(ANNA)
    before = content(db)
    used = rights(api)["refrigerator", "appliance-2026", None]
    assert (used["state"], used["units_used"], used["units_left"]) == ("used", 1, 0)
    assert content(db) == before
    other = api.post("/rights", {"person": {**PERSON, "id_number": BAO["id_number"]}}, key=None).json
    assert all(one["units_used"] == 0 for one in other["rights"])


def test_cars_of_2025_are_counted_by_scheme(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    found = rights(api)
    assert {key[2] for key in found if key[0] == "car"} == {"replacement", "scrappage"}
    assert found["air_conditioner", "appliance-2025", None]["units_max"] == 3
    assert found["ageing_adaptation", "ageing-2025", None]["left_fen"] == 2_000_000
    assert found["fan", "appliance-2025", None]["state"] == "provisional"


def test_what_was_used_last_year_is_told_as_over(api, clock):
    clock.now = datetime(2025, 6, 18, 4, tzinfo=UTC)
    api.sell(ANNA)
    clock.now = datetime(2026, 11, 20, 4, tzinfo=UTC)
    found = rights(api)
    assert found["refrigerator", "appliance-2025", None]["state"] == "expired"
    assert found["refrigerator", "appliance-2026", None]["units_left"] == 1
    assert ("television", "appliance-2025", None) not in found, "unused rights of the past are left out"


def test_a_wrong_number_and_a_stranger_are_refused(api):
    refused = api.post("/rights", {"person": {**PERSON, "id_number": "1"}}, key=None)
    assert (refused.status, refused.codes) == (422, ["person_invalid"])
    assert api.client.post("/api/v1/rights", json={"person": PERSON}).status_code == 401


def test_a_right_whose_rule_has_parts_is_told_once(wired, folder, clock, tmp_path):
    packs = shutil.copytree(PACKS_DIR, tmp_path / "packs")
    (packs / "filling.toml").write_text(FILLING, "utf-8")
    shop = replace(wired.shop, rulebook=load_rulebook(packs))
    split = replace(wired, shop=shop, till=replace(wired.till, shop=lambda: shop))
    answer = Api.of(split, folder).post("/rights", {"person": PERSON}, key=None).json["rights"]
    fridges = [one for one in answer if "refrigerator" in one["categories"]]
    assert [(one["state"], one["last_day"]) for one in fridges] == [("open", "2026-12-31")]
