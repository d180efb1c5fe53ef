"""Issue an expired voucher anew to the same person, from what is kept of her: one act, no ID typed."""

from dataclasses import replace
from datetime import datetime

from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.domain.voucher import SELF_SERVICE
from pos_subsidy.errors import Conflict
from pos_subsidy.services import assessment, issuance
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.issuance import Application, Issued
from pos_subsidy.services.shop import By, Remember, Shop, forget
from pos_subsidy.store import journal, persons, vouchers
from pos_subsidy.store.db import TillDatabase, write_transaction


def reissue(
    db: TillDatabase, shop: Shop, code: str, *, by: By, now: datetime, remember: Remember = forget
) -> Issued:
    """End an expired voucher and issue its like, under today's rules.

    The identity sealed for the old voucher stands for the new one too.

    Raises:
        NotFound: no such voucher.
        Conflict: ``voucher_not_over``, ``reissued_already``, ``voucher_exists``, or
            ``identity_not_kept``, she must be taken in anew.
        Refused: today's policy says no; every reason is named.
    """
    with write_transaction(db):
        now = journal.settled_now(db, now)
        old = vouchers.find(db, code)
        if old.replaced_by:
            raise Conflict("reissued_already", voucher=old.replaced_by)
        if not old.is_over(now):
            raise Conflict("voucher_not_over", status=old.status)
        if persons.sealed(db, old.commitment) is None:
            raise Conflict("identity_not_kept")
        rule = shop.rulebook.rule_in_force(old.category, shop.today(now))
        told = rule.told_by(old.unit_class) if rule else {}
        price_fen = old.price_fen if old.gtin else None
        goods = Goods(price_fen or 0, old.category, old.gtin, attributes=told)
        findings: list[Reason] = []
        product = assessment.look_up(db, goods, shop.today(now), findings)
        found = issuance.examine(db, shop, goods, product, old.category, old.person_key, findings, now=now)
        if old.status == "issued":
            journal.append(db, "voucher_expired", {"voucher": code}, at=now, sign=shop.keyring.sign)
        issuance.refuse_second(db, shop, found, old.person_key, old.category, told, now=now)
        application = Application(
            category=old.category,
            person=PersonInput("", ""),
            gtin=old.gtin,
            price_fen=price_fen,
            attributes=told,
            kind=old.kind,
            replaces=code,
        )
        who = (old.person_key, old.commitment)
        if old.is_self_issued:
            # Still nobody has seen her paper: the new one wants it compared as the old one did.
            by = replace(by, till=SELF_SERVICE)
        issued = issuance.record(db, shop, application, found, old.category, who, by=by, now=now)
        remember(issued)
    return issued
