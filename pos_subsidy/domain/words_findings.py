"""Sentences about explaining findings, and about loads of filed goods."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "finding_unknown": Words(
        "没有这条发现",
        "No such finding",
        "这一天没有这条发现，或已经更正。",
        "It is not among the day's findings, or was mended meanwhile.",
        "重新打开自查页。",
        "Open the page of findings again.",
    ),
    "finding_reason_required": Words(
        "没有写说明",
        "No explanation",
        "说明不能为空，最多 {most} 个字。",
        "An explanation may not be empty, nor longer than {most} characters.",
        "写下查到的情况再保存。",
        "Write down what was found out and save again.",
    ),
    "findings_unexplained": Words(
        "还有要说明的发现",
        "Findings wait for an explanation",
        "有 {count} 条发现须先说明，否则市级审核很可能暂停这些笔。",
        "{count} findings want an explanation; the city is likely to suspend these sales otherwise.",
        "逐条说明，或勾选「仍然关账」再关一次。",
        "Explain each, or tick “close nevertheless” and close again.",
    ),
    "catalogue_no_file": Words(
        "没有选文件",
        "No file",
        "没有收到文件，或文件是空的。",
        "No file arrived, or it is empty.",
        "选好目录文件再上传。",
        "Choose the file and hand it in again.",
    ),
    "catalogue_upload_over": Words(
        "预览已过期",
        "The preview is over",
        "上传的目录只保留一小时。",
        "A catalogue that was handed in is kept for an hour.",
        "重新上传文件。",
        "Hand the file in again.",
    ),
    "catalogue_not_accepted": Words(
        "有错的行还没有处理",
        "Some rows are wrong",
        "文件里有 {count} 行不能载入；什么也没有改变。",
        "{count} rows cannot be loaded; nothing was changed.",
        "改好文件重新上传，或勾选「只载入正确的行」。",
        "Mend the file, or tick “load the good rows only”.",
    ),
    "catalogue_nothing_to_undo": Words(
        "没有可撤销的导入",
        "Nothing to take back",
        "没有导入记录，或最近一次已经撤销。",
        "Nothing was loaded, or the last load was taken back already.",
        "打开目录页看最近的记录。",
        "See the newest loads on the page of the catalogue.",
    ),
    "catalogue_sold_since": Words(
        "已按新价格卖出，不能撤销",
        "Sold since, cannot be taken back",
        "导入之后卖出了 {gtin}（订单 {order_no}），这次导入改了它的备案。",
        "{gtin} was sold since (order {order_no}), and this load changed how it is filed.",
        "导入一份更正过的目录，旧价格会留在记录里。",
        "Load a corrected catalogue instead; the old prices stay on record.",
    ),
}
