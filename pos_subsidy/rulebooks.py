"""Which rules count here: the bundled packs, or those the environment names."""

import os
from collections.abc import Sequence
from pathlib import Path

from pos_subsidy.city.shelf import Kept
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.policy import confirming
from pos_subsidy.policy.pack_files import PackText
from pos_subsidy.policy.publishing import PublishedPack, with_published


def packs_dir() -> Path | None:
    """Return the folder of policy packs that the environment names, or None for the bundled ones."""
    named = os.environ.get("POS_POLICY_DIR")
    return Path(named) if named else None


def rulebook(confirmations: Path | None = None, published: Sequence[Kept] = ()) -> Rulebook:
    """Return the rules of the packs, from their days on those a city published, and what was confirmed."""
    packs = [PublishedPack(one.pack_no, PackText(one.name, one.text), one.from_day) for one in published]
    return confirming.apply(with_published(packs_dir(), packs), confirmations)
