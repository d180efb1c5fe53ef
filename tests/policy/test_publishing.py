"""Published packs: from their day on, and not a day earlier; the newest number counts."""

from dataclasses import replace
from datetime import date, timedelta

from pos_subsidy.policy import PACKS_DIR, load_rulebook
from pos_subsidy.policy.pack_files import PackText, identity, known_versions
from pos_subsidy.policy.publishing import PublishedPack, splice, with_published

NAME = "appliance-2026.toml"
OLD = (PACKS_DIR / NAME).read_text("utf-8")
DAY = date(2026, 12, 1)
BEFORE = DAY - timedelta(1)


def pack(number, cap, day):
    text = OLD.replace("version = 1", f"version = {number + 1}", 1).replace(
        "cap_yuan = 1500", f"cap_yuan = {cap}"
    )
    return PublishedPack(number, PackText(NAME, text), day)


def cap_fen(book, on):
    return book.rule_in_force("refrigerator", on).grants[0].cap_fen


def test_a_class_that_is_new_begins_on_the_day_and_one_that_ends_ends_before_it():
    full = load_rulebook()
    without = replace(full, rules=tuple(one for one in full.rules if one.programme.id != "appliance-2026"))
    begun = splice(without, full, on=DAY)
    assert begun.rule_in_force("refrigerator", BEFORE) is None
    assert begun.rule_in_force("refrigerator", DAY) is not None
    ended = splice(full, without, on=DAY)
    assert ended.rule_in_force("refrigerator", BEFORE) is not None
    assert ended.rule_in_force("refrigerator", DAY) is None
    assert begun.rule_in_force("phone", BEFORE) == full.rule_in_force("phone", BEFORE)


def test_of_two_that_have_begun_the_one_with_the_higher_number_counts_however_they_begin():
    first, second = pack(1, 900, DAY), pack(2, 800, BEFORE)
    book = with_published(None, [first, second])
    assert [cap_fen(book, BEFORE - timedelta(1)), cap_fen(book, BEFORE), cap_fen(book, DAY)] == [
        150_000,
        80_000,
        80_000,
    ]
    later = with_published(None, [pack(1, 900, BEFORE), pack(2, 800, DAY)])
    assert [cap_fen(later, BEFORE), cap_fen(later, DAY)] == [90_000, 80_000]


def test_what_a_pack_says_of_itself():
    assert identity(PackText(NAME, OLD)) == ("appliance-2026", 1)
    assert known_versions(None, "appliance-2026") == [1] and known_versions(None, "none") == []
