-- The till's whole schema at its current version. Deployed tills reach it through
-- pos_subsidy/store/migrations.py; a test checks that both roads meet.
--
-- The journal is the truth. The tables marked "state" are a projection of it: they can be
-- rebuilt from it into an empty file and must then be equal. Moments are UTC text of fixed
-- width; business dates are the outlet's local days; money is whole fen; hashes are hex.

CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,                  -- canonical JSON (RFC 8785)
    prev_hash  TEXT NOT NULL CHECK (length(prev_hash) = 64),
    hash       TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    kid        TEXT NOT NULL,
    signature  TEXT NOT NULL
) STRICT;

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE (ABORT, 'journal is append-only'); END;

-- State: vouchers ---------------------------------------------------------------------

CREATE TABLE voucher (
    code           TEXT PRIMARY KEY CHECK (length(code) = 12),
    category       TEXT NOT NULL,
    unit_class     TEXT NOT NULL,
    programme      TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    person_key     TEXT NOT NULL,
    commitment     TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('screen', 'paper')),
    gtin           TEXT,
    price_fen      INTEGER,
    subsidy_fen    INTEGER,                    -- the quote, where an item was pinned
    status         TEXT NOT NULL CHECK (status IN
                   ('issued', 'held', 'redeemed', 'reversed', 'voided', 'expired')),
    issued_at      TEXT NOT NULL,
    valid_until    TEXT NOT NULL,
    resolved_at    TEXT,                       -- when it was voided or expired
    resolution     TEXT,                       -- why, and by whom
    replaced_by    TEXT,
    wallet_hash    TEXT NOT NULL UNIQUE,
    till           TEXT NOT NULL,
    cashier        TEXT NOT NULL
) STRICT;
CREATE INDEX voucher_of_person ON voucher (person_key, programme, unit_class, status);
CREATE INDEX voucher_due ON voucher (valid_until) WHERE status = 'issued';

-- State: holds ------------------------------------------------------------------------

CREATE TABLE hold (
    hold_id           TEXT PRIMARY KEY,
    voucher           TEXT NOT NULL REFERENCES voucher (code),
    category          TEXT NOT NULL,
    unit_class        TEXT NOT NULL,
    programme         TEXT NOT NULL,
    policy_version    TEXT NOT NULL,
    clause            TEXT NOT NULL,
    person_key        TEXT NOT NULL,
    gtin              TEXT,
    energy_rating     INTEGER,
    serial_no         TEXT,
    imei1             TEXT,
    imei2             TEXT,
    price_fen         INTEGER NOT NULL CHECK (price_fen > 0),
    subsidy_fen       INTEGER NOT NULL CHECK (subsidy_fen > 0 AND subsidy_fen <= price_fen),
    payable_fen       INTEGER NOT NULL CHECK (payable_fen = price_fen - subsidy_fen),
    order_no          TEXT NOT NULL,
    business_date     TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('held', 'redeemed', 'released', 'expired')),
    authorisation     TEXT NOT NULL CHECK (authorisation IN ('online', 'offline', 'local')),
    identity_checked  INTEGER NOT NULL CHECK (identity_checked IN (0, 1)),
    held_at           TEXT NOT NULL,
    expires_at        TEXT NOT NULL,
    resolved_at       TEXT,
    resolution        TEXT,
    journal_seq       INTEGER NOT NULL,
    till              TEXT NOT NULL,
    cashier           TEXT NOT NULL,
    steps             TEXT NOT NULL DEFAULT '[]' -- JSON: how the sum came about, as it was said
) STRICT;
CREATE UNIQUE INDEX hold_live_voucher ON hold (voucher) WHERE status = 'held';
CREATE INDEX hold_of_voucher ON hold (voucher);
CREATE INDEX hold_due ON hold (expires_at) WHERE status = 'held';
CREATE INDEX hold_of_person ON hold (person_key, programme, unit_class) WHERE status = 'held';

-- State: redemptions, their lines and payments ----------------------------------------

