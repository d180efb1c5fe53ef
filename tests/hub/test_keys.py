"""Keys: a new one follows the old, a lost till is cut off, each is shown with its days."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.cli.hub_commands import hub as hub_command
from pos_subsidy.cli.shop import join
from pos_subsidy.config import Folder
from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import new_keyring, rotated
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from pos_subsidy.hub import audit, enrolment, keys, naming_payees
from pos_subsidy.hub.store import keys as keys_store
from pos_subsidy.hub.store import rows
from pos_subsidy.hub.store.db import run
from pos_subsidy.hub.store.schema_ledger import payee
from pos_subsidy.protocol import sealing
from pos_subsidy.services import city_sync, key_feed
from pos_subsidy.store import journal, redemptions
from tests.hub.shops import own_keys
from tests.support import ANNA, BAO, PERSONS, Api, wired_with
from tests.support import run as run_command
from tests.web.test_claims import CAR, OTHER_VIN, papers, submitted

LOST = {"by": "城管甲", "why": "收银机被盗"}


@pytest.fixture
def shop(shops):
    return shops[0]


def again(shop, clock):
    """Restart a shop's service: it reads its keys anew."""
    client = HubClient(
        shop.folder.hub(),
        outlet="DEMO-A",
        keyring=shop.folder.keys().keyring,
        clock=clock,
        live_seconds=20.0,
    )
    shop.client = client
    shop.line = Line(client, clock=clock)
    shop.wired = wired_with(shop.folder, clock, city=shop.line, outlet_id="DEMO-A")
    shop.api, shop.db = Api.of(shop.wired, shop.folder), shop.wired.till.db()


def verdict_of(shop, sold):
    found = redemptions.find(shop.db, sold["redemption_id"])
    return found.verdict, found.verdict_code


def listed(city, clock):
    return {one["kid"]: one for one in keys.listing(city, outlet="DEMO-A", now=clock())}


def alone(shop, clock):
    """The same till while its line is cut."""
    return Api.of(wired_with(shop.folder, clock, city=None, outlet_id="DEMO-A"), shop.folder)


def test_a_new_key_follows_the_old_and_both_are_valid_in_the_overlap(shop, city, clock):
    before = shop.api.sell(ANNA)
    old, new = shop.folder.keys().keyring, shop.folder.next_keyring()
    feed = shop.client.follow(new, overlap_days=30)
    assert shop.client.follow(shop.folder.next_keyring(), overlap_days=30) == feed, (
        "a lost answer does no harm"
    )
    shop.folder.use_next_keyring()
    days = {one["kid"]: (one["not_before"], one["not_after"]) for one in feed.keys}
    assert days[new.kid] == (moments.text(clock()), None)
    assert days[old.kid][1] == moments.text(clock() + timedelta(days=30))

    # The running service still signs with the old key; after a restart it is the new one.
    during = shop.api.sell(BAO, serial_no="SN-DURING")
    again(shop, clock)
    clock.pass_by(days=31)
    after = shop.api.sell(PERSONS[2], serial_no="SN-AFTER")
    assert shop.sync().complete
    assert {entry.kid for entry in shop.entries()} == {old.kid, new.kid}
    for sold in (before, during, after):
        assert verdict_of(shop, sold) == ("accepted", None), "old claims still verify"
    states = {kid: one["state"] for kid, one in listed(city, clock).items()}
    assert states == {old.kid: "expired", new.kid: "valid"}


def test_the_old_key_is_silent_after_the_overlap(shop, city, clock):
    old = shop.folder.keys().keyring
    shop.client.follow(shop.folder.next_keyring(), overlap_days=1)
    clock.pass_by(days=2)
    with pytest.raises(NotAllowed, match="key_expired"):
        shop.client.verdicts(0)
    refused = shop.api.try_hold(shop.api.voucher(ANNA)["token"])
    assert (refused.status, refused.codes) == (422, ["key_expired"])
    # A till that forgets to restart sells on without the city: it is judged, not lost.
    sold = alone(shop, clock).sell(BAO)
    with pytest.raises(NotAllowed, match="key_expired"):
        shop.sync()
    assert verdict_of(shop, sold) == ("rejected", "key_expired")
    assert listed(city, clock)[old.kid]["state"] == "expired"


