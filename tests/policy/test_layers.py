"""Nation > province > city > county: who may speak of what, and from which day."""

import shutil
from datetime import date

import pytest

from pos_subsidy.domain.subsidy import Item, assess
from pos_subsidy.errors import Invalid
from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.policy.comparing import edits_in_force

CITY = """
[programme]
id = "home-jiaxing"
version = 1
zh = "嘉兴家居补贴"
en = "Home goods in Jiaxing"
level = "city"
families = ["home"]
first_day = 2026-05-01
last_day = 2026-12-31
source = "city"

[scope]
leaves_open = []
leaves_open_terms = []

[source.city]
document = "嘉商务〔2026〕9号"
clause = "第一条"
confidence = "A"

[terms]
voucher_minutes = 60
hold_minutes = 10
right_after_full_reversal = "restored"
serial_after_full_reversal = "free"
serial_at = "till"
claimed = "till"
catalogue_required = false
rounding = "down_to_fen"

[[rule]]
categories = ["sofa"]
status = "confirmed"
source = "city"
rate = 0.10
cap_yuan = 1000
"""

FILLING = """
[filling]
id = "appliance-2026-jiaxing"
of = "appliance-2026"
version = 1
zh = "嘉兴家电补贴办理口径"
en = "Handling of appliances in Jiaxing"
level = "city"
first_day = 2026-07-01
last_day = 2026-09-30
source = "city"

[source.city]
document = "嘉商务〔2026〕12号"
clause = "退货"
confidence = "A"

[terms]
right_after_full_reversal = "restored"
voucher_minutes = 120

[term_source]
voucher_minutes = "city"
"""


@pytest.fixture
def packs(tmp_path):
    return shutil.copytree(PACKS_DIR, tmp_path / "packs")


def refused(packs):
    with pytest.raises(Invalid, match="policy_invalid") as error:
        load_rulebook(packs)
    return error.value.params


def test_a_city_speaks_of_a_family_no_higher_level_regulates(packs):
    (packs / "home-jiaxing.toml").write_text(CITY, "utf-8")
    rules = load_rulebook(packs)
    outcome = assess(Item("sofa", 300_000), on=date(2026, 6, 1), rulebook=rules)
    assert (outcome.subsidy_fen, outcome.programme) == (30_000, "home-jiaxing")


def test_a_city_may_not_add_to_a_closed_national_list(packs):
    text = CITY.replace('["home"]', '["appliance"]').replace('"sofa"', '"dishwasher"')
    (packs / "zz-city.toml").write_text(text, "utf-8")
    said = refused(packs)
    assert (said["file"], said["found"]) == ("zz-city.toml", "dishwasher")
    assert "appliance-2026 (nation)" in said["allowed"]


def test_a_city_adds_classes_where_the_province_leaves_them_open(packs):
    text = CITY.replace('["home"]', '["appliance"]').replace('"sofa"', '"air_fryer"')
    text = text.replace("2026-05-01", "2025-05-01").replace("2026-12-31", "2025-12-31")
    (packs / "zz-city.toml").write_text(text, "utf-8")
    lists = packs / "categories.toml"
    entry = '[category]\nair_fryer = { family = "appliance", zh = "空气炸锅", en = "Air fryer" }\n'
    lists.write_text(lists.read_text("utf-8").replace("[category]\n", entry), "utf-8")
    outcome = assess(Item("air_fryer", 50_000), on=date(2025, 6, 1), rulebook=load_rulebook(packs))
    assert outcome.subsidy_fen == 5_000


def test_a_filling_gives_terms_on_its_days_and_is_named_in_the_version(packs):
    (packs / "filling.toml").write_text(FILLING, "utf-8")
    rules = load_rulebook(packs)

    def terms_on(*day):
        rule = rules.rule_in_force("refrigerator", date(*day))
        terms = rule.terms
        return (terms.right_after_full_reversal, terms.voucher_minutes, terms.hold_minutes)

    assert terms_on(2026, 6, 30) == ("consumed", 30, 10)
    assert terms_on(2026, 7, 1) == terms_on(2026, 9, 30) == ("restored", 120, 10)
    assert terms_on(2026, 10, 1) == ("consumed", 30, 10)
    filled = rules.rule_in_force("refrigerator", date(2026, 8, 1))
    assert filled.terms.source("right_after_full_reversal").document == "嘉商务〔2026〕12号"
    assert "~appliance-2026-jiaxing@1+" in filled.policy_version
    assert "~" not in rules.rule_in_force("refrigerator", date(2026, 10, 1)).policy_version
    assert rules.rule_in_force("phone", date(2026, 8, 1)).terms.voucher_minutes == 30


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('level = "city"', 'level = "nation"', "filling.level"),
        ('of = "appliance-2026"', 'of = "appliance-2027"', "filling.of"),
        ("first_day = 2026-07-01", "first_day = 2027-07-01", "filling.last_day"),
        ("voucher_minutes = 120", "catalogue_required = false", "terms.catalogue_required"),
        ("voucher_minutes = 120", "voucher_minutes = 0", "terms.voucher_minutes"),
        ("voucher_minutes = 120", "patience = 3", "terms.patience"),
        ('right_after_full_reversal = "restored"', 'right_after_full_reversal = "perhaps"', "terms.right"),
        ('zh = "嘉兴家电补贴办理口径"', "", "filling.zh"),
        ('source = "city"', 'source = "hearsay"', "filling.source"),
    ],
)
def test_a_wrong_filling_is_named(packs, old, new, where):
    assert old in FILLING
    (packs / "filling.toml").write_text(FILLING.replace(old, new, 1), "utf-8")
    said = refused(packs)
    assert said["file"] == "filling.toml"
    assert said["where"].lstrip(".").startswith(where)


