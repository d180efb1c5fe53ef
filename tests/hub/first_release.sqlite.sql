CREATE TABLE outlet (
	outlet TEXT NOT NULL,
	name TEXT NOT NULL,
	merchant_name TEXT NOT NULL,
	merchant_uscc TEXT NOT NULL,
	region TEXT NOT NULL,
	status TEXT NOT NULL,
	enrolled_at TEXT NOT NULL,
	last_seq INTEGER NOT NULL,
	head_hash TEXT NOT NULL,
	verdict_counter INTEGER NOT NULL,
	PRIMARY KEY (outlet),
	CHECK (status IN ('active', 'suspended', 'quarantined'))
)
;;
CREATE TABLE enrolment_code (
	code_hash TEXT NOT NULL,
	made_at TEXT NOT NULL,
	used_by TEXT,
	PRIMARY KEY (code_hash)
)
;;
CREATE TABLE identity (
	commitment TEXT NOT NULL,
	person TEXT NOT NULL,
	sealed BLOB NOT NULL,
	PRIMARY KEY (commitment)
)
;;
CREATE TABLE piece (
	space TEXT NOT NULL,
	number TEXT NOT NULL,
	outlet TEXT NOT NULL,
	hold_id TEXT NOT NULL,
	live BOOLEAN NOT NULL,
	PRIMARY KEY (space, number, outlet, hold_id)
)
;;
CREATE INDEX piece_of_hold ON piece (outlet, hold_id)
;;
CREATE UNIQUE INDEX piece_live ON piece (space, number) WHERE live = 1
;;
CREATE TABLE ledger_entry (
	posting_no BIGINT NOT NULL,
	position INTEGER NOT NULL,
	at TEXT NOT NULL,
	account TEXT NOT NULL,
	amount_fen BIGINT NOT NULL,
	why TEXT NOT NULL,
	redemption_id TEXT,
	run_id TEXT,
	PRIMARY KEY (posting_no, position),
	CHECK (amount_fen <> 0),
	CHECK (why IN ('claim', 'payment', 'returned'))
)
;;
CREATE INDEX ledger_of_claim ON ledger_entry (redemption_id)
;;
CREATE INDEX ledger_of_account ON ledger_entry (account)
;;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE (ABORT, 'ledger_entry is append-only'); END
;;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE (ABORT, 'ledger_entry is append-only'); END
;;
CREATE TABLE payment_run (
	run_id TEXT NOT NULL,
	made_at TEXT NOT NULL,
	made_by TEXT NOT NULL,
	PRIMARY KEY (run_id)
)
;;
CREATE TABLE outlet_key (
	kid TEXT NOT NULL,
	outlet TEXT NOT NULL,
	public_key BLOB NOT NULL,
	added_at TEXT NOT NULL,
	revoked_at TEXT,
	PRIMARY KEY (kid, outlet),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE "row" (
	outlet TEXT NOT NULL,
	seq INTEGER NOT NULL,
	at TEXT NOT NULL,
	kind TEXT NOT NULL,
	body TEXT NOT NULL,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	kid TEXT NOT NULL,
	signature TEXT NOT NULL,
	received_at TEXT NOT NULL,
	parked TEXT,
	PRIMARY KEY (outlet, seq),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE fork (
	id INTEGER NOT NULL,
	outlet TEXT NOT NULL,
	seq INTEGER NOT NULL,
	stored_hash TEXT NOT NULL,
	other_row TEXT NOT NULL,
	seen_at TEXT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE hold (
	outlet TEXT NOT NULL,
	hold_id TEXT NOT NULL,
	person TEXT,
	programme TEXT,
	unit_class TEXT,
	subsidy_fen BIGINT,
	expires_at TEXT,
	status TEXT NOT NULL,
	asked_at TEXT NOT NULL,
	PRIMARY KEY (outlet, hold_id),
	CHECK (status IN ('held', 'confirmed', 'cancelled', 'claimed', 'expired')),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE INDEX hold_due ON hold (status, expires_at)
;;
CREATE INDEX hold_of_person ON hold (person, programme, unit_class)
;;
CREATE TABLE claim (
	redemption_id TEXT NOT NULL,
	outlet TEXT NOT NULL,
	seq INTEGER NOT NULL,
	hold_id TEXT NOT NULL,
	order_no TEXT NOT NULL,
	category TEXT NOT NULL,
	programme TEXT NOT NULL,
	unit_class TEXT NOT NULL,
	person TEXT,
	business_date TEXT NOT NULL,
	price_fen BIGINT NOT NULL,
	subsidy_fen BIGINT NOT NULL,
	net_subsidy_fen BIGINT NOT NULL,
	unit_used BOOLEAN NOT NULL,
	verdict TEXT NOT NULL,
	code TEXT,
	params TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	received_at TEXT NOT NULL,
	PRIMARY KEY (redemption_id),
	UNIQUE (outlet, seq),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE INDEX claim_of_hold ON claim (outlet, hold_id)
;;
CREATE INDEX claim_of_person ON claim (person, programme, unit_class)
;;
CREATE TABLE verdict (
	outlet TEXT NOT NULL,
	counter INTEGER NOT NULL,
	redemption_id TEXT NOT NULL,
	verdict TEXT NOT NULL,
	code TEXT,
	params TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	PRIMARY KEY (outlet, counter),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE payment (
	payment_no TEXT NOT NULL,
	run_id TEXT NOT NULL,
	outlet TEXT NOT NULL,
	payee_no INTEGER,
	amount_fen BIGINT NOT NULL,
	carried_fen BIGINT NOT NULL,
	status TEXT NOT NULL,
	why TEXT,
	bank_ref TEXT,
	answered_at TEXT,
	PRIMARY KEY (payment_no),
	CHECK (amount_fen >= 0 AND carried_fen <= 0),
	CHECK (status IN ('made', 'paid', 'returned', 'netted', 'withheld')),
	FOREIGN KEY(run_id) REFERENCES payment_run (run_id),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE INDEX payment_of_outlet ON payment (outlet)
;;
CREATE TABLE payee (
	outlet TEXT NOT NULL,
	payee_no INTEGER NOT NULL,
	holder TEXT NOT NULL,
	bank TEXT NOT NULL,
	number_sealed BLOB NOT NULL,
	proposed_by TEXT NOT NULL,
	proposed_at TEXT NOT NULL,
	confirmed_by TEXT,
	confirmed_at TEXT,
	PRIMARY KEY (outlet, payee_no),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE outlet_standing (
	outlet TEXT NOT NULL,
	since TEXT NOT NULL,
	status TEXT NOT NULL,
	PRIMARY KEY (outlet, since),
	CHECK (status IN ('active', 'suspended')),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE review_batch (
	outlet TEXT NOT NULL,
	batch_id TEXT NOT NULL,
	business_date TEXT NOT NULL,
	first_seq INTEGER NOT NULL,
	last_seq INTEGER NOT NULL,
	approved_by TEXT,
	approved_at TEXT,
	PRIMARY KEY (outlet, batch_id),
	FOREIGN KEY(outlet) REFERENCES outlet (outlet)
)
;;
CREATE TABLE payment_posting (
	payment_no TEXT NOT NULL,
	posting_no BIGINT NOT NULL,
	PRIMARY KEY (payment_no, posting_no),
	FOREIGN KEY(payment_no) REFERENCES payment (payment_no)
)
;;
CREATE INDEX payment_of_posting ON payment_posting (posting_no)
;;
CREATE TABLE review_step (
	redemption_id TEXT NOT NULL,
	step_no INTEGER NOT NULL,
	what TEXT NOT NULL,
	reason TEXT,
	note TEXT NOT NULL,
	until TEXT,
	warned BOOLEAN NOT NULL,
	"by" TEXT NOT NULL,
	at TEXT NOT NULL,
	PRIMARY KEY (redemption_id, step_no),
	CHECK (what IN ('looked', 'accepted', 'suspended', 'rejected', 'postponed')),
	FOREIGN KEY(redemption_id) REFERENCES claim (redemption_id)
)
;;
CREATE INDEX review_step_by ON review_step ("by")
;;
