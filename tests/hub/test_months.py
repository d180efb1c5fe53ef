"""Rows by month on PostgreSQL: months made ahead, none refused, a number stored once, a month taken off."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from pos_subsidy.errors import Unavailable
from pos_subsidy.hub import audit
from pos_subsidy.hub.store import monthly, outlets, rows
from pos_subsidy.hub.store.db import read, run
from tests.hub.books import Till
from tests.support import NOON

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

DETAILS = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": "330402"}
SPRING = date(2047, 2, 1)


def months(city):
    chosen = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '\"row\"'::regclass"
    return set(read(city.engine, lambda db: db.execute(text(chosen)).scalars()))


def place_of(city, seq):
    chosen = text('SELECT tableoid::regclass::text FROM "row" WHERE seq = :seq')
    return read(city.engine, lambda db: db.execute(chosen, {"seq": seq}).scalars().all())


def put(db, seq, at):
    """Store a row past all that the hub looks at."""
    db.execute(
        text(
            'INSERT INTO "row" (outlet, seq, at, received_at, kind, body, prev_hash, hash, kid, signature)'
            " VALUES ('S', :seq, :at, '', 'k', '{}', 'p', 'h', 'k', '')"
        ),
        {"seq": seq, "at": at},
    )


@pytest.fixture
def till(city):
    """A till in the far future, with a sale to deliver."""
    till = Till(city, "S", datetime(2047, 2, 1, 4, tzinfo=UTC))
    till.sell(1)
    return till


@pytest.fixture
def shop(city):
    run(city.engine, lambda db: outlets.add(db, "S", at="", **DETAILS))


def test_the_first_batch_of_a_day_makes_the_months_of_a_quarter(city, till):
    till.deliver()
    made = [one for one in months(city) if "2047" in one]
    assert sorted(made) == [f"rows_of_2047_{month:02}" for month in (2, 3, 4, 5)]
    assert place_of(city, 1) == ["rows_of_2047_02"]


def test_a_month_of_which_a_row_lies_elsewhere_is_not_made(city, shop):
    run(city.engine, lambda db: put(db, 1, "2047-03-05T00:00:00.000Z"))
    made = run(city.engine, lambda db: monthly.make_ahead(db, today=SPRING))
    assert made == ["rows_of_2047_02", "rows_of_2047_04", "rows_of_2047_05"]
    assert run(city.engine, lambda db: monthly.make_ahead(db, today=SPRING)) == []
    assert place_of(city, 1) == ["rows_of_no_month"]


def test_of_eight_that_make_months_at_once_none_fails(city, caplog):
    gate = threading.Barrier(8)

    def act():
        gate.wait()
        monthly.look_after.__wrapped__(city.engine, SPRING)

    threads = [threading.Thread(target=act) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert "rows_of_2047_05" in months(city) and not caplog.records


def test_who_reads_rows_for_long_keeps_no_batch_from_being_stored(city, till, caplog):
    with city.engine.connect() as reading:
        reading.execute(text('SELECT count(*) FROM "row"'))
        till.deliver()
    assert [one.message for one in caplog.records if one.name == monthly.__name__] == [
        "no months of rows made ahead"
    ]
    assert place_of(city, 1) == ["rows_of_no_month"]


def test_a_number_stored_twice_is_refused_or_named(city):
    till = Till(city, "S", NOON)
    till.sell(1)
    till.deliver()
    names = "outlet, seq, at, kind, body, prev_hash, hash, kid, signature, received_at"

    def again(at):
        chosen = names.replace(" at,", f" {at},")
        copied = text(f'INSERT INTO "row" ({names}) SELECT {chosen} FROM "row" WHERE seq = 1')
        run(city.engine, lambda db: db.execute(copied))

    with pytest.raises(Unavailable):
        again("at")
    assert audit.audit(city) == []
    again("'2025-01-01T00:00:00.000Z'")
    named = [one for one in audit.audit(city) if one["code"] == "row_stored_twice"]
    assert named == [{"code": "row_stored_twice", "outlet": "S", "seq": 1}]


def test_a_journal_goes_on_only_from_where_it_ends(city, shop):
    def advance(after_seq, last_seq):
        return run(
            city.engine,
            lambda db: outlets.advance(db, "S", after_seq=after_seq, last_seq=last_seq, head_hash="h"),
        )

    assert advance(0, 2) and not advance(0, 3) and not advance(1, 3)
    assert read(city.engine, lambda db: outlets.find(db, "S"))["last_seq"] == 2


def test_a_month_that_is_over_is_taken_off_and_put_back(city, shop):
    run(city.engine, lambda db: put(db, 1, "2025-01-05T00:00:00.000Z"))
    run(city.engine, lambda db: db.execute(text('ALTER TABLE "row" DETACH PARTITION rows_of_2025_01')))
    assert read(city.engine, lambda db: rows.hash_at(db, "S", 1)) is None
    run(city.engine, lambda db: monthly.make_ahead(db, today=SPRING))
    assert "rows_of_2025_01" not in months(city)
    back = "ALTER TABLE \"row\" ATTACH PARTITION rows_of_2025_01 FOR VALUES FROM ('2025-01') TO ('2025-02')"
    run(city.engine, lambda db: db.execute(text(back)))
    assert read(city.engine, lambda db: rows.hash_at(db, "S", 1)) == "h"
