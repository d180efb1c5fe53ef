"""Words on the hub's schema, on keys, and on tills that are cut off."""

from pos_subsidy.domain.words_type import Words

WORDS = {
    "schema_older": Words(
        "数据库版本旧",
        "Database is older",
        "数据库的表结构比程序旧，或者还没有表；没有改动。",
        "The database's schema is older than this program, or it has no tables yet; nothing was changed.",
        "先备份，再运行 pos-subsidy hub upgrade，然后启动。",
        "Back up, run pos-subsidy hub upgrade, then start.",
    ),
    "key_revoked": Words(
        "密钥已停用",
        "Key was cut off",
        "门店密钥 {kid} 自 {since} 起停用。",
        "The shop's key {kid} is cut off since {since}.",
        "不要再售补；请联系城市平台。换新电脑后用新登记码重新加入。",
        "Grant no more subsidies and call the city; a new PC joins with a code of its own.",
    ),
    "key_expired": Words(
        "密钥已过期",
        "Key has expired",
        "门店密钥 {kid} 已于 {since} 到期。",
        "The shop's key {kid} expired at {since}.",
        "重启服务以使用新密钥；没有新密钥时请联系城市平台。",
        "Restart the service so that it uses the new key; without one, call the city.",
    ),
    "key_not_yet_valid": Words(
        "密钥尚未生效",
        "Key is not valid yet",
        "门店密钥 {kid} 自 {since} 起才有效。",
        "The shop's key {kid} is valid from {since} only.",
        "检查时钟，稍后再试。",
        "Check the clock and try later.",
    ),
    "key_unknown": Words(
        "没有这把密钥",
        "Unknown key",
        "该门店没有密钥 {kid}。",
        "The shop has no key {kid}.",
        "用 hub keys list 查看编号。",
        "Look its id up with hub keys list.",
    ),
    "delivered_after_cut_off": Words(
        "停用后才送达",
        "Delivered after the cut-off",
        "这笔按其自身时间在停用（{since}）之前，但由已停用的密钥 {kid} 在停用之后送达。",
        "By its own clock this is older than the cut-off ({since}), but the key {kid} that was cut off"
        " handed it in afterwards.",
        "由城市人员核实后决定。",
        "People of the city look at it and decide.",
    ),
    "cut_off_ahead": Words(
        "时间在将来",
        "The moment lies ahead",
        "停用时间不能在将来。",
        "A cut-off cannot begin in the future.",
        "改用丢失的时间，或不填（即现在）。",
        "Give the moment it was lost, or none for now.",
    ),
    "new_key_unproven": Words(
        "新密钥未证明",
        "New key is unproven",
        "新密钥没有签名，不能证明门店持有它。",
        "The new key did not sign, so nothing shows that the shop has it.",
        "重新运行 keys rotate。",
        "Run keys rotate again.",
    ),
    "clock_differs": Words(
        "时钟相差太多",
        "Clocks differ too much",
        "门店时钟与城市平台（{at}）相差超过一天。",
        "The shop's clock and the city's ({at}) are more than a day apart.",
        "校准时钟后再试。",
        "Set the clock and try again.",
    ),
    "schema_newer": Words(
        "数据库版本新",
        "Database is newer",
        "数据库的表结构比程序新；旧程序不能用它，没有改动。",
        "The database's schema is newer than this program, which cannot work with it; nothing was changed.",
        "安装与数据库相符的新版本程序。",
        "Install the newer release that fits the database.",
    ),
}
