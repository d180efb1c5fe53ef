"""Model prefixes that makers have kept for decades: a hint at the class, never a proof."""

_PREFIXES = {
    "air_conditioner": ("KFR", "KF-"),
    "refrigerator": ("BCD", "BD-", "BC-", "BD/"),
    "washing_machine": ("XQG", "XQB"),
    "range_hood": ("CXW",),
}


def category_of(model: str) -> str | None:
    """Return the class that a model's prefix hints at, or None.

    >>> category_of("bcd-501w")
    'refrigerator'
    """
    upper = model.upper()
    return next((code for code, starts in _PREFIXES.items() if upper.startswith(starts)), None)
