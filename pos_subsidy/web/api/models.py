"""The bodies that the API takes. Money is whole fen, days are YYYY-MM-DD."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(told: object) -> object:
    if not isinstance(told, str) or not _DAY.fullmatch(told):
        raise ValueError("a day is YYYY-MM-DD, e.g. 2026-11-20")
    return told


Fen = Annotated[StrictInt, Field(gt=0, le=10_000_000_000)]
Text = Annotated[str, Field(min_length=1, max_length=64)]
Long = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(max_length=80)]
Rating = Annotated[StrictInt, Field(ge=1, le=5)]
Day = Annotated[date, BeforeValidator(_day)]
Region = Annotated[str, Field(pattern="^([0-9]{6})?$")]
Channel = Literal["wechat", "alipay", "unionpay", "cash", "card"]


class Body(BaseModel):
    """Unknown fields are refused: a mistyped one must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class PersonNumber(Body):
    id_type: Text
    id_number: Text
    name: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=30)] = ""


class Person(Body):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_type: Text
    id_number: Text
    phone: Annotated[str, Field(min_length=1, max_length=30)]


class AssessmentBody(Body):
    category: Text | None = None
    gtin: Number | None = None
    price_fen: Fen
    sold_on: Day | None = None
    energy_rating: Rating | None = None
    attributes: dict[str, Any] = {}
    person: PersonNumber | None = None


class RightsBody(Body):
    person: PersonNumber
    on: Day | None = None


class VoucherBody(Body):
    category: Text | None = None
    person: Person
    gtin: Number | None = None
    price_fen: Fen | None = None
    energy_rating: Rating | None = None
    attributes: dict[str, Any] = {}
    kind: Literal["screen", "paper"] = "screen"
    replaces: Text | None = None
    cashier: Text | None = None


class VoidBody(Body):
    reason: Long
    cashier: Text | None = None


class HoldBody(Body):
    voucher: Annotated[str, Field(min_length=1, max_length=2000)]
    gtin: Number | None = None
    category: Text | None = None
    serial_no: Number | None = None
    imei1: Number | None = None
    imei2: Number | None = None
    price_fen: Fen
    order_no: Text
    energy_rating: Rating | None = None
    attributes: dict[str, Any] = {}
    identity_checked: StrictBool = False
    cashier: Text | None = None


class ReleaseBody(Body):
    reason: Annotated[str, Field(max_length=200)] = ""
    cashier: Text | None = None


class PaymentBody(Body):
    channel: Channel
    payment_ref: Annotated[str, Field(max_length=64)] = ""
    amount_fen: Annotated[StrictInt, Field(ge=0)]


class RedeemBody(Body):
    paid_fen: Annotated[StrictInt, Field(ge=0)]
    channel: Channel | None = None
    payment_ref: Annotated[str, Field(max_length=64)] = ""
    payments: list[PaymentBody] | None = None
    cashier: Text | None = None


class ReverseBody(Body):
    kind: Literal["full", "partial"]
    new_price_fen: StrictInt | None = None
    reason: Long
    credit_note_no: Annotated[str, Field(max_length=64)] | None = None
    cashier: Text | None = None


class PieceBody(Body):
    serial_no: Number | None = None
    imei1: Number | None = None
    imei2: Number | None = None
    cashier: Text | None = None


class ExchangeBody(PieceBody):
    reason: Long


class ClaimBody(Body):
    category: Text
    person: Person
    price_fen: Fen
    attributes: dict[str, Any] = {}
    sold_on: Day | None = None
    order_no: Annotated[str, Field(max_length=64)] = ""
    cashier: Text | None = None


class PaperBody(Body):
    code: Text
    number: Annotated[str, Field(max_length=64)] = ""
    issued_on: Day | None = None
    amount_fen: Fen | None = None


class PapersBody(Body):
    papers: Annotated[list[PaperBody], Field(max_length=40)] = []
    attributes: dict[str, Any] = {}
    cashier: Text | None = None


class InvoiceBody(Body):
    buyer_name: Annotated[str, Field(max_length=60)] = ""
    qr: Annotated[str, Field(max_length=400)] = ""
    number: Annotated[str, Field(max_length=40)] = ""
    code: Annotated[str, Field(max_length=20)] = ""
    total_fen: Fen | None = None
    issued_on: Day | None = None
    items: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    serial_no: Number = ""


class PhotoBody(Body):
    """The picture itself, or the SHA-256 of one this shop has already."""

    kind: Literal["box", "screen", "delivery", "label", "invoice"]
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    content_base64: Annotated[str, Field(max_length=21_000_000)] | None = None
    serial_no: Number = ""
    taken_at: Annotated[str, Field(max_length=40)] = ""
    region: Region = ""


class DeliveryBody(Body):
    delivered_on: Day
    signed_by: Annotated[str, Field(max_length=60)] = ""
    region: Region = ""
    note_no: Annotated[str, Field(max_length=64)] = ""


class EvidenceBody(Body):
    invoice: InvoiceBody | None = None
    photos: Annotated[list[PhotoBody], Field(max_length=10)] = []
    delivery: DeliveryBody | None = None
    cashier: Text | None = None


class AppealFile(Body):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    content_base64: Annotated[str, Field(min_length=1, max_length=21_000_000)]


class AppealBody(Body):
    """Why the verdict is wrong, and what proves it; ``with_evidence`` adds the sale's own files."""

    words: Annotated[str, Field(min_length=1, max_length=2000)]
    files: Annotated[list[AppealFile], Field(max_length=10)] = []
    with_evidence: StrictBool = False
    cashier: Text | None = None


class EmptyBody(Body):
    cashier: Text | None = None
