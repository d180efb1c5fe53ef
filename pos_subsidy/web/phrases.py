"""Every phrase of the pages: key -> Chinese, English. Sentences of codes stand in ``domain.words``."""

from collections.abc import Mapping

from pos_subsidy.web import (
    phrases_after,
    phrases_appeals,
    phrases_catalogue,
    phrases_comfort,
    phrases_common,
    phrases_consumer,
    phrases_findings,
    phrases_money,
    phrases_office,
    phrases_order,
    phrases_public,
    phrases_staff,
    phrases_till,
    phrases_wallet,
)

PHRASES: Mapping[str, tuple[str, str]] = {
    **phrases_common.PHRASES,
    **phrases_comfort.PHRASES,
    **phrases_till.PHRASES,
    **phrases_after.PHRASES,
    **phrases_wallet.PHRASES,
    **phrases_office.PHRASES,
    **phrases_findings.PHRASES,
    **phrases_appeals.PHRASES,
    **phrases_catalogue.PHRASES,
    **phrases_money.PHRASES,
    **phrases_staff.PHRASES,
    **phrases_order.PHRASES,
    **phrases_public.PHRASES,
    **phrases_consumer.PHRASES,
}