CREATE TABLE redemption (
    redemption_id  TEXT PRIMARY KEY,
    hold_id        TEXT NOT NULL UNIQUE REFERENCES hold (hold_id),
    voucher        TEXT NOT NULL UNIQUE REFERENCES voucher (code),
    order_no       TEXT NOT NULL,
    category       TEXT NOT NULL,
    unit_class     TEXT NOT NULL,
    programme      TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    clause         TEXT NOT NULL,
    person_key     TEXT NOT NULL,
    gtin           TEXT,
    energy_rating  INTEGER,
    serial_no      TEXT,
    imei1          TEXT,
    imei2          TEXT,
    price_fen      INTEGER NOT NULL,           -- as sold; later changes are lines
    subsidy_fen    INTEGER NOT NULL,
    payable_fen    INTEGER NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('redeemed', 'reversed')),
    unit_state     TEXT NOT NULL CHECK (unit_state IN ('used', 'free')),
    authorisation  TEXT NOT NULL,
    standing       TEXT NOT NULL,              -- the shop's, as the till knew it
    late           INTEGER NOT NULL CHECK (late IN (0, 1)),
    held_at        TEXT NOT NULL,
    redeemed_at    TEXT NOT NULL,
    business_date  TEXT NOT NULL,
    journal_seq    INTEGER NOT NULL,
    verdict        TEXT CHECK (verdict IN
                   ('accepted', 'rejected', 'suspended', 'settled', 'clawed_back')),
    verdict_code   TEXT,
    verdict_params TEXT,
    verdict_at     TEXT,
    till           TEXT NOT NULL,
    cashier        TEXT NOT NULL
) STRICT;
CREATE INDEX redemption_of_person ON redemption (person_key, programme, unit_class, unit_state);
CREATE INDEX redemption_of_day ON redemption (business_date);
CREATE INDEX redemption_of_order ON redemption (order_no);

-- One row for the sale and one for each reversal or exchange; nothing is ever edited.
CREATE TABLE redemption_line (
    line_id        TEXT PRIMARY KEY,
    redemption_id  TEXT NOT NULL REFERENCES redemption (redemption_id),
    kind           TEXT NOT NULL CHECK (kind IN ('sale', 'partial', 'full', 'exchange')),
    price_fen      INTEGER NOT NULL,
    subsidy_fen    INTEGER NOT NULL,
    payable_fen    INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    credit_note_no TEXT,
    detail         TEXT NOT NULL,              -- JSON: right, pieces swapped
    at             TEXT NOT NULL,
    business_date  TEXT NOT NULL,
    journal_seq    INTEGER NOT NULL,
    till           TEXT NOT NULL,
    cashier        TEXT NOT NULL
) STRICT;
CREATE INDEX redemption_line_of ON redemption_line (redemption_id);
CREATE INDEX redemption_line_of_day ON redemption_line (business_date);
CREATE INDEX redemption_line_seq ON redemption_line (journal_seq);
CREATE TRIGGER redemption_line_no_update BEFORE UPDATE ON redemption_line
BEGIN SELECT RAISE (ABORT, 'redemption_line is append-only'); END;
CREATE TRIGGER redemption_line_no_delete BEFORE DELETE ON redemption_line
BEGIN SELECT RAISE (ABORT, 'redemption_line is append-only'); END;

CREATE TABLE payment (
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    position      INTEGER NOT NULL,
    channel       TEXT NOT NULL CHECK (channel IN ('wechat', 'alipay', 'unionpay', 'cash', 'card')),
    payment_ref   TEXT NOT NULL,
    amount_fen    INTEGER NOT NULL,
    PRIMARY KEY (redemption_id, position)
) STRICT;

-- The cash leg of each reversal: what the channels' bills say of it.
CREATE TABLE refund (
    reversal_id   TEXT PRIMARY KEY REFERENCES redemption_line (line_id),
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    amount_fen    INTEGER NOT NULL CHECK (amount_fen > 0),
    state         TEXT NOT NULL CHECK (state IN ('due', 'accepted', 'paid', 'failed')),
    attempts      INTEGER NOT NULL,
    channel       TEXT,
    ref           TEXT,
    seen_at       TEXT                        -- the newest bill's day and moment, as written there
) STRICT;
CREATE INDEX refund_of ON refund (redemption_id);
CREATE INDEX refund_failed ON refund (reversal_id) WHERE state = 'failed';

-- Money taken for a hold that could no longer be redeemed: somebody must give it back.
CREATE TABLE orphaned_payment (
    journal_seq INTEGER PRIMARY KEY,
    hold_id     TEXT NOT NULL REFERENCES hold (hold_id),
    voucher     TEXT NOT NULL,
    paid_fen    INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    payment_ref TEXT NOT NULL,
    why         TEXT NOT NULL,
    at          TEXT NOT NULL
) STRICT;

