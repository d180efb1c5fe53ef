"""Makes the day that ships with the software: invented goods and people, right check digits.

    python scripts/make_day.py            writes pos_subsidy/demo/day/

The same script always writes the same files. People are born in 1899, brands are invented.
What must come out is reckoned here from the plan below, not asked of the software.
"""

import csv
import json
import zipfile
from pathlib import Path

from stdnum import ean, luhn
from stdnum.cn import ric

TARGET = Path(__file__).resolve().parent.parent / "pos_subsidy" / "demo" / "day"
DAY = "2026-11-18"
# category, rating, name, model, filed price in fen
GOODS = {
    "fridge": ("refrigerator", "1", "双门冰箱 450升", "BCD-450H", 429_900),
    "big_fridge": ("refrigerator", "1", "十字门冰箱 620升", "BCD-620H", 1_099_900),
    "washer": ("washing_machine", "1", "滚筒洗衣机 10公斤", "XQG100-H", 329_900),
    "air_con": ("air_conditioner", "1", "1.5匹挂机", "KFR-35GW/H", 289_900),
    "old_tv": ("television", "2", "55寸电视", "L55H", 259_900),
    "tv": ("television", "1", "65寸电视", "L65H", 389_999),
    "heater": ("water_heater", "1", "燃气热水器 16升", "JSQ31-H", 249_900),
    "laptop": ("computer", "1", "笔记本电脑 14寸", "NB14H", 599_900),
    "phone": ("phone", "", "手机 8+256G", "P10H", 299_900),
    "dear_phone": ("phone", "", "手机 16+1T", "P10H Pro", 699_900),
    "tablet": ("tablet", "", "平板电脑 11寸", "T11H", 219_900),
    "watch": ("smart_watch", "", "智能手表", "W5H", 129_900),
    "dishwasher": ("dishwasher", "1", "洗碗机 12套", "W12H", 359_900),
}
CAPS = {"phone": 50_000, "tablet": 50_000, "smart_watch": 50_000}
RATE_PERCENT, CAP_FEN = 15, 150_000

# time, shop, order, person, goods, channel, then what is special about it
SALES = [
    ("09:12:10", "A", 1, 1, "fridge", "wechat", {}),
    ("09:25:41", "A", 2, 2, "big_fridge", "alipay", {}),
    ("09:40:05", "A", 3, 3, "washer", "wechat", {}),
    ("09:58:30", "A", 4, 4, "phone", "alipay", {}),
    ("10:15:22", "A", 5, 5, "tv", "wechat", {"price_fen": 388_888}),
    ("10:31:09", "A", 6, 6, "air_con", "alipay", {}),
    ("10:47:55", "A", 7, 7, "laptop", "cash", {}),
    ("11:03:18", "A", 8, 8, "tablet", "wechat", {}),
    ("11:20:44", "A", 9, 9, "watch", "alipay", {}),
    ("11:36:12", "B", 10, 10, "heater", "wechat", {}),
    ("11:52:37", "A", 11, 11, "old_tv", "wechat", {"refusal": "rating_not_eligible"}),
    ("12:08:51", "A", 12, 12, "dear_phone", "alipay", {"refusal": "price_over_ceiling"}),
    ("12:24:03", "A", 13, 13, "dishwasher", "cash", {"refusal": "no_programme"}),
    ("12:39:26", "A", 14, 1, "big_fridge", "wechat", {"refusal": "units_exhausted"}),
    ("12:55:40", "A", 15, 14, "washer", "cash", {"refusal": "serial_used", "serial_of": 3}),
    ("13:10:19", "A", 16, 15, "fridge", "wechat", {"refusal": "price_over_filed", "price_fen": 430_000}),
    ("13:26:33", "B", 17, 2, "fridge", "wechat", {"offline": True, "rejected": "units_exhausted"}),
    ("13:42:08", "B", 18, 16, "tv", "alipay", {"offline": True}),
    ("13:58:47", "B", 19, 3, "washer", "cash", {"refusal": "claimed_elsewhere"}),
]
REVERSED = {1: "七天无理由退货"}
REPRICED = {2: 1_049_900}
EXCHANGED = {3: "屏幕花屏换新"}
# Planted differences of shop A's own files.
WRONG_IN_BILL = {6: 5_000}
NOT_IN_POS = {8}
TWICE_IN_BILL = {9}
NOT_IN_BILL = {5}


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    plan = [_sale(*sale) for sale in SALES]
    _write_catalogue()
    _write_sales(plan)
    _write_pos(plan)
    _write_wechat(plan)
    _write_alipay(plan)
    _write_expected(plan)


