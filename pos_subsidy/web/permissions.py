"""Who may use which route: one table. What stands in no line of it is refused to everybody."""

from collections.abc import Mapping

CASHIER, LEAD, FINANCE, IT, MANAGER = "cashier", "lead", "finance", "it", "manager"
ROLES = (CASHIER, LEAD, FINANCE, IT, MANAGER)

Who = frozenset[str]
# Not for people who sign in: for everybody, for whoever holds a link, or for holders of an API key.
PUBLIC: Who = frozenset({"public"})
KEY: Who = frozenset({"key"})

_ALL: Who = frozenset(ROLES)
_TILL: Who = frozenset({CASHIER, LEAD, MANAGER})
_LOOK: Who = _TILL | {FINANCE}
_DAY: Who = frozenset({LEAD, FINANCE, MANAGER})
_LEAD: Who = frozenset({LEAD, MANAGER})
_FINANCE: Who = frozenset({FINANCE, MANAGER})
_IT: Who = frozenset({IT, MANAGER})


def _lines() -> Mapping[Who, str]:
    return {
        PUBLIC: """
            static assets.static installing.manifest installing.unreachable installing.worker
            auth.sign_in auth.sign_out locking.lock locking.unlock
            operations.describe operations.healthz operations.metrics operations.readyz training.move
            api_openapi.describe api_vouchers.assess api_vouchers.qr_png api_vouchers.qr_svg
            public.ask public.authority public.claim public.claim_qr public.rules public.trust
            apply.form apply.issue apply.picture
            wallet.qr wallet.rights wallet.show wallet.state
            own.ask own.ask_by_claim own.claim_data own.data own.vouchers
            evidence.by_phone evidence.put_by_phone""",
        KEY: """
            api_appeals.make api_appeals.show
            api_city.sync api_city.what_became_of
            api_claims.open_claim api_claims.put_papers api_claims.show api_claims.slip
            api_claims.submit api_claims.withdraw
            api_days.close api_days.look_through api_days.reconcile api_days.show
            api_evidence.file api_evidence.put api_evidence.show
            api_holds.redeem api_holds.release api_holds.show api_holds.take
            api_redemptions.bind_serial api_redemptions.exchange api_redemptions.piece
            api_redemptions.reverse api_redemptions.show api_redemptions.sold_on
            api_vouchers.issue api_vouchers.rights api_vouchers.show api_vouchers.void""",
        _ALL: "auth.home locking.pin_form locking.set_pin",
        _TILL: """
            till.again till.read_picture till.redeem till.release till.sale till.scanned till.show_hold
            orders.change orders.hold_all orders.redeem_all orders.show
            vouchers.form vouchers.issue vouchers.issue_anew vouchers.link vouchers.rights
            vouchers.show vouchers.token vouchers.use vouchers.void
            after.exchange after.exchange_form after.foresee after.reverse
            claims.form claims.open_claim claims.put_papers claims.submit claims.withdraw
            apply.poster apply.poster_qr papers.print_receipt papers.print_shift papers.shift""",
        _LOOK: "till.receipt after.find after.today claims.recent claims.show claims.slip",
        _DAY: """
            office.today office.show office.reconcile office.remember_mapping office.refund_again exports.day
            evidence.worklist evidence.show evidence.file exports.worklist money.show
            appeals.listing appeals.show appeals.make
            days.calendar days.send findings.show catalogue.show""",
        _LEAD: """
            office.close office.privacy office.carry_out evidence.put evidence.phone evidence.postpone
            days.reopen findings.explain
            catalogue.hand_in catalogue.preview catalogue.accept catalogue.undo""",
        _FINANCE: "exports.outstanding days.decide days.confirm",
        _IT: """
            staff.show staff.add staff.change staff.make_key staff.revoke_key""",
        frozenset({LEAD, FINANCE, IT, MANAGER}): "staff.log",
    }


TABLE: Mapping[str, Who] = {
    endpoint: who for who, endpoints in _lines().items() for endpoint in endpoints.split()
}
_HOME = {FINANCE: "money.show", IT: "staff.show", LEAD: "office.today", MANAGER: "office.today"}


def may(role: str, endpoint: str) -> bool:
    """Say whether the table lets a role use a route."""
    return role in TABLE.get(endpoint, frozenset())


def home_endpoint(role: str) -> str:
    """Return where a role's own work is."""
    return _HOME.get(role, "till.sale")
