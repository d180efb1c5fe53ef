"""A shop appeals a verdict; somebody else decides; a won appeal is paid once. Issue 6, item 4."""

import hashlib
import json

import pytest
from sqlalchemy import text

from pos_subsidy import bundled
from pos_subsidy.errors import Conflict, Invalid, NotAllowed
from pos_subsidy.hub import appeal_cases, audit, naming_payees, pools, review, settlement
from pos_subsidy.hub import appeals as hub_appeals
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.judgement import Judgement, rejudge
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.services import appeals
from pos_subsidy.services.appeals import Attached
from pos_subsidy.services.shop import By
from pos_subsidy.store import journal, migrations
from pos_subsidy.store.db import open_database
from tests.hub.shops import Shop
from tests.pictures import png as label
from tests.support import ANNA, BAO, run
from tests.web.test_claims import papers, submitted

GRANTED_FEN = 91_500
BOSS = By("T1", "manager")
both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def city(tmp_path, database):
    """A city where people look first: what they say is the first word on a claim."""
    hub_config.init(tmp_path / "hub", name="测试市", demo=True, database=database, review=True)
    city = hub_config.load(tmp_path / "hub")
    yield city
    city.engine.dispose()


@pytest.fixture
def shop(shop_template, tmp_path, hub, clock):
    return Shop(shop_template, tmp_path / "a", "DEMO-A", hub, clock)


def doubted(shop, city, clock, word="rejected", who=ANNA, **about):
    """Sell, and let a reviewer say no; return the sale's number."""
    number = shop.api.sell(who, **about)["redemption_id"]
    assert shop.sync().complete
    judge(city, clock, number, word)
    shop.sync()
    return number


def judge(city, clock, number, word, by="lin", reason="review_serial_unreadable"):
    review.decide(city, number, word, by=by, now=clock(), reason=reason)
    clock.pass_by(minutes=1)


def appeal(shop, number, words="铭牌照片重拍了", **more):
    view = appeals.make(shop.db, shop.wired.shop, number, words, by=BOSS, now=shop.clock(), **more)
    shop.clock.pass_by(minutes=1)
    return view.appeals[-1].appeal.appeal_id


def decide(city, clock, appeal_id, outcome="granted", *, by="wu", reason=None, **more):
    reason = reason or {"granted": "appeal_proof_convinces", "refused": "appeal_proof_lacking"}[outcome]
    hub_appeals.decide(city, appeal_id, outcome, reason=reason, by=by, now=clock(), **more)
    clock.pass_by(minutes=1)


def told(shop, number):
    return shop.api.get(f"/redemptions/{number}").json["verdict"]


def view(shop, number):
    return appeals.show(shop.db, shop.wired.shop, number, now=shop.clock())


def account(city, clock):
    about = {"holder": "示例商贸", "bank": "嘉兴银行", "number": "6222000011112222"}
    naming_payees.propose(city, "DEMO-A", **about, by="lin", now=clock())
    naming_payees.confirm(city, "DEMO-A", by="wu", now=clock())


@both_databases
@pytest.mark.parametrize("word", ["rejected", "suspended"])
def test_a_won_appeal_goes_up_is_decided_by_another_and_paid_once(shop, city, clock, word):
    account(city, clock)
    number = doubted(shop, city, clock, word)
    assert settlement.settle(city, by="lin", now=clock()).payments == ()
    photo = label("SN-1")
    appeal_id = appeal(shop, number, attached=[Attached("铭牌.png", photo)])
    assert shop.sync().complete
    case = appeal_cases.case(city, appeal_id)
    assert (case.appeal["state"], case.appeal["words"], case.barred) == ("open", "铭牌照片重拍了", ["lin"])
    sha256 = hashlib.sha256(photo).hexdigest()
    assert [one["sha256"] for one in case.files if one["received_at"]] == [sha256]
    assert hub_appeals.file(city, appeal_id, sha256) == (photo, "image/png", "铭牌.png")
    for by in ("lin", " LIN "):
        with pytest.raises(NotAllowed) as refused:
            decide(city, clock, appeal_id, by=by)
        assert refused.value.code == "appeal_same_person"
    for reason in ("", "because", "appeal_rule_stands"):
        with pytest.raises(Invalid) as unclear:
            hub_appeals.decide(city, appeal_id, "granted", reason=reason, by="wu", now=clock())
        assert unclear.value.code == "appeal_reason_required"
    decide(city, clock, appeal_id, note="清楚")
    with pytest.raises(Conflict) as twice:
        decide(city, clock, appeal_id, "refused", by="zhao")
    assert twice.value.code == "appeal_decided"
    shop.sync()
    assert told(shop, number) == "accepted"
    seen = view(shop, number).appeals[0]
    assert (seen.state, seen.appeal.reason, seen.appeal.note) == ("granted", "appeal_proof_convinces", "清楚")
    first = settlement.settle(city, by="lin", now=clock())
    assert first.amount_fen == GRANTED_FEN
    assert settlement.settle(city, by="lin", now=clock()).payments == ()
    assert audit.audit(city) == []
    said = [(one["verdict"], one["by"]) for one in appeal_cases.history(city, number)]
    assert said == [(word, "lin"), ("accepted", "wu")]
    assert [one["verdict"] for one in view(shop, number).history][-2:] == [word, "accepted"]
    rebuilds(shop)


