"""The calls between till and hub, as both sides know them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, field_validator

from pos_subsidy.domain.identifiers import gtin
from pos_subsidy.errors import Invalid

CALLS = "/hub/v1/"  # every address below
ENROL = "/hub/v1/outlets"
HOLDS = "/hub/v1/holds"
BATCHES = "/hub/v1/batches"
VERDICTS = "/hub/v1/verdicts"
APPEALS = "/hub/v1/appeals"
EVIDENCE = "/hub/v1/evidence"
PACKS = "/hub/v1/packs"
KEYS = "/hub/v1/keys"
FILINGS = "/hub/v1/filings"
BLOCKS = "/hub/v1/blocks"

# What an envelope may be about.
ENROLMENT, HOLD_ANSWER, RECEIPT, VERDICT_FEED = "enrolment", "hold_answer", "receipt", "verdict_feed"
KEY_FEED, PACK_FEED, PACK = "key_feed", "pack_feed", "policy_pack"
FILING_FEED, BLOCK_FEED = "filing_feed", "block_feed"
# The most a photo or paper of evidence or of an appeal may have, before it is sealed.
FILE_MAX_BYTES = 15 * 1024 * 1024


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


class NewKey(Message):
    """A shop's new key; the request is signed with the one it follows, the proof with the new one."""

    public_key: str = Field(max_length=60)  # raw Ed25519, base64
    proof: str = Field(max_length=120)  # base64
    not_before: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")  # by the shop's clock
    overlap_days: StrictInt = Field(ge=0, le=180)  # how long the old one speaks beside it


def proof_of_new_key(outlet: str, old_kid: str) -> bytes:
    """Return what a new key signs to show that the shop has it."""
    return f"pos-subsidy new key\x1f{outlet}\x1f{old_kid}".encode()


_MOST_FEN = 10**12  # what every database and sum can take


class HoldRequest(Message):
    """A till asks the city for a person's unit and a piece."""

    hold_id: str = Field(min_length=3, max_length=40)
    category: str
    unit_class: str
    programme: str
    business_date: str
    price_fen: StrictInt = Field(ge=0, le=_MOST_FEN)
    subsidy_fen: StrictInt = Field(ge=0, le=_MOST_FEN)
    gtin: str | None
    serial_no: str | None
    imei1: str | None
    imei2: str | None
    expires_at: str
    commitment: str
    sealed: str | None  # base64

    @property
    def numbers(self) -> dict[str, str | None]:
        """Return the numbers the piece is known by."""
        return {"serial_no": self.serial_no, "imei1": self.imei1, "imei2": self.imei2}

    @field_validator("gtin")
    @classmethod
    def _plain(cls, written: str | None) -> str | None:
        # Its spelling makes no other piece of it; what is no bar code at all is refused in words later.
        with suppress(Invalid):
            return gtin.validate(written) if written else written
        return written

    @field_validator("business_date")
    @classmethod
    def _is_day(cls, written: str) -> str:
        date.fromisoformat(written)
        return written

    @field_validator("expires_at")
    @classmethod
    def _is_moment(cls, written: str) -> str:
        if datetime.fromisoformat(written).tzinfo is None:
            raise ValueError("a moment without its offset")
        return written


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
class KeyFeed:
    """A shop's keys as the city has them, with their days; ``counter`` grows with every change."""

    outlet: str
    counter: int
    keys: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Feed:
    """Verdicts after a counter, oldest first; and how the shop stands with the city."""

    outlet: str
    standing: str
    counter: int
    verdicts: Sequence[Verdict]
    parked: Sequence[dict[str, Any]] = ()  # rows the city put aside for people, as they are now
    budget: Sequence[dict[str, Any]] = ()  # what the city says of the pools the shop draws on
    packs: int = 0  # the number of the newest published pack
    evidence: Sequence[str] = ()  # SHA-256 of files that the city asks for and has not got
    filings: int = 0  # the number of the newest filing in the city's catalogue
    blocks: int = 0  # the number of the newest entry in the city's blocklist


@dataclass(frozen=True, slots=True)
class PackFeed:
    """Published packs after a number, in their order; the newest number there is.

    Each is an envelope of its own, as the city signed it: a shop keeps it and checks it again.
    """

    newest: int
    packs: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class FilingFeed:
    """Filings of the city's catalogue after a number, in their order; none is left out."""

    newest: int
    filings: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BlockFeed:
    """Entries of the city's blocklist up to a number; of merchants and shops only what concerns this one."""

    newest: int
    upto: int
    blocks: Sequence[dict[str, Any]]
