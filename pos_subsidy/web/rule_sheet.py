"""The rules in force on a day as a sheet to print, in both languages side by side.

The page of the service and the command that writes a file show the same.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from pos_subsidy import bundled
from pos_subsidy.domain import words
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.rules import Category, Grant, Programme, Requirement, Rule, Rulebook, Source
from pos_subsidy.look import assets
from pos_subsidy.web.qr_image import draw_svg

_STATUS = {
    "confirmed": ("有效", "in force"),
    "provisional": ("尚未确认，不发放", "not confirmed, grants nothing"),
}
LABELS = {
    "title_zh": "生效的补贴规则",
    "title_en": "Subsidy rules in force on",
    "ask_zh": "能补多少？",
    "ask_en": "What would I get?",
    "anew_zh": "扫码看最新",
    "sources_zh": "依据",
    "sources_en": "Sources",
    "none_zh": "这一天没有生效的规则",
    "none_en": "no rule is in force on this day",
    "grades_zh": "依据的把握：A 官方文本，A- 全文转载，B 间接来源，S 本市文件。",
    "grades_en": "Confidence: A official text, A- verbatim copy, B secondary, S the city's own document.",
}
_SIGNS = {
    **{"is_true": "✓", "from": "≥", "to": "≤", "before": "<", "at_most": "≤"},
    **{"starts_with": "=", "one_of": "="},
}
_LEVELS = {"nation": "国家", "province": "省", "city": "市", "county": "县"}


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a rule with the clause it rests on."""

    zh: str
    en: str
    value: str
    clause: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A source, with a picture of its address where it has one."""

    source: Source
    picture: str


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """One rule as it is printed."""

    classes: tuple[Category, ...]
    status_zh: str
    status_en: str
    version: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeSheet:
    """One programme with the rules that are in force on the day."""

    programme: Programme
    level_zh: str
    rules: tuple[RuleSheet, ...]
    sources: tuple[Cited, ...]


def sheets(rulebook: Rulebook, on: date) -> list[ProgrammeSheet]:
    """Return what is in force on a day, programme by programme."""
    found: dict[str, list[Rule]] = {}
    for rule in rulebook.rules_in_force(on):
        found.setdefault(rule.programme.id, []).append(rule)
    return [
        ProgrammeSheet(
            rules[0].programme,
            _LEVELS[rules[0].programme.level],
            tuple(_rule(rule, rulebook) for rule in rules),
            tuple(Cited(source, picture(source.url)) for source in _sources(rules)),
        )
        for _, rules in sorted(found.items())
    ]


def page(rulebook: Rulebook, on: date, *, address: str = "") -> str:
    """Return the whole sheet as one HTML file that needs nothing beside it.

    ``address`` is where the sheet can be seen anew; its QR stands at the head.
    """
    environment = Environment(loader=FileSystemLoader(bundled("templates")), autoescape=True)
    return environment.get_template("public/rules.html").render(
        on=on,
        programmes=sheets(rulebook, on),
        address=address,
        picture=picture(address),
        labels=LABELS,
        style=Markup(f"<style>{assets.text('sheet.css')}</style>"),
    )


def _rule(rule: Rule, rulebook: Rulebook) -> RuleSheet:
    zh, en = _STATUS[rule.status]
    classes = tuple(rulebook.categories_named(rule.categories))
    return RuleSheet(classes, zh, en, rule.policy_version, tuple(_rows(rule)))


def _rows(rule: Rule) -> Iterator[Row]:
    yield Row("起止日期", "Days", f"{rule.first_day} – {rule.last_day}", rule.source.cited)
    for grant in rule.grants:
        yield from _grant(rule, grant)
    for batch in rule.batches:
        days = f"{batch.released_at:%Y-%m-%d %H:%M} – {batch.last_day}"
        value = f"{yuan(batch.minimum_fen)} → −{yuan(batch.face_fen)}; {days}; × {batch.number}"
        yield Row(f"消费券 {batch.id}", "Coupon", value, batch.source.cited)
    limits: tuple[tuple[str, str, str | None, str], ...] = (
        ("每人件数", "Units per person", str(rule.units_max) if rule.units_max else None, "units"),
        ("每人累计（元）", "Sum per person (yuan)", _yuan(rule.person_cap_fen), "person_cap"),
        ("成交价不高于（元）", "Price at most (yuan)", _yuan(rule.price_ceiling_fen), "price_ceiling"),
        ("成交价不低于（元）", "Price from (yuan)", _yuan(rule.price_minimum_fen), "price_minimum"),
    )
    for zh, en, limit, name in limits:
        if limit is not None:
            yield Row(zh, en, limit, rule.source_of(name).cited)
    for one in rule.requirements:
        yield _requirement(one)


def _grant(rule: Rule, grant: Grant) -> Iterator[Row]:
    names = [words.term(value) for value in grant.when.values()]
    ways_zh, ways_en = (" · ".join(name[place] for name in names) for place in (0, 1))
    clause = rule.source_of("rates").cited
    rates = [(f"{rating} 级", f"rating {rating}", rate) for rating, rate in sorted(grant.rates.items())]
    others = (
        ("无能效分级", "no rating system", grant.rate_unrated),
        ("其他", "otherwise", grant.rate_otherwise),
        ("补贴比例", "rate", grant.rate),
    )
    for zh, en, rate in (*rates, *others):
        if rate is not None:
            yield Row(f"{ways_zh} {zh}".strip(), f"{ways_en} {en}".strip(), _percent(rate), clause)
    for band in grant.bands:
        span = f"{yuan(band.from_fen)} – {yuan(band.below_fen) if band.below_fen else '…'}"
        yield Row(f"{ways_zh} {span}".strip(), ways_en, yuan(band.amount_fen), clause)
    if grant.cap_fen is not None:
        cap = rule.source_of("cap").cited
        yield Row(
            f"{ways_zh} 每件上限（元）".strip(), f"{ways_en} cap (yuan)".strip(), yuan(grant.cap_fen), cap
        )


def _requirement(one: Requirement) -> Row:
    zh, en = words.term(one.attribute)
    limit = "" if one.kind == "is_true" else one.limit
    if isinstance(limit, tuple):
        limit = "、".join(words.term(value)[0] for value in limit)
    when = " · ".join(words.term(value)[0] for value in one.when.values())
    value = f"{_SIGNS[one.kind]} {limit}{'…' if one.kind == 'starts_with' else ''}".strip()
    return Row(zh, en, f"{value}（{when}）" if when else value, one.source.cited)


def _sources(rules: list[Rule]) -> list[Source]:
    programme = rules[0].programme
    found = [programme.source]
    for rule in rules:
        found += [rule.source, *rule.sources.values(), *(one.source for one in rule.requirements)]
        found += [*rule.terms.sources.values(), *(batch.source for batch in rule.batches)]
    return list({source.cited: source for source in found}.values())


def picture(address: str) -> str:
    """Return an address as a QR in a data address, so that a file carries it."""
    if not address:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(draw_svg(address, "paper")).decode()


def _yuan(amount_fen: int | None) -> str | None:
    return None if amount_fen is None else yuan(amount_fen)


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:f}".rstrip("0").rstrip(".") + "%"
