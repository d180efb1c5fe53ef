"""Sentences of codes in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_subsidy.domain import words, words_pages
from pos_subsidy.web.language import in_language


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a code says, in one language."""

    title: str
    detail: str
    next_step: str


def say(code: str, params: Mapping[str, Any]) -> Sentence:
    """Return the sentence of a code in the reader's language."""
    parts = ("title", "detail", "next_step")
    # Codes that only pages raise need no entry in the API's list of codes.
    if code in words_pages.WORDS and code not in words.WORDS:
        return Sentence(*(in_language(words_pages.WORDS[code], part).format(**params) for part in parts))
    spoken = words.say(code, params)
    return Sentence(*(in_language(spoken, part) for part in parts))
