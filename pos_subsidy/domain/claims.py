"""Claims after purchase (购后申领): which papers they need, and whether one may be submitted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain.decision import Reason
from pos_subsidy.domain.rules import ClaimTerms, Paper

# In what space a thing that can be claimed for once is counted, and what it is called when taken.
SPACES = {
    "vin": ("car", "car_used"),
    "old_car_vin": ("oldcar", "old_car_used"),
    "flat_no": ("flat", "flat_used"),
}


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
    missing: tuple[str, ...]  # attributes it shows that nobody has entered yet

    @property
    def is_complete(self) -> bool:
        return self.given is not None and not self.missing


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
            tuple(name for name in paper.proves if name in needed and name not in attributes),
        )
        for paper in terms.papers
        if all(attributes.get(name) == value for name, value in paper.when.items())
    ]


def against_submission(
    terms: ClaimTerms, papers: Collection[Wanted], *, price_fen: int, on: date
) -> list[Reason]:
    """Return what stands against submitting a claim on a day, beside what the rules say."""
    clause = terms.source.cited
    found = []
    if terms.apply_first_day and on < terms.apply_first_day:
        found.append(Reason("claim_too_early", {"first_day": terms.apply_first_day.isoformat()}, clause))
    if terms.apply_last_day and on > terms.apply_last_day:
        found.append(Reason("claim_too_late", {"last_day": terms.apply_last_day.isoformat()}, clause))
    for one in papers:
        if not one.is_complete:
            params = {
                "paper": one.paper.code,
                "paper_zh": one.paper.name_zh,
                "paper_en": one.paper.name_en,
                "shows_zh": one.paper.shows_zh,
                "shows_en": one.paper.shows_en,
            }
            found.append(Reason("paper_missing", params, one.paper.source.cited))
        elif one.given and one.given.amount_fen is not None and one.given.amount_fen != price_fen:
            amounts = {"invoice_fen": one.given.amount_fen, "price_fen": price_fen}
            found.append(Reason("invoice_differs", amounts, one.paper.source.cited))
    return found


def things(terms: ClaimTerms, attributes: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what a claim uses up: (space, number) of cars, old cars, flats."""
    return [(SPACES[name][0], str(attributes[name])) for name in terms.once if name in attributes]


def taken_code(space: str) -> str:
    """Return the refusal code of a thing that was claimed for before."""
    return next(code for known, code in SPACES.values() if known == space)
