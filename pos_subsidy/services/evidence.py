"""Evidence of a redemption: handed in part by part, compared with the sale, never lost."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pos_subsidy.domain import evidence as rules_of_evidence
from pos_subsidy.domain import person
from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.evidence import DECIDED, DELIVERY, INVOICE, PHOTO_PARTS, Checklist, Given, Sale
from pos_subsidy.domain.identifiers import invoice as invoices
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.rules import EvidenceTerm
from pos_subsidy.errors import Conflict, Invalid, Refused
from pos_subsidy.services import photos
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import claims, journal, persons, redemptions
from pos_subsidy.store import evidence as kept
from pos_subsidy.store.db import TillDatabase, read_transaction, write_transaction
from pos_subsidy.store.redemptions import Redemption

# What is told honestly and still lacks something is kept; the part stays open.
_STAYS_OPEN = frozenset({"delivery_not_signed"})


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as told: by its QR, by its fields, or by both. The name is compared, not kept."""

    buyer_name: str = field(default="", repr=False)
    qr: str = ""
    number: str = ""
    code: str = ""
    total_fen: int | None = None
    issued_on: date | None = None
    items: int | None = None
    serial_no: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo with its content, or the fingerprint of one that the shop has already."""

    kind: str
    content: bytes | None = field(default=None, repr=False)
    sha256: str = ""
    serial_no: str = ""
    taken_at: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered_on: date
    signed_by: str = field(default="", repr=False)
    region: str = ""
    note_no: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed in at once: any of it, in any order."""

    invoice: Invoice | None = None
    photos: Sequence[Photo] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A redemption with its checklist and everything that was ever handed in, oldest first."""

    sold: Redemption
    checklist: Checklist
    history: tuple[Given, ...] = ()


def put(
    db: TillDatabase,
    shop: Shop,
    redemption_id: str,
    handed: Handed,
    *,
    by: By,
    now: datetime,
    remember: Remember = forget,
) -> Story:
    """Hand in parts of the evidence. The same part again changes nothing; another replaces it.

    All or nothing: one wrong field and no part is kept.

    Raises:
        NotFound: ``redemption_unknown``.
        Invalid: ``evidence_empty``; a field or file is malformed.
        Conflict: ``already_reversed``; ``evidence_decided``, the city has judged what would be replaced.
        Refused: what a part says does not fit the sale; every field at fault is named.
    """
    contents, told = _photos(shop, handed.photos)
    if not told and handed.invoice is None and handed.delivery is None:
        raise Invalid("evidence_empty")
    with write_transaction(db):
        now = journal.settled_now(db, now)
        sold = redemptions.find(db, redemption_id)
        if sold.status == "reversed":
            first = next(line for line in sold.lines if line.kind == "full")
            raise Conflict("already_reversed", reversal_id=first.line_id, reversed_at=first.at)
        if handed.invoice is not None:
            told.append(Given(INVOICE, _invoice(db, shop, sold, handed.invoice)))
        if handed.delivery is not None:
            told.append(Given(DELIVERY, _delivery(handed.delivery)))
        before = {one.part: one for one in kept.counting(db, redemption_id)}
        fresh = [one for one in told if one.part not in before or before[one.part].content != one.content]
        if refusals := _against(db, shop, sold, fresh, today=shop.today(now)):
            raise Refused(refusals)
        replaced = [one.part for one in fresh if one.part in before]
        if replaced and sold.verdict in DECIDED:
            raise Conflict("evidence_decided", part=replaced[0], verdict=sold.verdict)
        if fresh:
            for content in contents:
                shop.files.put(content)
            body = {
                "redemption_id": redemption_id,
                "order_no": sold.order_no,
                "parts": [{"part": one.part, "content": dict(one.content)} for one in fresh],
                "till": by.till,
                "cashier": by.cashier,
            }
            journal.append(db, "evidence_given", body, at=now, sign=shop.keyring.sign)
        done = _story(db, shop, sold, now=now)
        if done.checklist.is_complete and redemption_id in kept.postponed(db):
            about = {"redemption_id": redemption_id, "till": by.till, "cashier": by.cashier}
            journal.append(db, "evidence_resumed", about, at=now, sign=shop.keyring.sign)
        remember(done)
    return done


def show(db: TillDatabase, shop: Shop, redemption_id: str, *, now: datetime) -> Story:
    """Return a redemption's evidence as it stands, or raise NotFound."""
    with read_transaction(db):
        return story(db, shop, redemption_id, now=now)