def test_a_new_key_needs_the_old_one_and_must_sign_itself(shops, city, clock):
    first, second = shops
    stranger = new_keyring()
    claimed = rotated(first.folder.keys().keyring, Ed25519PrivateKey.generate())

    class Claimed:
        """The key of somebody else, presented as one's own."""

        private = claimed.private

        @staticmethod
        def sign(message):
            return stranger.sign(message)

    with pytest.raises(Invalid, match="new_key_unproven"):
        first.client.follow(Claimed, overlap_days=3)
    with pytest.raises(Conflict, match="keys_taken"):
        first.client.follow(second.folder.keys().keyring, overlap_days=3)
    unsigned = HubClient(first.folder.hub(), outlet="DEMO-A", keyring=stranger, clock=clock)
    with pytest.raises(Exception, match="signature_invalid"):
        unsigned.follow(claimed, overlap_days=3)
    assert len(listed(city, clock)) == 1


def test_a_lost_till_is_cut_off_and_what_it_signed_before_stays_valid(shops, city, clock):
    shop, other = shops
    before = shop.api.sell(ANNA)
    assert shop.sync().complete
    clock.pass_by(hours=1)
    undelivered = alone(shop, clock).sell(BAO, serial_no="SN-OFF")
    known = shop.api.hold(shop.api.voucher(PERSONS[2])["token"], serial_no="SN-HELD")
    redeemed = shop.api.redeem(known)
    clock.pass_by(hours=1)

    done = keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), **LOST)
    assert len(done.kids) == 1 and done.to_look_at == ()

    # Live calls: refused by a plain answer, so that the till does not go on alone.
    refused = shop.api.try_hold(shop.api.voucher(PERSONS[3])["token"], serial_no="SN-X")
    assert (refused.status, refused.codes) == (422, ["key_revoked"])
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.client.query("H-1")
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.client.follow(shop.folder.next_keyring(), overlap_days=30)
    with pytest.raises(NotAllowed, match="key_revoked"):
        join(shop.folder, shop.folder.hub().url, "DEMO", at=clock())
    assert other.api.sell(PERSONS[4], serial_no="SN-B")["authorisation"] == "online"

    # What it does afterwards is stored and judged.
    clock.pass_by(minutes=5)
    stolen = alone(shop, clock).sell(PERSONS[5], serial_no="SN-STOLEN")
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.sync()
    assert run(city.engine, lambda db: len(list(rows.entries(db, "DEMO-A")))) >= stolen_seq(shop, stolen)
    assert verdict_of(shop, before) == ("accepted", None)
    assert verdict_of(shop, redeemed) == ("accepted", None), "the city knew of it in time"
    assert verdict_of(shop, stolen) == ("rejected", "key_revoked")
    assert verdict_of(shop, undelivered) == ("suspended", "delivered_after_cut_off")
    assert audit.audit(city, []) == [], "what was judged by its signature is no discrepancy"


def stolen_seq(shop, sold):
    return next(
        entry.seq for entry in shop.entries() if entry.body.get("redemption_id") == sold["redemption_id"]
    )


_CUT_OFF = """
import sys
from datetime import datetime
from pathlib import Path
from pos_subsidy.hub import config, keys
at = datetime.fromisoformat(sys.argv[2])
keys.cut_off(config.load(Path(sys.argv[1])), "DEMO-A", kid=None, since=at, now=at, by="x", why="stolen")
"""


def test_a_key_cut_off_by_another_process_is_not_believed_a_moment_longer(shop, tmp_path, clock):
    """A hub keeps nothing of a key between two requests that could outlive the key."""
    assert shop.api.try_hold(shop.api.voucher(ANNA)["token"], serial_no="SN-1").status == 201
    assert shop.client.query("H-1") == "unknown"
    command = [sys.executable, "-c", _CUT_OFF, str(tmp_path / "hub"), clock().isoformat()]
    subprocess.run(command, check=True)
    refused = shop.api.try_hold(shop.api.voucher(BAO)["token"], serial_no="SN-2")
    assert (refused.status, refused.codes) == (422, ["key_revoked"])
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.client.query("H-1")


