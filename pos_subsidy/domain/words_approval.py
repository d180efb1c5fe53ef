"""What is said of a manager's approval, and of a voucher that is issued anew."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "approval_required": Words(
        "需要店长同意",
        "A manager must approve this",
        "本店规定，这一步要由店长在这张表上确认。",
        "This shop wants a manager to confirm this step on this very form.",
        "请店长输入自己的用户名和密码（或 PIN），再提交。",
        "Let a manager type her user name and password (or PIN), then send it again.",
    ),
    "approval_failed": Words(
        "店长确认不成功",
        "The approval is not right",
        "用户名、密码或 PIN 不对，或这个账号不是店长。",
        "Name, password or PIN is wrong, or the account is no manager's.",
        "请店长重新输入；多次输错要等几分钟。",
        "Let the manager type it again; after several wrong tries wait some minutes.",
    ),
    "voucher_not_over": Words(
        "券还没有过期",
        "The voucher has not expired",
        "券的状态是 {status}，只有过期的券可以一键重发。",
        "It is {status}; only an expired one is issued anew like this.",
        "未使用的券直接用，或先作废再发券。",
        "Use it as it is, or void it and issue another.",
    ),
    "reissued_already": Words(
        "这张券已经重发过",
        "This voucher was issued anew already",
        "新券是 {voucher}。",
        "The new one is {voucher}.",
        "用那张新券。",
        "Use that one.",
    ),
    "identity_not_kept": Words(
        "本店已不再保存她的证件信息",
        "Her identity is no longer kept",
        "不能凭旧券重发。",
        "The old voucher cannot stand for her.",
        "在发券页面重新录入证件发券。",
        "Issue a voucher with her ID on the issue page.",
    ),
    "setting_unknown": Words(
        "设置有误",
        "A setting is wrong",
        "config.json 里 {setting} 的「{value}」不认识。",
        "In config.json {setting} holds {value}, which is not known.",
        "改成允许的值之一：{allowed}。",
        "Use one of these: {allowed}.",
    ),
}