def story(db: TillDatabase, shop: Shop, redemption_id: str, *, now: datetime) -> Story:
    """Do the same within the caller's transaction."""
    return _story(db, shop, redemptions.find(db, redemption_id), now=now)


def worklist(db: TillDatabase, shop: Shop, *, now: datetime) -> list[Story]:
    """Return the redemptions that still lack evidence and are not judged, the first due first."""
    still_open = open_since(db, shop, 0, now=now)
    return sorted(still_open, key=lambda one: (one.checklist.next_due or date.max, one.sold.journal_seq))


def open_since(db: TillDatabase, shop: Shop, after: int, *, now: datetime) -> list[Story]:
    """Return what still lacks evidence and is not judged of the sales behind a journal entry, in order.

    Photos are not compared with those of other sales: of so many that takes minutes.
    """
    today = shop.today(now)
    with read_transaction(db):
        given = kept.all_counting(db)
        found = [
            Story(sold, _checklist(shop, sold, given.get(sold.redemption_id, []), today=today))
            for sold in redemptions.everything(db, after=after)
            if sold.verdict not in DECIDED
        ]
    return [one for one in found if not one.checklist.is_complete]


def file(db: TillDatabase, shop: Shop, redemption_id: str, part: str) -> tuple[bytes, str]:
    """Return the content and media type of a part's file, for those who may see it.

    Raises:
        NotFound: ``redemption_unknown`` or ``photo_unknown``.
    """
    with read_transaction(db):
        redemptions.find(db, redemption_id)
        found = next((one for one in kept.counting(db, redemption_id) if one.part == part), None)
    content = found.content if found else {}
    return shop.files.get(str(content.get("sha256", ""))), str(content.get("media", ""))


def _story(db: TillDatabase, shop: Shop, sold: Redemption, *, now: datetime) -> Story:
    given = kept.counting(db, sold.redemption_id)
    reused = _reused(db, sold.redemption_id, given)
    found = _checklist(shop, sold, given, today=shop.today(now), reused=reused)
    return Story(sold, found, tuple(kept.history(db, sold.redemption_id)))


def _checklist(
    shop: Shop,
    sold: Redemption,
    given: Sequence[Given],
    *,
    today: date,
    reused: dict[str, list[Reason]] | None = None,
) -> Checklist:
    terms = () if sold.status == "reversed" else _terms(shop, sold)
    return rules_of_evidence.checklist(terms, _sale(shop, sold), given, today=today, warnings=reused)


def _terms(shop: Shop, sold: Redemption) -> tuple[EvidenceTerm, ...]:
    rule = shop.rulebook.rule_in_force(sold.category, date.fromisoformat(sold.business_date))
    return rule.programme.evidence if rule else ()


def _sale(shop: Shop, sold: Redemption) -> Sale:
    return Sale(
        sold_on=date.fromisoformat(sold.business_date),
        net_price_fen=sold.net_payable_fen + sold.net_subsidy_fen,
        serial_no=sold.serial_no,
        shop_region=shop.region,
        imeis=tuple(one for one in (sold.imei1, sold.imei2) if one),
    )


def _against(
    db: TillDatabase, shop: Shop, sold: Redemption, fresh: Sequence[Given], *, today: date
) -> list[Reason]:
    terms, sale = {one.code: one for one in _terms(shop, sold)}, _sale(shop, sold)
    found: list[Reason] = []
    for one in fresh:
        found += rules_of_evidence.against(one, sale, today=today, term=terms.get(one.part))
        if one.part == INVOICE:
            found += _invoice_used(db, sold, one)
    return [one for one in found if one.code not in _STAYS_OPEN]


def _invoice_used(db: TillDatabase, sold: Redemption, given: Given) -> list[Reason]:
    number = f"{given.content['code']}{given.content['number']}"
    params = {"field": "invoice.number", "number": number}
    if order_no := kept.order_with_invoice(db, number, but=sold.redemption_id):
        return [Reason("invoice_on_other_sale", {**params, "order_no": order_no}, "")]
    if claim_id := claims.taken(db, INVOICE, number):
        return [Reason("invoice_used", {**params, "claim_id": claim_id}, "")]
    return []