def test_a_till_that_takes_over_brings_what_was_signed_before(shop, city, hub, clock):
    sold = alone(shop, clock).sell(ANNA)
    clock.pass_by(hours=1)
    keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), **LOST)
    old = shop.folder.keys().keyring.kid
    with pytest.raises(NotAllowed, match="key_revoked"):
        join(shop.folder, hub, enrolment.new_code(city, now=clock()), at=clock())

    # Restored from the backup, with a key of its own and the city's code.
    shop.folder.next_keyring()
    shop.folder.use_next_keyring()
    with pytest.raises(NotAllowed, match="enrolment_code_unknown"):
        join(shop.folder, hub, "DEMO", at=clock())
    join(shop.folder, hub, enrolment.new_code(city, now=clock()), at=clock())
    again(shop, clock)
    assert shop.sync().complete
    assert verdict_of(shop, sold) == ("accepted", None), (
        "valid by its time, brought by a key in good standing"
    )
    assert shop.api.sell(BAO, serial_no="SN-NEW")["authorisation"] == "online"
    assert listed(city, clock)[old]["state"] == "revoked", "presenting it again does not revive it"


def test_a_living_key_vouches_only_for_what_it_brings_itself(shop, city, clock):
    old = shop.folder.keys().keyring.kid
    undelivered = alone(shop, clock).sell(ANNA)
    shop.client.follow(shop.folder.next_keyring(), overlap_days=30)
    clock.pass_by(hours=1)
    keys.cut_off(city, "DEMO-A", kid=old, since=clock(), now=clock(), **LOST)
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.sync()
    assert verdict_of(shop, undelivered) == ("suspended", "delivered_after_cut_off")


def test_a_code_does_not_take_over_a_living_shop(shops, shop_template, tmp_path, city, hub, clock):
    folder = Folder(shutil.copytree(shop_template, tmp_path / "stranger"))
    own_keys(folder)
    code = enrolment.new_code(city, now=clock())
    with pytest.raises(Conflict, match="outlet_exists"):
        join(folder, hub, code, at=clock())
    assert len(listed(city, clock)) == 1
    folder.change(outlet="JX-0002")
    join(folder, hub, code, at=clock())  # it was not used up


def test_a_cut_off_of_yesterday_names_what_was_taken_in_since(shop, city, clock):
    lost_at = clock()
    clock.pass_by(minutes=1)
    sold = shop.api.sell(ANNA)
    assert shop.sync().complete
    done = keys.cut_off(city, "DEMO-A", kid=None, since=lost_at, now=clock(), **LOST)
    assert [one["redemption_id"] for one in done.to_look_at] == [sold["redemption_id"]]
    with pytest.raises(Conflict, match="key_revoked"):
        keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), **LOST)
    with pytest.raises(NotFound, match="outlet_unknown"):
        keys.cut_off(city, "DEMO-X", kid=None, since=clock(), now=clock(), **LOST)
    with pytest.raises(NotFound, match="key_unknown"):
        keys.cut_off(city, "DEMO-A", kid="0" * 16, since=clock(), now=clock(), **LOST)
    with pytest.raises(Invalid, match="cut_off_ahead"):
        keys.cut_off(city, "DEMO-A", kid=None, since=clock() + timedelta(1), now=clock(), **LOST)
    with pytest.raises(Invalid, match="reason_required"):
        keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), by="x", why=" ")


def test_a_claim_after_purchase_of_a_cut_off_key_is_judged_too(shop, city, clock):
    early = submitted(shop.api)
    clock.pass_by(minutes=1)
    keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), **LOST)
    late = submitted(
        shop.api,
        BAO,
        attributes={**CAR, "vin": OTHER_VIN},
        given=papers("99427000000316294884", old_car_vin="1M8GDM9AXKP042788"),
    )
    assert (early.status, late.status) == (201, 201)
    with pytest.raises(NotAllowed, match="key_revoked"):
        shop.sync()
    words = [shop.api.get(f"/claims/{one.json['claim_id']}").json["verdict_code"] for one in (early, late)]
    assert words == ["delivered_after_cut_off", "key_revoked"]


