"""What is asked of the rules, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_subsidy.domain.product import Product


@dataclass(frozen=True, slots=True)
class Item:
    """One piece for sale. ``price_fen`` is the final tax-included price before the subsidy.

    Source: "final sale price after every discount, before the subsidy" (policy of 2025 and 2026).
    """

    category: str
    price_fen: int
    energy_rating: int | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    filed: Product | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, or what to look out for. ``clause`` is empty until the rules have cited it."""

    code: str
    params: Mapping[str, Any]
    clause: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum, and the clause it rests on."""

    code: str
    params: Mapping[str, Any]
    clause: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The decision. Amounts are fen; with refusals nothing is granted."""

    price_fen: int
    subsidy_fen: int
    programme: str | None
    policy_version: str | None
    steps: tuple[Step, ...] = ()
    refusals: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    paid_afterwards: bool = False  # after a claim: the till deducts nothing

    @property
    def eligible(self) -> bool:
        return not self.refusals

    @property
    def payable_fen(self) -> int:
        """Return what is paid at the till."""
        return self.price_fen if self.paid_afterwards else self.price_fen - self.subsidy_fen
