"""Energy and water ratings (能效、水效等级) as people write them.

>>> [read(written) for written in ("1", "一级", "1级", "Ⅰ", "２級", " III 级 ", "能效一级")]
[1, 1, 1, 1, 2, 3, 1]
"""

import unicodedata

from pos_subsidy.errors import Invalid

_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}


def read(written: str) -> int:
    """Return the rating, 1 (best) to 5.

    Raises:
        Invalid: ``rating_invalid``: 1.5匹 is a power, not a rating.
    """
    plain = unicodedata.normalize("NFKC", written).strip().upper()
    for part in ("能效", "水效", "级", "級", "等"):
        plain = plain.removeprefix(part).removesuffix(part).strip()
    if plain in ("1", "2", "3", "4", "5"):
        return int(plain)
    if plain in _WORDS:
        return _WORDS[plain]
    raise Invalid("rating_invalid", rating=written[:20])