def test_other_acts_of_a_cut_off_key_wait_for_people(shop, city, clock):
    sold = shop.api.sell(ANNA)
    assert shop.sync().complete
    keys.cut_off(city, "DEMO-A", kid=None, since=clock(), now=clock(), **LOST)
    clock.pass_by(minutes=1)
    body = {"kind": "full", "reason": "退货", "credit_note_no": "C1"}
    assert alone(shop, clock).post(f"/redemptions/{sold['redemption_id']}/reverse", body).status == 201
    with pytest.raises(NotAllowed):
        shop.sync()
    parked = run(city.engine, lambda db: rows.parked(db, "DEMO-A"))
    assert ("reversed", "key_revoked") in {(one["kind"], one["why"]) for one in parked}


def test_the_shop_learns_of_its_keys_and_marks_what_was_revoked(shop, city, clock):
    old = shop.folder.keys().keyring.kid
    voucher = shop.api.voucher(ANNA)
    feed = shop.client.follow(shop.folder.next_keyring(), overlap_days=10)
    shop.folder.use_next_keyring()
    again(shop, clock)
    key_feed.learn(shop.db, feed, now=clock())
    assert key_feed.overview(shop.db, shop.wired.shop, now=clock())["warning"] is None
    keys.cut_off(city, "DEMO-A", kid=old, since=clock(), now=clock(), **LOST)
    key_feed.fetch(shop.db, shop.line, now=clock())
    key_feed.learn(shop.db, feed, now=clock())  # an older one changes nothing
    again(shop, clock)
    told = key_feed.overview(shop.db, shop.wired.shop, now=clock())
    assert {one["kid"]: one["revoked"] for one in told["keys"]}[old] is True
    refused = shop.api.try_hold(voucher["token"])
    assert refused.code == "token_key_revoked"
    current = shop.folder.keys().keyring.kid
    keys.cut_off(city, "DEMO-A", kid=current, since=clock(), now=clock(), **LOST)
    key_feed.fetch(shop.db, shop.line, now=clock())
    assert key_feed.overview(shop.db, shop.wired.shop, now=clock())["warning"] == "key_revoked"
    assert shop.api.client.get("/readyz").get_json()["key_warning"] == "key_revoked"


def test_the_commands_show_and_cut_off(shop, city, tmp_path, clock):
    def say(*arguments):
        done = CliRunner().invoke(hub_command, [*arguments, "--data", str(tmp_path / "hub")])
        assert done.exit_code == 0, done.output
        return done.output

    kid = shop.folder.keys().keyring.kid
    found = json.loads(say("keys", "list", "--json"))["keys"]
    assert [(one["outlet"], one["state"]) for one in found] == [("DEMO-A", "valid"), ("DEMO-B", "valid")]
    assert kid in say("keys", "list", "--outlet", "DEMO-A") and "有效 / valid" in say("keys", "list")
    cut = json.loads(say("till", "cut-off", "DEMO-A", "--reason", "丢失", "--by", "甲", "--json"))
    assert cut["kids"] == [kid]
    one = json.loads(say("keys", "list", "--outlet", "DEMO-A", "--json"))["keys"][0]
    assert one["state"] == "revoked" and one["changes"][-1]["why"] == "丢失"
    other = run(city.engine, lambda db: keys_store.of_outlet(db, "DEMO-B"))[0].kid
    say("keys", "revoke", "DEMO-B", other, "--reason", "x", "--by", "乙")
    refused = CliRunner().invoke(
        hub_command,
        ["keys", "revoke", "DEMO-B", other, "--reason", "x", "--by", "乙", "--data", str(tmp_path / "hub")],
    )
    assert isinstance(refused.exception, Conflict)


