"""What is said where the shop wants a manager's approval."""

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
    "setting_unknown": Words(
        "设置有误",
        "A setting is wrong",
        "config.json 里 {setting} 的「{value}」不认识。",
        "In config.json {setting} holds {value}, which is not known.",
        "改成允许的值之一：{allowed}。",
        "Use one of these: {allowed}.",
    ),
}
