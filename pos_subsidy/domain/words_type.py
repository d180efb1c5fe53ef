"""The shape of a sentence set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a code says: what happened, why, what to do next. ``{name}`` is filled in later."""

    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    next_step_zh: str
    next_step_en: str