def test_one_term_is_filled_once_a_day(packs):
    (packs / "filling.toml").write_text(FILLING, "utf-8")
    other = FILLING.replace("appliance-2026-jiaxing", "appliance-2026-haining")
    (packs / "filling-2.toml").write_text(other.replace("2026-07-01", "2026-09-30"), "utf-8")
    assert refused(packs)["found"] == "filled twice"
    later = other.replace("2026-09-30", "2026-11-30").replace("2026-07-01", "2026-10-01")
    (packs / "filling-2.toml").write_text(later, "utf-8")
    assert load_rulebook(packs).rule_in_force("computer", date(2026, 11, 1)).terms.voucher_minutes == 120


def test_a_programme_changes_by_a_new_version_with_days_of_its_own(packs):
    first = packs / "digital-2026.toml"
    text = first.read_text("utf-8")
    second = text.replace("version = 1", "version = 2").replace("2026-01-01", "2026-10-01")
    (packs / "digital-2026-v2.toml").write_text(second.replace("rate = 0.15", "rate = 0.20"), "utf-8")
    assert refused(packs)["where"].lstrip(".") in ("programme.first_day", "rule")
    first.write_text(text.replace("2026-12-31", "2026-09-30"), "utf-8")
    rules = load_rulebook(packs)
    on = {
        day: assess(Item("phone", 200_000), on=day, rulebook=rules)
        for day in (date(2026, 9, 30), date(2026, 10, 1))
    }
    assert [one.subsidy_fen for one in on.values()] == [30_000, 40_000]
    assert [one.programme for one in on.values()] == ["digital-2026"] * 2
    assert "@2+" in on[date(2026, 10, 1)].policy_version


def test_a_rule_may_have_days_within_its_programmes(packs):
    path = packs / "digital-2026.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("rate = 0.15", "rate = 0.15\nlast_day = 2026-06-30", 1), "utf-8")
    rules = load_rulebook(packs)
    assert rules.rule_in_force("phone", date(2026, 6, 30)) is not None
    assert rules.rule_in_force("phone", date(2026, 7, 1)) is None
    path.write_text(text.replace("rate = 0.15", "rate = 0.15\nlast_day = 2027-01-01", 1), "utf-8")
    assert refused(packs)["where"].endswith("last_day")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("leaves_open = []", 'leaves_open = ["digital"]', "scope.leaves_open"),
        ("leaves_open = []", "", "scope.leaves_open"),
        ('"hold_minutes", "right', '"patience", "right', "scope.leaves_open_terms"),
        ('signals = ["id_number"', 'signals = ["shoe_size"', "same_person.signals"),
        ('left_out = ["installation_fee"', 'left_out = ["lunch"', "terms.left_out"),
    ],
)
def test_what_is_left_open_is_said_in_known_words(packs, old, new, where):
    path = packs / "appliance-2026.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert refused(packs)["where"] == where


def test_a_rule_in_force_is_never_edited(packs):
    old = load_rulebook(PACKS_DIR)
    path = packs / "digital-2026.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("rate = 0.15", "rate = 0.20", 1), "utf-8")
    new = load_rulebook(packs)
    assert {one.what for one in edits_in_force(old, new, on=date(2026, 6, 1))} == {"rate"}
    assert edits_in_force(old, new, on=date(2025, 12, 31)) == [], "before its first day it may be mended"
    assert edits_in_force(old, old, on=date(2026, 6, 1)) == []


def test_what_had_no_rule_or_only_a_provisional_one_may_be_added(packs):
    old = load_rulebook(PACKS_DIR)
    (packs / "home-jiaxing.toml").write_text(CITY, "utf-8")
    path = packs / "appliance-2025.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('status = "provisional"', 'status = "confirmed"', 1), "utf-8")
    new = load_rulebook(packs)
    assert new != old
    assert edits_in_force(old, new, on=date(2026, 6, 1)) == []


def test_every_pack_says_what_makes_two_claimants_one_person():
    for programme in load_rulebook().programmes:
        assert programme.same_person is not None
        assert "registered_phone" in programme.same_person.signals
        assert programme.same_person.source.confidence == "B"


def test_a_pack_without_an_end_stays_readable(packs):
    text = (packs / "digital-2026.toml").read_text("utf-8")
    (packs / "digital-2026.toml").write_text(text.replace("2026-12-31", "9999-12-31"), "utf-8")
    filling = FILLING.replace('of = "appliance-2026"', 'of = "digital-2026"').replace(
        "2026-09-30", "9999-12-31"
    )
    (packs / "filling.toml").write_text(filling, "utf-8")
    rules = load_rulebook(packs)
    assert rules.rule_in_force("phone", date(9999, 12, 31)).terms.voucher_minutes == 120
    assert edits_in_force(rules, rules, on=date(2026, 6, 1)) == []


def test_how_a_right_is_used_is_not_left_to_others(packs):
    path = packs / "car-2026.toml"
    text = path.read_text("utf-8").replace('["voucher_minutes", ', '["claimed", "voucher_minutes", ')
    path.write_text(text, "utf-8")
    assert refused(packs)["where"] == "scope.leaves_open_terms"