-- One live subsidy per physical piece, by serial number and by IMEI in either slot.
CREATE TABLE piece (
    space     TEXT NOT NULL CHECK (space IN ('serial', 'imei')),
    number    TEXT NOT NULL,
    hold_id   TEXT NOT NULL REFERENCES hold (hold_id),
    state     TEXT NOT NULL CHECK (state IN ('held', 'used', 'free')),
    PRIMARY KEY (space, number, hold_id)
) STRICT;
CREATE UNIQUE INDEX piece_live ON piece (space, number) WHERE state IN ('held', 'used');
CREATE INDEX piece_of_hold ON piece (hold_id);
-- Finds numbers that differ only by letters people confuse with digits.
CREATE INDEX piece_lookalike ON piece (replace(replace(number, 'O', '0'), 'I', '1'));

-- State: claims after purchase (cars, renovation) ---------------------------------------

CREATE TABLE claim (
    claim_id       TEXT PRIMARY KEY,
    category       TEXT NOT NULL,
    unit_class     TEXT NOT NULL,
    programme      TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    clause         TEXT NOT NULL,
    person_key     TEXT NOT NULL,
    commitment     TEXT NOT NULL,
    attributes     TEXT NOT NULL,              -- JSON, as entered so far
    order_no       TEXT NOT NULL,
    price_fen      INTEGER NOT NULL CHECK (price_fen > 0),
    subsidy_fen    INTEGER NOT NULL CHECK (subsidy_fen > 0 AND subsidy_fen <= price_fen),
    sold_on        TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('open', 'submitted', 'withdrawn')),
    unit_state     TEXT NOT NULL CHECK (unit_state IN ('free', 'used')),
    opened_at      TEXT NOT NULL,
    submitted_at   TEXT,
    business_date  TEXT,                       -- the day of the submission
    link_hash      TEXT NOT NULL UNIQUE,
    journal_seq    INTEGER NOT NULL,
    verdict        TEXT CHECK (verdict IN
                   ('accepted', 'rejected', 'suspended', 'settled', 'clawed_back')),
    verdict_code   TEXT,
    verdict_params TEXT,
    verdict_at     TEXT,
    till           TEXT NOT NULL,
    cashier        TEXT NOT NULL
) STRICT;
CREATE INDEX claim_of_person ON claim (person_key, programme, unit_class, unit_state);

-- The papers as they stand; what was handed in before is in the journal.
CREATE TABLE claim_paper (
    claim_id   TEXT NOT NULL REFERENCES claim (claim_id),
    code       TEXT NOT NULL,
    number     TEXT NOT NULL,
    issued_on  TEXT,
    amount_fen INTEGER,
    given_at   TEXT NOT NULL,
    PRIMARY KEY (claim_id, code)
) STRICT;

-- A car, an old car, a flat, an invoice: each is claimed for once.
CREATE TABLE claimed_thing (
    space    TEXT NOT NULL CHECK (space IN ('car', 'oldcar', 'flat', 'invoice')),
    number   TEXT NOT NULL,
    claim_id TEXT NOT NULL REFERENCES claim (claim_id),
    state    TEXT NOT NULL CHECK (state IN ('used', 'free')),
    PRIMARY KEY (space, number, claim_id)
) STRICT;
CREATE UNIQUE INDEX claimed_thing_live ON claimed_thing (space, number) WHERE state = 'used';

-- State: evidence of redemptions ------------------------------------------------------

-- One row for each time a part was handed in; what was replaced stays.
CREATE TABLE evidence (
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    part          TEXT NOT NULL,
    journal_seq   INTEGER NOT NULL,
    content       TEXT NOT NULL,               -- JSON, as the journal carries it
    invoice_no    TEXT,                        -- code and number, by which an invoice counts once
    sha256        TEXT,
    dhash         TEXT,                        -- of a photo: 64 bits, hex
    given_at      TEXT NOT NULL,
    replaced_at   TEXT,                        -- NULL: it counts
    till          TEXT NOT NULL,
    cashier       TEXT NOT NULL,
    PRIMARY KEY (redemption_id, part, journal_seq)
) STRICT;
CREATE UNIQUE INDEX evidence_counts ON evidence (redemption_id, part) WHERE replaced_at IS NULL;
CREATE UNIQUE INDEX evidence_invoice ON evidence (invoice_no)
    WHERE invoice_no IS NOT NULL AND replaced_at IS NULL;
CREATE INDEX evidence_photo ON evidence (sha256);

-- A line that waits for its papers: the city carries it over until they are there.
CREATE TABLE evidence_postponed (
    redemption_id TEXT PRIMARY KEY REFERENCES redemption (redemption_id),
    until         TEXT NOT NULL,               -- a day
    reason        TEXT NOT NULL,
    postponed_at  TEXT NOT NULL,
    cashier       TEXT NOT NULL
) STRICT;

