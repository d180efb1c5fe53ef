"""Every phrase of the city's pages: key -> Chinese, English. Sentences of codes stand in ``domain.words``."""

from collections.abc import Mapping

from pos_subsidy.hub.web import (
    phrases_appeals,
    phrases_claims,
    phrases_common,
    phrases_dashboard,
    phrases_evidence,
    phrases_lists,
    phrases_office,
    phrases_pools,
    phrases_signals,
    phrases_work,
)

PHRASES: Mapping[str, tuple[str, str]] = {
    **phrases_common.PHRASES,
    **phrases_dashboard.PHRASES,
    **phrases_claims.PHRASES,
    **phrases_office.PHRASES,
    **phrases_appeals.PHRASES,
    **phrases_evidence.PHRASES,
    **phrases_signals.PHRASES,
    **phrases_pools.PHRASES,
    **phrases_work.PHRASES,
    **phrases_lists.PHRASES,
}
