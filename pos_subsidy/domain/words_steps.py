"""What the steps of a sum say, in Chinese and English."""

# What a shop charges beside the price; no subsidy is paid on it.
LEFT_OUT: dict[str, tuple[str, str]] = {
    "installation_fee": ("安装费", "installation"),
    "auxiliary_material": ("辅材费", "auxiliary material"),
    "old_device_credit": ("旧机折价", "credit for the old device"),
}

STEPS: dict[str, tuple[str, str]] = {
    "base": (
        "计算基数：成交价 {price_fen} 元（含税，扣除所有优惠后、补贴前）",
        "Base: the final price of {price_fen} yuan, tax included, after all discounts, before the subsidy",
    ),
    "left_out": ("不计入基数：{left_out}", "Not part of the base: {left_out}"),
    "rate": ("「{category_zh}」补贴比例 {rate}", "Rate for {category_en}: {rate}"),
    "rate_of_rating": (
        "「{category_zh}」{rating} 级能效（水效），补贴比例 {rate}",
        "{category_en} of rating {rating}: {rate}",
    ),
    "rate_unrated": (
        "「{category_zh}」没有能效分级制度，补贴比例 {rate}",
        "{category_en} without a rating system: {rate}",
    ),
    "rate_otherwise": (
        "「{category_zh}」没有 1 级能效（水效）标识，补贴比例 {rate}",
        "{category_en} without a grade-1 label: {rate}",
    ),
    "band": (
        "「{category_zh}」成交价 {price_fen} 元所在的档，补贴 {amount_fen} 元",
        "{category_en} at {price_fen} yuan falls into the band that grants {amount_fen} yuan",
    ),
    "share": ("{price_fen} 元 × {rate} = {share_fen} 元", "{price_fen} yuan × {rate} = {share_fen} yuan"),
    "rounded": ("不足一分的部分舍去，得 {share_fen} 元", "Rounded down to the fen: {share_fen} yuan"),
    "capped": ("超过每件上限，按上限 {cap_fen} 元", "Capped at {cap_fen} yuan apiece"),
    "not_above_price": ("补贴不超过成交价 {price_fen} 元", "Never more than the price of {price_fen} yuan"),
    "person_capped": (
        "个人累计上限 {person_cap_fen} 元，已用 {granted_fen} 元，本次补贴剩余的 {left_fen} 元",
        "Of {person_cap_fen} yuan per person {granted_fen} are used: the remaining {left_fen} yuan are granted",
    ),
    "person_left": (
        "个人累计上限 {person_cap_fen} 元，之前已用 {granted_fen} 元，本次之后还剩 {left_fen} 元",
        "Of {person_cap_fen} yuan per person {granted_fen} were used, {left_fen} are left after this one",
    ),
    "coupon": (
        "消费券批次「{batch}」：满 {minimum_fen} 元减 {amount_fen} 元",
        "Coupon of batch “{batch}”: {amount_fen} yuan off from {minimum_fen} yuan",
    ),
    "paid_afterwards": (
        "购买后申领，补贴发到申领人账户；收银台不抵扣，按成交价 {price_fen} 元付款",
        "Paid out after a claim; nothing is deducted at the till: the price of {price_fen} yuan is paid",
    ),
    "units": (
        "「{category_zh}」名额 {units_max} 件，已用 {units_used} 件，本次之后还剩 {left} 件",
        "{category_en}: {units_used} of {units_max} units used, {left} left after this one",
    ),
}