-- State: findings ------------------------------------------------------------------

-- What people said to findings of the look through a day.
CREATE TABLE finding_explained (
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    finding_id    TEXT NOT NULL,               -- of the code and of what was seen
    journal_seq   INTEGER NOT NULL,
    code          TEXT NOT NULL,
    seen          TEXT NOT NULL,               -- JSON
    reason        TEXT NOT NULL,
    explained_at  TEXT NOT NULL,
    till          TEXT NOT NULL,
    cashier       TEXT NOT NULL,
    PRIMARY KEY (redemption_id, finding_id, journal_seq)
) STRICT;

-- State: appeals ------------------------------------------------------------------

-- Appeals against the city's verdicts. What each spoke against stays as it was.
CREATE TABLE appeal (
    appeal_id      TEXT PRIMARY KEY,
    redemption_id  TEXT NOT NULL,              -- a redemption or a claim after purchase
    verdict        TEXT NOT NULL CHECK (verdict IN ('rejected', 'suspended')),
    verdict_code   TEXT,
    verdict_params TEXT NOT NULL,              -- JSON
    verdict_at     TEXT NOT NULL,
    words          TEXT NOT NULL,
    files          TEXT NOT NULL,              -- JSON: sha256, name, media of each
    made_at        TEXT NOT NULL,
    journal_seq    INTEGER NOT NULL,
    till           TEXT NOT NULL,
    cashier        TEXT NOT NULL,
    outcome        TEXT CHECK (outcome IN ('granted', 'refused')),
    reason         TEXT,
    note           TEXT,
    decided_at     TEXT
) STRICT;
CREATE INDEX appeal_of_sale ON appeal (redemption_id);

-- Which files of appeals the city has. Sending one again does no harm.
CREATE TABLE appeal_file_sent (
    appeal_id TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    sent_at   TEXT NOT NULL,
    PRIMARY KEY (appeal_id, sha256)
) STRICT;

-- State: day batches ------------------------------------------------------------------

CREATE TABLE batch (
    batch_id      TEXT PRIMARY KEY,
    business_date TEXT NOT NULL,
    first_seq     INTEGER NOT NULL,
    last_seq      INTEGER NOT NULL,
    line_count    INTEGER NOT NULL,
    price_fen     INTEGER NOT NULL,
    subsidy_fen   INTEGER NOT NULL,
    payable_fen   INTEGER NOT NULL,
    lines_hash    TEXT NOT NULL,
    closed_at     TEXT NOT NULL
) STRICT;
CREATE INDEX batch_of_day ON batch (business_date);

-- What people decided about a difference of a day; it holds while the difference is the same.
CREATE TABLE difference_decision (
    business_date TEXT NOT NULL,
    order_no      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    source        TEXT NOT NULL,
    till_fen      INTEGER NOT NULL,
    other_fen     INTEGER NOT NULL,
    decision      TEXT NOT NULL CHECK (decision IN ('accept', 'correct', 'ask_city')),
    reason        TEXT NOT NULL,
    needs_second  INTEGER NOT NULL CHECK (needs_second IN (0, 1)),
    decided_by    TEXT NOT NULL,
    decided_at    TEXT NOT NULL,
    confirmed_by  TEXT,
    confirmed_at  TEXT,
    PRIMARY KEY (business_date, order_no)
) STRICT;

-- Kept beside the journal: they hold what the chain must not (personal data), or what is no
-- fact of a sale (accounts, filed goods, stored answers).

