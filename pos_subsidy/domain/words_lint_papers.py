"""What the look through a day says of the papers of a sale: what was seen, why it matters, what to do."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "lint_invoice_twice": Words(
        "一张发票两笔补贴",
        "One invoice for two sales",
        "发票 {number} 也用在 {other}。",
        "Invoice {number} is used for {other} as well.",
        "核对发票号码，缺的那笔补开。",
        "Check the number; have the missing invoice issued.",
    ),
    "lint_invoice_reversed": Words(
        "发票已红冲",
        "The invoice was taken back",
        "发票 {number} 已被 {credit_note} 冲红。",
        "Invoice {number} was taken back by {credit_note}.",
        "请开票人按现在的金额重开并提交。",
        "Have it issued again with the sum of now and hand it in.",
    ),
    "lint_invoice_total_differs": Words(
        "发票金额不符",
        "The invoice's total differs",
        "发票 {invoice_fen} 元，实付加补贴 {price_fen} 元。",
        "The invoice says {invoice_fen} yuan; paid plus subsidy is {price_fen}.",
        "请开票人作废重开。",
        "Have it issued again.",
    ),
    "lint_invoice_buyer_differs": Words(
        "购买方不是申领人",
        "The buyer is not the claimant",
        "发票上的购买方和申领人姓名不一致。",
        "The buyer on the invoice is not who claimed.",
        "请开票人按申领人姓名重开。",
        "Have it issued again in the claimant's name.",
    ),
    "lint_invoice_several_items": Words(
        "发票不止一件商品",
        "More than one item on the invoice",
        "发票上有 {items} 件商品。",
        "The invoice lists {items} items.",
        "请开票人拆开，一件一票。",
        "Have one invoice issued for each item.",
    ),
    "lint_invoice_too_early": Words(
        "发票早于销售",
        "Invoice older than the sale",
        "发票 {issued_on} 开具，销售在 {sold_on}。",
        "Issued on {issued_on}; sold on {sold_on}.",
        "核对发票是不是这一笔的。",
        "Check that it is this sale's invoice.",
    ),
    "lint_credit_note_missing": Words(
        "退货没有红字发票",
        "Taken back without a credit note",
        "这笔已全部冲正，发票 {number} 还没有红冲。",
        "The sale was wholly reversed; invoice {number} still counts.",
        "请开票人红冲，并登记红字发票号码。",
        "Have a credit note issued and record its number.",
    ),
    "lint_delivery_unsigned": Words(
        "送货单没有签收",
        "Delivery not signed for",
        "{delivered_on} 的送货单没有签收人。",
        "The note of {delivered_on} is not signed.",
        "补上签收人和签收照片。",
        "Add who signed, and the photo.",
    ),
    "lint_delivery_photo_missing": Words(
        "没有送货照片",
        "No photo of the delivery",
        "{delivered_on} 送货，没有现场照片。",
        "Delivered on {delivered_on} without a photo.",
        "补交签收时拍的照片。",
        "Hand in the photo taken at the delivery.",
    ),
    "lint_delivery_too_early": Words(
        "送货早于销售",
        "Delivered before the sale",
        "{delivered_on} 送货，{sold_on} 才销售。",
        "Delivered on {delivered_on}; sold on {sold_on}.",
        "核对送货单是不是这一笔的。",
        "Check that it is this sale's note.",
    ),
}
# Why an auditor asks about it.
WHY: dict[str, tuple[str, str]] = {
    "lint_invoice_twice": (
        "一件商品一张发票，重复使用会全部退回。",
        "Each item has its own invoice; one used twice costs both.",
    ),
    "lint_invoice_reversed": (
        "先开票领补贴、再红冲，是骗补的常见手法。",
        "Invoicing, claiming and then taking the invoice back is a known fraud.",
    ),
    "lint_invoice_total_differs": (
        "发票总额必须等于实付加补贴，一分不差。",
        "The total must be paid plus subsidy, to the fen.",
    ),
    "lint_invoice_buyer_differs": (
        "申领人、付款人、购买方应是同一人。",
        "Claimant, payer and buyer should be one person.",
    ),
    "lint_invoice_several_items": (
        "一件补贴商品一张发票，才能逐台核对。",
        "Only one item to an invoice can be checked piece by piece.",
    ),
    "lint_invoice_too_early": (
        "先有发票后有销售，像是拿旧发票顶替。",
        "An invoice from before the sale looks borrowed.",
    ),
    "lint_credit_note_missing": (
        "退了货、发票还在，可以再拿去领补贴。",
        "An invoice without its sale could be used to claim again.",
    ),
    "lint_delivery_unsigned": (
        "没有签收，不能证明货到了消费者手里。",
        "Without a signature nothing proves that the customer has the goods.",
    ),
    "lint_delivery_photo_missing": (
        "空箱送货、代签是审计的重点。",
        "Empty boxes and false signatures are what audits look for.",
    ),
    "lint_delivery_too_early": (
        "先送货后销售，像是事后补录。",
        "Goods that arrive before they are sold look like a sale entered afterwards.",
    ),
}
