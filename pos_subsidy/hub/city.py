"""What every act of the hub needs to know of the city it works for."""

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from pos_subsidy.domain.keys import Keyring
from pos_subsidy.domain.rules import Rulebook

ZONE = ZoneInfo("Asia/Shanghai")  # all of China keeps one time


@dataclass(frozen=True, slots=True)
class OfflineCaps:
    """How much a shop may sell between two deliveries while the city does not answer."""

    sales: int
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class City:
    """One hub: its database, keys and rules."""

    name: str
    demo: bool
    engine: Engine
    keyring: Keyring
    seal_private: bytes
    seal_public: bytes
    secret: bytes
    rulebook: Rulebook
    is_reviewed: bool = False  # people look at batches before claims are accepted
    review_percent: int = 15  # the least share of a batch that is looked at
    offline_caps: OfflineCaps | None = None  # none: the city leaves it to its shops
    packs_dir: Path | None = None  # the packs that those published at the hub change
    confirmations: Path | None = None
    pack_no: int = 0  # the newest published pack in the rulebook
    # What claims come to that are alike; a copy with other rules begins with none.
    amounts: dict[tuple[Any, ...], Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def person(self, id_type: str, id_number: str) -> str:
        """Return the city-wide key of a person: HMAC-SHA-256, hex."""
        text = f"person\x1f{id_type}\x1f{id_number}"
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()
