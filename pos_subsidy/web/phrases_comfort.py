"""Phrases of what suits the reader, and of a shop's service that cannot be reached."""

PHRASES = {
    "comfort.large": ("大字", "Large type"),
    "comfort.plain": ("标准字", "Normal type"),
    "comfort.sound_on": ("声音 开", "Sound on"),
    "comfort.sound_off": ("声音 关", "Sound off"),
    "install.name": ("以旧换新收银", "Trade-in till"),
    "install.short": ("补贴收银", "Subsidy till"),
    "lost.band": (
        "联系不上本店的服务。填好的内容都在，网络恢复后会自动提交，请不要关闭这一页。",
        "The shop's service cannot be reached. What you typed is kept and is sent by itself once the line is"
        " back; please leave this page open.",
    ),
    "lost.given_back": (
        "网络已恢复，断线前填的内容已放回来，请核对后再按一次。",
        "The line is back and so is what you had typed. Please check it and press once more.",
    ),
    "lost.title": ("联系不上本店的服务", "The shop's service cannot be reached"),
    "lost.do": (
        "请看一下这台机器的网线或 Wi-Fi，以及运行服务的那台电脑是否开着。"
        "顾客已付款的单子不会丢：恢复后在「今日」里找。",
        "Check this machine's cable or Wi-Fi, and that the computer with the service is on. No paid sale is"
        " lost: once the line is back it is found under Today.",
    ),
    "lost.kept": (
        "已填的销售内容留在这台机器上，服务恢复后自动回到收银页。",
        "What was typed into the sale stays on this machine; the till's page comes back by itself.",
    ),
    "lost.retry": ("现在再试", "Try again now"),
}
