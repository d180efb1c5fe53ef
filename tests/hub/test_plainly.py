"""Claims booked together come to the same books as each by itself."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pos_subsidy.domain import journal, moments
from pos_subsidy.domain.keys import new_keyring, raw_public
from pos_subsidy.hub import blocklist, budget, catalogue, drafting, ingest, judging, plainly
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import keys, outlets, person_units, pools, rows, traces, units
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema import metadata
from pos_subsidy.protocol import batches
from tests.support import FRIDGE, FRIDGE_GRADE_2, NOON

SHOP, ROWS = "S-1", 70


@pytest.fixture(scope="module")
def keyring():
    return new_keyring()


def story(city, keyring, seed):
    """A shop's rows in which people, pieces, holds and claims meet again and again."""
    dice, goods = random.Random(seed), random.Random(-seed - 1)
    bodies = [("voucher_issued", {"x": 1})]
    for number in range(ROWS):
        claim = f"R-{number if dice.random() < 0.95 else dice.randrange(number + 1)}"
        price_fen = dice.choice((300_000, 610_000))
        body = {
            "redemption_id": claim,
            "hold_id": f"H-{number if dice.random() < 0.9 else dice.randrange(number + 1)}",
            "order_no": f"O-{number}",
            "category": "refrigerator" if dice.random() < 0.95 else "no such thing",
            "programme": "appliance-2026",
            "unit_class": "refrigerator",
            "commitment": f"{dice.randrange(ROWS):064x}",
            "energy_rating": 1,
            "gtin": goods.choice((FRIDGE, FRIDGE_GRADE_2, None) if goods.random() < 0.95 else ({"a": 1}, 7)),
            "serial_no": f"SN-{number if dice.random() < 0.85 else dice.randrange(number + 1)}",
            "imei1": None,
            "imei2": None,
            "price_fen": price_fen,
            "subsidy_fen": price_fen * 15 // 100 + (dice.random() < 0.1),
            "payable_fen": 0,
            "business_date": "2026-11-20" if dice.random() < 0.97 else "yesterday",
            "held_at": moments.text(NOON),
        }
        if dice.random() < 0.1:
            body["energy_rating"] = dice.choice((None, True, 2, 1.0))
        if dice.random() < 0.05:
            del body["energy_rating"]
        if dice.random() < 0.05:
            body["order_no"] = dice.choice((7, {"a": 1}, None))
        bodies.append(("redeemed", body))
        if dice.random() < 0.1:
            back = {"redemption_id": claim, "subsidy_fen": -45_000, "reversal_kind": "full"}
            bodies.append(("reversed", {**back, "payable_fen": 0, "right": "restored", "piece": "free"}))
    entries, head = [], journal.GENESIS_HASH
    for seq, (kind, body) in enumerate(bodies, start=1):
        entry = journal.link(seq=seq, at="x", kind=kind, body=body, prev_hash=head, sign=keyring.sign)
        head = entry.hash
        entries.append(entry)
    return entries


@pytest.fixture
def shop(city, keyring):
    details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}

    def enrol(db):
        outlets.add(db, SHOP, at="", **details)
        keys.add(db, SHOP, [raw_public(keyring.private.public_key())], at="", by="test")
        for number in range(0, ROWS, 2):
            rows.keep_identity(db, commitment=f"{number:064x}", person=f"P-{number // 3}", sealed=b"")

    run(city.engine, enrol)


def one_by_one(city, entries):
    def take_in(db):
        for entry in entries:
            texts = {entry.seq: journal.canonical(entry.body)}
            rows.keep_all(db, SHOP, [entry], texts=texts, at=moments.text(NOON))
            ingest.carry_out(db, city, SHOP, entry, now=NOON)
        last = entries[-1]
        traces.keep(db, SHOP, entries)
        outlets.advance(db, SHOP, after_seq=entries[0].seq - 1, last_seq=last.seq, head_hash=last.hash)

    run(city.engine, take_in)


def look(db, city, entries):
    told = [entry.body.get("commitment", "") for entry in entries]
    drafted = drafting.drafts(city, entries, now=NOON)
    return plainly.Sight(db, SHOP, entries, drafted, rows.persons_of(db, told))


def content(city):
    """Return every row of every table, what was there before left away."""

    def read(db):
        return {
            name: sorted(map(str, db.execute(select(table)).all()))
            for name, table in metadata.tables.items()
            if name != "outlet_key"
        }

    return run(city.engine, read)


