"""What the rules say: refusals and warnings."""

from dataclasses import replace

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "no_programme": Words(
        "没有对应的补贴",
        "No subsidy for this class",
        "{on} 没有给「{category_zh}」的补贴。",
        "No programme grants anything for {category_en} on {on}.",
        "按原价结账；当天有补贴的同类商品：{open_zh}。",
        "Sell at full price; classes of this kind that are subsidised on that day: {open_en}.",
    ),
    "provisional_rule": Words(
        "补贴尚未确认",
        "Not confirmed yet",
        "「{category_zh}」的补贴还没有官方依据，暂不发放。",
        "The rule for {category_en} has no official source yet and grants nothing.",
        "按原价结账；等商务部门确认后再办理。",
        "Sell at full price until the commerce bureau confirms the rule.",
    ),
    "rating_required": Words(
        "缺少能效等级",
        "Rating missing",
        "「{category_zh}」要有能效（水效）等级才能补贴，备案中没有，也没有填写。",
        "{category_en} needs an energy or water rating; none is filed or given.",
        "看产品上的能效标识，补上等级（{best_rating} 级可补 {would_fen} 元）；已备案的商品请更新备案。",
        "Read the rating on the label and enter it (rating {best_rating} earns {would_fen} yuan);"
        " for filed goods, have the filing completed.",
    ),
    "rating_not_eligible": Words(
        "能效等级不符合",
        "Rating not eligible",
        "「{category_zh}」只补贴能效等级 {eligible_ratings} 级，这件是 {rating} 级。",
        "{category_en} is subsidised at rating {eligible_ratings} only; this one is rated {rating}.",
        "请顾客另选 {eligible_ratings} 级的型号（同价 {best_rating} 级可补 {would_fen} 元），或按原价购买。",
        "Offer a model of rating {eligible_ratings} (at this price rating {best_rating} earns {would_fen}"
        " yuan), or sell at full price.",
    ),
    "rating_not_eligible.unrated": Words(
        "没有能效分级，不在补贴范围",
        "Not rated, so not eligible",
        "「{category_zh}」只补贴能效等级 {eligible_ratings} 级，这件没有能效分级。",
        "{category_en} is subsidised at rating {eligible_ratings} only; this one has no rating.",
        "请顾客另选 {eligible_ratings} 级的型号（同价 {best_rating} 级可补 {would_fen} 元），或按原价购买。",
        "Offer a model of rating {eligible_ratings} (at this price rating {best_rating} earns {would_fen}"
        " yuan), or sell at full price.",
    ),
    "rating_mismatch": Words(
        "能效等级与备案不一致",
        "Rating differs from the filing",
        "填写的是 {rating} 级，备案是 {filed_rating} 级。",
        "Rating {rating} was entered; the filing says {filed_rating}.",
        "核对能效标识和商品条码；以备案为准。",
        "Compare label and bar code; the filing counts.",
    ),
    "category_mismatch": Words(
        "品类不一致",
        "Category differs",
        "这件商品不属于要补贴的品类。",
        "This item does not belong to the category that was asked for.",
        "检查商品条码和券：券只能用于它写明的品类。",
        "Check bar code and voucher: a voucher is good for its own category only.",
    ),
    "price_over_ceiling": Words(
        "价格超过上限",
        "Price over the ceiling",
        "成交价 {price_fen} 元，超过上限 {ceiling_fen} 元。",
        "The price of {price_fen} yuan is above the ceiling of {ceiling_fen} yuan.",
        "成交价不高于 {ceiling_fen} 元才能补贴（最多 {would_fen} 元）；否则按原价购买。",
        "At {ceiling_fen} yuan or less it would be eligible (up to {would_fen} yuan);"
        " else sell at full price.",
    ),
    "price_under_minimum": Words(
        "价格低于下限",
        "Price under the minimum",
        "成交价 {price_fen} 元，低于下限 {minimum_fen} 元。",
        "The price of {price_fen} yuan is below the minimum of {minimum_fen} yuan.",
        "成交价不低于 {minimum_fen} 元才能补贴（{would_fen} 元起）。",
        "From {minimum_fen} yuan it would be eligible ({would_fen} yuan).",
    ),
    "price_over_filed": Words(
        "价格高于备案价",
        "Price above the filed price",
        "成交价 {price_fen} 元，高于备案价 {filed_price_fen} 元。",
        "The price of {price_fen} yuan is above the filed price of {filed_price_fen} yuan.",
        "核对价格；成交价不得高于备案价。",
        "Check the price; it may not exceed the filed price.",
    ),
    "filed_price_above_mean": Words(
        "备案价高于近期均价",
        "Filed price above the recent mean",
        "备案价 {filed_price_fen} 元，近 30 日均价 {mean_price_fen} 元。",
        "Filed at {filed_price_fen} yuan; the mean of 30 days is {mean_price_fen} yuan.",
        "可以销售；会记录并报告。",
        "The sale may go on; it is noted and reported.",
    ),
    "not_in_catalogue": Words(
        "商品没有备案",
        "Not in the filed catalogue",
        "条码 {gtin} 不在备案目录里。",
        "Bar code {gtin} is not in the filed catalogue.",
        "核对条码；确实没有备案的，先备案再销售，现在只能按原价。",
        "Check the bar code; goods must be filed before the sale, else sell at full price.",
    ),
    "not_in_catalogue.withdrawn": Words(
        "商品已撤出备案目录",
        "Withdrawn from the catalogue",
        "条码 {gtin} 自 {from_day} 起已由市级平台撤出备案目录。",
        "The city withdrew bar code {gtin} from its catalogue from {from_day} on.",
        "核对条码；确认无误的按原价销售，或换一款在备案目录内的商品。",
        "Check the bar code; if it is right, sell at full price or choose filed goods.",
    ),
    "not_in_catalogue.blocked": Words(
        "商品已停止补贴",
        "Product blocked",
        "条码 {gtin} 自 {from_day} 起在市级平台的禁用名单里（第 {block_no} 号）。",
        "Bar code {gtin} is on the city's blocklist from {from_day} on (entry {block_no}).",
        "按原价销售，或换一款商品；有疑问请店长联系商务部门。",
        "Sell at full price or choose other goods; in doubt the shop lead asks the commerce bureau.",
    ),
    "vin_check_digit": Words(
        "车架号校验位不符",
        "VIN does not check",
        "车架号 {number} 的校验位不符；进口车可能没有校验位。",
        "The check digit of VIN {number} does not fit; imported cars may have none.",
        "对照车辆铭牌和发票核对一遍。",
        "Compare it with the plate on the car and with the invoice.",
    ),
    "no_programme_for_this": Words(
        "没有对应的补贴标准",
        "No grant for this",
        "这种情况没有对应的补贴标准。",
        "The rule has no grant for what was stated.",
        "核对填写的内容。",
        "Check what was stated.",
    ),
    "claimed_afterwards": Words(
        "购后申领",
        "Claimed after purchase",
        "「{category_zh}」的补贴在购买后申领，收银台不抵扣。",
        "The subsidy for {category_en} is claimed after purchase; nothing is deducted at the till.",
        "按原价结账，给顾客开申领单；保留发票和材料，按规定时间提交。",
        "Sell at full price and open a claim for her; keep invoice and papers, and submit in time.",
    ),
    "nothing_granted": Words(
        "补贴不足一分钱",
        "Nothing granted",
        "按 {price_fen} 元计算，补贴为 0 元。",
        "At {price_fen} yuan the subsidy comes to 0.",
        "按原价结账，不占用名额。",
        "Sell at full price; no right is used up.",
    ),
    "budget_exhausted": Words(
        "补贴资金已用完",
        "Budget used up",
        "本期补贴资金已用完。",
        "The funds of this period are used up.",
        "按原价结账；留意下一期开放时间。",
        "Sell at full price; watch for the next release.",
    ),
    "merchant_suspended": Words(
        "门店已暂停补贴",
        "Shop suspended",
        "城市平台已暂停本店办理补贴。",
        "The city has suspended this shop from the scheme.",
        "请店长联系商务部门。",
        "The shop lead should contact the commerce bureau.",
    ),
    "merchant_suspended.blocked": Words(
        "门店已停止补贴",
        "Shop barred",
        "本店或商户自 {from_day} 起在市级平台的禁用名单里（第 {block_no} 号）。",
        "This shop or its merchant is on the city's blocklist from {from_day} on (entry {block_no}).",
        "按原价销售；请店长联系商务部门。",
        "Sell at full price; the shop lead should contact the commerce bureau.",
    ),
    "quote_changed": Words(
        "补贴金额与报价不同",
        "Amount differs from the quote",
        "发券时报价补贴 {quoted_fen} 元，现在是 {subsidy_fen} 元。",
        "{quoted_fen} yuan were quoted with the voucher; it is {subsidy_fen} yuan now.",
        "收款前请顾客确认新的金额；不同意就取消。",
        "Let the customer agree to the new amount before she pays; else release.",
    ),
    "category_unknown": Words(
        "没有这个品类",
        "Unknown category",
        "没有品类代码「{category}」。",
        "There is no category “{category}”.",
        "可用的品类：{known}。",
        "Known categories: {known}.",
    ),
    "price_invalid": Words(
        "价格不对",
        "Price invalid",
        "价格必须大于 0，最多两位小数。",
        "A price must be above 0 and have at most two decimals.",
        "重新输入价格。",
        "Enter the price again.",
    ),
    "attribute_unknown": Words(
        "没有这个属性",
        "Unknown attribute",
        "这个品类没有属性「{attribute}」。",
        "This category has no attribute “{attribute}”.",
        "可用的属性：{known}。",
        "Known attributes: {known}.",
    ),
    "attribute_invalid": Words(
        "属性值不对",
        "Attribute invalid",
        "属性「{attribute}」的值无法识别。",
        "The value of “{attribute}” cannot be read.",
        "允许：{allowed}。",
        "Allowed: {allowed}.",
    ),
}

# Where another reason would remain: nothing is promised for mending this one alone.
WORDS |= {
    f"{code}_alone" if "." in code else f"{code}.alone": replace(
        WORDS[code],
        next_step_zh="只解决这一项还不够，先看其余各项；解决不了就按原价结账。",
        next_step_en="This alone does not help: see the other reasons, or sell at full price.",
    )
    for code in (
        *("rating_required", "rating_not_eligible", "rating_not_eligible.unrated"),
        *("price_over_ceiling", "price_under_minimum"),
    )
}