def _invoice(db: TillDatabase, shop: Shop, sold: Redemption, told: Invoice) -> dict[str, Any]:
    number, code, total_fen, issued_on = told.number, told.code, told.total_fen, told.issued_on
    if told.qr:
        read = invoices.parse(told.qr.strip())
        if read is None:
            raise Invalid("invoice_invalid", cause="type", field="invoice.qr")
        total_read = read.amount_fen if read.includes_tax else None
        number = _agreed("invoice.number", read.number, number)
        code = _agreed("invoice.code", read.code, code) if read.code else code
        total_fen = _agreed("invoice.total_fen", total_read, total_fen)
        issued_on = _agreed("invoice.issued_on", read.issued_on, issued_on)
    wanted = {"number": number, "total_fen": total_fen, "issued_on": issued_on, "buyer_name": told.buyer_name}
    for name, value in wanted.items():
        if not value:
            raise Invalid("invoice_incomplete", field=f"invoice.{name}")
    assert issued_on is not None
    number, code = invoices.normalise(number, code)
    card = persons.card(db, sold.person_key)
    named = person.name_hash(told.buyer_name, secret=shop.secret)
    return {
        "number": number,
        "code": code,
        "total_fen": total_fen,
        "issued_on": issued_on.isoformat(),
        # Unknown once she had her data deleted.
        "buyer_is_claimant": named == card.name_hash if card else None,
        "items": told.items,
        **({"serial_no": serial_nos.validate(told.serial_no)} if told.serial_no else {}),
    }


def _agreed(named: str, read: Any, told: Any) -> Any:
    """Return what the QR says; where a field says something else, somebody has to look."""
    if read is None or not told or read == told:
        return told if read is None else read
    raise Invalid("invoice_qr_differs", field=named, found=str(read), asked_for=str(told))


def _delivery(told: Delivery) -> dict[str, Any]:
    return {
        "delivered_on": told.delivered_on.isoformat(),
        "signed": bool(told.signed_by.strip()),
        "region": told.region or None,
        "note_no": told.note_no or None,
    }


def _photos(shop: Shop, handed: Sequence[Photo]) -> tuple[list[bytes], list[Given]]:
    """Look at every photo, outside any transaction: a large one takes its time."""
    contents: list[bytes] = []
    told: list[Given] = []
    for one in handed:
        named, part = f"photos.{one.kind}", PHOTO_PARTS[one.kind]
        if part in [other.part for other in told]:
            raise Invalid("photo_twice", field=named)
        content = one.content
        if content is None and not one.sha256:
            raise Invalid("evidence_file_invalid", field=named, cause="file_empty")
        if content is None:
            if not shop.files.has(one.sha256):
                raise Invalid("photo_unknown", sha256=one.sha256[:64], field=named)
            content = shop.files.get(one.sha256)
        looked = photos.look(content, field=named)
        sha256 = hashlib.sha256(content).hexdigest()
        if one.sha256 and one.sha256 != sha256:
            raise Invalid("evidence_file_invalid", field=named, cause="file_damaged")
        contents.append(content)
        told.append(
            Given(
                part,
                {
                    "kind": one.kind,
                    "sha256": sha256,
                    "media": looked.media,
                    "dhash": looked.dhash,
                    "defects": list(looked.defects),
                    "serial_no": serial_nos.validate(one.serial_no) if one.serial_no else None,
                    "taken_at": one.taken_at or None,
                    "region": one.region or None,
                },
            )
        )
    return contents, told


def _reused(db: TillDatabase, redemption_id: str, given: Sequence[Given]) -> dict[str, list[Reason]]:
    """Return, by part, on which other sales a photo was used: to be looked at, never a refusal."""
    own = [one for one in given if "sha256" in one.content]
    others = kept.photos_but_of(db, redemption_id) if own else []
    found: dict[str, list[Reason]] = {}
    for one in own:
        sha256, dhash = one.content["sha256"], one.content["dhash"]
        orders = [
            other.order_no
            for other in others
            if other.sha256 == sha256
            or (dhash and other.dhash and rules_of_evidence.is_same_photo(dhash, other.dhash))
        ]
        named = f"photos.{one.content['kind']}"
        found[one.part] = [
            Reason("photo_reused", {"field": named, "order_no": order_no}, "")
            for order_no in dict.fromkeys(orders)
        ]
    return found
