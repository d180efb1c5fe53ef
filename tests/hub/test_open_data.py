"""Open data and the public page: enough for everybody, nothing of anybody."""

import csv
import io
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pos_subsidy.cli.hub_open import hub as hub_command
from pos_subsidy.domain import merging
from pos_subsidy.domain.merging import OTHER, Group
from pos_subsidy.errors import Invalid, NotFound
from pos_subsidy.hub import open_data, open_state, pools
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.store import claims, outlets
from pos_subsidy.hub.store.db import run
from tests.hub.test_pools import BECAUSE, CITY, NANHU, both_databases, fund
from tests.support import NOON

DAY = "2026-11-19"
WASHER_REGION = "330481"


def seed(city, sales):
    """Put claims on the books: (shop, category, person, fen, more)."""

    def put(db):
        for seq, (shop, category, person, fen, more) in enumerate(sales, start=1):
            if outlets.find(db, shop) is None:
                region = WASHER_REGION if shop.startswith("H") else "330402"
                details = {"name": "x", "merchant_name": "x", "merchant_uscc": "", "region": region}
                outlets.add(db, shop, at="", **details)
            row = {
                "redemption_id": f"R-{seq}",
                "outlet": shop,
                "seq": seq,
                "hold_id": f"H-{seq}",
                "order_no": f"O-{seq}",
                "category": category,
                "programme": "appliance-2026",
                "unit_class": category,
                "person": person,
                "business_date": DAY,
                "price_fen": fen * 10,
                "subsidy_fen": fen,
                "net_subsidy_fen": fen,
                "unit_used": True,
                "verdict": "accepted",
                "code": None,
                "params": "{}",
                "judged_at": "",
                "received_at": "",
            }
            claims.add(db, **{**row, **more})

    run(city.engine, put)


def crowd(category, people, *, shops=("N-1", "N-2", "N-3"), fen=1_000, begin=0, **more):
    return [
        (shops[at % len(shops)], category, f"P-{category}-{begin + at}", fen, more) for at in range(people)
    ]


@pytest.fixture
def client(city, clock):
    return create_hub(city, clock).test_client()


def table(city):
    return open_data.publish(city, DAY, now=NOON)


def told(found):
    return [(one["region"], one["category"], one["sales"], one["subsidy_fen"]) for one in found["rows"]]


@both_databases
def test_a_row_stands_by_itself_only_with_ten_people_and_three_shops(city):
    seed(
        city,
        [
            *crowd("refrigerator", 10),
            *crowd("television", 9),
            *crowd("computer", 12, shops=("N-1", "N-2")),
            *crowd("refrigerator", 1, shops=(*"H",), begin=50),
            *crowd("water_heater", 3, verdict="rejected"),
            *crowd("air_conditioner", 3, net_subsidy_fen=0),
        ],
    )
    assert told(table(city)) == [
        # The single one of Haining has no neighbours there: the whole of Nanhu covers it.
        (OTHER, OTHER, 10 + 9 + 12 + 1, 32_000),
    ]


def test_small_classes_are_merged_within_their_region(city):
    seed(city, [*crowd("refrigerator", 10), *crowd("television", 9), *crowd("computer", 4, begin=90)])
    assert told(table(city)) == [("330402", "refrigerator", 10, 10_000), ("330402", OTHER, 13, 13_000)]


def test_a_small_rest_takes_the_smallest_row_with_it_so_that_nothing_can_be_subtracted(city):
    seed(city, [*crowd("refrigerator", 30), *crowd("computer", 11), *crowd("television", 1)])
    assert told(table(city)) == [("330402", "refrigerator", 30, 30_000), ("330402", OTHER, 12, 12_000)]


def test_too_few_in_all_are_not_published(city):
    seed(city, crowd("refrigerator", 9))
    assert table(city)["rows"] == []
    assert "10" in table(city)["rule_zh"] and "10" in table(city)["rule_en"]


def test_one_person_ten_times_is_one_person(city):
    seed(city, [(f"N-{at % 3}", "refrigerator", "P-1", 1_000, {}) for at in range(30)])
    assert table(city)["rows"] == []


def test_no_personal_data_of_any_kind_is_in_a_table(city):
    seed(city, crowd("refrigerator", 12))
    written = json.dumps(table(city)["rows"]) + open_data.as_csv(table(city))
    assert not any(word in written for word in ("P-refrigerator", "N-1", "R-1", "O-1", "person", "order"))


def test_a_published_day_is_never_restated(city):
    seed(city, crowd("refrigerator", 12))
    before = table(city)
    run(city.engine, lambda db: claims.change(db, "R-1", net_subsidy_fen=0))
    assert open_data.publish(city, DAY, now=NOON + timedelta(days=9)) == before


def test_a_day_that_is_not_over_is_not_published(city):
    for day in ("2026-11-20", "2026-11-21"):
        with pytest.raises(Invalid, match="open_day_not_over"):
            open_data.publish(city, day, now=NOON)
    for wrong in ("2026-11", "2026-13-01", "x" * 10, "2026-W47-1", ""):
        with pytest.raises(Invalid, match="open_day_invalid"):
            open_data.publish(city, wrong, now=NOON)
    with pytest.raises(NotFound, match="open_day_unknown"):
        open_data.published(city, DAY)


