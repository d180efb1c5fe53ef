"""Phrases of appeals against the city's verdicts."""

PHRASES = {
    "appeals.title": ("申诉", "Appeals"),
    "appeals.all": ("全部申诉", "All appeals"),
    "appeals.of_sale": ("审核结果与申诉", "Verdicts and appeals"),
    "appeals.lead": (
        "被驳回或挂起的单子可以申诉。由市里另一位审核人员决定，之前的每一次结果都保留。",
        "What was rejected or suspended can be appealed. Somebody else at the city decides; "
        "every earlier word is kept.",
    ),
    "appeals.none": ("没有申诉。", "There are no appeals."),
    "appeals.open_count": ("{count} 个待决定", "{count} open"),
    "appeals.appeal": ("申诉", "Appeal"),
    "appeals.against": ("针对", "Against"),
    "appeals.made": ("提出", "Made"),
    "appeals.state": ("进展", "State"),
    "appeals.state_open": ("待决定", "open"),
    "appeals.state_granted": ("同意", "granted"),
    "appeals.state_refused": ("不同意", "refused"),
    "appeals.state_overtaken": ("无需决定", "overtaken"),
    "appeals.decision": ("决定", "Decision"),
    "appeals.words": ("为什么审核结果不对", "Why the verdict is wrong"),
    "appeals.files": (
        "文件（JPEG、PNG、HEIC、PDF，最多 {most} 个）",
        "Files (JPEG, PNG, HEIC, PDF; {most} at most)",
    ),
    "appeals.with_evidence": ("附上本单已交的 {count} 个文件", "Add the {count} files of this sale"),
    "appeals.make": ("提交申诉", "Appeal"),
    "appeals.history": ("市级审核结果（最早的在前）", "The city's words, the first one first"),
    "appeals.records": ("两份签名记录", "Both signed records"),
    "appeals.records_hint": (
        "先入库的有效。两份记录都会随申诉上送。",
        "What was stored first stands. Both records go up with the appeal.",
    ),
    "appeals.own_record": ("本店", "Ours"),
    "appeals.first_record": ("先入库的", "The first one"),
    "appeals.row": ("第 {seq} 条", "row {seq}"),
    "appeals.signature": ("签名", "Signature"),
    "appeals.to_receipt": ("查看单据", "To the sale"),
    "appeals.by_appeal": ("申诉决定：", "On appeal:"),
    "appeals.note": ("审核附言：", "The reviewer's note:"),
}
