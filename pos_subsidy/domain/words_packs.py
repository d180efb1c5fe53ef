"""What happens at the desks for rules and money, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "pack_day_past": Words(
        "生效日期太早",
        "It would begin too early",
        "规则从 {from_day} 起生效太早，最早 {earliest}。已发生的销售不改判。",
        "From {from_day} is too early; {earliest} is the first possible day. Past sales are not judged anew.",
        "把生效日期改为 {earliest} 或以后。",
        "Let it begin on {earliest} or later.",
    ),
    "pack_version_known": Words(
        "版本号不是新的",
        "The version is not new",
        "{programme} 已有版本 {newest}，文件里写的是 {version}。",
        "{programme} has version {newest} already; the file says {version}.",
        "把文件里的 version 改成比 {newest} 大的数。",
        "Give the file a version above {newest}.",
    ),
    "pack_too_long": Words(
        "文件太大",
        "The file is too large",
        "规则文件最多 {most} 个字符。",
        "A pack has {most} characters at most.",
        "确认选对了文件。",
        "Check that this is the right file.",
    ),
    "pack_unknown": Words(
        "没有这份规则",
        "No such pack",
        "没有编号为 {number} 的规则，或它已处理。",
        "There is no pack {number} here, or it was dealt with.",
        "回到规则列表查看。",
        "Look at the list of packs.",
    ),
    "pack_refused": Words(
        "规则包校验不通过",
        "A pack was refused",
        "第 {pack_no} 号规则包的签名不对，没有采用；原来的规则继续有效。",
        "Pack {pack_no} is not as the city signed it; it was not taken. The former rules stay in force.",
        "再同步一次；仍不行请联系市级平台。",
        "Synchronise again; if it stays so, call the city.",
    ),
    "file_missing": Words(
        "没有选择文件",
        "No file chosen",
        "没有收到文件。",
        "No file came with the form.",
        "选择文件后再提交。",
        "Choose a file and send the form again.",
    ),
    "run_made_meanwhile": Words(
        "已经生成过付款批次",
        "A run was made meanwhile",
        "刚才已生成付款批次 {run_id}，这次没有再生成。",
        "Payment run {run_id} was made a moment ago; no other was made.",
        "先核对这个批次，需要时再生成。",
        "Check that run first; make another if it is needed.",
    ),
}
