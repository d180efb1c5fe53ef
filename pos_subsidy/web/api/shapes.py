"""What the API answers, as plain JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from pos_subsidy.context import get_shop, now, till
from pos_subsidy.domain import explanation, moments, qr_token, words
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.qr_token import Claims
from pos_subsidy.services.city_sync import Synced
from pos_subsidy.services.day_close import Batch, Day
from pos_subsidy.services.findings import Told
from pos_subsidy.services.issuance import Issued
from pos_subsidy.services.looking_up import Event, Hold, Line, PieceUse, Redemption, Voucher
from pos_subsidy.services.reconciliation import Difference, Match, Outcome
from pos_subsidy.services.reversal import Reversal
from pos_subsidy.services.rights import Right

WALLET_TOKEN_SECONDS = 120
_GRADES = {1: "一级", 2: "二级", 3: "三级", 4: "四级", 5: "五级"}


def token(voucher: Voucher, *, seconds: int | None = None) -> str:
    """Return a signed token: good as long as the voucher, or for some seconds only."""
    end = moments.moment(voucher.valid_until)
    begin = moments.moment(voucher.issued_at)
    if seconds is not None:
        begin = now()
        end = min(end, begin + timedelta(seconds=seconds))
    claims = Claims(get_shop().outlet_id, voucher.code, voucher.category, voucher.kind, begin, end)
    return qr_token.make(claims, get_shop().keyring)


def issued(result: Issued) -> dict[str, Any]:
    return {
        **voucher(result.voucher),
        "token": token(result.voucher),
        "wallet_url": f"{till().public_url}/wallet/{result.wallet_link}",
        "quote": explanation.assessment_json(result.quote) if result.quote else None,
    }


def right(found: Right) -> dict[str, Any]:
    """What a person may still have of classes that share their units."""
    return {
        "categories": [one.code for one in found.categories],
        "programme": found.programme,
        "scheme": found.told,
        "state": found.state,
        "first_day": found.first_day.isoformat(),
        "last_day": found.last_day.isoformat(),
        "units_used": found.units_used,
        "units_max": found.units_max,
        "units_left": found.units_left,
        "granted_fen": found.granted_fen,
        "person_cap_fen": found.person_cap_fen,
        "left_fen": found.left_fen,
        "open_vouchers": list(found.open_vouchers),
        "clause": found.clause,
    }


def voucher(found: Voucher) -> dict[str, Any]:
    return {
        "code": found.code,
        "category": found.category,
        "kind": found.kind,
        "status": "expired" if found.is_over(now()) else found.status,
        "programme": found.programme,
        "policy_version": found.policy_version,
        "gtin": found.gtin,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "issued_at": found.issued_at,
        "valid_until": found.valid_until,
        "resolved_at": found.resolved_at,
        "resolution": json.loads(found.resolution) if found.resolution else None,
        "replaced_by": found.replaced_by,
    }


def event(found: Event) -> dict[str, Any]:
    return {
        "at": found.at,
        "what": found.what,
        "till": found.till,
        "cashier": found.cashier,
        "reference": found.reference,
    }


def hold(found: Hold) -> dict[str, Any]:
    return {
        "hold_id": found.hold_id,
        "status": found.status,
        "voucher": found.voucher,
        "category": found.category,
        "gtin": found.gtin,
        "serial_no": found.serial_no,
        "imei1": found.imei1,
        "imei2": found.imei2,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "payable_fen": found.payable_fen,
        "order_no": found.order_no,
        "business_date": found.business_date,
        "held_at": found.held_at,
        "expires_at": found.expires_at,
        "resolved_at": found.resolved_at,
        "authorisation": found.authorisation,
        "programme": found.programme,
        "policy_version": found.policy_version,
        "clause": found.clause,
        "steps": json.loads(found.steps),
        "till": found.till,
        "cashier": found.cashier,
    }


def redemption(found: Redemption) -> dict[str, Any]:
    return {
        "redemption_id": found.redemption_id,
        "status": found.status,
        "hold_id": found.hold_id,
        "voucher": found.voucher,
        "order_no": found.order_no,
        "category": found.category,
        "programme": found.programme,
        "policy_version": found.policy_version,
        "clause": found.clause,
        "gtin": found.gtin,
        "energy_rating": found.energy_rating,
        "serial_no": found.serial_no,
        "imei1": found.imei1,
        "imei2": found.imei2,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "payable_fen": found.payable_fen,
        "net_price_fen": found.net_price_fen,
        "net_subsidy_fen": found.net_subsidy_fen,
        "net_payable_fen": found.net_payable_fen,
        "business_date": found.business_date,
        "redeemed_at": found.redeemed_at,
        "late": bool(found.late),
        "standing": found.standing,
        "authorisation": found.authorisation,
        "payments": [
            {"channel": one.channel, "payment_ref": one.payment_ref, "amount_fen": one.amount_fen}
            for one in found.payments
        ],
        "lines": [line(one) for one in found.lines],
        "refunds": [
            {
                "reversal_id": one.reversal_id,
                "amount_fen": one.amount_fen,
                "state": one.state,
                "attempts": one.attempts,
            }
            for one in found.refunds
        ],
        "steps": list(found.steps),
        "verdict": found.verdict,
        "verdict_code": found.verdict_code,
        "verdict_context": json.loads(found.verdict_params) if found.verdict_params else None,
        "invoice_remark": invoice_remark(found),
        "till": found.till,
        "cashier": found.cashier,
    }


def line(found: Line) -> dict[str, Any]:
    return {
        "line_id": found.line_id,
        "kind": found.kind,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "payable_fen": found.payable_fen,
        "reason": found.reason,
        "credit_note_no": found.credit_note_no,
        "at": found.at,
        "business_date": found.business_date,
        **found.detail,
    }


def reversal(result: Reversal) -> dict[str, Any]:
    """The redemption, and what became of money, claim and right."""
    return {
        **redemption(result.redemption),
        "reversal_id": result.line.line_id,
        "refund_fen": -result.line.payable_fen,
        "owed_fen": -result.line.subsidy_fen,
        "right": result.line.detail["right"],
        "piece": result.line.detail["piece"],
    }


def invoice_remark(found: Redemption) -> str:
    """Return the remark the invoice must carry: order, subsidy, grade, 国补."""
    grade = _GRADES.get(found.energy_rating or 0)
    parts = ["国补", f"订单号{found.order_no}", f"政府补贴{yuan(found.net_subsidy_fen)}元"]
    return " ".join([*parts, *([f"{grade}能效"] if grade else [])])


def piece_use(found: PieceUse) -> dict[str, Any]:
    return {
        "space": found.space,
        "state": found.state,
        "hold_id": found.hold_id,
        "redemption_id": found.redemption_id,
        "redemption_status": found.status,
        "order_no": found.order_no,
        "category": found.category,
        "business_date": found.business_date,
        "held_at": found.held_at,
        "redeemed_at": found.redeemed_at,
        "till": found.till,
    }


def batch(found: Batch) -> dict[str, Any]:
    return {
        "batch_id": found.batch_id,
        "business_date": found.business_date,
        "first_seq": found.first_seq,
        "last_seq": found.last_seq,
        "line_count": found.line_count,
        "price_fen": found.price_fen,
        "subsidy_fen": found.subsidy_fen,
        "payable_fen": found.payable_fen,
        "lines_hash": found.lines_hash,
        "closed_at": found.closed_at,
    }


def findings(found: Iterable[Told]) -> list[dict[str, Any]]:
    return [
        explanation.finding_json(one.finding, reason=one.explained.reason if one.explained else None)
        for one in found
    ]


def day(found: Day) -> dict[str, Any]:
    totals = found.totals
    return {
        "business_date": found.business_date,
        "status": "closed" if found.batch else "open",
        "totals": {
            "redeemed": totals.redeemed,
            "reversed": totals.reversed,
            "price_fen": totals.price_fen,
            "subsidy_fen": totals.subsidy_fen,
            "net_price_fen": totals.net_price_fen,
            "net_subsidy_fen": totals.net_subsidy_fen,
            "net_payable_fen": totals.net_payable_fen,
        },
        "lines": [{**line(one), "redemption_id": one.redemption_id} for one in found.lines],
        "open_holds": [hold(one) for one in found.open_holds],
        "batch": batch(found.batch) if found.batch else None,
    }


def reconciliation(outcome: Outcome) -> dict[str, Any]:
    """Every difference with its reason and next step, and what agrees."""
    found = outcome.reconciliation
    told = {
        "business_date": found.business_date.isoformat(),
        "files": [{"kind": kind, "filename": name} for kind, name in outcome.files],
        "matched": found.matched,
        "unsubsidised": found.unsubsidised,
        "differences": [difference(one) for one in found.differences],
    }
    if outcome.matches is not None:
        told["classes"] = found.classes
        told["matched_orders"] = [match(one) for one in outcome.matches]
    if outcome.left_out:
        told["left_out"] = list(outcome.left_out)
    if outcome.funds:
        told["funds"] = {**asdict(outcome.funds), "agrees": outcome.funds.agrees}
    return told


def match(found: Match) -> dict[str, Any]:
    return {
        "order_no": found.order_no,
        "net_payable_fen": found.net_payable_fen,
        "message_zh": found.sentence_zh,
        "message_en": found.sentence_en,
    }


def difference(found: Difference) -> dict[str, Any]:
    spoken = words.say(f"difference_{found.kind}", found.figures)
    return {
        "order_no": found.order_no,
        "kind": found.kind,
        "source": found.source,
        "till_fen": found.till_fen,
        "other_fen": found.other_fen,
        "lines": list(found.lines),
        "message_zh": spoken.detail_zh,
        "message_en": spoken.detail_en,
        "next_step_zh": spoken.next_step_zh,
        "next_step_en": spoken.next_step_en,
    }


def sync(done: Synced) -> dict[str, Any]:
    return {
        "rows": done.rows,
        "acknowledged": done.acknowledged,
        "head": done.head,
        "complete": done.complete,
        "verdicts": done.verdicts,
        "parked": list(done.parked),
    }
