"""Controls of the papers: invoice, credit note, delivery."""

from collections.abc import Iterator
from datetime import date

from pos_subsidy.domain import moments
from pos_subsidy.domain.evidence import DELIVERY, INVOICE, Given
from pos_subsidy.domain.lint_case import Limits, LintDay, Seen, Sold


def invoice_twice(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, invoice in _invoiced(day):
        number = f"{invoice.content['code']}{invoice.content['number']}"
        for other in dict.fromkeys(day.invoices.get(number, ())):
            if other != one.order_no:
                yield Seen(one, {"number": number, "other": other})


def invoice_reversed(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    """A credit note takes the invoice back: a sale that stands needs another one after it."""
    for one, invoice in _invoiced(day):
        given_at = moments.moment(invoice.given_at) if invoice.given_at else None
        after = [
            credit.number
            for credit in one.credits
            if credit.number and (given_at is None or credit.at >= given_at)
        ]
        number = f"{invoice.content['code']}{invoice.content['number']}"
        if invoice.content["total_fen"] <= 0:
            yield Seen(one, {"number": number, "credit_note": number})
        elif after:
            yield Seen(one, {"number": number, "credit_note": after[-1]})


def invoice_total_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, invoice in _invoiced(day):
        if invoice.content["total_fen"] != one.net_price_fen:
            yield Seen(one, {"invoice_fen": invoice.content["total_fen"], "price_fen": one.net_price_fen})


def invoice_buyer_differs(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, invoice in _invoiced(day):
        if invoice.content["buyer_is_claimant"] is False:
            yield Seen(one, {})


def invoice_several_items(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, invoice in _invoiced(day):
        items = invoice.content["items"]
        if items is not None and items != 1:
            yield Seen(one, {"items": items})


def invoice_too_early(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, invoice in _invoiced(day):
        if date.fromisoformat(invoice.content["issued_on"]) < one.sold_on:
            told = {"issued_on": invoice.content["issued_on"], "sold_on": one.sold_on.isoformat()}
            yield Seen(one, told)


def credit_note_missing(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    """A sale taken back whose invoice still counts as if it stood."""
    for one in day.sales:
        full = next((credit for credit in one.credits if credit.is_full), None)
        if full and not full.number and (invoice := one.part(INVOICE)):
            yield Seen(one, {"number": f"{invoice.content['code']}{invoice.content['number']}"})


def delivery_unsigned(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, note in _delivered(day):
        if not note.content["signed"]:
            yield Seen(one, {"delivered_on": note.content["delivered_on"]})


def delivery_photo_missing(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, note in _delivered(day):
        if one.serial_at == "delivery" and one.part("delivery_photo") is None:
            yield Seen(one, {"delivered_on": note.content["delivered_on"]})


def delivery_too_early(day: LintDay, _limits: Limits) -> Iterator[Seen]:
    for one, note in _delivered(day):
        if date.fromisoformat(note.content["delivered_on"]) < one.sold_on:
            told = {"delivered_on": note.content["delivered_on"], "sold_on": one.sold_on.isoformat()}
            yield Seen(one, told)


def _invoiced(day: LintDay) -> Iterator[tuple[Sold, Given]]:
    for one in day.sales:
        if one.stands and (invoice := one.part(INVOICE)):
            yield one, invoice


def _delivered(day: LintDay) -> Iterator[tuple[Sold, Given]]:
    for one in day.sales:
        if one.stands and (note := one.part(DELIVERY)):
            yield one, note
