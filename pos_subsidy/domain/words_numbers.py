"""What is wrong with a number, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "identifier_invalid": Words(
        "号码有误",
        "Number is wrong",
        "{kind}「{found}」：{cause}。",
        "The {kind} “{found}”: {cause}.",
        "重新扫描，或逐位核对后再输入。",
        "Scan it again, or compare every character.",
    ),
    "person_invalid": Words(
        "身份信息有误",
        "Identity is wrong",
        "{field}：{cause}。",
        "The {field}: {cause}.",
        "对照证件重新输入。",
        "Compare with the paper and type it again.",
    ),
    "invoice_qr_invalid": Words(
        "发票二维码不对",
        "Invoice code wrong",
        "发票二维码读到「{found}」：{cause}。",
        "The invoice's code says “{found}”: {cause}.",
        "重新扫一次；仍不对就键入发票号码。",
        "Scan it again; if that fails, type the invoice number.",
    ),
    "energy_label_foreign": Words(
        "不是能效标识的网址",
        "Not the register of energy labels",
        "这个二维码指向 {host}，不是能效标识备案网站。",
        "This code points to {host}, which is not the register of energy labels.",
        "不要打开它；看标签上印的等级，以备案为准。",
        "Do not open it; read the rating printed on the label, the filing counts.",
    ),
    "sale_in_future": Words(
        "销售日期还没到",
        "Sale dated in the future",
        "销售日期 {day} 还没到。",
        "The sale is dated {day}, which has not come yet.",
        "核对日期；想知道以后能补多少，请看“能补多少”页面。",
        "Check the day; what a later day would grant is told by the page “What would I get?”.",
    ),
    "rating_invalid": Words(
        "能效等级不对",
        "Rating invalid",
        "能效等级只有 1 到 5 级，填写的是 {rating}。",
        "A rating is 1 to 5; {rating} was given.",
        "看标识重新输入。",
        "Read the label and enter it again.",
    ),
}
