"""Phrases of what an auditor would ask about a day."""

PHRASES = {
    "findings.title": ("稽核自查", "Before the auditor"),
    "findings.lead": (
        "审核可能会问到的地方。提示不影响关账；「须说明」的请先查清，写下说明，或更正后再看。",
        "What an audit may ask about. Warnings do not hold up the close; what is to be explained should "
        "be looked into and explained, or mended, first.",
    ),
    "findings.none": ("这一天没有发现问题。", "Nothing was found on this day."),
    "findings.stopping": ("{count} 条须说明", "{count} to explain"),
    "findings.warned": ("{count} 条提示", "{count} warnings"),
    "findings.explained_count": ("{count} 条已说明", "{count} explained"),
    "findings.stops": ("须说明", "to explain"),
    "findings.warns": ("提示", "warning"),
    "findings.is_explained": ("已说明", "explained"),
    "findings.why": ("为什么：", "Why:"),
    "findings.said": ("说明：", "Explanation:"),
    "findings.reason": ("说明", "Explanation"),
    "findings.explain": ("保存说明", "Save"),
    "findings.to_day": ("回到日结", "Back to the day"),
    "findings.of_day": ("{count} 条自查发现", "findings: {count}"),
    "findings.none_of_day": ("自查没有发现问题", "Nothing found before the auditor"),
    "findings.nevertheless": ("仍然关账（{count} 条未说明）", "Close nevertheless ({count} unexplained)"),
}
