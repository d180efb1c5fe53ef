"""What goes wrong at the city's desk, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "office_sign_in_failed": Words(
        "登录失败",
        "Sign-in failed",
        "用户名或密码不对。",
        "Name or password is wrong.",
        "再试一次；忘记密码请找系统管理员重置。",
        "Try again, or have an administrator set a new password.",
    ),
    "office_locked": Words(
        "暂时不能登录",
        "Sign-in is locked for now",
        "密码错了太多次，{until_at} 之前不再接受这个用户名登录。",
        "Too many wrong passwords: this name is not let in before {until_at}.",
        "到时再试；如果不是你本人输错，请告诉系统管理员。",
        "Try again then. If the wrong passwords were not yours, tell an administrator.",
    ),
    "office_session_over": Words(
        "登录已超时",
        "The session is over",
        "太久没有操作，或今天已登录太久，系统已自动退出。",
        "Nothing was done for a while, or you were signed in for very long.",
        "重新登录；刚才没有提交的内容没有保存。",
        "Sign in again; what was not sent was not kept.",
    ),
    "office_not_allowed": Words(
        "没有权限",
        "Not allowed",
        "你的角色不能做这件事。",
        "Your role may not do this.",
        "请有权限的同事办理；需要调整角色请找系统管理员。",
        "Ask a colleague whose role may, or an administrator about yours.",
    ),
    "office_account_unknown": Words(
        "没有这个账号",
        "No such account",
        "市级平台没有账号「{username}」。",
        "The hub has no account “{username}”.",
        "用 pos-subsidy hub staff list 查看账号。",
        "See the accounts with: pos-subsidy hub staff list.",
    ),
    "office_account_exists": Words(
        "用户名已有人用",
        "Username is taken",
        "已经有账号「{username}」，停用的也算。",
        "There is an account “{username}” already; one that is switched off counts as well.",
        "换一个用户名，或重新启用那个账号。",
        "Choose another, or switch that account on again.",
    ),
    "office_account_invalid": Words(
        "这一项填得不对",
        "A field is wrong",
        "「{field}」这一项填得不对。",
        "The field “{field}” is wrong.",
        "用户名 2–32 位小写字母、数字、. _ -；姓名 1–40 字；密码 10–200 个字符，不能与用户名相同。",
        "Names to sign in with: 2–32 of a–z, 0–9, . _ -; display names: 1–40 characters;"
        " passwords: 10–200 characters, not the user name.",
    ),
    "office_reason_required": Words(
        "请写明原因",
        "A reason is needed",
        "停用或恢复商户，必须写明原因（4–200 字），并记入操作日志。",
        "To suspend or reinstate a shop takes a reason of 4–200 characters; it is kept in the log.",
        "补上原因再提交；刚才没有执行。",
        "Add the reason and send it again; nothing was done.",
    ),
    "office_standing_same": Words(
        "状态没有变化",
        "Nothing to change",
        "门店 {outlet} 已经是这个状态，可能有同事刚办过。",
        "Shop {outlet} has this standing already; a colleague may have been faster.",
        "刷新页面查看现在的状态和记录。",
        "Reload the page to see its standing and its history.",
    ),
    "office_search_empty": Words(
        "还没有填查询条件",
        "Nothing to search for",
        "至少填一项。",
        "Fill in one field at least.",
        "填一项再查。",
        "Fill in one and search again.",
    ),
}
