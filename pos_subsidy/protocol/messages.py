"""The calls between till and hub, as both sides know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt

ENROL = "/hub/v1/outlets"
HOLDS = "/hub/v1/holds"
BATCHES = "/hub/v1/batches"
VERDICTS = "/hub/v1/verdicts"
PACKS = "/hub/v1/packs"

# What an envelope may be about.
ENROLMENT, HOLD_ANSWER, RECEIPT, VERDICT_FEED = "enrolment", "hold_answer", "receipt", "verdict_feed"
PACK_FEED, PACK = "pack_feed", "policy_pack"


class Message(BaseModel):
    """Unknown fields are refused: both sides speak the same version, or say so."""

    model_config = ConfigDict(extra="forbid")


class Enrolment(Message):
    """A shop presents itself with a one-time code; the request is signed with its own key."""

    code: str = Field(min_length=1, max_length=80)
    outlet: str = Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,22}$")
    name: str = Field(min_length=1, max_length=80)
    merchant_name: str = Field(min_length=1, max_length=80)
    merchant_uscc: str = Field(max_length=18)
    region: str = Field(pattern=r"^\d{6}$")
    public_keys: list[str] = Field(min_length=1, max_length=50)  # raw Ed25519, base64


class HoldRequest(Message):
    """A till asks the city for a person's unit and a piece."""

    hold_id: str = Field(min_length=3, max_length=40)
    category: str
    unit_class: str
    programme: str
    business_date: str
    price_fen: StrictInt
    subsidy_fen: StrictInt
    gtin: str | None
    serial_no: str | None
    imei1: str | None
    imei2: str | None
    expires_at: str
    commitment: str
    sealed: str | None  # base64


@dataclass(frozen=True, slots=True)
class Verdict:
    """The city's word on one claim. ``counter`` grows with every word it says to a shop."""

    counter: int
    redemption_id: str
    verdict: str
    code: str | None
    params: dict[str, Any]
    judged_at: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub has stored every entry up to ``last_seq``; what it thinks of the claims among them."""

    outlet: str
    last_seq: int
    head_hash: str
    parked: Sequence[dict[str, Any]]
    verdicts: Sequence[Verdict]
    signed: str  # the envelope as it came, to be kept as proof


@dataclass(frozen=True, slots=True)
class Feed:
    """Verdicts after a counter, oldest first; and how the shop stands with the city."""

    outlet: str
    standing: str
    counter: int
    verdicts: Sequence[Verdict]
    budget: Sequence[dict[str, Any]] = ()  # what the city says of the pools the shop draws on
    packs: int = 0  # the number of the newest published pack


@dataclass(frozen=True, slots=True)
class PackFeed:
    """Published packs after a number, in their order; the newest number there is.

    Each is an envelope of its own, as the city signed it: a shop keeps it and checks it again.
    """

    newest: int
    packs: Sequence[tuple[int, str]]
