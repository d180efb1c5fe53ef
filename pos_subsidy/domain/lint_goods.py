"""Controls of the piece and its price: serial numbers, places, prices, photos."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pos_subsidy.domain import model_hints
from pos_subsidy.domain.evidence import DELIVERY, SAME_PHOTO_BITS, is_in_city
from pos_subsidy.domain.identifiers import imei as imeis
from pos_subsidy.domain.identifiers import region as regions
from pos_subsidy.domain.identifiers import serial_no as serial_nos
from pos_subsidy.domain.lint_case import Limits, LintDay, PhotoUse, Seen, Sold, grouped, over
from pos_subsidy.errors import Invalid

_SCREEN = "screen_photo"
_DELIVERY_PHOTO = "delivery_photo"
_HASH_BITS = 64
_BLOCK_BITS = _HASH_BITS // (SAME_PHOTO_BITS + 1)
_BLOCK = (1 << _BLOCK_BITS) - 1
_BLOCKS_AT = tuple(range(0, _BLOCK_BITS * (SAME_PHOTO_BITS + 1), _BLOCK_BITS))


def serial_missing(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        due = one.serial_at == "till" or (one.serial_at == "delivery" and one.part(DELIVERY) is not None)
        if due and not one.serial_no and not (one.imeis and one.imei_required):
            yield Seen(one, {})


def serial_odd(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        plain = "".join(char for char in one.serial_no or "" if char.isalnum())
        if not plain:
            continue
        placeholder = plain in "01234567890123456789" or len(set(plain)) <= 2
        borrowed = one.serial_no in (one.gtin, one.order_no, *one.payment_refs)
        if len(plain) < limits["shortest"] or placeholder or borrowed:
            yield Seen(one, {"serial_no": one.serial_no})


def serial_photo_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        for photo in one.photos:
            told = photo.content.get("serial_no")
            if not told or one.serial_no is None or told in (one.serial_no, *one.imeis):
                continue
            if not (photo.part == _SCREEN and one.imeis and _is_imei(told)):
                yield Seen(one, {"part": photo.part, "found": told, "serial_no": one.serial_no})


def imei_photo_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        screen = one.part(_SCREEN)
        told = screen.content.get("serial_no") if screen else None
        if told and one.imeis and _is_imei(told) and told not in one.imeis:
            yield Seen(one, {"found": told, "imei": ", ".join(one.imeis)})


def serial_invoice_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        invoice = one.part("invoice")
        told = invoice.content.get("serial_no") if invoice else None
        if told and one.serial_no and told not in (one.serial_no, *one.imeis):
            yield Seen(one, {"found": told, "serial_no": one.serial_no})


def imei_missing(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if one.imei_required and not one.imeis and one.serial_at == "till":
            yield Seen(one, {})


def serial_twice(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    seen: dict[str, Sold] = {}
    fresh = {one.redemption_id for one in day.sales}
    for one in (sold for sold in day.near if sold.stands):
        for number in dict.fromkeys(number for number in (one.serial_no, *one.imeis) if number):
            first = seen.setdefault(number, one)
            if first is not one and one.redemption_id in fresh:
                yield Seen(one, {"number": number, "other": first.order_no})


def serial_lookalike(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    seen: dict[str, Sold] = {}
    fresh = {one.redemption_id for one in day.sales}
    for one in (sold for sold in day.near if sold.stands and sold.serial_no):
        number = str(one.serial_no)
        first = seen.setdefault(serial_nos.lookalike(number), one)
        if first.serial_no != number and one.redemption_id in fresh:
            yield Seen(one, {"number": number, "known": first.serial_no, "other": first.order_no})


def region_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        for part in one.given:
            told = part.content.get("region")
            if told and not is_in_city(told, day.shop_region):
                yield Seen(one, {"part": part.part, "found": told, "shop_region": day.shop_region})


def region_parts_differ(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    """The photo of a delivery is taken where the note says it went."""
    for one in _standing(day):
        note, photo = one.part(DELIVERY), one.part(_DELIVERY_PHOTO)
        told = note.content.get("region") if note else None
        seen = photo.content.get("region") if photo else None
        if told and seen and not regions.is_in(seen, told) and not regions.is_in(told, seen):
            yield Seen(one, {"found": seen, "told": told})


def price_over_filed(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if one.filed and one.price_fen > one.filed.filed_price_fen:
            yield Seen(one, {"price_fen": one.price_fen, "filed_fen": one.filed.filed_price_fen})


def price_over_mean(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        mean_fen = one.filed.mean_price_30d_fen if one.filed else None
        if mean_fen and over(one.price_fen, mean_fen, limits["percent"]):
            yield Seen(one, {"price_fen": one.price_fen, "mean_fen": mean_fen})


def filed_over_mean(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        mean_fen = one.filed.mean_price_30d_fen if one.filed else None
        if one.filed is None or not mean_fen or over(one.price_fen, mean_fen, limits["percent"]):
            continue
        if over(one.filed.filed_price_fen, mean_fen, limits["percent"]):
            yield Seen(one, {"filed_fen": one.filed.filed_price_fen, "mean_fen": mean_fen})


def price_raised(day: LintDay, limits: Limits) -> Iterator[Seen]:
    """The same goods were cheaper just before, as often as it takes to be a price."""
    before = grouped((one for one in day.since(limits["days"]) if one.sold_on < day.on), lambda one: one.gtin)
    usual = {gtin: max(one.price_fen for one in sales) for gtin, sales in before.items()}
    for one in _standing(day):
        known = before.get(one.gtin, [])
        if len(known) >= limits["least"] and over(one.price_fen, usual[one.gtin], limits["percent"]):
            yield Seen(one, {"price_fen": one.price_fen, "before_fen": usual[one.gtin], "count": len(known)})


def filing_raised(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        first = one.sold_on - timedelta(limits["days"])
        filings = [filing for filing in day.filings.get(one.gtin or "", ()) if filing.filed_on <= one.sold_on]
        for old, new in zip(filings, filings[1:], strict=False):
            if new.filed_on >= first and over(new.price_fen, old.price_fen, limits["percent"]):
                told = {"before_fen": old.price_fen, "filed_fen": new.price_fen}
                yield Seen(one, {**told, "filed_on": new.filed_on.isoformat()})


def model_contradicts(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        hinted = model_hints.category_of(one.filed.model) if one.filed else None
        if one.filed and hinted and hinted != one.category:
            yield Seen(one, {"model": one.filed.model, "category": one.category, "hinted": hinted})


def category_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if one.filed and one.filed.category != one.category:
            told = {"category": one.category, "filed_category": one.filed.category}
            yield Seen(one, {"gtin": one.gtin, **told})


def rating_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        filed = one.filed.energy_rating if one.filed else None
        if filed and one.energy_rating and filed != one.energy_rating:
            yield Seen(one, {"rating": one.energy_rating, "filed_rating": filed})


def not_filed(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        if one.catalogue_required and one.filed is None:
            yield Seen(one, {"gtin": one.gtin})


def photo_reused(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    uses: dict[str, list[tuple[str, str]]] = {}
    for use in day.photos:
        uses.setdefault(use.sha256, []).append((use.redemption_id, use.order_no))
    for one in _standing(day):
        parts = [photo.content["sha256"] for photo in one.photos]
        for photo in one.photos:
            sha256 = photo.content["sha256"]
            for redemption_id, order_no in dict.fromkeys(uses.get(sha256, ())):
                if redemption_id != one.redemption_id:
                    yield Seen(one, {"part": photo.part, "other": order_no})
            if parts.count(sha256) > 1 and photo is not one.photos[parts.index(sha256)]:
                yield Seen(one, {"part": photo.part, "other": one.order_no})


def photo_alike(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    own = [
        (one, photo, int(photo.content["dhash"], 16))
        for one in _standing(day)
        for photo in one.photos
        if photo.content.get("dhash")
    ]
    others = _alike([bits for _one, _photo, bits in own], day.photos)
    for place, (one, photo, _bits) in enumerate(own):
        alike = [
            use.order_no
            for use in others.get(place, ())
            if use.redemption_id != one.redemption_id and use.sha256 != photo.content["sha256"]
        ]
        for order_no in dict.fromkeys(alike):
            yield Seen(one, {"part": photo.part, "other": order_no})


def _alike(own: Sequence[int], photos: Sequence[PhotoUse]) -> dict[int, list[PhotoUse]]:
    """Return, by place among one's own hashes, the photos that look the same.

    Hashes that differ in few bits are equal in at least one of that many blocks and one more,
    so only photos that share a block are compared: a shop keeps a hundred thousand of them.
    """
    by_block: dict[tuple[int, int], list[int]] = {}
    for place, bits in enumerate(own):
        for key in _blocks(bits):
            by_block.setdefault(key, []).append(place)
    found: dict[int, list[PhotoUse]] = {}
    for use in photos:
        if not use.dhash:
            continue
        bits = int(use.dhash, 16)
        for place in {place for key in _blocks(bits) for place in by_block.get(key, ())}:
            if (bits ^ own[place]).bit_count() <= SAME_PHOTO_BITS:
                found.setdefault(place, []).append(use)
    return found


def _blocks(bits: int) -> list[tuple[int, int]]:
    return [(at, bits >> at & _BLOCK) for at in _BLOCKS_AT]


def photo_too_early(day: LintDay, limits: Limits) -> Iterator[Seen]:
    for one in _standing(day):
        for photo in one.photos:
            written = photo.content.get("taken_at")
            taken = _local(written, one) if written else None
            if taken and taken < one.held_at - timedelta(hours=limits["hours"]):
                yield Seen(one, {"part": photo.part, "taken_at": taken.isoformat(timespec="minutes")})


def _local(written: str, sold: Sold) -> datetime | None:
    try:
        taken = datetime.fromisoformat(written)
    except ValueError:
        return None
    zone = sold.held_at.tzinfo
    return taken.astimezone(zone) if taken.tzinfo else taken.replace(tzinfo=zone)


def _standing(day: LintDay) -> Iterator[Sold]:
    return (one for one in day.sales if one.stands)


def _is_imei(told: str) -> bool:
    try:
        imeis.validate(told)
    except Invalid:
        return False
    return True
