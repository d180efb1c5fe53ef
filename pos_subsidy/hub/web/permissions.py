"""Who of the city's office may use which route: one table. What stands in no line is refused to everybody."""

from collections.abc import Mapping

OPERATOR, FINANCE, AUDITOR, ADMINISTRATOR = "operator", "finance", "auditor", "administrator"
REVIEWER1, REVIEWER2, REVIEWER3 = "reviewer1", "reviewer2", "reviewer3"
ROLES = (OPERATOR, REVIEWER1, REVIEWER2, REVIEWER3, FINANCE, AUDITOR, ADMINISTRATOR)

Who = frozenset[str]
# Not for people who sign in: for everybody, or for tills, which sign their requests.
PUBLIC: Who = frozenset({"public"})
TILL: Who = frozenset({"till"})

# Everybody's own account, and what everybody in the office may look at.
_ALL: Who = frozenset(ROLES)
_REVIEWERS: Who = frozenset({REVIEWER1, REVIEWER2, REVIEWER3})
_AUDIT: Who = frozenset({AUDITOR, ADMINISTRATOR})
# Whoever may ask after one person by her ID number.
_ASK: Who = _REVIEWERS | {OPERATOR, AUDITOR}


def _lines() -> Mapping[Who, str]:
    return {
        PUBLIC: """
            assets.static auth.sign_in auth.sign_out
            open.page open.state open.days open.day_json open.day_csv open.static
            hub_operations.healthz hub_operations.readyz hub_training.move""",
        TILL: """
            hub_api.enrol hub_api.hold hub_api.confirm hub_api.cancel hub_api.query
            hub_api.batch hub_api.verdicts hub_api.key_feed hub_api.new_key hub_api.appeal_file
            hub_api.evidence_file hub_api.published_packs hub_api.filing_feed hub_api.block_feed""",
        _ALL: """
            auth.home auth.password auth.set_password dashboard.show
            merchants.listing merchants.show claims.search claims.show
            conflicts.listing conflicts.of_claim conflicts.of_fork pools.listing pools.show
            packs.listing packs.proposal packs.text catalogue.listing catalogue.show""",
        _ASK: """
            claims.of_person claims.of_piece appeals.listing appeals.show signals.listing
            review.queue review.batch review.line""",
        _REVIEWERS | {AUDITOR}: "appeals.file evidence.file evidence.picture",
        _REVIEWERS: "appeals.decide review.look review.suspend evidence.ask",
        frozenset({REVIEWER2, REVIEWER3}): "review.accept review.reject review.postpone",
        frozenset({REVIEWER3}): "review.approve",
        frozenset({FINANCE, AUDITOR}): "settlement.runs settlement.run settlement.file settlement.statement",
        frozenset({FINANCE}): """
            settlement.make settlement.take_answer settlement.payee settlement.confirm_payee""",
        frozenset({FINANCE, ADMINISTRATOR}): "pools.open_pool pools.grant pools.move pools.warn",
        _AUDIT: "log.show staff.listing",
        _AUDIT | {OPERATOR}: "blocklist.listing blocklist.find",
        frozenset({OPERATOR, ADMINISTRATOR}): """
            catalogue.preview catalogue.load catalogue.change blocklist.enter blocklist.lift""",
        frozenset({ADMINISTRATOR}): """
            merchants.set_standing staff.add staff.change packs.propose packs.withdraw""",
        # Whoever proposed it is not the one who may publish it; a small office has one administrator.
        frozenset({ADMINISTRATOR, REVIEWER3}): "packs.publish",
    }


TABLE: Mapping[str, Who] = {
    endpoint: who for who, endpoints in _lines().items() for endpoint in endpoints.split()
}
# Sent as forms so that nothing personal stands in an address, or about one's own account only:
# the auditor, who changes nothing, may send these and no others.
CHANGES_NOTHING = frozenset({"auth.set_password", "claims.of_person", "claims.of_piece", "blocklist.find"})


def may(role: str, endpoint: str) -> bool:
    """Say whether the table lets a role use a route."""
    return role in TABLE.get(endpoint, frozenset())
