"""The strict loader: one broken pack for each kind of mistake, and what it says."""

import shutil

import pytest

from pos_subsidy.domain.rules import PACK_DEFAULT
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import PACKS_DIR, load_rulebook


@pytest.fixture
def packs(tmp_path):
    return shutil.copytree(PACKS_DIR, tmp_path / "packs")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("cap_yuan = 1500", "cap_yuna = 1500", "rule 1.cap_yuna"),
        ("cap_yuan = 1500", "", "rule 1.cap_yuan"),
        ("cap_yuan = 1500", "cap_yuan = 1500.005", "rule 1.cap_yuan"),
        ("cap_yuan = 1500", "cap_yuan = -1", "rule 1.cap_yuan"),
        ("cap_yuan = 1500", 'cap_yuan = "1500"', "rule 1.cap_yuan"),
        ("cap_yuan = 1500", "cap_yuan = true", "rule 1.cap_yuan"),
        ("{ 1 = 0.15 }", "{ 1 = 1.5 }", "rule 1.rates.1"),
        ("{ 1 = 0.15 }", "{ 1 = 0 }", "rule 1.rates.1"),
        ("{ 1 = 0.15 }", "{ 6 = 0.15 }", "rule 1.rates.6"),
        ("rates = { 1 = 0.15 }", "", "rule 1.rates"),
        ("rates = { 1 = 0.15 }", "rates = { 1 = 0.15 }\nrate = 0.15", "rule 1.rates"),
        ("units_max = 1", "units_max = 0", "rule 1.units_max"),
        ("units_max = 1", "units_max = 1.5", "rule 1.units_max"),
        ('"computer"]', '"broom"]', "rule 1.categories"),
        ('"computer"]', '"phone"]', "rule 1.categories"),
        ('status = "confirmed"', 'status = "sure"', "rule 1.status"),
        ('source = "ndrc-1745"\nrates', 'source = "hearsay"\nrates', "rule 1.source"),
        ("last_day = 2026-12-31", "last_day = 2025-12-31", "programme.last_day"),
        ("first_day = 2026-01-01", 'first_day = "2026-01-01"', "programme.first_day"),
        ("version = 1", "version = 0", "programme.version"),
        ('level = "nation"', 'level = "village"', "programme.level"),
        ('confidence = "A"', 'confidence = "C"', "source.ndrc-1745.confidence"),
        ('document = "发改环资〔2025〕1745号"', "", "source.ndrc-1745.document"),
        ("hold_minutes = 10", "", "terms.hold_minutes"),
        ('serial_at = "till"', 'serial_at = "later"', "terms.serial_at"),
        ("[terms]", "[term]", "term"),
        ("catalogue_required = true", 'catalogue_required = "yes"', "terms.catalogue_required"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_is_allowed(packs, old, new, where):
    path = packs / "appliance-2026.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    said = error.value.params
    assert (said["file"], said["where"].lstrip(".")) == ("appliance-2026.toml", where)
    # A key that is missing is looked for where its table begins.
    begins = text[: text.index(old)].count("\n") + 1
    changed = new and not new.endswith("rate = 0.15")
    assert said["line"] == begins if changed else said["line"] <= begins
    assert said["allowed"]


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("appliance-2025.toml", "cap_yuan = 2000", "cap_yuan = -1", "rule 4.cap_yuan"),
        ("car-2025.toml", "below_yuan = 200000", "below_yuan = 190000", "rule 1.grant 2.bands 3.from_yuan"),
        ("car-2026.toml", "cap_yuan = 13000", "cap_yuan = 0", "rule 1.grant 4.cap_yuan"),
    ],
)
def test_a_mistake_further_down_has_its_own_line(packs, file, old, new, where):
    path = packs / file
    text = path.read_text("utf-8")
    at = text.rindex(old)
    path.write_text(text[:at] + new + text[at + len(old) :], "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    said = error.value.params
    assert said["where"] == where
    line = path.read_text("utf-8").splitlines()[said["line"] - 1]
    assert new in line or said["found"] in line


def test_two_rules_for_one_class_on_one_day_are_refused(packs):
    text = (packs / "appliance-2026.toml").read_text("utf-8")
    (packs / "other.toml").write_text(text.replace('id = "appliance-2026"', 'id = "other"'), "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    assert "appliance-2026" in error.value.params["found"]


def test_one_id_belongs_to_one_pack(packs):
    shutil.copy(packs / "digital-2026.toml", packs / "zz.toml")
    with pytest.raises(Invalid, match="policy_invalid"):
        load_rulebook(packs)


def test_an_empty_pack_is_named(packs):
    (packs / "empty.toml").write_text("", "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    assert (error.value.params["file"], error.value.params["line"]) == ("empty.toml", 1)


def test_what_is_no_toml_is_said_to_be_none(packs):
    (packs / "broken.toml").write_text("[programme\n", "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    assert error.value.params["file"] == "broken.toml"


def test_the_version_names_the_very_file(packs):
    before = {one.id: one.policy_version for one in load_rulebook(packs).programmes}
    path = packs / "digital-2026.toml"
    path.write_text(path.read_text("utf-8") + "\n# touched\n", "utf-8")
    after = {one.id: one.policy_version for one in load_rulebook(packs).programmes}
    assert {name for name in before if before[name] != after[name]} == {"digital-2026"}


def test_every_rule_is_cited_and_graded():
    for rule in load_rulebook().rules:
        assert rule.source.document and rule.source.clause
        assert rule.source.confidence in ("A", "A-", "B", "S")
        assert rule.terms.source("rounding") == PACK_DEFAULT
        assert rule.source.confidence != "B" or rule.status == "provisional"
        assert all(one.source.document and one.source.clause for one in rule.requirements)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("apply_last_day = 2026-01-10", "apply_last_day = 2025-01-10", "claim.apply_last_day"),
        ("corrections_until = 2026-01-20", "corrections_until = 2026-01-09", "claim.corrections_until"),
        ('once = ["vin"', 'once = ["licence"', "claim.once"),
        ('once = ["vin", "old_car_vin"]', "", "claim.once"),
        ('code = "invoice"', 'code = "registration"', "claim.paper"),
        ('shows_en = "The claimant\'s own name"', "", "claim.paper 6.shows_en"),
        ('proves = ["invoice_region", "vin"]', 'proves = ["colour"]', "claim.paper 1.proves"),
        (
            'when = { scheme = "scrappage" }\nsource',
            'when = { colour = "red" }\nsource',
            "claim.paper 4.when.colour",
        ),
        ("due = 2026-01-10", 'due = "soon"', "claim.paper 2.due"),
        ('claimed = "afterwards"', 'claimed = "till"', "claim"),
        ('units_per = "scheme"', 'units_per = "colour"', "rule 1.units_per"),
    ],
)
def test_a_mistake_in_the_terms_of_a_claim_is_named(packs, old, new, where):
    path = packs / "car-2025.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    said = error.value.params
    assert (said["file"], said["where"].lstrip(".")) == ("car-2025.toml", where)
    assert said["line"] >= 1 and said["allowed"]


def test_what_is_claimed_afterwards_says_how(packs):
    path = packs / "renovation-2025.toml"
    text = path.read_text("utf-8")
    head, tail = text.split("[claim]", 1)
    path.write_text(head + "[[rule]]" + tail.split("[[rule]]", 1)[1], "utf-8")
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    assert error.value.params["where"].lstrip(".") == "claim"
