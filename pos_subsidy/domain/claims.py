"""Claims after purchase (购后申领): which papers they need, and whether one may be submitted."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.happened import impossible_days
from pos_subsidy.domain.rules import ClaimTerms, Paper
from pos_subsidy.errors import Invalid

INVOICE = "invoice"
# In what space a thing that can be claimed for once is counted, and what it is called when taken.
SPACES = {
    "vin": ("car", "car_used"),
    "old_car_vin": ("oldcar", "old_car_used"),
    "flat_no": ("flat", "flat_used"),
    INVOICE: (INVOICE, "invoice_used"),
}
# A fully digital invoice has 20 digits; an older one 8, with its code of 10 or 12 before them.
_INVOICE_NO = re.compile(r"\d{8}|\d{18}|\d{20}", re.ASCII)
_BETWEEN = str.maketrans("", "", " -\u3000\t")


@dataclass(frozen=True, slots=True)
class Given:
    """A paper as handed in. ``amount_fen`` is an invoice's total."""

    code: str
    number: str = ""
    issued_on: date | None = None
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper that a claim needs, and what it still lacks to be complete."""

    paper: Paper
    given: Given | None
    missing: tuple[str, ...]  # what it shows and nobody has entered yet

    @property
    def is_complete(self) -> bool:
        return self.given is not None and not self.missing


def checked(paper: Given) -> Given:
    """Return a paper with its number in the one form by which it is counted.

    Raises:
        Invalid: ``invoice_number_invalid``.
    """
    number = unicodedata.normalize("NFKC", paper.number).strip()
    if paper.code == INVOICE and number:
        number = number.translate(_BETWEEN)
        if not _INVOICE_NO.fullmatch(number):
            raise Invalid("invoice_number_invalid", digits="8 / 20", length=len(number))
    return Given(paper.code, number, paper.issued_on, paper.amount_fen)


def wanted(
    terms: ClaimTerms, attributes: Mapping[str, object], given: Collection[Given], needed: Collection[str]
) -> list[Wanted]:
    """Return the papers that apply to a claim, in the order of the pack.

    ``needed`` are the attributes that the rule asks of this very claim.
    """
    found = {one.code: one for one in given}
    return [
        Wanted(
            paper,
            found.get(paper.code),
            (
                *(
                    name
                    for name in paper.proves
                    if (name in needed or name in paper.wants) and name not in attributes
                ),
                *_unsaid(paper, found.get(paper.code)),
            ),
        )
        for paper in terms.papers
        if all(attributes.get(name) == value for name, value in paper.when.items())
    ]


def against_submission(
    terms: ClaimTerms,
    papers: Collection[Wanted],
    attributes: Mapping[str, object],
    *,
    price_fen: int,
    sold_on: date,
    on: date,
) -> list[Reason]:
    """Return what stands against submitting a claim on a day, beside what the rules say."""
    clause = terms.source.cited
    found = []
    if terms.apply_first_day and on < terms.apply_first_day:
        found.append(Reason("claim_too_early", {"first_day": terms.apply_first_day.isoformat()}, clause))
    if terms.apply_last_day and on > terms.apply_last_day:
        found.append(Reason("claim_too_late", {"last_day": terms.apply_last_day.isoformat()}, clause))
    for name in terms.once:
        if name not in attributes:
            found.append(unwritten(name, clause))
    numbers = [str(attributes[name]) for name in terms.once if name in attributes]
    if len(set(numbers)) < len(numbers):
        found.append(Reason("same_car_twice", {"number": numbers[0]}, clause))
    found += impossible_days(attributes, sold_on=sold_on, today=on)
    for one in papers:
        found += _against_paper(one, price_fen=price_fen, sold_on=sold_on)
    return found


def unwritten(attribute: str, clause: str) -> Reason:
    """Return the reason that what a paper shows was not copied from it yet."""
    return Reason("attribute_required", {"attribute": attribute, "variant": "paper"}, clause)


def things(
    terms: ClaimTerms, attributes: Mapping[str, object], papers: Collection[Given]
) -> list[tuple[str, str]]:
    """Return what a claim uses up: (space, number) of cars, old cars, flats, invoices."""
    used = [(SPACES[name][0], str(attributes[name])) for name in terms.once if name in attributes]
    return used + [(INVOICE, one.number) for one in papers if one.code == INVOICE and one.number]


def taken_code(space: str) -> str:
    """Return the refusal code of a thing that was claimed for before."""
    return next(code for known, code in SPACES.values() if known == space)


def _unsaid(paper: Paper, given: Given | None) -> Iterator[str]:
    told = {
        "number": given and given.number,
        "amount": given and given.amount_fen,
        "day": given and given.issued_on,
    }
    return (f"paper_{name}" for name in paper.asks if not told[name])


def _against_paper(one: Wanted, *, price_fen: int, sold_on: date) -> Iterator[Reason]:
    given, clause = one.given, one.paper.source.cited
    if not one.is_complete or given is None:
        params = {
            "paper": one.paper.code,
            "paper_zh": one.paper.name_zh,
            "paper_en": one.paper.name_en,
            "shows_zh": one.paper.shows_zh,
            "shows_en": one.paper.shows_en,
        }
        yield Reason("paper_missing", params, clause)
        return
    if given.amount_fen is not None and given.amount_fen != price_fen:
        yield Reason("invoice_differs", {"invoice_fen": given.amount_fen, "price_fen": price_fen}, clause)
    if given.code == INVOICE and given.issued_on is not None and given.issued_on != sold_on:
        days = {"invoice_day": given.issued_on.isoformat(), "sold_on": sold_on.isoformat()}
        yield Reason("invoice_day_differs", days, clause)
