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
    "energy_label_foreign": Words(
        "这不是能效标识备案网站的二维码",
        "This is not the energy-label register's address",
        "它像能效标识，但指向「{host}」，不是备案网站。",
        "It looks like an energy label but leads to “{host}”, which is not the register.",
        "不要据此认定能效等级；标识有疑问时，请看备案目录并告诉店长。",
        "Take no rating from it; look in the filed catalogue and tell the manager.",
    ),
    "energy_label_closed": Words(
        "能效标识的网址已停用",
        "The energy label's address is closed",
        "旧网站「{host}」已停用，查不到备案。",
        "The old register “{host}” is closed; no filing can be found there.",
        "按备案目录核对型号和等级。",
        "Compare model and rating with the filed catalogue.",
    ),
    "energy_label_incomplete": Words(
        "能效标识二维码不完整",
        "The energy label is incomplete",
        "网址里没有唯一的备案产品编号。",
        "Its address does not name exactly one filed product.",
        "重新扫描，或按备案目录核对。",
        "Scan it again, or compare with the filed catalogue.",
    ),
    "invoice_number_invalid": Words(
        "发票号码不对",
        "The invoice number is wrong",
        "这种发票的号码必须是 {digits} 位数字，读到 {length} 位。",
        "An invoice of this type must have a number of {digits} digits; {length} characters were read.",
        "重新扫描发票左上角的二维码，或逐位核对。",
        "Scan the invoice's QR again, or compare every digit.",
    ),
    "invoice_invalid": Words(
        "发票二维码有误",
        "The invoice's QR is wrong",
        "读不出发票：{cause}。",
        "It cannot be read as an invoice: {cause}.",
        "重新扫描，或对照发票手工填写。",
        "Scan it again, or enter it by hand from the invoice.",
    ),
}