def test_the_shops_own_commands_rotate_and_list(shop, city, clock, capsys):
    data = ("--data", str(shop.folder.path))
    clock.now = datetime.now(UTC)
    run_command("keys", "rotate", "--overlap-days", "7", *data, "--json")
    made = json.loads(capsys.readouterr().out)
    run_command("keys", "list", *data, "--json")
    told = json.loads(capsys.readouterr().out)
    assert [(one["kid"], one["signs"]) for one in told["keys"]] == [
        (made["old_kid"], False),
        (made["kid"], True),
    ]
    assert told["keys"][0]["not_after"] is not None and told["warning"] is None
    keys.cut_off(city, "DEMO-A", kid=made["kid"], since=clock(), now=clock(), **LOST)
    run_command("keys", "list", *data)
    shown = capsys.readouterr()
    assert f"* {made['kid']}" in shown.out and "已停用" in shown.out
    assert "call the city" in shown.err
    run_command("journal", "verify", *data)


def test_a_rotation_without_an_answer_changes_nothing_and_offers_the_same_key_again(shop, clock):
    clock.now = datetime.now(UTC)
    old, path = shop.folder.keys().keyring.kid, shop.folder.path / "keys/hub.json"
    kept = path.read_text("utf-8")
    path.write_text(json.dumps({**json.loads(kept), "url": "http://127.0.0.1:9"}), "utf-8")
    with pytest.raises(Unavailable):
        run_command("keys", "rotate", "--data", str(shop.folder.path))
    assert shop.folder.keys().keyring.kid == old
    offered = shop.folder.next_keyring().kid
    path.write_text(kept, "utf-8")
    run_command("keys", "rotate", "--data", str(shop.folder.path))
    assert shop.folder.keys().keyring.kid == offered


def test_a_code_ends_and_can_be_revoked(shop_template, tmp_path, city, hub, clock):
    folder = Folder(shutil.copytree(shop_template, tmp_path / "late"))
    folder.change(outlet="JX-0001")
    code = enrolment.new_code(city, now=clock())
    wrong = enrolment.new_code(city, now=clock())
    enrolment.revoke_code(city, wrong, by="甲")
    for at, told in ((clock(), wrong), (clock() + timedelta(days=15), code)):
        clock.now = at
        with pytest.raises(NotAllowed, match="enrolment_code_unknown"):
            join(folder, hub, told, at=clock())
    with pytest.raises(NotAllowed, match="enrolment_code_unknown"):
        enrolment.revoke_code(city, wrong, by="甲")
    join(folder, hub, enrolment.new_code(city, now=clock()), at=clock())


def test_an_account_number_is_kept_sealed(shop, city, clock):
    number = "6222020200112233445"
    about = {"holder": "示例商贸有限公司", "bank": "工行", "number": number}
    naming_payees.propose(city, "DEMO-A", **about, by="甲", now=clock())
    with city.engine.connect() as db:
        kept = db.execute(select(payee.c.number_sealed)).scalar_one()
    assert number.encode() not in kept
    assert sealing.unseal(kept, city.seal_private) == number.encode()
    if city.engine.dialect.name != "sqlite":
        return  # its files are the server's
    database = Path(city.engine.url.database)
    beside = [database, *database.parent.glob(f"{database.name}-*")]
    assert not any(number.encode() in path.read_bytes() for path in beside)


def test_a_shop_alone_for_days_that_changed_its_key_is_judged_when_it_joins(
    shop_template, tmp_path, city, hub, clock
):
    folder = Folder(shutil.copytree(shop_template, tmp_path / "alone"))
    sold = [Api.of(wired_with(folder, clock), folder).sell(ANNA)]
    clock.pass_by(days=3)
    folder.next_keyring()
    folder.use_next_keyring()
    kids = [key.kid for key in folder.keys().keyring.known]
    api = Api.of(wired_with(folder, clock), folder)
    sold += [api.sell(person, serial_no=f"SN-{at}") for at, person in enumerate(PERSONS[1:4])]
    clock.pass_by(days=20)
    join(folder, hub, "DEMO", at=clock())
    shop = SimpleNamespace(folder=folder)
    again(shop, clock)
    done = city_sync.sync(shop.db, shop.wired.shop, now=clock())
    assert done.complete and done.parked == ()
    assert [verdict_of(shop, one) for one in sold] == [("accepted", None)] * 4
    assert {entry.kid for entry in journal.entries(shop.db)} == set(kids)
