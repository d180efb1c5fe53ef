"""Phrases of the city's page of signals."""

PHRASES = {
    "signals.title": ("风险线索", "Signals"),
    "signals.hint": (
        "线索只是提醒人去看，不是审核结果，也不会改变任何结果；驳回只能依据规则。",
        "A signal asks people to look. It is no verdict and changes none; only a rule refuses.",
    ),
    "signals.since": ("销售日从", "Sales since"),
    "signals.show": ("查看", "Show"),
    "signals.default": ("默认看最近 {days} 天。", "The last {days} days unless you choose."),
    "signals.none": ("没有线索。", "No signals."),
    "signals.times": ("阈值的 {times} 倍", "{times} × the threshold"),
    "signals.at_stake": ("涉及补贴", "Subsidy at stake"),
    "signals.sales": ("涉及的单子", "Claims"),
    "signals.more": ("另有 {count} 单", "{count} more"),
    "signals.several": ("多家门店", "several shops"),
    "signals.basis": ("依据", "Rests on"),
    "signals.no_text": ("规则包默认值，未找到官方文件", "pack default, no official text found"),
    "signals.left_out": ("还有 {count} 条更轻的没有列出。", "{count} weaker ones are not listed."),
}