def rebuilds(shop):
    empty = open_database(shop.folder.path / "again.db")
    migrations.create(empty, bundled("schema.sql").read_text("utf-8"))
    assert journal.rebuild_into(shop.db, empty) == []
    empty.close()


def test_a_refused_appeal_leaves_the_verdict_and_another_needs_something_new(shop, city, clock):
    number = doubted(shop, city, clock)
    first = appeal(shop, number)
    with pytest.raises(Conflict) as open_still:
        appeal(shop, number, "还有话说")
    assert open_still.value.code == "appeal_open"
    shop.sync()
    decide(city, clock, first, "refused", note="看不出序列号")
    shop.sync()
    assert told(shop, number) == "rejected"
    assert view(shop, number).verdict_code == "review_serial_unreadable", "the first reason stays"
    with pytest.raises(Conflict) as same:
        appeal(shop, number)
    assert same.value.code == "appeal_nothing_new"
    second = appeal(shop, number, "换了一张照片", attached=[Attached("b.png", label("SN-1"))])
    shop.sync()
    with pytest.raises(NotAllowed):
        decide(city, clock, second, by="wu")
    decide(city, clock, second, by="zhao")
    shop.sync()
    assert told(shop, number) == "accepted"
    said = [(one["verdict"], one["by"], one["reason"]) for one in appeal_cases.history(city, number)]
    assert said == [
        ("rejected", "lin", "review_serial_unreadable"),
        ("rejected", "wu", "appeal_proof_lacking"),
        ("accepted", "zhao", "appeal_proof_convinces"),
    ]
    rebuilds(shop)


def test_who_lost_a_piece_gets_both_records_and_the_first_must_fall_before(shops, city, clock):
    """First stored wins; the piece is subsidised once whatever an appeal says."""
    first, loser = shops
    loser.line._errors = 99  # works offline
    won = first.api.sell(ANNA, serial_no="SN-7")["redemption_id"]
    lost = loser.api.sell(BAO, serial_no="SN-7")["redemption_id"]
    assert first.sync().complete
    loser.line._errors = 0
    assert loser.sync().complete
    assert told(loser, lost) == "rejected"
    seen = view(loser, lost)
    assert seen.own_record["signature"] and seen.first_record["outlet"] == "DEMO-A"
    entries = {entry.seq: entry for entry in first.entries()}
    assert entries[seen.first_record["seq"]].signature == seen.first_record["signature"]
    appeal_id = appeal(loser, lost, "货在我店卖出")
    loser.sync()
    case = appeal_cases.as_json(appeal_cases.case(city, appeal_id))
    assert [case[side]["redemption_id"] for side in ("own", "first")] == [lost, won]
    assert case["own"]["signed"]["body"]["serial_no"] == case["first"]["signed"]["body"]["serial_no"]
    made = next(one for one in loser.entries() if one.kind == "appeal_made")
    assert made.body["records"]["first"] == seen.first_record
    with pytest.raises(Conflict) as taken:
        decide(city, clock, appeal_id)
    assert taken.value.code == "appeal_piece_taken"
    assert appeal_cases.case(city, appeal_id).appeal["state"] == "open", "nothing of it was kept"
    judge(city, clock, won, "rejected")
    decide(city, clock, appeal_id, reason="appeal_first_claim_fell")
    loser.sync()
    assert (told(loser, lost), appeal_cases.history(city, won)[-1]["verdict"]) == ("accepted", "rejected")
    second = appeal_of(first, won)
    with pytest.raises(Conflict) as gone:
        decide(city, clock, second)
    assert gone.value.code == "appeal_piece_taken"


