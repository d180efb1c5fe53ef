"""Evidence on pages: the manager's worklist, handing parts in, and a phone's page for photos."""

import base64
import secrets
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos_subsidy.context import get_db, get_shop, now, till
from pos_subsidy.domain.evidence import DELIVERY, INVOICE, PHOTO_PARTS
from pos_subsidy.errors import Invalid, SubsidyError
from pos_subsidy.services import evidence, postponing, upload_links
from pos_subsidy.services.evidence import Delivery, Handed, Invoice, Photo, Story
from pos_subsidy.web import forms, qr_image, verdicts
from pos_subsidy.web.auth import actor, signed_in
from pos_subsidy.web.verdicts import Verdict

_TOP = 200
_MAX_ITEMS = 1000
bp = Blueprint("evidence", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/evidence")
@signed_in
def worklist() -> str:
    """List sales that lack evidence, the first due first."""
    found = evidence.worklist(get_db(), get_shop(), now=now())
    today = get_shop().today(now())
    return render_template(
        "office/evidence_list.html",
        stories=found[:_TOP],
        count=len(found),
        postponed=postponing.postponed(get_db()),
        overdue=sum(any(part.overdue for part in one.checklist.missing) for one in found),
        days_left={
            one.sold.redemption_id: (one.checklist.next_due - today).days
            for one in found
            if one.checklist.next_due
        },
    )


@bp.get("/office/evidence/<redemption_id>")
@signed_in
def show(redemption_id: str) -> str:
    """Show one sale's checklist, with a form for each part."""
    return _page(redemption_id, None)


@bp.post("/office/evidence/<redemption_id>")
@signed_in
def put(redemption_id: str) -> AnyResponse:
    """Take in what was filled in or chosen."""
    g.again = lambda verdict: _page(redemption_id, verdict)
    handed = Handed(_invoice(), _photos(), _delivery())

    def act(remember: Any) -> None:
        evidence.put(get_db(), get_shop(), redemption_id, handed, by=actor(), now=now(), remember=remember)

    return forms.once(act, then=lambda _story: url_for("evidence.show", redemption_id=redemption_id))


@bp.post("/office/evidence/<redemption_id>/postpone")
@signed_in
def postpone(redemption_id: str) -> AnyResponse:
    """Let a line wait for its papers, with a reason."""
    g.again = lambda verdict: _page(redemption_id, verdict)
    until, reason = forms.day(forms.field("until")), forms.text("reason")

    def act(remember: Any) -> None:
        about = {"reason": reason, "by": actor(), "now": now(), "remember": remember}
        postponing.postpone(get_db(), get_shop(), redemption_id, until, **about)

    return forms.once(act, then=lambda _done: url_for("evidence.show", redemption_id=redemption_id))


@bp.get("/office/evidence/<redemption_id>/<part>/file")
@signed_in
def file(redemption_id: str, part: str) -> Response:
    """Return a part's file. It is downloaded and never shown as a page of ours."""
    content, media = evidence.file(get_db(), get_shop(), redemption_id, part)
    return Response(content, content_type=media, headers={"Content-Disposition": "attachment"})


@bp.post("/office/evidence/<redemption_id>/phone")
@signed_in
def phone(redemption_id: str) -> str:
    """Show a QR that lets one phone hand in this sale's photos, for a short time."""
    g.again = lambda verdict: _page(redemption_id, verdict)
    link, ends = upload_links.make(get_db(), redemption_id, by=actor(), now=now())
    address = f"{till().public_url}{url_for('evidence.by_phone', link=link)}"
    # Drawn into the page itself: a picture with an address of its own would need the secret in it.
    drawn = base64.b64encode(qr_image.draw_svg(address, "screen")).decode()
    return _page(redemption_id, None, code=drawn, address=address, ends=ends)


@bp.get("/handin/<link>")
def by_phone(link: str) -> str:
    """Ask a phone for the photos that are missing. Says nothing of who bought what."""
    return _phone_page(link, None)


@bp.post("/handin/<link>")
def put_by_phone(link: str) -> AnyResponse:
    """Take a phone's photos in."""
    opened = upload_links.opened(get_db(), link, now=now())
    g.again = lambda verdict: _phone_page(link, verdict)
    handed = Handed(photos=_photos())

    def act(remember: Any) -> None:
        evidence.put(
            get_db(),
            get_shop(),
            opened.redemption_id,
            handed,
            by=opened.by,
            now=now(),
            remember=remember,
        )

    return forms.once(act, then=lambda _story: url_for("evidence.by_phone", link=link))


def _page(redemption_id: str, verdict: Verdict | None, **phone: str) -> str:
    story = evidence.show(get_db(), get_shop(), redemption_id, now=now())
    codes = [one.code for one in story.checklist.parts]
    return render_template(
        "office/evidence.html",
        story=story,
        verdict=verdict,
        points={one.code: verdicts.points((*one.reasons, *one.warnings)) for one in story.checklist.parts},
        kinds=_kinds(story),
        wants_delivery=DELIVERY in codes,
        wants_invoice=INVOICE in codes,
        replaced=[one for one in story.history if one.replaced_at],
        typed=request.form,
        postponed=postponing.postponed(get_db()).get(redemption_id),
        phone=phone,
        once=secrets.token_urlsafe(16),
    )


def _phone_page(link: str, verdict: Verdict | None) -> str:
    opened = upload_links.opened(get_db(), link, now=now())
    story = evidence.show(get_db(), get_shop(), opened.redemption_id, now=now())
    return render_template(
        "public/handin.html",
        link=link,
        ends=opened.expires_at,
        parts_of={one.code: one for one in story.checklist.parts},
        points={one.code: verdicts.points(one.warnings) for one in story.checklist.parts},
        kinds=_kinds(story),
        verdict=verdict,
        once=secrets.token_urlsafe(16),
    )


def _kinds(story: Story) -> dict[str, str]:
    """Return the photos that the sale needs or has: what each shows -> its part."""
    codes = [one.code for one in story.checklist.parts]
    return {kind: part for kind, part in PHOTO_PARTS.items() if part in codes}


def _photos() -> list[Photo]:
    found = []
    for kind in PHOTO_PARTS:
        chosen = request.files.get(kind)
        content = chosen.read() if chosen and chosen.filename else b""
        if content:
            found.append(Photo(kind, content, serial_no=forms.field(f"serial_{kind}", longest=80)))
    return found


def _invoice() -> Invoice | None:
    qr, number, total = (forms.field(name, longest=400) for name in ("qr", "number", "total"))
    if not (qr or number or total):
        return None
    items = forms.field("items")
    return Invoice(
        buyer_name=forms.text("buyer_name", longest=60),
        qr=qr,
        number=number,
        code=forms.field("code", longest=20),
        total_fen=forms.amount_fen(total) if total else None,
        issued_on=forms.day(forms.field("issued_on")),
        items=_count(items) if items else None,
        serial_no=forms.field("invoice_serial", longest=80),
    )


def _count(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:5]) <= _MAX_ITEMS:
        raise Invalid("body_invalid", field="invoice.items", cause=f"1-{_MAX_ITEMS}")
    return int(typed)


def _delivery() -> Delivery | None:
    on: date | None = forms.day(forms.field("delivered_on"))
    if on is None:
        return None
    return Delivery(on, forms.text("signed_by", longest=60), "", forms.field("note_no", longest=64))
