"""Which rules count here: the bundled packs, or those the environment names."""

import os
from pathlib import Path

from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.policy import confirming, load_rulebook


def packs_dir() -> Path | None:
    """Return the folder of policy packs that the environment names, or None for the bundled ones."""
    named = os.environ.get("POS_POLICY_DIR")
    return Path(named) if named else None


def rulebook(confirmations: Path | None = None) -> Rulebook:
    """Return the rules of the packs, with what was confirmed beside them."""
    return confirming.apply(load_rulebook(packs_dir()), confirmations)
