"""What every service needs to know of the shop it works for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import Keyring
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.protocol.messages import BlockFeed, Feed, FilingFeed, KeyFeed, Receipt
from pos_subsidy.store.files import Files

# Called with the result inside the transaction, so that an answer is stored together with
# what it answers for.
Remember = Callable[[Any], None]


def forget(_result: Any) -> None:
    """Remember nothing."""


class CityLine(Protocol):
    """The line to the city's hub, as the services see it."""

    def hold(self, request: Mapping[str, Any]) -> Sequence[Reason]:
        """Ask for a hold; return the city's refusals, none if it is granted.

        Raises:
            Unavailable: no answer in time, or the line is known to be cut.
        """

    def confirm_later(self, hold_id: str) -> None:
        """Tell the city of a redemption as soon as it can hear."""

    def cancel_later(self, hold_id: str) -> None:
        """Tell the city of an ended hold as soon as it can hear."""

    def send(self, batch: bytes) -> Receipt:
        """Deliver journal rows and return the city's receipt, its signature checked."""

    def verdicts(self, after: int) -> Feed:
        """Return what the city said after a counter, its signature checked."""

    def send_appeal_file(self, appeal_id: str, sha256: str, sealed: bytes) -> None:
        """Deliver a file that an appeal names, sealed to the city."""

    def send_evidence_file(self, sha256: str, sealed: bytes) -> None:
        """Deliver a file that a row of the shop names and the city asks for, sealed to the city."""

    def take_packs(self, newest: int) -> int:
        """Fetch the published packs up to a number that are not kept yet; return how many came.

        Raises:
            Unavailable: no answer; what came before is kept, the next try goes on after it.
            Invalid: ``pack_refused``, one is not as the city signed it; it is not kept.
        """

    def filings(self, after: int) -> FilingFeed:
        """Return a page of the city's catalogue after a number, its signature checked."""

    def blocks(self, after: int) -> BlockFeed:
        """Return a page of the city's blocklist after a number, its signature checked."""

    def keys(self) -> KeyFeed:
        """Return the shop's keys as the city has them, its signature checked."""

    def budget(self, programme: str) -> Sequence[Mapping[str, Any]] | None:
        """Return what the city said of a programme's pools with its newest answer to a hold."""

    def state(self) -> Mapping[str, Any]:
        """Return ``hub`` (online or offline) and ``since``."""


@dataclass(frozen=True, slots=True)
class OfflineCaps:
    """How much a till service may sell while the city does not answer."""

    sales: int
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class Shop:
    """One outlet: its names, keys, rules and its line to the city."""

    outlet_id: str
    name: str
    merchant_name: str
    merchant_uscc: str
    region: str
    demo: bool
    zone: tzinfo
    secret: bytes
    keyring: Keyring
    seal_public: bytes
    rulebook: Rulebook
    offline_caps: OfflineCaps
    files: Files
    city: CityLine | None = None
    four_eyes_fen: int = 100_000  # a difference above this is accepted by two people
    manager_for: frozenset[str] = frozenset()  # actions that want a manager's approval

    def today(self, now: datetime) -> date:
        return moments.business_date(now, self.zone)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a till and, where known, a cashier; who approved it, where the shop wants that."""

    till: str
    cashier: str = ""
    approved_by: str = ""