def gtin(goods: str) -> str:
    body = f"69{5_120_000_000 + 7_919 * list(GOODS).index(goods)}"
    return body + ean.calc_check_digit(body)


def person(number: int) -> dict[str, str]:
    body = f"33040218990{number // 28 + 1}{number % 28 + 1:02d}{number:03d}"[:17]
    return {
        "name": f"示例{number:02d}",
        "id_type": "resident",
        "id_number": body + ric.calc_check_digit(body + "0"),
        "phone": f"139{number:08d}",
    }


def imei(number: int) -> str:
    body = f"86{number:012d}"
    return body + luhn.calc_check_digit(body)


def order_no(shop: str, number: int) -> str:
    return f"{'1' if shop == 'A' else '2'}20261118{number:04d}"


def granted(category: str, price_fen: int) -> int:
    return min(price_fen * RATE_PERCENT // 100, CAPS.get(category, CAP_FEN))


def _sale(at, shop, number, who, goods, channel, special) -> dict:
    category, _, name, _, filed_fen = GOODS[goods]
    price_fen = special.get("price_fen", filed_fen)
    subsidy_fen = granted(category, price_fen)
    line = {
        "op": "sale",
        "at": at,
        "shop": shop,
        "order_no": order_no(shop, number),
        "person": person(who),
        "gtin": gtin(goods),
        "price_fen": price_fen,
        "serial_no": f"SND{special.get('serial_of', number):06d}",
        "channel": channel,
    }
    if category == "phone":
        line["imei1"] = imei(number)
    if special.get("offline"):
        line["offline"] = True
    line["expect"] = (
        {"refusal": special["refusal"]}
        if "refusal" in special
        else {"subsidy_fen": subsidy_fen, "payable_fen": price_fen - subsidy_fen}
    )
    facts = {"number": number, "name": name, "category": category, "rejected": special.get("rejected")}
    return {"line": line, "sold": "refusal" not in special, "subsidy_fen": subsidy_fen, **facts}


def _net(one: dict) -> tuple[int, int]:
    """Return net price and net subsidy at the end of the day."""
    if one["number"] in REVERSED:
        return 0, 0
    price_fen = REPRICED.get(one["number"], one["line"]["price_fen"])
    return price_fen, min(granted(one["category"], price_fen), one["subsidy_fen"])


def _write_catalogue() -> None:
    with (TARGET / "catalogue.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow(
            ("gtin", "category", "brand", "model", "name", "energy_rating", "label_record_no", "filed_price")
        )
        for place, (goods, (category, rating, name, model, price_fen)) in enumerate(GOODS.items()):
            record = f"7{place:011d}" if rating else ""
            table.writerow((gtin(goods), category, "禾样", model, name, rating, record, _yuan(price_fen)))


def _write_sales(plan: list[dict]) -> None:
    lines = [one["line"] for one in plan]
    for number, reason in REVERSED.items():
        lines.append(_after("reverse", number, "14:05:00", kind="full", reason=reason))
    for number, price_fen in REPRICED.items():
        more = {"kind": "partial", "new_price_fen": price_fen, "reason": "价保"}
        lines.append(_after("reverse", number, "14:20:00", **more))
    for number, reason in EXCHANGED.items():
        lines.append(_after("exchange", number, "14:35:00", serial_no="SNDX00001", reason=reason))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (TARGET / "sales.jsonl").write_text(text, "utf-8")


def _after(op: str, number: int, at: str, **more) -> dict:
    return {"op": op, "at": at, "shop": "A", "order_no": order_no("A", number), **more}


def _write_pos(plan: list[dict]) -> None:
    names = {"wechat": "微信", "alipay": "支付宝", "cash": "现金"}
    rows = []
    for one in _of_shop_a(plan):
        if one["number"] in NOT_IN_POS:
            continue
        price_fen, subsidy_fen = one["line"]["price_fen"], one["subsidy_fen"]
        if one["number"] not in REVERSED:
            price_fen, subsidy_fen = _net(one)
        status = "已退货" if one["number"] in REVERSED else "已完成"
        amounts = [f"{_yuan(fen)}" for fen in (price_fen, subsidy_fen, price_fen - subsidy_fen)]
        line = one["line"]
        at = f"{DAY} {line['at']}"
        goods = (line["gtin"], one["name"], 1)
        rows.append([line["order_no"], at, *goods, *amounts, names[line["channel"]], status])
    battery = ("6900000000007", "电池", 2, "39.80", "0.00", "39.80")
    watch = (gtin("watch"), "智能手表", 1, "1,299.00", "194.85", "1,104.15")
    rows.append([order_no("A", 90), f"{DAY} 15:00:00", *battery, "微信", "已完成"])
    rows.append([order_no("A", 91), f"{DAY} 16:00:00", *watch, "现金", "已完成"])
    with (TARGET / "pos_export.csv").open("w", encoding="gb18030", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        headings = "订单号,下单时间,商品条码,商品名称,数量,成交价,国补金额,实付金额,支付方式,状态"
        table.writerow(headings.split(","))
        table.writerows(rows)


def _write_wechat(plan: list[dict]) -> None:
    header = (
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
        "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
        "手续费,费率,订单金额,申请退款金额,费率备注"
    )
    rows, paid_fen, back_fen = [], 0, 0
    moved = [*_billed(plan, "wechat"), (order_no("A", 90), "15:00:00", "电池", 3_980, 0)]
    for number, (order, at, name, took_fen, gave_fen) in enumerate(moved):
        rows.append(_wechat_row(number, order, at, name, took_fen, 0))
        paid_fen += took_fen
        if gave_fen:
            rows.append(_wechat_row(number, order, at, name, 0, gave_fen))
            back_fen += gave_fen
    totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
    sums = [
        str(len(rows)),
        *map(_yuan, (paid_fen, back_fen, 0)),
        "0.00000",
        *map(_yuan, (paid_fen, back_fen)),
    ]
    text = "\r\n".join([header, *rows, totals, ",".join(f"`{one}" for one in sums)]) + "\r\n"
    (TARGET / "wechat_bill.csv").write_bytes(text.encode("utf-8-sig"))


def _wechat_row(number: int, order: str, at: str, name: str, took_fen: int, gave_fen: int) -> str:
    back = gave_fen > 0
    fields = [
        *(f"{DAY} {at}", "wx0000000000000000", "1900000000", "0", "", f"42{number:026d}", order, "oUser"),
        *("MICROPAY", "REFUND" if back else "SUCCESS", "OTHERS", "CNY", _yuan(took_fen), "0.00"),
        *(f"50{number:026d}" if back else "0", f"R{order}" if back else "0", _yuan(gave_fen), "0.00"),
        *("ORIGINAL" if back else "", "SUCCESS" if back else "", f"{name},门店现货", "", "0.00000", "0.60%"),
        *(_yuan(took_fen), _yuan(gave_fen), ""),
    ]
    return ",".join(f"`{field}" for field in fields)


def _write_alipay(plan: list[dict]) -> None:
    header = (
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
        "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
        "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
    )
    rows, counts, total_fen = [], {"交易": 0, "退款": 0}, 0
    for order, at, name, took_fen, gave_fen in _billed(plan, "alipay"):
        for kind, fen in (("交易", took_fen), ("退款", -gave_fen)):
            if fen:
                number = f"2026111822{len(rows):018d}"
                amount = f"{_yuan(fen)},{_yuan(fen)}"
                rows.append(
                    f"{number}\t,{order}\t,{kind}\t,{name},{DAY} {at},{DAY} {at},"
                    "\t,\t,\t,\t,*(139****0000)\t,"
                    f"{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,0.00,0.00,"
                )
                counts[kind] += 1
                total_fen += fen
    account = "20880000000000000000"
    detail = [
        "#支付宝业务明细查询",
        f"#账号：[{account}]",
        "#起始日期：[2026年11月18日 00:00:00]   终止日期：[2026年11月19日 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        header,
        *rows,
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{counts['交易']}笔",
        f"#退款合计：{counts['退款']}笔",
    ]
    summary = [
        "#支付宝业务汇总查询",
        f"#账号：[{account}]",
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）",
        f"合计\t,\t,{counts['交易']},{counts['退款']},{_yuan(total_fen)},{_yuan(total_fen)}",
    ]
    with zipfile.ZipFile(TARGET / "alipay_detail.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in (("业务明细.csv", detail), ("业务明细(汇总).csv", summary)):
            entry = zipfile.ZipInfo(f"{account}_20261118_{name}", (2026, 11, 19, 0, 0, 0))
            archive.writestr(entry, ("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _billed(plan: list[dict], channel: str):
    """Yield what a channel of shop A took and gave back: (order, time, goods, fen, fen)."""
    for one in _of_shop_a(plan):
        line, number = one["line"], one["number"]
        if line["channel"] != channel or number in NOT_IN_BILL:
            continue
        paid_fen = line["price_fen"] - one["subsidy_fen"]
        net_price_fen, net_subsidy_fen = _net(one)
        gave_fen = paid_fen - (net_price_fen - net_subsidy_fen)
        took_fen = paid_fen + WRONG_IN_BILL.get(number, 0)
        yield line["order_no"], line["at"], one["name"], took_fen, gave_fen
        if number in TWICE_IN_BILL:
            yield line["order_no"], line["at"], one["name"], took_fen, 0


def _of_shop_a(plan: list[dict]) -> list[dict]:
    return [one for one in plan if one["sold"] and one["line"]["shop"] == "A"]


def _write_expected(plan: list[dict]) -> None:
    sold = [one for one in plan if one["sold"]]
    refused: dict[str, int] = {}
    for one in plan:
        if not one["sold"]:
            code = one["line"]["expect"]["refusal"]
            refused[code] = refused.get(code, 0) + 1
    kinds = [
        *((number, "amount_differs") for number in WRONG_IN_BILL),
        *((number, "missing_in_pos") for number in NOT_IN_POS),
        *((number, "duplicate_in_channel") for number in TWICE_IN_BILL),
        *((number, "missing_in_channel") for number in NOT_IN_BILL),
        (91, "missing_in_till"),
    ]
    expected = {
        "day": DAY,
        "redeemed": len(sold),
        "refused": refused,
        "subsidy_fen": sum(one["subsidy_fen"] for one in sold),
        "net_subsidy_fen": sum(_net(one)[1] for one in sold),
        "differences": [{"order_no": order_no("A", number), "kind": kind} for number, kind in sorted(kinds)],
        "rejected_by_hub": [
            {"order_no": one["line"]["order_no"], "code": one["rejected"]} for one in sold if one["rejected"]
        ],
        "accepted_net_fen": sum(_net(one)[1] for one in sold if not one["rejected"]),
    }
    text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
    (TARGET / "expected.json").write_text(text, "utf-8")


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


if __name__ == "__main__":
    main()
