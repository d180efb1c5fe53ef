"""What a difference of the day means, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "difference_late": Words(
        "跨日",
        "Another day's",
        "这笔属于相邻的另一天（{till_fen} 元）。",
        "It belongs to a neighbouring day ({till_fen} yuan).",
        "与那一天的账一起看；不用处理。",
        "Look at it with that day; nothing to do here.",
    ),
    "difference_duplicate_in_channel": Words(
        "渠道重复收款",
        "Charged twice",
        "渠道收了 {other_fen} 元，应收 {till_fen} 元：同一笔收了两次。",
        "The channel took {other_fen} yuan where {till_fen} were due: the same payment twice.",
        "把多收的退给顾客。",
        "Give the second payment back.",
    ),
    "difference_duplicate_in_pos": Words(
        "收银系统重复",
        "Twice in the POS",
        "收银系统里同一笔记了两次（{other_fen} 元，应为 {till_fen} 元）。",
        "The POS has the same sale twice ({other_fen} yuan instead of {till_fen}).",
        "在收银系统里冲掉一笔。",
        "Cancel one of them in the POS.",
    ),
    "difference_refunded_elsewhere": Words(
        "渠道已退款，补贴未冲正",
        "Refunded at the channel only",
        "渠道退了 {other_fen} 元，这里只冲正了 {till_fen} 元。",
        "The channel gave back {other_fen} yuan; only {till_fen} were reversed here.",
        "在这里办理退货冲正，否则补贴会被追回。",
        "Reverse the sale here, else the subsidy will be clawed back.",
    ),
    "difference_refund_missing_in_channel": Words(
        "已冲正，渠道未退款",
        "Refund missing at the channel",
        "这里冲正了 {till_fen} 元，渠道只退了 {other_fen} 元。",
        "{till_fen} yuan were reversed here; the channel gave back {other_fen}.",
        "核对并把款退给顾客。",
        "Check, and give the customer her money back.",
    ),
    "difference_missing_in_channel": Words(
        "渠道没有这笔收款",
        "No payment at the channel",
        "应收 {till_fen} 元，账单里没有。",
        "{till_fen} yuan were due; the bill has nothing.",
        "查收款凭证：可能付款失败，或走了别的渠道。",
        "Look for the payment: it may have failed, or gone another way.",
    ),
    "difference_missing_in_pos": Words(
        "收银系统没有这笔",
        "Missing in the POS",
        "补贴系统里有（{till_fen} 元），收银系统里没有。",
        "The till redeemed it ({till_fen} yuan); the POS does not know it.",
        "在收银系统里补记，或查是否误操作。",
        "Enter it in the POS, or find out whether it was a mistake.",
    ),
    "difference_missing_in_till": Words(
        "收银系统记了补贴，这里没有核销",
        "Subsidy in the POS only",
        "收银系统记了补贴 {other_fen} 元，这里没有核销，城市不会付这笔钱。",
        "The POS shows a subsidy of {other_fen} yuan that was never redeemed; the city will not pay it.",
        "联系顾客补办核销，或向顾客补收。",
        "Have the customer come back to redeem, or collect the amount.",
    ),
    "difference_amount_differs": Words(
        "金额不一致",
        "Amount differs",
        "这里是 {till_fen} 元，对方是 {other_fen} 元。",
        "{till_fen} yuan here, {other_fen} yuan there.",
        "核对小票和账单，更正错的一方。",
        "Compare receipt and bill, and correct the wrong side.",
    ),
}
