"""Every phrase of the city's pages in both languages, none missing, none left over."""

import re
from pathlib import Path

from pos_subsidy import bundled
from pos_subsidy.hub.web.navigation import _PLACES
from pos_subsidy.hub.web.phrases import PHRASES

TEMPLATES = sorted((bundled("templates") / "hub").rglob("*.html"))
MODULES = sorted((Path(__file__).parents[2] / "pos_subsidy" / "hub" / "web").glob("*.py"))
_BUILT = re.compile(r"""(?:\bt\(|\bkey = )f?['"]([a-z_]+\.[a-z_]*)(?:['"] ~|\{)""")
_WHOLE = re.compile(r"""['"]([a-z_]+\.[a-z0-9_]+)['"]""")


def sources():
    # The public page has words of its own.
    kept = [path for path in MODULES if not path.name.startswith(("phrases", "open_words"))]
    return "\n".join(path.read_text("utf-8") for path in [*TEMPLATES, *kept])


def test_every_phrase_says_the_same_things_in_both_languages():
    for key, (zh, en) in PHRASES.items():
        assert zh.strip() and en.strip(), key
        assert sorted(re.findall(r"\{\w+\}", zh)) == sorted(re.findall(r"\{\w+\}", en)), key
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", en), key


def test_pages_use_only_phrases_that_exist():
    used = set(re.findall(r"""\bt\(\s*['"]([a-z0-9_]+\.[a-z0-9_]+)['"][,)]""", sources()))
    assert used - set(PHRASES) == set()
    for beginning in _BUILT.findall(sources()):
        assert any(key.startswith(beginning) for key in PHRASES), beginning


def test_no_phrase_is_left_over():
    used = set(_WHOLE.findall(sources())) | {place.phrase for place in _PLACES}
    built = tuple(set(_BUILT.findall(sources())))
    assert {key for key in PHRASES if key not in used and not key.startswith(built)} == set()


def test_no_template_holds_a_sentence_a_script_or_a_style_of_its_own():
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert set(re.findall(r"[\u4e00-\u9fff]+", text)) <= {"中文"}, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script|https?://", text), path
