"""What goes wrong with accounts and API keys, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "staff_invalid": Words(
        "这一项填得不对",
        "A field is wrong",
        "「{field}」这一项填得不对。",
        "The field “{field}” is wrong.",
        "用户名 2–32 位小写字母、数字、. _ -；姓名和密钥名称 1–40 字；收银台 1–16 位字母数字。",
        "Usernames are 2–32 of a–z, 0–9, . _ -; names 1–40 characters; tills 1–16 letters or digits.",
    ),
    "username_taken": Words(
        "用户名已有人用",
        "Username is taken",
        "已经有账号「{username}」，停用的也算。",
        "There is an account “{username}” already; one that is switched off counts as well.",
        "换一个用户名，或重新启用那个账号。",
        "Choose another, or switch that account on again.",
    ),
    "account_unknown": Words(
        "没有这个账号",
        "No such account",
        "本店没有这个账号。",
        "The shop has no such account.",
        "回到清单重新选择。",
        "Go back to the list and choose again.",
    ),
    "own_account": Words(
        "不能改自己的账号",
        "Not your own account",
        "不能改自己的角色，也不能停用自己（{username}）。",
        "Nobody changes her own role or switches herself off ({username}).",
        "请另一位店长或管理员来改。",
        "Let another manager or administrator do it.",
    ),
    "api_key_not_found": Words(
        "没有这个密钥",
        "No such key",
        "本店没有这个接口密钥。",
        "The shop has no such API key.",
        "回到清单重新选择。",
        "Go back to the list and choose again.",
    ),
}
