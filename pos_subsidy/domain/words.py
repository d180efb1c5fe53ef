"""What every code says, in Chinese and English, with its figures filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from pos_subsidy.domain import (
    words_appeals,
    words_approval,
    words_budget,
    words_city,
    words_claims,
    words_day,
    words_evidence,
    words_files,
    words_findings,
    words_keys,
    words_lint_crowds,
    words_lint_goods,
    words_lint_papers,
    words_numbers,
    words_office,
    words_packs,
    words_policy,
    words_proof,
    words_requests,
    words_review,
    words_sale,
    words_service,
    words_signals,
    words_staff,
    words_steps,
    words_units,
    words_vouchers,
)
from pos_subsidy.domain.money import yuan
from pos_subsidy.domain.words_type import Words

WORDS: Mapping[str, Words] = {
    **words_service.WORDS,
    **words_requests.WORDS,
    **words_numbers.WORDS,
    **words_files.WORDS,
    **words_policy.WORDS,
    **words_units.WORDS,
    **words_proof.WORDS,
    **words_vouchers.WORDS,
    **words_sale.WORDS,
    **words_claims.WORDS,
    **words_city.WORDS,
    **words_day.WORDS,
    **words_packs.WORDS,
    **words_approval.WORDS,
    **words_office.WORDS,
    **words_budget.WORDS,
    **words_staff.WORDS,
    **words_evidence.WORDS,
    **words_review.WORDS,
    **words_appeals.WORDS,
    **words_signals.WORDS,
    **words_findings.WORDS,
    **words_keys.WORDS,
    **words_lint_goods.WORDS,
    **words_lint_papers.WORDS,
    **words_lint_crowds.WORDS,
}
_WHY: Mapping[str, tuple[str, str]] = {
    **words_lint_goods.WHY,
    **words_lint_papers.WHY,
    **words_lint_crowds.WHY,
}

# All of China keeps one time; it is for reading only, nothing is computed from it.
_CHINA = timezone(timedelta(hours=8))

# Words inside sentences, by the value of a parameter.
_TERMS = {
    "gtin": ("商品条码", "bar code"),
    "imei": ("IMEI", "IMEI"),
    "serial_no": ("序列号", "serial number"),
    "uscc": ("统一社会信用代码", "credit code"),
    "length": ("位数不对", "wrong length"),
    "alphabet": ("有不允许的字符", "a character that cannot be"),
    "spelling": (
        "写法不规范：有全角、小写字母或空格",
        "not in its usual form: full-width, lower case or blanks",
    ),
    "check_digit": ("校验位不对", "the check digit is wrong"),
    "birth_date": ("出生日期不对", "the birth date is impossible"),
    "unknown": ("没有这种类型", "unknown kind"),
    "issued": ("未使用", "unused"),
    "held": ("正在办理", "on hold"),
    "redeemed": ("已使用", "redeemed"),
    "reversed": ("已退货", "reversed"),
    "voided": ("已作废", "voided"),
    "expired": ("已过期", "expired"),
    "released": ("已取消", "released"),
    "made": ("已付出", "paid out"),
    "paid": ("已到账", "paid"),
    "returned": ("已退回", "returned"),
    "id_number": ("证件号码", "ID number"),
    "id_type": ("证件类型", "kind of ID"),
    "phone": ("手机号", "phone number"),
    "name": ("姓名", "name"),
    "spoilt": ("被表格软件改成了科学计数", "a spreadsheet has spoilt the number"),
    "quantity": ("不是整数", "no whole number"),
    "zeros": ("开头的 0 丢了", "the leading zeros are gone"),
    "digits": ("第 15 位之后都成了 0", "all digits after the 15th became zeros"),
    "swapped": ("月和日对调了", "day and month are swapped"),
    "empty": ("是空的", "it is empty"),
    "decimals": ("多于两位小数", "more than two decimals"),
    "number": ("不是金额", "no amount"),
    "date": ("日期无法识别", "the date cannot be read"),
    "several": ("有两个不同的号码", "two different numbers"),
    "version": ("版本不认识", "unknown version"),
    "type": ("发票种类不认识", "unknown type of invoice"),
    "code": ("发票代码与种类不符", "the invoice code does not suit the type"),
    "columns": ("列数不对", "wrong number of columns"),
    "backtick": ("不是账单的行", "no row of a bill"),
    "vin": ("车架号", "VIN"),
    "frame_code": ("整车编码", "frame code"),
    "scheme": ("补贴方式（置换或报废）", "scheme (replacement or scrappage)"),
    "fuel": ("新车燃料类型", "fuel of the new car"),
    "displacement_l": ("排量", "displacement"),
    "old_car_fuel": ("旧车燃料类型", "fuel of the old car"),
    "old_car_first_registered_on": ("旧车注册登记日期", "first registration of the old car"),
    "old_car_vin": ("旧车车架号", "VIN of the old car"),
    "paper_number": ("号码", "number"),
    "paper_amount": ("金额", "amount"),
    "paper_day": ("开具日期", "day of issue"),
    "file_too_large": ("超过大小上限", "larger than allowed"),
    "file_empty": ("是空的", "it is empty"),
    "file_kind": ("不是 JPEG、PNG、HEIC 或 PDF", "no JPEG, PNG, HEIC or PDF"),
    "file_damaged": ("已损坏或不完整", "damaged or cut"),
    "file_pixels": ("像素太多", "too many pixels"),
    "file_base64": ("不是 base64 编码", "not in base64"),
    "invoice.number": ("发票号码", "invoice number"),
    "invoice.code": ("发票代码", "invoice code"),
    "invoice.total_fen": ("发票总额", "invoice total"),
    "invoice.issued_on": ("开票日期", "day of issue"),
    "invoice.buyer_name": ("购买方名称", "buyer"),
    "photos.box": ("包装照片", "photo of the box"),
    "photos.screen": ("激活屏幕照片", "photo of the screen"),
    "photos.label": ("能效标识照片", "photo of the label"),
    "photos.delivery": ("送货照片", "photo of the delivery"),
    "photos.invoice": ("发票文件", "file of the invoice"),
    "box_photo": ("包装照片", "photo of the box"),
    "screen_photo": ("激活屏幕照片", "photo of the activated screen"),
    "label_photo": ("能效标识照片", "photo of the energy label"),
    "delivery_photo": ("送货照片", "photo of the delivery"),
    "invoice_copy": ("发票文件", "file of the invoice"),
    "delivery_note": ("送货单", "delivery note"),
    "invoice": ("发票", "invoice"),
    "flat_no": ("不动产单元号", "number of the flat"),
    "old_car_held_since": ("旧车持有日期", "day since which the old car is held"),
    "old_car_disposed_on": ("旧车转让或报废日期", "day the old car was given up"),
    "invoice_region": ("发票开具地区", "region of the invoice"),
    "purchase_day": ("购买日期", "day of the purchase"),
    "registered_on": ("新车登记日期", "registration of the new car"),
    "old_bike_handed_in": ("交回旧车", "old bike handed in"),
    "ccc": ("3C 认证", "CCC certificate"),
    "house_completed_on": ("房屋建成日期", "completion of the house"),
    "has_rating_system": ("有能效分级", "has a rating system"),
    "water_rating": ("水效等级", "water rating"),
    "nev": ("新能源", "new energy"),
    "ice": ("燃油", "combustion"),
    "petrol": ("汽油", "petrol"),
    "diesel": ("柴油", "diesel"),
    "replacement": ("置换更新", "replacement"),
    "scrappage": ("报废更新", "scrappage"),
    "coupon_batch": ("消费券批次", "batch of the coupon"),
    "stacked_with": ("已享受的补贴", "subsidy it has already"),
    "all": ("全期", "all its days"),
    "ConnectError": ("连不上", "no connection"),
    "ConnectTimeout": ("连不上", "no connection"),
    "ReadTimeout": ("等不到回答", "no answer in time"),
    "WriteTimeout": ("线路太慢", "the line is too slow"),
    "PoolTimeout": ("线路太忙", "the line is busy"),
    "ReadError": ("线路中断", "the line broke"),
    "WriteError": ("线路中断", "the line broke"),
    "RemoteProtocolError": ("线路中断", "the line broke"),
    "signature": ("回答上的签名不对", "its answer is not signed as it should be"),
    "answer to another hold": ("回答的是另一笔", "it answered about another hold"),
    "malformed answer": ("回答看不懂", "its answer cannot be read"),
    "the line is cut": ("线路已断，正在重连", "the line is cut and being tried again"),
    "activated_on_site": ("现场拆封激活", "activated on site"),
}
_TRANSLATED = frozenset(
    {"kind", "cause", "status", "field", "attribute", "used_as", "asked", "told", "after", "part", "period"}
)


def say(code: str, params: Mapping[str, Any]) -> Words:
    """Return the sentences of a code with their figures; ``variant`` chooses among several.

    Raises:
        KeyError: the code has no words; a test sees to it that every code has.
    """
    varied = f"{code}.{params.get('variant')}"
    code = varied if varied in WORDS else code
    return Words(
        *(_filled(sentence, params, english=bool(place % 2)) for place, sentence in enumerate(_parts(code)))
    )


def why(code: str) -> tuple[str, str]:
    """Return why a finding matters, in Chinese and English."""
    return _WHY[code]


def term(name: str) -> tuple[str, str]:
    """Return what a word of the rules is called in Chinese and English; itself where it has no name."""
    return _TERMS.get(name, (name, name))


def step(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return a step of a sum in Chinese and English."""
    zh, en = words_steps.STEPS[code]
    return _filled(zh, params, english=False), _filled(en, params, english=True)


