"""Phrases of the budget's pools."""

PHRASES = {
    "pools.title": ("资金池", "Budgets"),
    "pools.hint": (
        "投入 = 剩余 + 锁定占用 + 已用。任何一池都不会低于零；一单从它所属的每一池同时支取。",
        "Put in = left + held + used. No pool goes below zero; a sale draws on every pool it lies in.",
    ),
    "pools.none": (
        "还没有资金池，补贴不受总额限制。用 pos-subsidy hub pool open 设立。",
        "There is no pool, so subsidies have no limit in total. Open one with: pos-subsidy hub pool open",
    ),
    "pools.programme": ("项目", "Programme"),
    "pools.where": ("范围", "Where"),
    "pools.period": ("期间", "Period"),
    "pools.put_in": ("投入", "Put in"),
    "pools.left": ("剩余", "Left"),
    "pools.held": ("锁定占用", "Held"),
    "pools.used": ("已用", "Used"),
    "pools.state": ("状态", "State"),
    "pools.decisions": ("投入和调剂的决定", "Decisions that filled and moved it"),
    "pools.at": ("时间", "When"),
    "pools.by": ("决定人", "Decided by"),
    "pools.warned": ("用到 {percent}% 起提醒门店", "Shops are told from {percent} % on"),
    "pools.unwarned": ("用完前不提醒门店", "Shops are not told before it is spent"),
    "pools.what": ("事项", "What"),
    "pools.fen": ("金额", "Amount"),
    "pools.why": ("理由", "Why"),
    "pools.clause": ("依据", "Basis"),
    "pools.granted": ("投入", "Put in"),
    "pools.moved_in": ("从 {pool} 调入", "Moved in from {pool}"),
    "pools.moved_out": ("调出到 {pool}", "Moved out to {pool}"),
}
