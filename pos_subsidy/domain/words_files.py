"""What is wrong with a file, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {}
