"""Where the pages stand in the header. A place that is not built, or not for this role, is not shown."""

from dataclasses import dataclass

from flask import current_app, request

from pos_subsidy.hub.web.auth import may_use


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the navigation: its page, the phrase that names it, the blueprints it stands for."""

    endpoint: str
    phrase: str

    @property
    def is_here(self) -> bool:
        """Tell whether the page shown belongs to it."""
        return request.blueprint == self.endpoint.split(".")[0]


_PLACES = (
    Place("dashboard.show", "nav.dashboard"),
    Place("merchants.listing", "nav.merchants"),
    Place("claims.search", "nav.claims"),
    Place("conflicts.listing", "nav.conflicts"),
    Place("review.queue", "nav.review"),
    Place("appeals.listing", "nav.appeals"),
    Place("settlement.runs", "nav.settlement"),
    Place("pools.listing", "nav.pools"),
    Place("signals.listing", "nav.signals"),
    Place("packs.listing", "nav.packs"),
    Place("catalogue.listing", "nav.catalogue"),
    Place("blocklist.listing", "nav.blocklist"),
    Place("log.show", "nav.log"),
    Place("staff.listing", "nav.staff"),
)


def places() -> list[Place]:
    """Return what the person in front of the page may go to."""
    built = current_app.view_functions
    return [one for one in _PLACES if one.endpoint in built and may_use(one.endpoint)]
