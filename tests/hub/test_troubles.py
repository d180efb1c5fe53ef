"""What stands between a shop and the city is shown with both sides; a hub that cannot keep says so."""

import json
import shutil

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from pos_subsidy.cli.hub_commands import hub as hub_command
from pos_subsidy.errors import Conflict, NotFound
from pos_subsidy.hub import judging, troubles
from pos_subsidy.hub.store import claims
from pos_subsidy.hub.store.db import open_engine, run
from pos_subsidy.services import health as shop_health
from tests.hub.shops import Shop
from tests.support import ANNA, BAO, PERSONS, Api, wired_with


def said(tmp_path, *arguments):
    done = CliRunner().invoke(hub_command, [*arguments, "--data", str(tmp_path / "hub")])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_fork_is_shown_with_both_sides_and_who_signed_them(shops, city, clock, tmp_path):
    shop = shops[0]
    shop.api.sell(ANNA)
    shop.sync()
    backup = shutil.copytree(shop.folder.path, tmp_path / "backup")
    shop.api.sell(BAO, serial_no="SN-2")
    shop.sync()
    # The till's disk dies; the old backup is put in its place and goes on selling.
    shop.wired.till._local.connection = None
    restored = type(shop.folder)(backup)
    wired = wired_with(restored, clock, city=shop.line, outlet_id="DEMO-A")
    Api.of(wired, restored).sell(PERSONS[2], serial_no="SN-3")
    shop.db, shop.wired = wired.till.db(), wired
    with pytest.raises(Conflict, match="chain_forked"):
        shop.sync()

    (fork,) = troubles.forks(city)
    assert fork["outlet"] == "DEMO-A" and fork["signed"] == [True, True]
    assert fork["stored"]["seq"] == fork["shown"]["seq"] == fork["seq"]
    assert "hash" in fork["differs"] and fork["stored"]["hash"] == fork["stored_hash"]
    assert troubles.forks(city, outlet="DEMO-B") == []
    assert json.loads(said(tmp_path, "forks", "--json"))["forks"] == [fork]
    shown = said(tmp_path, "forks", "--outlet", "DEMO-A")
    assert fork["shown"]["hash"][:16] in shown and shown.count("签名有效 / signed") == 2


def test_a_parked_row_is_shown_on_both_sides_and_carried_out_after_repair(
    shops, city, clock, tmp_path, monkeypatch
):
    shop: Shop = shops[0]
    sold = shop.api.sell(ANNA)
    body = {"kind": "full", "reason": "退货", "credit_note_no": "C1"}
    assert shop.api.post(f"/redemptions/{sold['redemption_id']}/reverse", body).status == 201

    def of_a_release_with_a_bug(*_):
        raise KeyError("old")

    with monkeypatch.context() as earlier:
        earlier.setitem(judging._ACTS, "reversed", of_a_release_with_a_bug)
        assert shop.sync().complete
        (parked,) = troubles.parked(city)
        assert (parked["kind"], parked["why"]) == ("reversed", "malformed: KeyError")
        with pytest.raises(Conflict, match="row_still_parked"):
            troubles.try_again(city, "DEMO-A", parked["seq"], now=clock())
    assert json.loads(said(tmp_path, "parked", "list", "--json"))["parked"] == [parked]
    assert "malformed: KeyError" in said(tmp_path, "parked", "list", "--outlet", "DEMO-A")
    told = shop_health.state(shop.db, shop.wired.shop, now=clock())["parked_rows"]
    assert [(one["seq"], one["why"]) for one in told] == [(parked["seq"], "malformed: KeyError")]

    said(tmp_path, "parked", "retry", "DEMO-A", str(parked["seq"]))
    assert troubles.parked(city) == []
    found = run(city.engine, lambda db: claims.find(db, sold["redemption_id"]))
    assert found["net_subsidy_fen"] == 0
    assert shop.sync().complete
    assert shop_health.state(shop.db, shop.wired.shop, now=clock())["parked_rows"] == []
    with pytest.raises(NotFound, match="row_not_parked"):
        troubles.try_again(city, "DEMO-A", parked["seq"], now=clock())


def test_ready_means_the_right_schema(hub, city):
    ready = httpx.get(f"{hub}/readyz")
    assert ready.status_code == 200 and ready.json()["schema"].startswith("h")
    with city.engine.begin() as db:
        assert db.execute(text("SELECT count(*) FROM heartbeat")).scalar_one() == 1
        db.execute(text("UPDATE alembic_version SET version_num = 'h9999'"))
    refused = httpx.get(f"{hub}/readyz")
    assert (refused.status_code, refused.json()["code"]) == (503, "schema_newer")
    with city.engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'h0001'"))
    assert httpx.get(f"{hub}/readyz").json()["code"] == "schema_older"
    assert httpx.get(f"{hub}/healthz").status_code == 200, "what a till asks is whether anybody listens"


def test_ready_means_writable(hub, city):
    if city.engine.dialect.name == "sqlite":
        with city.engine.begin() as db:
            db.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON heartbeat BEGIN SELECT RAISE(ABORT, 'x'); END")
            )
        wanted = "database_refuses"
    else:
        other = open_engine(city.engine.url.render_as_string(hide_password=False))
        with other.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            name = city.engine.url.database
            db.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        other.dispose()
        city.engine.dispose()  # its next connections meet a database that was made read-only
        wanted = "database_read_only"
        alive = httpx.get(f"{hub}/healthz")
        assert (alive.status_code, alive.json()["code"]) == (503, "database_read_only")
    refused = httpx.get(f"{hub}/readyz")
    assert (refused.status_code, refused.json()["code"]) == (503, wanted)
