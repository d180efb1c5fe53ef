"""Sentences of codes in the reader's language, with those that only a page can raise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_subsidy.domain import words
from pos_subsidy.domain.words_type import Words
from pos_subsidy.web import words_order, words_piece
from pos_subsidy.web.language import in_language

PAGE_WORDS: dict[str, Words] = {
    **words_order.WORDS,
    **words_piece.WORDS,
    "consent_required": Words(
        "还没有取得同意",
        "Consent is missing",
        "录入证件前，须向消费者说明用途并取得单独同意。",
        "Before an identity document is typed, the consumer must be told what for, and consent separately.",
        "请消费者看过告知内容，勾选同意后再录入。",
        "Let the consumer read the notice, tick the consent, then go on.",
    ),
    "ask_at_counter": Words(
        "这里不能再发券",
        "No further voucher here",
        "这一类可能已有未用的券，或名额已经用完。",
        "There may be an unused voucher of this class, or the right is used up.",
        "打开之前收到的券链接；找不到就带上证件到收银台问。",
        "Open the link of your earlier voucher; without it, bring your ID and ask at the counter.",
    ),
    "deletion_waits": Words(
        "正在付款，暂时不能删除",
        "A payment is running",
        "有一张券已锁定，等着付款。",
        "A voucher is on hold until it is paid for.",
        "付款完成或取消后再申请。",
        "Ask again when the payment is done or given up.",
    ),
    "data_not_shown": Words(
        "手机号对不上",
        "The phone number does not match",
        "它与领券时留的手机号不同；或收银员还没有核对过证件。",
        "It is not the number that was given; or no cashier has compared the ID yet.",
        "检查号码再试；或带上证件到收银台问。",
        "Check the number and try again, or bring your ID and ask at the counter.",
    ),
    "scan_incomplete": Words(
        "号码不完整或有误",
        "The code is incomplete or wrong",
        "读到 {length} 位数字：校验位不对，或只扫到一部分。",
        "{length} digits arrived: the check digit is wrong, or a part is missing.",
        "点一下扫描框，重新扫一次；输入法请切到英文。",
        "Click the scan field and scan again; switch the input method to English.",
    ),
    "scan_unrecognised": Words(
        "认不出扫到的内容",
        "This scan is not recognised",
        "它不是券码、商品条码、序列号或串号。",
        "It is no voucher, bar code, serial number or IMEI.",
        "看清楚现在要扫的是哪一项，再扫一次。",
        "See what is wanted now and scan again.",
    ),
    "scan_is_energy_label": Words(
        "这是能效标识二维码",
        "This is an energy label",
        "能效等级以备案目录为准，收银台不需要扫它。",
        "The filed catalogue decides the rating; the till does not need the label.",
        "请扫商品条码。",
        "Scan the goods' bar code.",
    ),
    "scan_is_invoice": Words(
        "这是发票二维码",
        "This is an invoice",
        "核销时还用不到发票；发票在核销后作为凭证材料归档。",
        "No invoice is needed for the deduction; it is filed as evidence afterwards.",
        "请扫现在需要的那一项。",
        "Scan what is wanted now.",
    ),
    "scan_is_ebike_certificate": Words(
        "这是电动自行车合格证二维码",
        "This is an e-bike's certificate",
        "它写的是整车编码；收银台要扫的是车上的条码。",
        "It names the frame code; the till wants the bar codes on the bike itself.",
        "请扫现在需要的那一项；整车编码在申领时填写。",
        "Scan what is wanted now; the frame code is entered with the claim.",
    ),
    "scan_serial_unclear": Words(
        "分不清序列号到哪里为止",
        "Where the serial number ends is unclear",
        "扫码枪漏掉了分隔符，可以读成：{readings}。",
        "The scanner lost the separators; it can be read as: {readings}.",
        "请扫单独的序列号条码，或照标签键入序列号。",
        "Scan the serial number's own bar code, or type it as the label shows it.",
    ),
    "scan_is_payment_code": Words(
        "这是顾客的付款码",
        "This is a payment code",
        "付款码请用收款设备扫；这里没有扣任何钱。",
        "Payment codes belong to the payment terminal; nothing was charged here.",
        "请让顾客打开补贴券页面，再扫券。",
        "Ask the customer to open the voucher's page and scan that.",
    ),
    "picture_invalid": Words(
        "图片无法打开",
        "The picture cannot be opened",
        "它不是照片，或太大（最多 16 MB）。",
        "It is no picture, or too large (16 MB at most).",
        "重新拍一张，用 JPEG 或 PNG。",
        "Take another one, as JPEG or PNG.",
    ),
    "picture_without_code": Words(
        "图片里没有找到条码",
        "No code on the picture",
        "没有认出二维码或条码。",
        "No QR or bar code was recognised.",
        "对准条码、离近一点、避开反光再拍；或用键盘输入。",
        "Hold it closer, without glare, and try again; or type the number.",
    ),
    "scan_is_second_voucher": Words(
        "这笔销售已有一张券",
        "This sale has a voucher already",
        "扫到的是另一张补贴券；一件商品只用一张。",
        "This is another voucher; one piece takes one.",
        "另一件商品请另开一笔；要换券先清空本单。",
        "Begin another sale for another piece; clear this one to use the other voucher.",
    ),
    "scan_is_other_voucher": Words(
        "这是别的平台的券",
        "This voucher belongs to another platform",
        "它不是本店核发的补贴券，这里不能用，也没有动它。",
        "It was not issued here, cannot be used here, and was not touched.",
        "在本店给顾客核发补贴券，或请顾客到发券的平台使用。",
        "Issue a voucher here, or let the customer use hers where it was issued.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a code says, in one language."""

    title: str
    detail: str
    next_step: str


def say(code: str, params: Mapping[str, Any]) -> Sentence:
    """Return the sentence of a code in the reader's language."""
    parts = ("title", "detail", "next_step")
    known = PAGE_WORDS.get(code)
    if known is not None:
        return Sentence(*(in_language(known, part).format(**params) for part in parts))
    spoken = words.say(code, params)
    return Sentence(*(in_language(spoken, part) for part in parts))
