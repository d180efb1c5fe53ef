"""How a deployed till's file reaches the current schema.

``schema.sql`` shows where this road ends; a test builds a database both ways and compares.
"""

from sqlite_utils import Database, Migrations

from pos_subsidy.store.db import TillDatabase, value

migrations = Migrations("till")


_CLAIMS = """
CREATE TABLE IF NOT EXISTS claim (
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
CREATE INDEX IF NOT EXISTS claim_of_person ON claim (person_key, programme, unit_class, unit_state);

-- The papers as they stand; what was handed in before is in the journal.
CREATE TABLE IF NOT EXISTS claim_paper (
    claim_id   TEXT NOT NULL REFERENCES claim (claim_id),
    code       TEXT NOT NULL,
    number     TEXT NOT NULL,
    issued_on  TEXT,
    amount_fen INTEGER,
    given_at   TEXT NOT NULL,
    PRIMARY KEY (claim_id, code)
) STRICT;

-- A car, an old car, a flat, an invoice: each is claimed for once.
CREATE TABLE IF NOT EXISTS claimed_thing (
    space    TEXT NOT NULL CHECK (space IN ('car', 'oldcar', 'flat', 'invoice')),
    number   TEXT NOT NULL,
    claim_id TEXT NOT NULL REFERENCES claim (claim_id),
    state    TEXT NOT NULL CHECK (state IN ('used', 'free')),
    PRIMARY KEY (space, number, claim_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS claimed_thing_live ON claimed_thing (space, number) WHERE state = 'used';
"""

_EVIDENCE = """
CREATE TABLE IF NOT EXISTS evidence (
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
CREATE UNIQUE INDEX IF NOT EXISTS evidence_counts ON evidence (redemption_id, part) WHERE replaced_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS evidence_invoice ON evidence (invoice_no)
    WHERE invoice_no IS NOT NULL AND replaced_at IS NULL;
CREATE INDEX IF NOT EXISTS evidence_photo ON evidence (sha256);
CREATE TABLE IF NOT EXISTS upload_link (
    link_hash     TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    expires_at    TEXT NOT NULL,
    till          TEXT NOT NULL,
    cashier       TEXT NOT NULL
) STRICT;
"""


@migrations()
def m0001_claims_and_steps(db: Database) -> None:
    """Claims after purchase; steps kept with their hold; people found by their phone."""
    _execute(db, _CLAIMS)
    db.execute("CREATE INDEX IF NOT EXISTS person_of_phone ON person (phone_hash)")
    if "steps" not in {column.name for column in db.table("hold").columns}:
        db.execute("ALTER TABLE hold ADD COLUMN steps TEXT NOT NULL DEFAULT '[]'")


@migrations()
def m0002_pins(db: Database) -> None:
    """A PIN opens a locked screen."""
    if "pin_hash" not in {column.name for column in db.table("staff").columns}:
        db.execute("ALTER TABLE staff ADD COLUMN pin_hash TEXT")


_REFUND = """
CREATE TABLE IF NOT EXISTS refund (
    reversal_id   TEXT PRIMARY KEY REFERENCES redemption_line (line_id),
    redemption_id TEXT NOT NULL REFERENCES redemption (redemption_id),
    amount_fen    INTEGER NOT NULL CHECK (amount_fen > 0),
    state         TEXT NOT NULL CHECK (state IN ('due', 'accepted', 'paid', 'failed')),
    attempts      INTEGER NOT NULL,
    channel       TEXT,
    ref           TEXT,
    seen_at       TEXT                        -- the newest bill's day and moment, as written there
) STRICT;
CREATE INDEX IF NOT EXISTS refund_of ON refund (redemption_id);
CREATE INDEX IF NOT EXISTS refund_failed ON refund (reversal_id) WHERE state = 'failed';
INSERT INTO refund (reversal_id, redemption_id, amount_fen, state, attempts)
SELECT line_id, redemption_id, -payable_fen,
       CASE WHEN EXISTS (SELECT 1 FROM payment WHERE payment.redemption_id = line.redemption_id
                         AND channel <> 'cash') THEN 'due' ELSE 'paid' END, 1
FROM redemption_line AS line WHERE kind IN ('partial', 'full') AND payable_fen < 0
ON CONFLICT DO NOTHING;
"""


@migrations()
def m0003_refunds(db: Database) -> None:
    """The cash leg of a reversal has a state of its own."""
    _execute(db, _REFUND)


@migrations()
def m0004_evidence(db: Database) -> None:
    """Evidence of redemptions; links by which phones hand it in."""
    _execute(db, _EVIDENCE)


