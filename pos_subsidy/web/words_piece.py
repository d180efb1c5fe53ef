"""Sentences of a piece that is looked for, or whose numbers are compared."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "piece_differs": Words(
        "包装与机身的号码不一致",
        "Box and body show different numbers",
        "包装上是 {box}，机身或屏幕上是 {screen}。",
        "The box says {box}, the body or screen {screen}.",
        "确认拿的是不是同一台；以机身上的为准，重新扫一遍。",
        "See whether it is the same piece; the body's number counts, scan again.",
    ),
    "piece_not_found": Words(
        "本店没有用过这个号码",
        "This number was never used here",
        "它没有被锁定过，也没有核销过。",
        "It was neither on hold nor redeemed in this shop.",
        "要销售就去收银核验；要查旧单，逐位核对号码，或用核销编号查。",
        "To sell it go to the till; for an old sale compare every character, or use the receipt's number.",
    ),
    "piece_not_found_but_alike": Words(
        "没有这个号码，有很像的",
        "Not this number, but one much like it",
        "O 和 0、I 和 1 容易看错；本店有 {known}。",
        "O and 0, I and 1 are easily confused; this shop knows {known}.",
        "对照机身逐位核对，再查那个号码。",
        "Compare with the body, character by character, then look for that one.",
    ),
    "piece_never_sold": Words(
        "锁定过，没有卖成",
        "Was on hold, never sold",
        "这台机器的锁定已撤销或超时，没有用过补贴。",
        "Its hold was released or ran out; no subsidy was used.",
        "可以重新核验销售。",
        "It may be sold: begin at the till.",
    ),
}
