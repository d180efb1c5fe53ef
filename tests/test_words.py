"""Every code has sentences, in both languages, with all their figures."""

import ast
import string
from pathlib import Path

import pytest

from pos_subsidy.domain import reasons, voucher, words
from pos_subsidy.domain.reconciliation import KINDS
from pos_subsidy.web.speaking import PAGE_WORDS

PACKAGE = Path(words.__file__).parent.parent
_RAISED = {
    *("Invalid", "NotFound", "Conflict", "NotSignedIn", "NotAllowed", "TooManyRequests"),
    *("Unavailable", "NotBuilt", "SubsidyError", "Reason", "Judgement", "Problem", "_Wrong"),
    *("_refusal", "broken"),
}


def _raised() -> set[str]:
    """Return every code that stands in the source as a literal."""
    codes: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            if name in _RAISED:
                literals = [one.value for one in node.args if isinstance(one, ast.Constant)]
                codes |= {one for one in literals if isinstance(one, str) and one.islower() and "_" in one}
    return codes


CODES = sorted(
    (_raised() | {f"difference_{kind}" for kind in KINDS})
    - {"voucher_state_", "accepted", "id_number", "filed_price", "energy_rating"}
)


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_is_raised_has_words(code):
    assert code in words.WORDS or code in PAGE_WORDS


@pytest.mark.parametrize("code", sorted(words.WORDS))
def test_words_are_complete_and_speak_of_the_same_figures(code):
    said = words.WORDS[code]
    for part in ("title", "detail", "next_step"):
        zh, en = getattr(said, f"{part}_zh"), getattr(said, f"{part}_en")
        assert zh.strip() and en.strip()
        assert (
            _fields(zh) - {"category_zh", "where_zh", "paper_zh", "programme_zh"} <= _fields(en) | {"gtin"}
            or part != "detail"
        )
        assert not any("\u4e00" <= char <= "\u9fff" for char in en), "English text holds Chinese"


@pytest.mark.parametrize("code", sorted(words.words_steps.STEPS))
def test_steps_are_told_in_both_languages(code):
    zh, en = words.words_steps.STEPS[code]
    assert zh and en and not any("\u4e00" <= char <= "\u9fff" for char in en)


def test_every_refusal_has_its_place_in_the_order():
    listed = set(reasons.ORDER)
    assert listed <= set(words.WORDS)


def test_amounts_are_shown_in_yuan_and_moments_in_local_time():
    said = words.say("hold_expired", {"expired_at": "2026-11-20T04:10:00.000Z", "payable_fen": 1})
    assert "11-20 12:10" in said.detail_zh
    assert "6000.01" in words.say("price_over_ceiling", {"price_fen": 600_001, "ceiling_fen": 1}).detail_en


def test_every_state_has_an_arrow_table():
    assert ("held", "redeem") in voucher.VOUCHER_STATES
    assert set(voucher.VOUCHER_STATES.values()) <= {
        *("issued", "held", "redeemed", "reversed", "voided", "expired"),
    }


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_since_when_a_key_is_cut_off_is_told_in_local_time():
    found = words.say("key_revoked", {"kid": "49a14d75", "since": "2026-11-20T05:57:00.000Z"})
    assert all("11-20 13:57" in one and "T05" not in one for one in (found.detail_zh, found.detail_en))


_CAUSES = ("signature_invalid", "ConnectError", "ReadTimeout", "key_revoked", "signature")


@pytest.mark.parametrize("cause", _CAUSES)
def test_no_inner_word_of_the_line_to_the_city_reaches_a_cashier(cause):
    for variant in (None, cause):
        spoken = words.say("hub_unavailable", {"cause": cause, "variant": variant})
        assert cause not in spoken.detail_zh and f": {cause}" not in spoken.detail_en


def test_a_refused_signature_says_that_the_clock_or_the_key_is_wrong():
    spoken = words.say("hub_unavailable", {"cause": "signature_invalid", "variant": "signature_invalid"})
    assert "电脑时间" in spoken.next_step_zh and "clock" in spoken.next_step_en
