"""What is wrong with a program's request, in words."""

from pos_subsidy.domain.words_type import Words

WORDS: dict[str, Words] = {
    "invalid": Words(
        "请求有误",
        "Bad request",
        "请求无法识别。",
        "The request cannot be read.",
        "检查后重试。",
        "Check it and try again.",
    ),
    "body_invalid": Words(
        "内容有误",
        "Bad content",
        "字段 {field} 不对：{cause}。",
        "Field {field}: {cause}.",
        "更正该字段后重试。",
        "Correct the field and try again.",
    ),
    "idempotency_key_required": Words(
        "缺少幂等键",
        "Idempotency key missing",
        "每个写请求都要带 Idempotency-Key。",
        "Every write needs an Idempotency-Key header.",
        "生成并保存一个键，再发送。",
        "Make a key, store it, then send.",
    ),
    "idempotency_key_invalid": Words(
        "幂等键格式不对",
        "Idempotency key malformed",
        "幂等键只能用 1–64 位字母、数字和 . _ ~ -。",
        "A key is 1–64 of letters, digits and . _ ~ -.",
        "换一个键。",
        "Choose another key.",
    ),
    "idempotency_conflict": Words(
        "幂等键已用于另一个请求",
        "Key was used for another request",
        "同一个键发来了不同的内容，没有执行。",
        "The same key came with another body; nothing was done.",
        "新的请求用新的键。",
        "Use a new key for a new request.",
    ),
    "in_progress": Words(
        "正在处理",
        "In progress",
        "同一请求正在处理。",
        "The first one is still running.",
        "稍等片刻，用同一个键再问。",
        "Wait a moment and ask with the same key.",
    ),
    "request_unknown": Words(
        "没有收到过这个请求",
        "Request never arrived",
        "没有这个键的请求，什么也没有发生。",
        "No request with this key arrived; nothing happened.",
        "可以放心用同一个键再发一次。",
        "Send it again with the same key.",
    ),
    "api_key_required": Words(
        "需要接口密钥",
        "API key needed",
        "这个请求要带门店的接口密钥。",
        "This call needs the shop's API key.",
        "在 Authorization: Bearer 中带上密钥。",
        "Send it as Authorization: Bearer.",
    ),
    "api_key_unknown": Words(
        "接口密钥无效",
        "API key unknown",
        "密钥不是本店的，或已停用。",
        "The key is not one of this shop's, or was withdrawn.",
        "请店长发新的密钥。",
        "Ask the shop lead for a new one.",
    ),
}
