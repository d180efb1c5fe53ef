"""What the look through a day says of what only many sales together show: what was seen, why it matters, what to do."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "lint_orders_split": Words(
        "同一人拆成几单",
        "One purchase as several orders",
        "{minutes} 分钟内同一人还有 {other}。",
        "The same person has {other} within {minutes} min.",
        "确认是不是一次购买；是就写明原因。",
        "See whether it was one purchase, and say why it was split.",
    ),
    "lint_cashier_burst": Words(
        "收银员短时间多笔",
        "Many sales by one cashier",
        "{cashier} 在 {minutes} 分钟内有 {count} 笔。",
        "{cashier} made {count} sales within {minutes} min.",
        "核对每一笔都有顾客在场。",
        "Make sure a customer stood behind each.",
    ),
    "lint_serial_burst": Words(
        "连号短时间多笔",
        "A run of serial numbers",
        "序列号以 {prefix} 开头的，{minutes} 分钟内有 {count} 笔。",
        "{count} sales within {minutes} min have serial numbers beginning {prefix}.",
        "核对货已交给不同的顾客。",
        "Make sure the pieces went to different customers.",
    ),
    "lint_person_burst": Words(
        "同一人多笔",
        "Many sales to one person",
        "同一人 {days} 天内有 {count} 笔。",
        "One person has {count} sales within {days} days.",
        "确认是本人自用。",
        "Make sure they are for the person's own use.",
    ),
    "lint_phone_burst": Words(
        "同一手机号多笔",
        "Many sales with one phone",
        "同一手机号 {days} 天内有 {count} 笔。",
        "One phone number has {count} sales within {days} days.",
        "核对申领人和手机号是否本人。",
        "Check that the number is the claimant's own.",
    ),
    "lint_phone_shared": Words(
        "多人共用一个手机号",
        "Many persons, one phone",
        "{days} 天内有 {count} 人用同一个手机号。",
        "{count} persons used one phone number within {days} days.",
        "请申领人留自己的手机号，并说明关系。",
        "Ask for the claimants' own numbers, and say how they are related.",
    ),
    "lint_payment_shared": Words(
        "一笔付款几个人",
        "One payment for several persons",
        "付款 {ref} 也付了 {other}，是另一个人的。",
        "Payment {ref} also paid for {other} of another person.",
        "核对付款人；不是本人付的请写明原因。",
        "Check who paid; say why if it was not the claimant.",
    ),
    "lint_rounds": Words(
        "卖了退、退了卖",
        "Sold, taken back, sold again",
        "{days} 天内同一人或同一台退过 {times} 次。",
        "Taken back {times} times within {days} days: same person and class, or same piece.",
        "查明原因，写下说明。",
        "Find out why, and write it down.",
    ),
    "lint_cap_crowd": Words(
        "多笔正好到封顶",
        "Many just at the cap",
        "{of} 笔里有 {count} 笔的价格正好在封顶点 {point_fen} 元。",
        "{count} of {of} prices lie just at the cap's point, {point_fen} yuan.",
        "核对这些价格是不是正常标价。",
        "Check that these are the usual prices.",
    ),
    "lint_ceiling_crowd": Words(
        "多笔正好在限价下",
        "Many just under the ceiling",
        "{of} 笔里有 {count} 笔的价格贴着限价 {point_fen} 元。",
        "{count} of {of} prices lie just under the ceiling of {point_fen} yuan.",
        "核对有没有把配件、服务拆出去。",
        "Check that nothing was charged beside the price.",
    ),
    "lint_own_staff": Words(
        "申领人和店员同名",
        "The claimant has a staff member's name",
        "申领人和本店一位店员同名。",
        "The claimant has the name of somebody who works here.",
        "由店长核对；确是自购请写明。",
        "Let the manager check; say so if it is an own purchase.",
    ),
    "lint_off_hours": Words(
        "营业时间外",
        "Outside opening hours",
        "{clock} 成交，营业时间 {opens}–{shuts}。",
        "Sold at {clock}; open {opens}–{shuts}.",
        "说明当时的情况。",
        "Say what happened.",
    ),
    "lint_redeemed_late": Words(
        "付款很久才登记",
        "Entered long after the hold",
        "锁定 {minutes} 分钟后才核销。",
        "Redeemed {minutes} min after the hold.",
        "说明为什么晚；有断网记录请保留。",
        "Say why; keep what shows that the line was lost.",
    ),
    "lint_back_filled": Words(
        "批量补录",
        "Entered in bulk afterwards",
        "当天有 {count} 笔在锁定 {minutes} 分钟以后才核销。",
        "{count} sales of the day were redeemed more than {minutes} min after their hold.",
        "逐笔核对付款时间，写明原因。",
        "Check the time of each payment, and say why.",
    ),
    "lint_other_day": Words(
        "业务日期不对",
        "Of another day",
        "记在 {sold_on}，实际在 {clock} 核销。",
        "Booked for {sold_on}; redeemed at {clock}.",
        "核对日期；设备时间不对请改正。",
        "Check the day; put the till's clock right if it is wrong.",
    ),
}
# Why an auditor asks about it.
WHY: dict[str, tuple[str, str]] = {
    "lint_orders_split": (
        "拆单常用来绕开价格上限。",
        "Splitting an order is a way round a ceiling.",
    ),
    "lint_cashier_burst": (
        "连续快速成交像是虚构订单。",
        "A quick run of sales looks like invented orders.",
    ),
    "lint_serial_burst": (
        "整批连号像是批量套补后倒卖。",
        "A whole lot sold at once looks like goods for resale.",
    ),
    "lint_person_burst": (
        "一人买得太多，可能是代购或倒卖。",
        "So many for one person may be for resale.",
    ),
    "lint_phone_burst": (
        "一个号码领多笔，像是中间人代领。",
        "One number for many claims looks like a middleman.",
    ),
    "lint_phone_shared": (
        "“黄牛”常用一个号码替多人领取。",
        "Scalpers claim for many with one number.",
    ),
    "lint_payment_shared": (
        "申领人应当就是付款人。",
        "Who claims should be who pays.",
    ),
    "lint_rounds": (
        "反复卖退像是在试额度或刷单。",
        "Going round and round looks like trying the limits.",
    ),
    "lint_cap_crowd": (
        "价格贴着封顶点定，像是按补贴倒推的。",
        "Prices at the cap look made for the subsidy.",
    ),
    "lint_ceiling_crowd": (
        "把超价商品压到限价以下是违规。",
        "Pressing dearer goods under the ceiling is against the rules.",
    ),
    "lint_own_staff": (
        "员工自购、虚构订单是审计重点。",
        "Purchases by own staff are what audits look for.",
    ),
    "lint_off_hours": (
        "半夜成交像是没有顾客的订单。",
        "A sale at night looks like one without a customer.",
    ),
    "lint_redeemed_late": (
        "事后登记的销售，真实性会被追问。",
        "A sale entered afterwards will be asked about.",
    ),
    "lint_back_filled": (
        "不得批量补录。",
        "Filling in sales in bulk is not allowed.",
    ),
    "lint_other_day": (
        "日期对不上，适用的规则也可能不对。",
        "A wrong day may mean the wrong rules.",
    ),
}
