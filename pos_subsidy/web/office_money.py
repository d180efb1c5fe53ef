"""The money page: what the city owes, since when, and what became of everything advanced."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, render_template

from pos_subsidy.context import get_db, get_shop, now
from pos_subsidy.domain import positions
from pos_subsidy.errors import SubsidyError
from pos_subsidy.look import charts
from pos_subsidy.look.charts import Bar
from pos_subsidy.services import appeals, money
from pos_subsidy.services.money import Money
from pos_subsidy.web import rendering, verdicts
from pos_subsidy.web.auth import signed_in
from pos_subsidy.web.language import t

_MOODS = {
    **dict.fromkeys((positions.SETTLED, positions.ACCEPTED), "yes"),
    **dict.fromkeys((positions.REJECTED, positions.CLAWED_BACK), "no"),
    positions.SUSPENDED: "doubt",
    positions.REVERSED: "plain",
}
_AGE_MOODS = ("brand", "brand", "doubt", "no")
_DAYS = 31

bp = Blueprint("money", __name__)
bp.register_error_handler(SubsidyError, verdicts.answer)


@bp.get("/office/money")
@signed_in
def show() -> str:
    """Answer each question about money with one number."""
    found = money.view(get_db(), get_shop(), now=now())
    ages = list(zip(age_names(), found.ageing_fen, strict=True))
    days = found.by_day[:_DAYS]
    made = Counter(told.state for told, _order_no in appeals.everything(get_db()))
    return render_template(
        "office/money.html",
        appeals=made,
        money=found,
        ages=ages,
        days=days,
        days_left_out=len(found.by_day) - len(days),
        states=positions.STATES,
        moods=_MOODS,
        causes=[(one, verdicts.points([one.reason])[0]) for one in found.causes],
        state_chart=charts.bars(_state_bars(found)),
        age_chart=charts.bars(
            [
                Bar(name, rendering.money(fen), fen, mood)
                for (name, fen), mood in zip(ages, _AGE_MOODS, strict=True)
            ]
        ),
        day_chart=charts.columns(
            [Bar(one.name, rendering.money(one.sums.net_fen), one.sums.net_fen) for one in reversed(days)]
        ),
    )


def age_names() -> Sequence[str]:
    """Return what the steps of the ageing are called, e.g. ``8–30 days``."""
    names, least = [], 0
    for most in positions.AGE_STEPS:
        names.append(t("money.age", least=least, most=most) if most else t("money.age_more", more=least - 1))
        least = (most or 0) + 1
    return names


def _state_bars(found: Money) -> list[Bar]:
    fen = found.sums.by_state_fen
    return [
        Bar(t(f"money.state_{state}"), rendering.money(fen[state]), fen[state], _MOODS.get(state, "brand"))
        for state in positions.STATES
        if state != positions.REVERSED
    ]
