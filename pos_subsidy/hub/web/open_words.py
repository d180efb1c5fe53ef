"""The words of the public page, in Chinese and English."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pos_subsidy.domain import words
from pos_subsidy.domain.rules import PACK_DEFAULT

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("以旧换新补贴：现在怎么样", "Trade-in subsidies: how things stand"),
    "as_of": ("截至 {at}（北京时间）", "As of {at} (China time)"),
    "skip": ("跳到内容", "Skip to the content"),
    "other": ("English", "中文"),
    "state.open": ("开放", "Open"),
    "state.spent": ("资金已用完", "Funds used up"),
    "state.over": ("已结束", "Over"),
    "state.not_yet": ("未开始", "Not yet open"),
    "state.unconfirmed": ("尚未确认，暂不发放", "Not confirmed, nothing is granted yet"),
    "days": ("{first} 至 {last}", "{first} to {last}"),
    "pools": ("资金还剩多少", "How much money is left"),
    "pool.where": ("地区", "Region"),
    "pool.period": ("期间", "Period"),
    "pool.left": ("剩余", "Left"),
    "pool.share": ("占比", "Share"),
    "pool.spent": ("已用完", "used up"),
    "pool.little": ("不足 1 万元", "under 10 000 yuan"),
    "pool.at_least": ("{amount} 万元以上", "{amount} yuan or more"),
    "pool.none": ("未按期间设资金池。", "The money is not metered by period."),
    "pool.why": (
        "按万元向下取整：精确到分，两次查看之间的差额就是某一个人的补贴。",
        "Rounded down to 10 000 yuan: to the fen, two looks would tell one person's amount.",
    ),
    "period.all": ("全期", "all its days"),
    "rules": ("补多少，依据哪一条", "How much, and by which clause"),
    "rule.provisional": ("尚未确认，暂不发放", "not confirmed, grants nothing yet"),
    "rule.clause": ("依据", "Clause"),
    "rule.unknown": ("面额未公布", "figures not published"),
    "rule.rating": ("{rating} 级 {rate}", "grade {rating}: {rate}"),
    "rule.unrated": ("无分级 {rate}", "no grade system: {rate}"),
    "rule.otherwise": ("其他 {rate}", "any other: {rate}"),
    "rule.all": ("{rate}", "{rate}"),
    "rule.cap": ("最多 {amount} 元", "at most {amount} yuan"),
    "rule.band": ("满 {start} 元补 {amount} 元", "from {start} yuan: {amount} yuan"),
    "rule.units": ("每人每类 {units} 件", "{units} per person and class"),
    "rule.ceiling": ("单价不超过 {amount} 元", "price up to {amount} yuan"),
    "rule.person": ("每人累计最多 {amount} 元", "at most {amount} yuan per person in all"),
    "rule.coupon": (
        "满 {minimum} 元减 {face} 元，共 {number} 张，{at} 放券，{last} 截止",
        "{face} yuan off {minimum} or more; {number} coupons, from {at} until {last}",
    ),
    "none": ("今年没有补贴项目。", "There is no programme this year."),
    "data": ("每日公开数据", "Open data, day by day"),
    "data.none": ("还没有发布。", "Nothing has been published yet."),
    "data.state": ("本页的 JSON", "This page as JSON"),
    "grades": (
        "依据的把握：A 官方文本，A- 全文转载，B 间接来源，S 本市文件。",
        "Confidence: A official text, A- verbatim copy, B secondary, S the city's own document.",
    ),
}


def say(name: str, english: bool, **params: Any) -> str:
    """Return a phrase in one language, with its figures."""
    return WORDS[name][english].format(**params)


def money(fen: int) -> str:
    """Write whole yuan with thousands, and fen where there are any.

    >>> money(150000), money(52499)
    ('1,500', '524.99')
    """
    return f"{fen // 100:,}" if fen % 100 == 0 else f"{fen / 100:,.2f}"


def left(pool: Mapping[str, Any], english: bool) -> str:
    """Return how much a pool has left, no finer than is published."""
    if pool["is_spent"]:
        return say("pool.spent", english)
    fen = pool["left_at_least_fen"]
    if fen == 0:
        return say("pool.little", english)
    return say("pool.at_least", english, amount=f"{fen // 100:,}" if english else f"{fen // 1_000_000:,}")


def clause(cited: str, english: bool) -> str:
    """Return a clause; that there is none is said in the reader's language."""
    none = ("规则包默认值，未找到官方文本", PACK_DEFAULT.cited)
    return none[english] if cited == PACK_DEFAULT.cited else cited


def figures(rule: Mapping[str, Any], english: bool) -> list[str]:
    """Return what a rule grants, one line for each way to reckon it, then its limits."""
    lines = [_grant(one, english) for one in rule["grants"]]
    for one in rule["batches"]:
        told = {"minimum": money(one["minimum_fen"]), "face": money(one["face_fen"])}
        at = words.local(one["released_at"])
        lines.append(
            say("rule.coupon", english, **told, number=f"{one['number']:,}", at=at, last=one["last_day"])
        )
    if not lines:
        lines.append(say("rule.unknown", english))
    if rule["units_max"] is not None:
        lines.append(say("rule.units", english, units=rule["units_max"]))
    for key, name in (("price_ceiling_fen", "rule.ceiling"), ("person_cap_fen", "rule.person")):
        if rule[key] is not None:
            lines.append(say(name, english, amount=money(rule[key])))
    return lines


def _grant(one: Mapping[str, Any], english: bool) -> str:
    parts = []
    for name, rate in one["rates"].items():
        told = f"{Decimal(rate) * 100:f}".rstrip("0").rstrip(".") + " %"
        key = f"rule.{name}" if f"rule.{name}" in WORDS else "rule.rating"
        parts.append(say(key, english, rating=name, rate=told))
    for band in one["bands"]:
        told_band = {"start": money(band["from_fen"]), "amount": money(band["amount_fen"])}
        parts.append(say("rule.band", english, **told_band))
    if one["cap_fen"] is not None:
        parts.append(say("rule.cap", english, amount=money(one["cap_fen"])))
    comma, colon = (", ", ": ") if english else ("，", "：")
    ways = [words.term(str(told))[english] for told in one["when"].values()]
    return f"{comma.join(ways)}{colon if ways else ''}{comma.join(parts)}"