groups = st.lists(
    st.builds(
        lambda region, category, people, shops, fen: Group(
            region, category, frozenset(people), frozenset(shops), len(people), 10 * fen, fen
        ),
        st.sampled_from(["330402", "330411", "330481"]),
        st.sampled_from(["a", "b", "c", "d"]),
        st.sets(st.integers(0, 60).map(str), min_size=1, max_size=25),
        st.sets(st.integers(0, 6).map(str), min_size=1, max_size=5),
        st.integers(1, 10_000),
    ),
    unique_by=lambda one: (one.region, one.category),
    max_size=12,
)


@given(groups)
def test_every_published_row_is_safe_and_together_they_hold_everything(rows):
    done = merging.publishable(rows)
    assert all(one.is_safe for one in done)
    assert len({(one.region, one.category) for one in done}) == len(done)
    if done:
        for name in ("sales", "price_fen", "subsidy_fen"):
            assert sum(getattr(one, name) for one in done) == sum(getattr(one, name) for one in rows)
    else:
        people = frozenset[str]().union(*(one.people for one in rows))
        shops = frozenset[str]().union(*(one.shops for one in rows))
        assert len(people) < merging.LEAST_PEOPLE or len(shops) < merging.LEAST_SHOPS


def test_the_command_writes_both_files_and_the_page_offers_them(city, client, tmp_path, clock):
    seed(city, crowd("refrigerator", 12))
    into = tmp_path / "out"
    arguments = ["open-data", "--data", str(tmp_path / "hub"), "--day", DAY, "--into", str(into), "--json"]
    open_data.publish(city, DAY, now=NOON)
    done = CliRunner().invoke(hub_command, arguments, catch_exceptions=False)
    assert json.loads(done.output)["rows"] == 1
    rows = list(csv.DictReader(io.StringIO((into / f"open-data-{DAY}.csv").read_text("utf-8-sig"))))
    assert [(row["category_zh"], row["sales"]) for row in rows] == [("冰箱", "12")]
    assert json.loads((into / f"open-data-{DAY}.json").read_text("utf-8"))["rows"]
    page = client.get("/open").text
    assert f"/open/days/{DAY}.csv" in page
    served = client.get(f"/open/days/{DAY}.csv")
    assert (served.status_code, served.mimetype) == (200, "text/csv")
    assert served.headers["Cache-Control"] == "public, max-age=86400"
    assert client.get(f"/open/days/{DAY}.json").json == open_data.published(city, DAY)
    assert client.get("/open/days.json").json["days"] == [DAY]
    missing = client.get("/open/days/2026-01-01.json")
    assert (missing.status_code, missing.json["code"]) == (404, "open_day_unknown")
    assert missing.headers["Cache-Control"] == "no-store"


def programme(client, name="appliance-2026"):
    found = client.get("/open/state.json").json
    return next(one for one in found["programmes"] if one["id"] == name)


def test_the_state_says_what_is_enforced_and_no_single_sale(city, client, clock):
    """HB-15"""
    fund(city, CITY, 5_000_000_00)
    fund(city, NANHU, 19_000_00)
    found = programme(client)
    assert found["state"] == "open"
    assert [(one["left_at_least_fen"], one["left_percent"]) for one in found["pools"]] == [
        (5_000_000_00, 100),
        (10_000_00, 52),
    ]
    pools.move(
        city, NANHU, fund(city, "appliance-2026/330411/2026-11", 1)["pool_id"], fen=19_000_00,
        because=BECAUSE, now=clock(),
    )  # fmt: skip
    spent = programme(client)
    assert spent["state"] == "open", "one county's pool turns nobody else off"
    assert [one["is_spent"] for one in spent["pools"]] == [False, True, False]
    pools.move(
        city, CITY, fund(city, "digital-2026/330400/2026", 1)["pool_id"], fen=5_000_000_00,
        because=BECAUSE, now=clock(),
    )  # fmt: skip
    assert programme(client)["state"] == "spent"
    rule = found["rules"][0]
    assert (
        rule["grants"][0]["rates"] == {"1": "0.15"} and rule["source"]["document"] == "发改环资〔2025〕1745号"
    )


def test_every_rule_of_the_page_has_a_clause(city):
    for one in open_state.state(city, now=NOON)["programmes"]:
        assert all(rule["source"]["cited"] for rule in one["rules"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            ["以旧换新补贴：现在怎么样", "开放", "1 级 15 %，最多 1,500 元", "每人每类 1 件", "1 万元以上"],
        ),
        ("en", ["how things stand", "Open", "grade 1: 15 %, at most 1,500 yuan", "10,000 yuan or more"]),
    ],
)
def test_the_page_is_whole_in_both_languages(city, client, language, words):
    fund(city, NANHU, 19_000_00)
    page = client.get(f"/open?lang={language}")
    assert page.status_code == 200
    for one in words:
        assert one in page.text
    assert "<script" not in page.text and "style=" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in page.headers
    by_header = client.get("/open", headers={"Accept-Language": "en" if language == "en" else "zh-CN"})
    assert words[0] in by_header.text
    with client.get("/open/static/open.css") as style:
        assert style.status_code == 200 and "meter" in style.text
        assert style.headers["Cache-Control"] == "public, max-age=3600"


def test_an_unchanged_page_is_not_sent_again(city, client):
    first = client.get("/open/state.json")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Retry-After" not in first.headers
    again = client.get("/open/state.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_one_address_may_not_ask_without_end(city, client):
    answers = [client.get("/open/days.json").status_code for _ in range(121)]
    assert answers.count(200) == 120
    refused = client.get("/open/state.json")
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200, "the tills are not meant"
