"""Photos are found alike by blocks of their hashes exactly as by comparing every pair."""

import random

from pos_subsidy.domain.evidence import is_same_photo
from pos_subsidy.domain.lint_case import PhotoUse
from pos_subsidy.domain.lint_goods import _alike


def test_blocks_find_what_comparing_every_pair_finds() -> None:
    dice = random.Random(20261126)
    own = [dice.getrandbits(64) for _ in range(40)]
    near = [bits ^ sum(1 << at for at in dice.sample(range(64), few)) for bits in own for few in range(0, 10)]
    photos = [PhotoUse(f"R-{at}", "", "", f"{bits:016x}") for at, bits in enumerate(near)]
    photos.append(PhotoUse("R-blank", "", "", None))
    found = _alike(own, photos)
    for place, bits in enumerate(own):
        same = [one for one in photos if one.dhash and is_same_photo(one.dhash, f"{bits:016x}")]
        assert len(same) == 7 and found[place] == same