def appeal_of(shop, number):
    shop.sync()
    appeal_id = appeal(shop, number, "是我先卖的")
    shop.sync()
    return appeal_id


def test_a_unit_that_went_to_another_sale_is_not_granted_twice(shop, city, clock):
    number = doubted(shop, city, clock, serial_no="SN-1")
    shop.api.sell(ANNA, serial_no="SN-2")
    appeal_id = appeal_of(shop, number)
    with pytest.raises(Conflict) as taken:
        decide(city, clock, appeal_id)
    assert (taken.value.code, taken.value.params["units_used"]) == ("appeal_unit_taken", 1)


def test_a_claim_reversed_meanwhile_leaves_nothing_to_decide(shop, city, clock):
    number = doubted(shop, city, clock)
    appeal_id = appeal_of(shop, number)
    shop.api.post(f"/redemptions/{number}/reverse", {"kind": "full", "reason": "x"})
    assert view(shop, number).appeals[0].state == "overtaken"
    shop.sync()
    assert hub_appeals.listing(city) == []
    assert [one["state"] for one in hub_appeals.listing(city, state=None)] == ["overtaken"]
    with pytest.raises(Conflict) as nothing:
        decide(city, clock, appeal_id)
    assert nothing.value.code == "appeal_overtaken"
    with pytest.raises(Conflict) as undone:
        appeal(shop, number, "再来")
    assert undone.value.code == "appeal_undone"


def test_what_is_accepted_or_clawed_back_or_over_is_not_appealed(shop, city, clock):
    number = shop.api.sell()["redemption_id"]
    with pytest.raises(Conflict) as unjudged:
        appeal(shop, number)
    shop.sync()
    judge(city, clock, number, "accepted")
    shop.sync()
    with pytest.raises(Conflict) as accepted:
        appeal(shop, number)
    assert (unjudged.value.code, accepted.value.code) == ("appeal_needless", "appeal_needless")
    clawed = Judgement("clawed_back", "review_photo_reused", {})
    run_in(city.engine, lambda db: rejudge(db, "DEMO-A", number, clawed, now=clock()))
    shop.sync()
    with pytest.raises(Conflict) as back:
        appeal(shop, number)
    assert back.value.code == "appeal_clawed_back"
    late = doubted(shop, city, clock, who=BAO, serial_no="SN-2")
    clock.pass_by(days=200)
    with pytest.raises(Conflict) as over:
        appeal(shop, late)
    assert (over.value.code, over.value.params["last_day"]) == ("appeal_too_late", "2027-03-31")


def test_a_file_that_has_not_come_holds_the_decision_and_a_wrong_one_is_not_taken(shop, city, clock):
    number = doubted(shop, city, clock)
    appeal_id = appeal(shop, number, attached=[Attached("a.png", label("SN-1"))])
    line, shop.line._client.send_appeal_file = shop.line._client.send_appeal_file, _cut
    assert shop.sync().complete, "a file that cannot be sent holds up nothing else"
    with pytest.raises(Conflict) as missing:
        decide(city, clock, appeal_id)
    assert (missing.value.code, missing.value.params["missing"]) == ("appeal_files_missing", 1)
    sha256 = appeal_cases.case(city, appeal_id).files[0]["sha256"]
    for wrong in (b"not sealed", _sealed(city, b"another file")):
        with pytest.raises(Invalid) as refused:
            hub_appeals.receive(city, "DEMO-A", appeal_id, sha256, wrong, now=clock())
        assert refused.value.code == "evidence_file_refused"
    shop.line._client.send_appeal_file = line
    shop.sync()
    assert appeal_cases.case(city, appeal_id).files[0]["received_at"]
    decide(city, clock, appeal_id)


