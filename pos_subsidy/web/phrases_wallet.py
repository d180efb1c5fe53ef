"""Phrases of the consumer's page."""

PHRASES = {
    "wallet.title": ("我的补贴券", "My voucher"),
    "wallet.amount": ("预计补贴", "Expected subsidy"),
    "wallet.show": (
        "请让收银员扫描；截图无效，二维码自动更新",
        "Let the cashier scan it; it renews itself, screenshots do not work",
    ),
    "wallet.left": ("还剩", "Time left"),
    "wallet.until": ("有效至 {clock}", "good until {clock}"),
    "wallet.over": ("已到期", "over"),
    "wallet.only_at": ("仅限 {shop}", "at {shop} only"),
    "wallet.held": ("收银员正在收款", "The cashier is taking your payment"),
    "wallet.kept": ("收银台为你保留到 {clock}", "The till keeps it for you until {clock}"),
    "wallet.redeemed": ("已核销，补贴到手", "Redeemed"),
    "wallet.number": ("编号", "No."),
    "wallet.partly_reversed": ("已部分冲正，退还 {amount}。", "Reversed in part; {amount} were returned."),
    "wallet.reversed": ("已退货冲正", "Reversed"),
    "wallet.voided": ("这张券已作废", "This voucher was voided"),
    "wallet.voided_replaced": ("已换发新券，请打开新的链接。", "A new one was issued; please open its link."),
    "wallet.voided_next": ("需要时请到门店重新领取。", "Ask the shop for a new one if you need it."),
    "wallet.expired": ("这张券已过期", "This voucher has expired"),
    "wallet.expired_next": (
        "资格没有用掉，请到门店重新领取。",
        "Your right is not used up; ask the shop for a new voucher.",
    ),
    "wallet.lost": ("连不上门店，正在重试…", "The shop does not answer; trying again…"),
    "wallet.not_found": ("找不到这张券", "No such voucher"),
    "wallet.not_found_next": (
        "链接可能不完整。请重新扫门店给你的二维码，或让收银员帮忙。",
        "The link may be incomplete. Scan the shop's code again, or ask the cashier.",
    ),
}
