"""Phrases of the poster, of applying on one's own phone, and of one's own vouchers and data."""

PHRASES = {
    "poster.title": ("门店海报", "Poster for the shop"),
    "poster.link": ("打印自助申领海报", "Print the poster for self-service"),
    "poster.headline": ("扫一扫，看看能补多少", "Scan to see what subsidy you would get"),
    "poster.see": (
        "选好品类、填上价格，补贴多少马上知道",
        "Choose what you buy and its price: the sum is shown at once",
    ),
    "poster.apply": (
        "填写本人信息，领一张补贴券",
        "Fill in your details and get a voucher",
    ),
    "poster.show": (
        "付款时出示二维码和本人证件，当场立减",
        "Show the code and your own ID when you pay: it is deducted there and then",
    ),
    "poster.without_phone": (
        "不用手机也可以：带上本人证件到收银台，领一张纸质券。",
        "No phone needed: bring your ID to the till for a voucher on paper.",
    ),
    "poster.no_https": (
        "门店地址还不是 https：顾客扫码只能看补贴，不能填写证件。请先运行 pos-subsidy tls，再打印。",
        "The shop's address is not https yet: customers can look, but type no ID. Run pos-subsidy tls first.",
    ),
    "poster.alt": ("申领页面的二维码", "QR of the page to apply"),
    "apply.title": ("领补贴券", "Get a subsidy voucher"),
    "apply.lead": (
        "先看看能补多少，再填本人信息领券；付款时由收银员扫码。",
        "See what you would get, fill in your details, and let the cashier scan the voucher.",
    ),
    "apply.gtin": ("或输入包装上的商品条码", "Or the bar code on the box"),
    "apply.picture": ("不想输数字？拍一下包装上的条码", "Rather take a photo of the bar code?"),
    "apply.picture_take": ("拍条码", "Take a photo"),
    "apply.price": ("成交价（元，选填）", "Price (yuan, optional)"),
    "apply.not_here": ("这一类不能在这里领券", "No voucher for this class here"),
    "apply.not_here_next": (
        "今天没有补贴，或要在购买后申领；请到收银台问一问。",
        "Nothing is granted today, or it is claimed after purchase; please ask at the counter.",
    ),
    "apply.who": ("填写本人信息", "Your details"),
    "apply.notice": (
        "为核验补贴资格，{shop}需要收集你的姓名、证件类型和号码、手机号。证件号码加密后只交市级平台审核，本店只留姓名首字和末四位；在券的页面可以随时查看，也可以申请删除。",
        "To check your right to a subsidy, {shop} needs your name, kind and number of ID, and phone. The"
        " number is sealed for the city alone; the shop keeps the first character of the name and the last"
        " four digits. The voucher's page shows what is kept, and lets you ask for deletion.",
    ),
    "apply.consent": (
        "我已看过以上内容，单独同意处理我的证件信息",
        "I have read this and consent separately to the use of my ID",
    ),
    "apply.bring": (
        "付款时请带上本人证件，收银员会核对。",
        "Bring this ID when you pay; the cashier will compare it.",
    ),
    "apply.go": ("领券", "Get the voucher"),
    "apply.open_network": ("这里的网络没有加密", "This network is not encrypted"),
    "apply.open_network_next": (
        "证件和手机号不能在这里填写。请打开 https 开头的地址，或到收银台办理。",
        "Do not type ID or phone here. Open the address that begins with https, or ask at the counter.",
    ),
    "ask_next.consent_required": (
        "看过告知内容，勾选同意，再填写证件号码。",
        "Read the notice, tick the consent, then type the ID number again.",
    ),
    "ask_next.person_invalid": (
        "对照证件改正这一项；证件号码请重新输入。",
        "Correct it by your ID; the ID number has to be typed again.",
    ),
    "ask_next.not_in_catalogue": (
        "请选品类，或请店员看看这件商品是否备案。",
        "Choose a class instead, or ask the staff whether this item is filed.",
    ),
    "wallet.bright": ("扫不出来时，把屏幕调亮。", "If it is not read, turn up the brightness."),
    "wallet.bring_id": (
        "请带上本人证件，收银员核对后才能使用。",
        "Have your own ID ready: the cashier compares it first.",
    ),
    "own.vouchers": ("我在本店的券", "My vouchers at this shop"),
    "own.vouchers_lead": ("在{shop}领过的券，新的在前。", "Vouchers from {shop}, newest first."),
    "own.after_compared": (
        "收银员核对证件以后，这里才显示更多。没有核对前，任何人都可能填了别人的号码。",
        "More is shown once a cashier has compared the ID: until then anybody may have typed this number.",
    ),
    "data.title": ("本店保存了我的哪些信息", "What this shop keeps of me"),
    "data.what": ("保存的内容", "What is kept"),
    "data.card": (
        "姓名首字、证件类型、证件号码末四位、手机号末四位：收银员核对时看。",
        "First character of the name, kind of ID, last digits of ID and phone: the cashier compares them.",
    ),
    "data.hashes": (
        "证件号码、姓名、手机号的加密摘要：只能比对，不能还原；防止重复补贴。",
        "Keyed hashes of ID number, name and phone: to compare, not to read; against double subsidies.",
    ),
    "data.sealed": (
        "完整信息加密封存，只有市级平台能打开，本店打不开。",
        "The full details, sealed: only the city can open them, this shop cannot.",
    ),
    "data.sealed_here": (
        "完整信息加密封存；本店还没有接入市级平台，钥匙由本店保管，接入后改由市级平台保管。",
        "The full details, sealed; until this shop is joined to the city it holds the key itself.",
    ),
    "data.vouchers": (
        "补贴券和买过的商品、金额、时间。",
        "Vouchers, and what was bought, for how much, when.",
    ),
    "data.journal": (
        "防篡改流水里只有券号和加密编号，没有姓名和号码；流水不能删改。",
        "The tamper-proof journal holds voucher codes and a keyed number, no name; it cannot be changed.",
    ),
    "data.why": (
        "为什么：补贴由财政支付，事后要审计，每一笔都要能查清。",
        "Why: the state pays the subsidy and audits it later; every payment must be accounted for.",
    ),
    "data.until": (
        "保存多久：没买成的，随时可以删除；用过补贴或申领过的，保存到最后一笔之后 {years} 年"
        "（本店的默认期限，没有找到官方规定），到期按你的申请自动删除。已交给市级平台的，请向市级平台申请。",
        "How long: with no purchase it can go at any time; with a subsidy or claim, {years} years after"
        " the last one (the shop's default, no official text found), then it is deleted as you wished."
        " What the city has is the city's to delete.",
    ),
    "data.mine": ("我的信息", "My details"),
    "data.since": ("首次保存", "Kept since"),
    "data.count_vouchers": ("补贴券", "Vouchers"),
    "data.count_sales": ("核销和申领", "Redemptions and claims"),
    "data.count_sealed": ("封存的信息（份）", "Sealed identities"),
    "data.kept_until": ("保存到", "Kept until"),
    "data.may_go_now": ("可以马上删除", "may be deleted now"),
    "data.phone": (
        "先输入你留给本店的手机号（防止别人拿到链接）",
        "First the phone number you gave (others may have the link)",
    ),
    "data.to_claim": ("回到申领单", "Back to the claim"),
    "data.show": ("看我的信息", "Show my details"),
    "data.delete_hint": (
        "申请删除：没有用的券会作废；没买成的马上删除，买过的记下申请、到期删除。",
        "Deletion: unused vouchers are voided. With no purchase all goes now; else when its time is over.",
    ),
    "data.delete_kept": (
        "审计还需要这些信息，保存到 {day}。现在申请，没有用的券会作废，到期自动删除。",
        "The audit needs them until {day}. Ask now: unused vouchers are voided, and all is deleted that day.",
    ),
    "data.delete": ("申请删除", "Ask for deletion"),
    "data.deleted": ("已经删除", "Deleted"),
    "data.deleted_detail": (
        "本店不再保存你的姓名、末四位和封存信息，只剩流水里的加密编号。",
        "Name, last digits and sealed details are gone; only the keyed number in the journal is left.",
    ),
    "data.wished": ("已记下删除申请", "Your wish is recorded"),
    "data.wished_detail": (
        "审计需要，保存到 {day}，到期自动删除。",
        "The audit needs them until {day}; then they are deleted without another request.",
    ),
}
