"""Reads the packs: dated, cited rules as data."""

from pos_subsidy.policy.loading import PACKS_DIR, load_rulebook

__all__ = ["PACKS_DIR", "load_rulebook"]
