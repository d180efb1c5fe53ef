"""Bills in the manner of the channels, in every column set they have had."""

from collections.abc import Iterable

# moment, order number, fen, refund
Move = tuple[str, str, int, bool]
MOVES: tuple[Move, ...] = (
    ("2026-11-18 10:00:00", "1202611180001", 518_500, False),
    ("2026-11-18 11:00:00", "1202611180002", 100, False),
    ("2026-11-18 12:00:00", "1202611180001", 8_500, True),
)
_COMMON = (
    "交易时间,公众账号ID,商户号,{sub},设备号,微信订单号,商户订单号,用户标识,"
    "交易类型,交易状态,付款银行,货币种类"
)
_OLD = f"{_COMMON.format(sub='子商户号')},总金额,代金券或立减优惠金额"
_NEW = f"{_COMMON.format(sub='特约商户号')},应结订单金额,代金券金额"
_TAIL = "商品名称,商户数据包,手续费,费率"
_OLD_BACK = "微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态"
_NEW_BACK = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_WHEN = "退款申请时间,退款成功时间"
HEADERS = {
    (2014, "all"): f"{_OLD},{_OLD_BACK},{_TAIL}",
    (2014, "payments"): f"{_OLD},{_TAIL}",
    (
        2014,
        "refunds",
    ): f"{_OLD},{_WHEN},{_OLD_BACK},{_TAIL}",
    (2019, "all"): (f"{_NEW},{_NEW_BACK},{_TAIL},订单金额,申请退款金额,费率备注"),
    (2019, "payments"): (f"{_NEW},{_TAIL},订单金额,费率备注"),
    (2019, "refunds"): (f"{_NEW},{_WHEN},{_NEW_BACK},{_TAIL},订单金额,申请退款金额,费率备注"),
}
_TOTALS = {
    2014: "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额",
    2019: "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
}


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def wechat(
    year: int = 2019, side: str = "all", moves: Iterable[Move] = MOVES, *, merchant: str = "1900000000"
) -> bytes:
    """Return a trade bill; a refund in a REFUND bill stands under the moment of its sale."""
    header = HEADERS[year, side]
    chosen = [move for move in moves if side == "all" or move[3] is (side == "refunds")]
    rows = [_wechat_row(header, side, merchant, place, *move) for place, move in enumerate(chosen)]
    paid_fen = sum(fen for _, _, fen, back in chosen if not back)
    back_fen = sum(fen for _, _, fen, back in chosen if back)
    sums = [str(len(rows)), yuan(paid_fen), yuan(back_fen), "0.00", "0.00000"]
    sums += [yuan(paid_fen), yuan(back_fen)] if year == 2019 else []
    lines = [header, *rows, _TOTALS[year], ",".join(f"`{one}" for one in sums)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _wechat_row(
    header: str, side: str, merchant: str, place: int, at: str, order: str, fen: int, back: bool
) -> str:
    paid, given = (0, fen) if back else (fen, 0)
    values = {
        "交易时间": "2026-11-03 09:00:00" if side == "refunds" else at,
        "商户号": merchant,
        "微信订单号": f"42{place:026d}",
        "商户订单号": order,
        "交易状态": "REFUND" if back else "SUCCESS",
        "货币种类": "CNY",
        "商品名称": "灯,泡,三只装",
        "费率": "0.60%",
        "退款状态": "SUCCESS" if back else "",
        **dict.fromkeys(("退款申请时间", "退款成功时间"), at),
        "商户退款单号": f"R{place}" if back else "0",
        "微信退款单号": f"50{place:026d}" if back else "0",
        **dict.fromkeys(("总金额", "应结订单金额", "订单金额"), yuan(paid)),
        **dict.fromkeys(("退款金额", "申请退款金额"), yuan(given)),
    }
    return ",".join(f"`{values.get(name, '')}" for name in header.split(","))


def wechat_funds(moves: Iterable[Move] = MOVES, *, fee_fen: int = 311) -> bytes:
    """Return the fund-flow bill of the same day, a fee and all."""
    header = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
        "资金变更提交申请人,备注,业务凭证号"
    )
    flows = [(at, "退款" if back else "交易", back, fen) for at, _, fen, back in moves]
    flows.append(("2026-11-18 23:00:00", "扣除交易手续费", True, fee_fen))
    rows = [
        ",".join(
            f"`{one}"
            for one in (
                *(at, f"42{place}", f"19{place}", kind, kind, "支出" if out else "收入"),
                *(yuan(fen), "9999.00", "system", "缺货,换货", f"42{place}"),
            )
        )
        for place, (at, kind, out, fen) in enumerate(flows)
    ]
    came, went = ([fen for _, _, out, fen in flows if out is side] for side in (False, True))
    sums = (f"{len(flows)}.0", f"{len(came)}.0", yuan(sum(came)), f"{len(went)}.0", yuan(sum(went)))
    totals = ("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", ",".join(f"`{one}" for one in sums))
    return ("\r\n".join([header, *rows, *totals]) + "\r\n").encode("utf-8-sig")


def alipay(moves: Iterable[Move] = MOVES) -> bytes:
    """Return a business detail, in the columns that are read."""
    rows = [
        f"20261118{place:020d}\t,{order}\t,{'退款' if back else '交易'}\t,灯泡,{at},{at},"
        f"{'-' * back}{yuan(fen)}"
        for place, (at, order, fen, back) in enumerate(moves)
    ]
    returned = sum(",退款\t," in row for row in rows)
    lines = [
        *("#支付宝业务明细查询", "#账号：[20880000000000000000]", "#-----业务明细列表-----"),
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）",
        *rows,
        *("#-----业务明细列表结束-----", f"#交易合计：{len(rows) - returned}笔", f"#退款合计：{returned}笔"),
    ]
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")
