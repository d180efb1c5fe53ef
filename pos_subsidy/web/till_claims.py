"""Claims after purchase at the counter: open one, take papers in, submit, hand out the slip."""

import secrets
from datetime import date

from flask import Blueprint, g, render_template, request, url_for
from werkzeug import Response

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import words
from pos_subsidy.domain.attributes import HIDDEN, is_day, read_attributes
from pos_subsidy.domain.rules import Category, Rule
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.services import claims
from pos_subsidy.services.assessment import PersonInput
from pos_subsidy.services.claims import Given, Purchase, Story
from pos_subsidy.web import forms, qr_image, verdicts
from pos_subsidy.web.api import claim_shapes
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.privacy import must_be_private
from pos_subsidy.web.questions import Question, questions
from pos_subsidy.web.till_vouchers import ID_TYPES
from pos_subsidy.web.verdicts import Verdict

_NOT_ASKED_AGAIN = frozenset({"id_number", "csrf_token", "once"})
_YES_NO = {"yes": "true", "no": "false"}

bp = Blueprint("claims", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/till/claims")
@signed_in
def recent() -> str:
    """List the newest claims."""
    return render_template("till/claims.html", claims=claims.recent(get_db()))


@bp.get("/till/claims/new")
@signed_in
def form() -> str:
    """Ask what was bought, and by whom."""
    return _form_page(None)


@bp.post("/till/claims/new")
@signed_in
def open_claim() -> Response:
    """Pre-check and open a claim."""
    must_be_private()
    g.again = _form_page
    if not request.form.get("consent"):
        raise Invalid("consent_required")
    purchase = _purchase()
    return forms.once(
        lambda remember: claims.open_claim(
            get_db(), get_shop(), purchase, by=actor(), now=now(), remember=remember
        ),
        then=lambda story: url_for("claims.show", claim_id=story.claim.claim_id),
    )


@bp.get("/till/claims/<claim_id>")
@signed_in
def show(claim_id: str) -> str:
    """Show a claim: what is missing, and where it stands."""
    return _claim_page(claims.show(get_db(), get_shop(), claim_id), None)


@bp.get("/till/claims/<claim_id>/slip.svg")
@signed_in
def slip(claim_id: str) -> Response:
    """Draw the address of the customer's slip."""
    return qr_image.svg(claim_shapes.slip_url(claims.show(get_db(), get_shop(), claim_id)), "screen")


@bp.post("/till/claims/<claim_id>/papers")
@signed_in
def put_papers(claim_id: str) -> Response:
    """Take papers in, with what they show."""
    story = claims.show(get_db(), get_shop(), claim_id)
    g.again = lambda verdict: _claim_page(story, verdict)
    given = [_given(one.paper.code) for one in story.papers if request.form.get(f"got_{one.paper.code}")]
    attributes = _answers(_facts(story))
    return forms.once(
        lambda remember: claims.put_papers(
            get_db(), get_shop(), claim_id, given, attributes, by=actor(), now=now(), remember=remember
        ),
        then=lambda changed: url_for("claims.show", claim_id=changed.claim.claim_id),
    )


@bp.post("/till/claims/<claim_id>/submit")
@signed_in
def submit(claim_id: str) -> Response:
    """Submit a claim."""
    g.again = lambda verdict: _claim_page(claims.show(get_db(), get_shop(), claim_id), verdict)
    return forms.once(
        lambda remember: claims.submit(
            get_db(), get_shop(), claim_id, by=actor(), now=now(), remember=remember
        ),
        then=lambda changed: url_for("claims.show", claim_id=changed.claim.claim_id),
    )


@bp.post("/till/claims/<claim_id>/withdraw")
@signed_in
def withdraw(claim_id: str) -> Response:
    """Take a claim back: the purchase was undone."""
    g.again = lambda verdict: _claim_page(claims.show(get_db(), get_shop(), claim_id), verdict)
    reason = forms.text("reason") or "withdrawn_at_till"
    return forms.once(
        lambda remember: claims.withdraw(
            get_db(), get_shop(), claim_id, reason=reason, by=actor(), now=now(), remember=remember
        ),
        then=lambda changed: url_for("claims.show", claim_id=changed.claim.claim_id),
    )


def _purchase() -> Purchase:
    category = forms.field("category", longest=64)
    sold_on = forms.day(forms.field("sold_on", longest=10)) or get_shop().today(now())
    rule = get_shop().rulebook.rule_in_force(category, sold_on)
    return Purchase(
        category=category,
        price_fen=forms.amount_fen(request.form.get("price", "")),
        person=PersonInput(
            id_type=forms.field("id_type", longest=40),
            id_number=forms.field("id_number", longest=40).upper(),
            name=forms.text("name", longest=60),
            phone=forms.field("phone", longest=30),
        ),
        attributes=_answers([one for one in questions(rule) if one.decides] if rule else []),
        sold_on=sold_on,
        order_no=forms.field("order_no", longest=64),
    )


def _answers(asked: list[Question]) -> dict[str, object]:
    told = {one.name: forms.field(one.name, longest=64) for one in asked}
    return read_attributes(
        {
            one.name: _YES_NO.get(told[one.name], told[one.name]) if one.kind == "yes_no" else told[one.name]
            for one in asked
            if told[one.name]
        }
    )


def _given(code: str) -> Given:
    amount = forms.field(f"amount_{code}")
    return Given(
        code,
        forms.field(f"number_{code}", longest=64),
        forms.day(forms.field(f"day_{code}", longest=10)),
        forms.amount_fen(amount) if amount else None,
    )


def _facts(story: Story) -> list[Question]:
    """Return what the claim's papers show and the till asks for."""
    on = date.fromisoformat(story.claim.sold_on)
    rule = get_shop().rulebook.rule_in_force(story.claim.category, on)
    known = {one.name: one for one in questions(rule)} if rule else {}
    for name in story.terms.once:
        known.setdefault(name, Question(name, *words.term(name), "text", (), decides=True))
    for name in (name for one in story.papers for name in one.paper.wants):
        kind = "date" if is_day(name) else "text"
        known.setdefault(name, Question(name, *words.term(name), kind, (), decides=False))
    shown = dict.fromkeys(name for one in story.papers for name in one.paper.proves)
    return [known[name] for name in shown if name in known]


def _classes(on: date) -> list[tuple[Category, Rule]]:
    """Return the classes that are claimed after purchase, by the rules of a day."""
    book = get_shop().rulebook
    found = [(one, book.rule_in_force(one.code, on)) for one in book.categories.values()]
    return [(one, rule) for one, rule in found if rule is not None and rule.terms.claimed == "afterwards"]


def _why_not(code: str, on: date) -> Verdict:
    """Return why a class cannot be claimed for: a link may name any."""
    book = get_shop().rulebook
    category = book.category(code)
    rule = book.rule_in_force(code, on)
    if rule is not None:
        return verdicts.refusal([Reason("claimed_at_till", category.named, rule.source.cited)])
    return verdicts.refusal([Reason("no_programme", {**category.named, "day": on.isoformat()}, "")])


def _form_page(verdict: Verdict | None) -> str:
    today = get_shop().today(now())
    typed = {
        **request.args,
        **{k: v for k, v in request.form.items() if k not in ("id_number", "csrf_token")},
    }
    try:
        on = forms.day(typed.get("sold_on", "")) or today
    except Invalid:
        on = today
    classes = _classes(on)
    asked = typed.get("category", "")
    rule = next((rule for one, rule in classes if one.code == asked), None)
    return render_template(
        "till/claim_new.html",
        verdict=verdict or (_why_not(asked, on) if asked and rule is None else None),
        classes=[one for one, _ in classes],
        rule=rule,
        questions=[one for one in questions(rule) if one.decides] if rule else [],
        id_types=ID_TYPES,
        typed=typed,
        on=on,
        once=secrets.token_urlsafe(16),
    )


def _shown(story: Story) -> dict[str, object]:
    """Return what papers show, as kept and as just typed; never the fingerprint of a flat's number."""
    kept = {name: value for name, value in story.claim.attributes.items() if name not in HIDDEN}
    return {**kept, **{name: value for name, value in request.form.items() if value}}


def _claim_page(story: Story, verdict: Verdict | None) -> str:
    return render_template(
        "till/claim.html",
        story=story,
        verdict=verdict,
        facts=_facts(story),
        # As typed where it is shown again: what was refused is mended, not typed anew.
        typed=_shown(story),
        hidden=[name for name in HIDDEN if name in story.claim.attributes],
        retyped=request.form,
        complete=all(one.is_complete for one in story.papers),
        link=story.link,
        once=secrets.token_urlsafe(16),
    )
