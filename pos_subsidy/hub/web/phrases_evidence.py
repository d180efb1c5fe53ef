"""Phrases of the photos and papers beside a claim."""

PHRASES = {
    "evidence.same_hash": ("✓ 与门店签名的指纹一致", "✓ same fingerprint as the shop signed"),
    "evidence.here_since": ("{since} 收到", "received {since}"),
    "evidence.under_way": ("还在路上", "on its way"),
    "evidence.under_way_since": (
        "{since} 起等门店上传，门店下次联网时送到",
        "asked for since {since}; it comes with the shop's next exchange",
    ),
    "evidence.at_shop": ("在门店", "at the shop"),
    "evidence.at_shop_since": (
        "没有抽中，市级没有要求上传",
        "not in the sample; the city has not asked for it",
    ),
    "evidence.purged": ("已到期清除", "purged"),
    "evidence.purged_since": ("{since} 清除，登记和指纹保留", "on {since}; what was signed of it stays"),
    "evidence.damaged": ("✕ 与门店签名的指纹不一致", "✕ not the fingerprint that the shop signed"),
    "evidence.damaged_since": (
        "{since} 收到，现在读出的内容已损坏，不予显示",
        "received {since}; what is read now is damaged and not shown",
    ),
    "evidence.enlarge": ("点按打开原图", "Open the original"),
    "evidence.pdf": ("下载 PDF", "Download the PDF"),
    "evidence.download": ("下载文件", "Download the file"),
    "evidence.ask": ("请门店上传这一单的照片和单据", "Ask the shop for its photos and papers"),
    "evidence.ask_hint": ("门店下次联网时上传。", "They come with the shop's next exchange."),
    "deed.evidence_viewed": ("查看材料", "Looked at evidence"),
    "deed.evidence_asked": ("要求上传材料", "Asked for evidence"),
    "deed.evidence_purged": ("清除到期材料", "Purged evidence"),
}