_FINDINGS = """
-- What people said to findings of the look through a day.
CREATE TABLE IF NOT EXISTS finding_explained (
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
-- Loads of filed goods, and what each filed; the last can be taken back.
CREATE TABLE IF NOT EXISTS catalogue_load (
    load_id   INTEGER PRIMARY KEY,
    filename  TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    loaded_at TEXT NOT NULL,
    loaded_on TEXT NOT NULL,                   -- the outlet's local day
    loaded_by TEXT NOT NULL,
    undone_at TEXT,
    undone_by TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS product_filing (
    load_id         INTEGER NOT NULL REFERENCES catalogue_load (load_id),
    gtin            TEXT NOT NULL,
    filed_price_fen INTEGER NOT NULL,
    before          TEXT,                      -- JSON of the product as it was; NULL: it was new
    PRIMARY KEY (gtin, load_id)
) STRICT;

-- A catalogue handed in on the page, for the short time in which somebody reads its preview.
CREATE TABLE IF NOT EXISTS catalogue_upload (
    upload_id  TEXT PRIMARY KEY,
    filename   TEXT NOT NULL,
    content    BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
"""


@migrations()
def m0006_findings_and_filings(db: Database) -> None:
    """What people said to findings; loads of filed goods and what each changed."""
    _execute(db, _FINDINGS)


_DECISIONS = """
CREATE TABLE IF NOT EXISTS difference_decision (
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
"""


@migrations()
def m0010_decisions(db: Database) -> None:
    """What people decided about differences."""
    _execute(db, _DECISIONS)


_STAFF = """
ALTER TABLE staff RENAME TO staff_before_roles;
CREATE TABLE staff (
    username      TEXT PRIMARY KEY,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('cashier', 'lead', 'finance', 'it', 'manager')),
    password_hash TEXT NOT NULL,
    till          TEXT NOT NULL,
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    pin_hash      TEXT                         -- argon2; opens a locked screen, nothing else
) STRICT;
INSERT INTO staff (username, display_name, role, password_hash, till, active, pin_hash)
SELECT username, display_name, role, password_hash, till, active, pin_hash FROM staff_before_roles;
DROP TABLE staff_before_roles;
"""


@migrations()
def m0008_staff_roles(db: Database) -> None:
    """Lead, finance and IT beside cashier and manager; a CHECK changes only with its table."""
    if "'finance'" not in value(db, "SELECT sql FROM sqlite_master WHERE name = 'staff'"):
        _execute(db, _STAFF)


_POSTPONED = """
CREATE TABLE evidence_postponed (
    redemption_id TEXT PRIMARY KEY REFERENCES redemption (redemption_id),
    until         TEXT NOT NULL,               -- a day
    reason        TEXT NOT NULL,
    postponed_at  TEXT NOT NULL,
    cashier       TEXT NOT NULL
) STRICT;
"""


@migrations()
def m0011_postponed(db: Database) -> None:
    """Lines that wait for their papers."""
    if not value(db, "SELECT count(*) FROM sqlite_master WHERE name = 'evidence_postponed'"):
        _execute(db, _POSTPONED)


_APPEALS = """
-- Appeals against the city's verdicts. What each spoke against stays as it was.
CREATE TABLE IF NOT EXISTS appeal (
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
CREATE INDEX IF NOT EXISTS appeal_of_sale ON appeal (redemption_id);

-- Which files of appeals the city has. Sending one again does no harm.
CREATE TABLE IF NOT EXISTS appeal_file_sent (
    appeal_id TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    sent_at   TEXT NOT NULL,
    PRIMARY KEY (appeal_id, sha256)
) STRICT;
"""


@migrations()
def m0012_appeals(db: Database) -> None:
    """Appeals against the city's verdicts."""
    _execute(db, _APPEALS)


_CITY_LISTS = """
-- The city's catalogue and blocklist as it feeds them down; the numbers are the city's. Nothing is changed.
CREATE TABLE IF NOT EXISTS city_filing (
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
CREATE INDEX IF NOT EXISTS city_filing_of_product ON city_filing (gtin, since, filing_no);

CREATE TABLE IF NOT EXISTS city_block (
    block_no   INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('serial', 'imei', 'product', 'merchant', 'outlet')),
    number     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    since      TEXT NOT NULL,                  -- the first business date it decides
    until      TEXT,                           -- the last one; NULL: without an end
    lifts      INTEGER,                        -- the entry that this one takes back
    entered_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS city_block_of_thing ON city_block (kind, number);
"""


@migrations()
def m0013_city_lists(db: Database) -> None:
    """The city's catalogue and blocklist."""
    _execute(db, _CITY_LISTS)


def create(db: TillDatabase, schema: str) -> None:
    """Create every table in an empty file and mark all migrations as done."""
    db.executescript(schema)
    migrations.apply(db)


def is_created(db: Database) -> bool:
    return bool(value(db, "SELECT count(*) FROM sqlite_master WHERE name = 'journal'"))


def upgrade(db: TillDatabase) -> None:
    """Carry out the migrations this file has not seen."""
    migrations.apply(db)


def _execute(db: Database, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)
