"""Every phrase in both languages, and the switch between them."""

import re
from pathlib import Path

from flask import Flask

from pos_subsidy import bundled
from pos_subsidy.web.phrases import PHRASES
from tests.web.pages_shop import Browser

TEMPLATES = sorted(bundled("templates").rglob("*.html"))
MODULES = sorted((Path(__file__).parents[2] / "pos_subsidy" / "web").glob("*.py"))
# Built from a value at run time: every key with such a beginning counts as used.
_BUILT = re.compile(r"""\b(?:t|both)\(f?['"]([a-z_]+\.[a-z_]*)(?:['"] ~|\{)""")
_WHOLE = re.compile(r"""\b(?:t|both)\(\s*['"]([a-z0-9_]+\.[a-z0-9_]+)['"][,)]""")


def _sources() -> str:
    ours = [path for path in TEMPLATES if "hub" not in path.parts]
    return "\n".join(path.read_text("utf-8") for path in [*ours, *MODULES])


def test_every_phrase_says_the_same_things_in_both_languages() -> None:
    for key, (zh, en) in PHRASES.items():
        assert zh.strip() and en.strip(), key
        assert sorted(re.findall(r"\{\w+\}", zh)) == sorted(re.findall(r"\{\w+\}", en)), key


def test_english_phrases_are_written_in_plain_characters() -> None:
    for key, (_zh, en) in PHRASES.items():
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", en), key


def test_pages_use_only_phrases_that_exist() -> None:
    used = set(_WHOLE.findall(_sources()))
    assert used - set(PHRASES) == set()
    for beginning in _BUILT.findall(_sources()):
        assert any(key.startswith(beginning) for key in PHRASES), beginning


def test_no_phrase_is_left_over() -> None:
    used, built = set(_WHOLE.findall(_sources())), set(_BUILT.findall(_sources()))
    assert {key for key in PHRASES if key not in used and not key.startswith(tuple(built))} == set()


def test_no_template_holds_a_sentence_of_its_own() -> None:
    for path in TEMPLATES:
        if "hub" in path.parts:
            continue
        chinese = re.findall(r"[\u4e00-\u9fff]+", path.read_text("utf-8"))
        assert set(chinese) <= {"中文"}, path


def test_no_template_holds_scripts_or_styles() -> None:
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script>|<script [^s]", text), path
        assert not re.search(r"https?://", text), path


def test_staff_read_chinese_until_they_switch_and_it_is_kept(app: Flask) -> None:
    browser = Browser(app, language="en-GB").sign_in()
    assert "扫顾客的补贴券" in browser.page and 'lang="zh-CN"' in browser.page
    assert "Scan the customer" in browser.get("/till?lang=en")
    assert "Today" in browser.get("/till/today")
    assert "今日销售" in browser.get("/till/today?lang=zh")


def test_errors_are_told_in_the_chosen_language(app: Flask) -> None:
    browser = Browser(app).sign_in()
    browser.get("/till?lang=en")
    assert "Not allowed" in browser.get("/office", status=403)


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/sign-in?lang=xx")
    assert 'lang="zh-CN"' in browser.page
