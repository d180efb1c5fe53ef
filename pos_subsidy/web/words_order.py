"""Sentences of what can go wrong with an order of several items."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "order_no_required": Words(
        "还没有订单号",
        "The order number is missing",
        "几件商品靠订单号算作一单。",
        "Items belong together by the order number.",
        "先键入或扫收银系统的订单号。",
        "Type or scan the cash system's order number first.",
    ),
    "order_open_elsewhere": Words(
        "另一单还没有结清",
        "Another order is still open",
        "订单 {order_no} 里还有商品没有结清。",
        "Order {order_no} still holds items that are not settled.",
        "先结清那一单，或在那一单的页面上清空它。",
        "Settle that order, or empty it on its page.",
    ),
    "order_line_repeated": Words(
        "这张券已在本单里",
        "This voucher is in the order already",
        "券 {voucher} 已用在本单的另一件商品上。",
        "Voucher {voucher} stands at another item of this order.",
        "每件补贴商品各用一张券：扫另一张，或在本单里改那一件。",
        "Each subsidised item takes its own voucher: scan another, or change that item.",
    ),
    "order_full": Words(
        "一单放不下更多商品",
        "The order is full",
        "一单最多 {most} 件。",
        "An order takes {most} items at most.",
        "其余商品另开一单。",
        "Put the rest on another order.",
    ),
    "order_fixed": Words(
        "本单已有锁定，优惠不能再动",
        "The discount is fixed by a hold",
        "补贴按分摊后的价格算过了；改商品或优惠会改变已锁定的价格。",
        "The subsidy was reckoned on the allocated prices; a change would alter what is on hold.",
        "先撤销本单的锁定，改好后重新锁定；已核销的走退差。",
        "Release the holds of this order, change it, hold again; what is redeemed is repriced instead.",
    ),
    "order_discount_too_large": Words(
        "整单优惠不对",
        "This discount does not fit",
        "优惠必须小于整单金额 {total}。",
        "It must be less than the order's {total}.",
        "核对收银系统的优惠金额，再填一次。",
        "Compare the cash system's discount and type it again.",
    ),
    "order_nothing_eligible": Words(
        "本单没有可补贴的商品",
        "Nothing on this order is subsidised",
        "没有锁定任何一件，也没有用掉任何一张券。",
        "Nothing was put on hold and no voucher was used.",
        "按原价收款；如果有商品应当补贴，先给它加上券。",
        "Charge the full price; if an item should be subsidised, give it a voucher first.",
    ),
    "order_changed": Words(
        "本单刚刚变了",
        "The order has just changed",
        "页面上的合计与现在的不同，什么都没有做。",
        "The totals on the page are no longer those of the order; nothing was done.",
        "看清新的合计，再按一次。",
        "Look at the new totals, then press again.",
    ),
}