def hold(city, entries, seed):
    """Open a pool that is too small for all, and hold some of the sales before, not all at their price."""
    dice = random.Random(seed)
    about = {"programme": "appliance-2026", "region": "3304", "period": "2026", "warn_percent": None}
    days = {"first_day": "2026-01-01", "last_day": "2026-12-31", "opened_at": ""}
    bodies = {entry.body["hold_id"]: entry.body for entry in entries if entry.kind == "redeemed"}

    def grant(db):
        pools.add(db, pool_id="pool", **about, **days)
        pools.put_in(db, "pool", 1_600_000)
        for hold_id, body in bodies.items():
            person = rows.person_of(db, body["commitment"])
            if person is None or dice.random() < 0.15:
                continue
            fen = body["subsidy_fen"] - (dice.random() < 0.1)
            if budget.hold(db, SHOP, hold_id, programme=about["programme"], on="2026-11-20", fen=fen):
                continue
            who = {"person": person, "programme": "appliance-2026", "unit_class": "refrigerator"}
            end, at = {"expires_at": "2026-11-21T04:00:00.000Z"}, moments.text(NOON)
            status = dice.choice(("held", "confirmed", "held", "confirmed", "expired"))
            units.put_hold(db, **who, **end, outlet=SHOP, hold_id=hold_id, status=status, asked_at=at)
            if status != "expired":
                person_units.take(db, who, outlet=SHOP, hold_id=hold_id)
            else:
                budget.let_go(db, SHOP, hold_id)

    run(city.engine, grant)


def list_some(city, *, at):
    """File a price that half of the sales of a product exceed, and block some of the pieces."""
    officer, early = By("zhao", "administrator"), NOON - timedelta(hours=at)
    told = f"条码,品类,备案价\n{FRIDGE},冰箱,5000\n".encode()
    catalogue.load(city, "x.csv", told, since=NOON.date(), why="示例文件", by=officer, now=early)
    for number in range(1, ROWS, 9):
        about = {"reason": "stolen", "since": NOON.date(), "note": "示例协查函", "by": officer}
        blocklist.enter(city, "serial", f"SN-{number}", **about, now=early)


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize(("seed", "listed_at"), [(0, None), (1, 1), (2, 1), (2, -1)])
def test_together_or_one_by_one_the_books_are_the_same(city, shop, keyring, seed, metered, listed_at):
    entries = story(city, keyring, seed)
    if listed_at is not None:
        list_some(city, at=listed_at)
    together, apart = {}, {}
    for found, take_in in ((together, True), (apart, False)):
        if metered:
            hold(city, entries, seed)
        with city.engine.connect() as connection:
            before = connection.execute(select(metadata.tables["claim"])).all()
        assert not before
        if take_in:
            # In two batches, for what the second repeats of the first.
            for part in (entries[: ROWS // 2], entries[ROWS // 2 :]):
                said = ingest.ingest(city, SHOP, batches.write(SHOP, part, {}), now=NOON)["said"]
            assert said["verdicts"] and said["parked"]
        else:
            one_by_one(city, entries)
        found.update(content(city))
        empty(city)
    assert together == apart
    words = {line.split("'")[5] for line in together["verdict"]}
    assert words == {"accepted", "rejected", "suspended"}
    codes = {code for code in ("piece_blocked", "price_over_filed") if code in str(together["claim"])}
    assert bool(codes) == (listed_at is not None)


def empty(city):
    def undo(db):
        for name in ("verdict", "claim", "piece", "unit", "hold", "row", "row_trace", "pool_draw", "pool"):
            db.execute(metadata.tables[name].delete())
        db.execute(
            metadata.tables["outlet"]
            .update()
            .values(last_seq=0, head_hash=journal.GENESIS_HASH, verdict_counter=0)
        )

    run(city.engine, undo)


def test_what_its_hold_has_set_aside_is_used_with_others_at_once(city, shop, keyring):
    entries = [one for one in story(city, keyring, 5) if type(one.body.get("order_no")) is str]
    hold(city, entries, 5)

    def count(db):
        sight = look(db, city, entries)
        found = [one for one in map(sight.plain, entries) if one is not None]
        assert all(sight.has_drawn(one) for one in found)
        return len(found)

    assert run(city.engine, count) > 5


def test_most_claims_are_booked_together(city, shop, keyring):
    entries = [one for one in story(city, keyring, 5) if type(one.body.get("order_no")) is str]

    def count(db):
        sight = look(db, city, entries)
        return sum(sight.plain(entry) is not None for entry in entries)

    assert run(city.engine, count) > len(entries) // 8


def test_where_rights_depend_on_others_each_is_judged_by_itself(city, shop, keyring):
    entries = [one for one in story(city, keyring, 5) if type(one.body.get("order_no")) is str]
    rules = tuple(replace(rule, person_cap_fen=1_000_000) for rule in city.rulebook.rules)
    capped = replace(city, rulebook=replace(city.rulebook, rules=rules))

    def count(db):
        sight = look(db, capped, entries)
        return sum(sight.plain(entry) is not None for entry in entries)

    assert run(city.engine, count) == 0
    assert judging.is_act("redeemed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_quick_way_of_writing_is_the_standards(value):
    import rfc8785

    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        with pytest.raises(type(error)):
            journal.canonical(value)
        return
    assert journal.canonical(value) == expected