def _cut(*_arguments):
    from pos_subsidy.errors import Unavailable

    raise Unavailable("hub_unavailable", cause="ConnectError")


def _sealed(city, content):
    from pos_subsidy.protocol import sealing

    return sealing.seal(content, city.seal_public)


def test_nothing_about_an_appeal_is_overwritten(shop, city, clock):
    number = doubted(shop, city, clock)
    appeal_id = appeal_of(shop, number)
    decide(city, clock, appeal_id, "refused")
    for statement in (
        "UPDATE appeal_decision SET outcome = 'granted'",
        "DELETE FROM appeal_decision",
        "UPDATE appeal SET words = 'x'",
    ):
        with pytest.raises(Exception, match="append-only"):
            run_in(city.engine, lambda db, one=statement: db.execute(text(one)))


def test_the_commands_appeal_and_decide(shop, city, clock, tmp_path, capsys):
    number = doubted(shop, city, clock)
    here, there = ("--data", str(shop.folder.path)), ("--data", str(tmp_path / "hub"))
    photo = tmp_path / "铭牌.png"
    photo.write_bytes(label("SN-1"))
    run("appeal", "make", number, "--words", "重拍了", "--file", str(photo), *here)
    appeal_id = capsys.readouterr().out.split()[0]
    shop.sync()
    run("hub", "appeal", "list", *there)
    assert [one["appeal_id"] for one in json.loads(capsys.readouterr().out)] == [appeal_id]
    run("hub", "appeal", "show", appeal_id, *there, "--files", str(tmp_path / "out"))
    shown = json.loads(capsys.readouterr().out)
    assert shown["own"]["redemption_id"] == number and len(shown["history"]) == 1
    assert [one.read_bytes() for one in (tmp_path / "out").iterdir()] == [photo.read_bytes()]
    told_why = ("--reason", "appeal_defect_mended", "--by", "wu")
    run("hub", "appeal", "decide", appeal_id, "granted", *told_why, *there)
    capsys.readouterr()
    shop.sync()
    run("appeal", "show", number, *here)
    assert json.loads(capsys.readouterr().out)["appeals"][0]["state"] == "granted"
    run("appeal", "list", *here)
    assert "granted" in capsys.readouterr().out


def test_an_empty_pool_holds_a_grant_and_nothing_of_it_is_kept(shop, city, clock):
    because = pools.Because("lin", "年度预算", "示例文件")
    about = {"programme": "appliance-2026", "region": "330400", "period": "2026", "warn_percent": None}
    pools.open_pool(city, **about, fen=GRANTED_FEN, because=because, now=clock())
    number = doubted(shop, city, clock)
    shop.api.sell(BAO, serial_no="SN-2")
    appeal_id = appeal_of(shop, number)
    with pytest.raises(Conflict) as short:
        decide(city, clock, appeal_id)
    assert short.value.code == "budget_exhausted"
    assert appeal_cases.case(city, appeal_id).appeal["state"] == "open"
    pools.grant(city, "appliance-2026/330400/2026", fen=GRANTED_FEN, because=because, now=clock())
    decide(city, clock, appeal_id)
    shop.sync()
    assert told(shop, number) == "accepted" and audit.audit(city) == []


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_claim_after_purchase_is_appealed_too_unless_it_was_withdrawn(shop, city, clock, is_withdrawn):
    number = submitted(shop.api).json["claim_id"]
    shop.sync()
    judge(city, clock, number, "rejected", reason="review_invoice_differs")
    shop.sync()
    appeal_id = appeal_of(shop, number)
    if is_withdrawn:
        assert shop.api.post(f"/claims/{number}/withdraw", {"reason": "退车"}).status == 200
        shop.sync()
        with pytest.raises(Conflict) as undone:
            decide(city, clock, appeal_id)
        assert undone.value.code == "appeal_overtaken"
        return
    decide(city, clock, appeal_id, reason="appeal_city_erred")
    shop.sync()
    assert shop.api.get(f"/claims/{number}").json["verdict"] == "accepted"
    same_car = submitted(shop.api, BAO, given=papers("99427000000316294884"))
    assert same_car.codes == ["car_used", "old_car_used"], "its cars are used again"
    rebuilds(shop)
