"""What the paper of a redemption and of a shift says, in both languages' order: Chinese first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pos_subsidy.domain import moments
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.receipt import Receipt
from pos_subsidy.services import day_close, looking_up
from pos_subsidy.services.shop import Shop
from pos_subsidy.store import redemptions
from pos_subsidy.store.db import TillDatabase, read_transaction
from pos_subsidy.store.redemptions import Redemption

_LINES = {"sale": "销售", "partial": "部分退货", "full": "全额退货", "exchange": "换货"}
_RIGHTS = {"consumed": "全额退货后名额不恢复", "restored": "全额退货后名额恢复"}
_CHANNELS = {"wechat": "微信", "alipay": "支付宝", "unionpay": "云闪付", "cash": "现金", "card": "银行卡"}


@dataclass(frozen=True, slots=True)
class Shift:
    """What one cashier, or the whole shop, did on a day. Amounts are fen, net of reversals."""

    cashier: str
    sales: int
    reversals: int
    price_fen: int
    subsidy_fen: int
    payable_fen: int
    by_channel: tuple[tuple[str, int], ...]  # as it was paid at the sales
    refunded_fen: int  # negative; with what the channels took it makes payable_fen


def redemption(db: TillDatabase, shop: Shop, redemption_id: str, *, address: str, remark: str) -> Receipt:
    """Return the receipt of a redemption, or raise NotFound. ``address`` goes into its QR."""
    with read_transaction(db):
        sold = redemptions.find(db, redemption_id)
        product = looking_up.product_sold(db, sold.gtin, sold.business_date)
        person = looking_up.person_of(db, sold.person_key)
    goods = (
        shop.rulebook.categories[sold.category].name_zh if sold.category in shop.rulebook.categories else ""
    )
    facts = [
        ("核销号", sold.redemption_id),
        ("时间", _local(sold.redeemed_at, shop)),
        ("订单号", sold.order_no),
        ("商品", f"{goods} {product.brand} {product.model}" if product else goods),
        ("序列号", sold.serial_no or "交付时登记"),
        *([("IMEI", sold.imei1)] if sold.imei1 else []),
        ("券号", sold.voucher),
        *([("消费者", f"{person.masked_name} 尾号{person.id_last4}")] if person else []),
    ]
    sums = [
        one
        for line in sold.lines
        if line.kind != "exchange"
        for one in (
            (f"{_LINES[line.kind]} 成交价", yuan(line.price_fen)),
            ("政府补贴", yuan(-line.subsidy_fen)),
            ("实付" if line.kind == "sale" else "退还", yuan(line.payable_fen)),
        )
    ]
    notes = [
        *(step["text_zh"] for step in sold.steps),
        f"依据：{sold.clause}",
        f"退货：{_reversal_rule(shop, sold)}",
        f"发票备注：{remark}",
    ]
    heading = ("以旧换新补贴核销单", shop.merchant_name, shop.name)
    return Receipt(heading, tuple(facts), tuple(sums), tuple(notes), address)


def shifts(db: TillDatabase, on: date) -> list[Shift]:
    """Return every cashier's totals of a day, by name, and the shop's total first."""
    day = day_close.day(db, on)
    names = sorted({line.cashier for line in day.lines})
    sold = {one.redemption_id: one for one in day.redemptions}
    return [_shift("", day.lines, sold), *(_shift(name, day.lines, sold) for name in names)]


def shift(shop: Shop, totals: Shift, on: date) -> Receipt:
    """Return the paper of a cashier's totals."""
    facts = (("日期", on.isoformat()), ("收银员", totals.cashier or "全店"))
    sums = (
        ("核销笔数", str(totals.sales)),
        ("退货笔数", str(totals.reversals)),
        ("成交净额", yuan(totals.price_fen)),
        ("政府补贴净额", yuan(totals.subsidy_fen)),
        ("实收净额", yuan(totals.payable_fen)),
        *((_CHANNELS.get(channel, channel), yuan(amount_fen)) for channel, amount_fen in totals.by_channel),
        *([("退还", yuan(totals.refunded_fen))] if totals.refunded_fen else []),
    )
    return Receipt(("交班汇总", shop.name), facts, sums, (), "")


def _shift(cashier: str, lines: Sequence[redemptions.Line], sold: dict[str, Redemption]) -> Shift:
    own = [line for line in lines if not cashier or line.cashier == cashier]
    channels: dict[str, int] = {}
    for line in own:
        if line.kind == "sale":
            for payment in sold[line.redemption_id].payments:
                channels[payment.channel] = channels.get(payment.channel, 0) + payment.amount_fen
    return Shift(
        cashier=cashier,
        sales=sum(line.kind == "sale" for line in own),
        reversals=sum(line.kind in ("partial", "full") for line in own),
        price_fen=sum(line.price_fen for line in own),
        subsidy_fen=sum(line.subsidy_fen for line in own),
        payable_fen=sum(line.payable_fen for line in own),
        refunded_fen=sum(line.payable_fen for line in own if line.kind in ("partial", "full")),
        by_channel=tuple(sorted(channels.items())),
    )


def _reversal_rule(shop: Shop, sold: Redemption) -> str:
    rule = shop.rulebook.rule_in_force(sold.category, date.fromisoformat(sold.business_date))
    assert rule is not None, "a redemption exists only under a rule"
    return _RIGHTS[rule.terms.right_after_full_reversal]


def _local(written: str, shop: Shop) -> str:
    return f"{moments.moment(written).astimezone(shop.zone):%Y-%m-%d %H:%M}"
