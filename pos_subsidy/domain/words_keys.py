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
    "schema_newer": Words(
        "数据库版本新",
        "Database is newer",
        "数据库的表结构比程序新；旧程序不能用它，没有改动。",
        "The database's schema is newer than this program, which cannot work with it; nothing was changed.",
        "安装与数据库相符的新版本程序。",
        "Install the newer release that fits the database.",
    ),
}
