"""Every phrase of the city's pages: key -> Chinese, English. Sentences of codes stand in ``domain.words``."""

from collections.abc import Mapping

from pos_subsidy.hub.web import phrases_common

PHRASES: Mapping[str, tuple[str, str]] = {
    **phrases_common.PHRASES,
}