CREATE TABLE person (
    person_key   TEXT PRIMARY KEY,
    masked_name  TEXT NOT NULL,
    id_last4     TEXT NOT NULL,
    phone_last4  TEXT NOT NULL,
    name_hash    TEXT NOT NULL,
    phone_hash   TEXT NOT NULL,
    id_type      TEXT NOT NULL,
    manual_check INTEGER NOT NULL CHECK (manual_check IN (0, 1)),
    first_seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX person_of_phone ON person (phone_hash);

CREATE TABLE sealed_identity (
    commitment TEXT PRIMARY KEY,
    person_key TEXT NOT NULL,
    sealed     BLOB NOT NULL,                  -- only the holder of the seal's key can open it
    seal_kid   TEXT NOT NULL,
    sealed_at  TEXT NOT NULL
) STRICT;

CREATE TABLE product (
    gtin              TEXT PRIMARY KEY,
    category          TEXT NOT NULL,
    brand             TEXT NOT NULL,
    model             TEXT NOT NULL,
    name              TEXT NOT NULL,
    energy_rating     INTEGER,
    has_rating_system INTEGER CHECK (has_rating_system IN (0, 1)),
    label_record_no   TEXT NOT NULL,
    filed_price_fen   INTEGER NOT NULL CHECK (filed_price_fen > 0),
    mean_price_30d_fen INTEGER,
    loaded_at         TEXT NOT NULL
) STRICT;

-- Loads of filed goods, and what each filed; the last can be taken back.
CREATE TABLE catalogue_load (
    load_id   INTEGER PRIMARY KEY,
    filename  TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    loaded_at TEXT NOT NULL,
    loaded_on TEXT NOT NULL,                   -- the outlet's local day
    loaded_by TEXT NOT NULL,
    undone_at TEXT,
    undone_by TEXT
) STRICT;

CREATE TABLE product_filing (
    load_id         INTEGER NOT NULL REFERENCES catalogue_load (load_id),
    gtin            TEXT NOT NULL,
    filed_price_fen INTEGER NOT NULL,
    before          TEXT,                      -- JSON of the product as it was; NULL: it was new
    PRIMARY KEY (gtin, load_id)
) STRICT;

-- A catalogue handed in on the page, for the short time in which somebody reads its preview.
CREATE TABLE catalogue_upload (
    upload_id  TEXT PRIMARY KEY,
    filename   TEXT NOT NULL,
    content    BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- The city's catalogue and blocklist as it feeds them down; the numbers are the city's. Nothing is changed.
CREATE TABLE city_filing (
    filing_no         INTEGER PRIMARY KEY,
    gtin              TEXT NOT NULL,
    since             TEXT NOT NULL,           -- the first business date it decides
    status            TEXT NOT NULL CHECK (status IN ('in_force', 'withdrawn')),
    category          TEXT NOT NULL,
    brand             TEXT NOT NULL,
    model             TEXT NOT NULL,
    name              TEXT NOT NULL,
    energy_rating     INTEGER,
    has_rating_system INTEGER CHECK (has_rating_system IN (0, 1)),
    label_record_no   TEXT NOT NULL,
    filed_price_fen   INTEGER NOT NULL CHECK (filed_price_fen > 0),
    mean_price_30d_fen INTEGER,
    entered_at        TEXT NOT NULL
) STRICT;
CREATE INDEX city_filing_of_product ON city_filing (gtin, since, filing_no);

CREATE TABLE city_block (
    block_no   INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('serial', 'imei', 'product', 'merchant', 'outlet')),
    number     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    since      TEXT NOT NULL,                  -- the first business date it decides
    until      TEXT,                           -- the last one; NULL: without an end
    lifts      INTEGER,                        -- the entry that this one takes back
    entered_at TEXT NOT NULL
) STRICT;
CREATE INDEX city_block_of_thing ON city_block (kind, number);

CREATE TABLE request (
    caller      TEXT NOT NULL,                 -- whose key or session sent it
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    key         TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 64),
    body_hash   TEXT NOT NULL,                 -- keyed: bodies hold ID numbers
    status      INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    answer      BLOB NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (caller, method, path, key)
) STRICT;
CREATE INDEX request_by_key ON request (caller, key);
CREATE INDEX request_age ON request (answered_at);

CREATE TABLE api_key (
    key_hash   TEXT PRIMARY KEY,               -- SHA-256 of 256 random bits
    name       TEXT NOT NULL,
    till       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE TABLE staff (
    username      TEXT PRIMARY KEY,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('cashier', 'lead', 'finance', 'it', 'manager')),
    password_hash TEXT NOT NULL,
    till          TEXT NOT NULL,
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    pin_hash      TEXT                         -- argon2; opens a locked screen, nothing else
) STRICT;

CREATE TABLE statement_file (
    business_date TEXT NOT NULL,
    file_hash     TEXT NOT NULL,
    filename      TEXT NOT NULL,
    kind          TEXT NOT NULL,
    content       BLOB NOT NULL,
    uploaded_at   TEXT NOT NULL,
    PRIMARY KEY (business_date, kind, file_hash)
) STRICT;

-- The city's signed receipts, as they came: proof of what was delivered.
CREATE TABLE receipt (
    last_seq    INTEGER NOT NULL,
    head_hash   TEXT NOT NULL,
    signed      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (last_seq, head_hash)
) STRICT;

-- What the till last heard from the city, and other single facts.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Short-lived links by which a phone hands in photos of one redemption.
CREATE TABLE upload_link (
    link_hash     TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    expires_at    TEXT NOT NULL,
    till          TEXT NOT NULL,
    cashier       TEXT NOT NULL
) STRICT;