def _parts(code: str) -> tuple[str, ...]:
    words = WORDS[code]
    return (
        *(words.title_zh, words.title_en, words.detail_zh, words.detail_en),
        *(words.next_step_zh, words.next_step_en),
    )


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _filled(sentence: str, params: Mapping[str, Any], *, english: bool) -> str:
    shown = _Shown({name: _show(name, value, english=english) for name, value in params.items()})
    return sentence.format_map(shown)


def _show(name: str, value: Any, *, english: bool) -> str:
    if value is None:
        return "none" if english else "无"
    if isinstance(value, tuple):
        parts = [words_steps.LEFT_OUT[one][english] for one in value]
        return (", " if english else "、").join(parts)
    if name.endswith("_fen"):
        return yuan(value) if isinstance(value, int) else f"{value / 100:f}".rstrip("0")
    if isinstance(value, Decimal):
        return f"{value * 100:f}".rstrip("0").rstrip(".") + "%"
    if name.endswith("_at") or name in ("valid_until", "since"):
        return local(str(value))
    if name == "choices":
        parts = [term(one)[english] for one in str(value).split(", ")]
        return (" or " if english else "或").join(parts)
    if name in _TRANSLATED and str(value) in _TERMS:
        return _TERMS[str(value)][english]
    if name == "cause" and str(value) in WORDS:
        # The other side's own code, which says nothing to a clerk.
        return WORDS[str(value)].title_en if english else WORDS[str(value)].title_zh
    return str(value)


def local(written: str) -> str:
    """Write a moment as people in China read it, e.g. ``05-01 10:00``; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{at.replace(tzinfo=at.tzinfo or UTC).astimezone(_CHINA):%m-%d %H:%M}"
