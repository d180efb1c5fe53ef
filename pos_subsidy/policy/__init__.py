"""Reads the packs: dated, cited rules as data."""

from pos_subsidy.policy.loading import load_rulebook
from pos_subsidy.policy.pack_files import PACKS_DIR

__all__ = ["PACKS_DIR", "load_rulebook"]
