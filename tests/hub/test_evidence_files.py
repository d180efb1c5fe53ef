"""The photos themselves beside the claim: asked for, sent, looked at, logged, purged. Issue 6, item 6."""

import base64
import hashlib
import io
import re
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import text

from pos_subsidy.errors import Invalid, NotAllowed, NotFound, Unavailable
from pos_subsidy.hub import appeals, evidence_files, office_log, pictures, review
from pos_subsidy.hub import config as hub_config
from pos_subsidy.hub.app import create_hub
from pos_subsidy.hub.evidence_files import AT_SHOP, DAMAGED, HERE, PURGED, UNDER_WAY
from pos_subsidy.hub.office_log import By
from pos_subsidy.hub.store import evidence
from pos_subsidy.hub.store.db import run as run_in
from pos_subsidy.protocol import sealing
from pos_subsidy.protocol.messages import FILE_MAX_BYTES
from pos_subsidy.services import evidence_upload
from pos_subsidy.services.appeals import Attached
from pos_subsidy.store import journal
from tests.hub.office import Desk, hire, pages
from tests.hub.shops import Shop, serving
from tests.hub.test_appeals import appeal, decide
from tests.hub.test_review import BATCH, look_at_sample
from tests.pictures import heic, jpeg, pdf, turned_jpeg
from tests.support import ANNA, nth_person, run

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
LIN = By("lin", "reviewer1")


@pytest.fixture
def city(tmp_path, database):
    hub_config.init(tmp_path / "hub", name="测试市", demo=True, database=database, review=True)
    city = hub_config.load(tmp_path / "hub")
    yield city
    city.engine.dispose()


@pytest.fixture
def shop(shop_template, tmp_path, city, clock):
    with serving(create_hub(city, clock)) as url:
        yield Shop(shop_template, tmp_path / "a", "DEMO-A", url, clock)


@pytest.fixture
def app(city, clock):
    hire(city)
    return pages(city, clock)


def hand_in(shop, number, **files):
    told = [{"kind": kind, "content_base64": base64.b64encode(one).decode()} for kind, one in files.items()]
    answer = shop.api.put(f"/redemptions/{number}/evidence", {"photos": told})
    assert answer.status < 300, answer.json


def day_of(shop, count=7):
    """Sell with a photo of each piece, close and send the day; return photos by redemption."""
    photos = {}
    for at in range(count):
        number = shop.api.sell(nth_person(at), serial_no=f"SN-{at}")["redemption_id"]
        photos[number] = jpeg(f"SN-{at}", seed=at)
        hand_in(shop, number, label=photos[number])
    assert shop.api.post("/days/2026-11-20/close").status == 200
    assert shop.sync().complete
    return photos


def state_of(city, number):
    found = list(evidence_files.states(city, number).values())
    return found[0].state if found else None


def sampled(city):
    return {
        one.claim["redemption_id"] for one in review.batch(city, "DEMO-A", BATCH).lines if one.is_in_sample
    }


def sha(content):
    return hashlib.sha256(content).hexdigest()


def cut(*_arguments):
    raise Unavailable("hub_unavailable", cause="ConnectError")


@both_databases
def test_the_sample_s_photos_come_up_with_the_night_and_the_others_when_they_are_asked_for(
    city,
    shop,
    clock,
):
    photos = day_of(shop)
    drawn = sampled(city)
    assert len(drawn) == 2
    assert {number: state_of(city, number) for number in photos} == {
        number: HERE if number in drawn else AT_SHOP for number in photos
    }
    other, doubted, appealed = [number for number in photos if number not in drawn][:3]
    evidence_files.ask(city, other, by=LIN, now=clock())
    review.decide(city, doubted, "suspended", by="lin", now=clock(), reason="review_photo_reused")
    review.decide(city, appealed, "rejected", by="lin", now=clock(), reason="review_photo_reused")
    assert [state_of(city, one) for one in (other, doubted, appealed)] == [UNDER_WAY, UNDER_WAY, AT_SHOP]
    shop.sync()
    appeal(shop, appealed)
    shop.sync()
    assert [state_of(city, one) for one in (other, doubted, appealed)] == [HERE] * 3
    content, part = evidence_files.file(city, other, sha(photos[other]), by=LIN, now=clock())
    assert (content, part) == (photos[other], "label_photo")
    kept = run_in(
        city.engine, lambda db: db.execute(text("SELECT sealed FROM evidence_content")).scalars().all()
    )
    assert len(kept) == 5 and not any(photo[:200] in bytes(one) for one in kept for photo in photos.values())


def test_a_cut_line_leaves_files_under_way_until_they_are_there(city, shop, clock):
    line, shop.line._client.send_evidence_file = shop.line._client.send_evidence_file, cut
    photos = day_of(shop, 2)
    number = sampled(city).pop()
    waiting = evidence_files.states(city, number)[("label_photo", sha(photos[number]))]
    assert (waiting.state, waiting.since[:10]) == (UNDER_WAY, "2026-11-20")
    assert evidence_upload.wanted(shop.db) == [sha(photos[number])]
    clock.pass_by(hours=9)
    shop.line._client.send_evidence_file = line
    shop.line._errors = 0
    shop.sync()
    assert state_of(city, number) == HERE and evidence_upload.wanted(shop.db) == []


def test_a_file_the_shop_has_lost_holds_up_no_other(city, shop, clock):
    shop.line._client.send_evidence_file, line = cut, shop.line._client.send_evidence_file
    photos = day_of(shop, 9)
    first, second = sampled(city)
    shop.line._client.send_evidence_file, shop.line._errors = line, 0
    shop.wired.shop.files._place(sha(photos[first])).unlink()
    shop.sync()
    assert [state_of(city, one) for one in (first, second)] == [UNDER_WAY, HERE]
    assert evidence_upload.wanted(shop.db) == [sha(photos[first])]


def test_the_city_takes_only_what_a_signed_row_names_and_the_shop_sends_only_its_evidence(
    city,
    shop,
    clock,
):
    photos = day_of(shop, 2)
    strange, number = b"%PDF-" + b"x" * 99, next(iter(photos))
    with pytest.raises(NotAllowed) as unnamed:
        shop.client.send_evidence_file(sha(strange), sealing.seal(strange, city.seal_public))
    assert unnamed.value.code == "evidence_file_not_named"
    name = sha(photos[number])
    for wrong in (b"", photos[number], sealing.seal(strange, city.seal_public), b"x" * (FILE_MAX_BYTES + 49)):
        with pytest.raises(Invalid) as refused:
            shop.client.send_evidence_file(name, wrong)
        assert refused.value.code == "evidence_file_refused"
    shop.wired.shop.files.put(strange)
    evidence_upload.learn(shop.db, [sha(strange)])
    sent = []
    shop.line._client.send_evidence_file = lambda *about: sent.append(about)
    assert (evidence_upload.send(shop.db, shop.wired.shop, shop.line), sent) == (0, [])


ODD = (
    None,
    [{"part": "x\0", "content": {"sha256": "0" * 64}}, {"part": "b", "content": {"sha256": "Z" * 64}}, 7],
    [{"part": "a", "content": {"sha256": 5}}, {"part": ["c"], "content": {"sha256": "0" * 64}}],
    [{"part": "d", "content": {"sha256": "1" * 64}}, {"part": "d", "content": {"sha256": "2" * 64}}],
)


@both_databases
def test_rows_that_name_files_oddly_stop_neither_the_night_nor_the_page(app, city, shop):
    number = shop.api.sell()["redemption_id"]
    for parts in ODD:
        body = {"redemption_id": number, "order_no": "O-4", "parts": parts, "till": "", "cashier": ""}
        with pytest.MonkeyPatch.context() as careless:
            careless.setattr("pos_subsidy.store.state.apply", lambda *_: None)
            keys = shop.wired.shop.keyring
            journal.append(shop.db, "evidence_given", body, at=shop.clock(), sign=keys.sign)
    assert shop.sync().complete
    assert [one.sha256[0] for one in evidence_files.states(city, number).values()] == ["1"]
    Desk(app).sign_in("reviewer1").get(f"/review/claims/{number}")


def evidence_card(page):
    return page.split('id="evidence"')[1].split("</section>")[0]


def test_a_reviewer_sees_the_photo_beside_the_claim_and_the_log_says_who_looked(app, city, shop):
    number = shop.api.sell(ANNA, serial_no="SN-1")["redemption_id"]
    invoice = pdf()
    hand_in(shop, number, label=turned_jpeg(), invoice=invoice, box=heic())
    assert shop.api.post("/days/2026-11-20/close").status == 200
    shop.sync()
    desk, here = Desk(app).sign_in("reviewer1"), f"/review/claims/{number}"
    card = evidence_card(desk.get(here))
    assert card.count("与门店签名的指纹一致") == 3 and card.count("<img") == 2 and "下载 PDF" in card
    shown = [desk.client.get(one) for one in re.findall(r'<img src="([^"]+)"', card)]
    for one in shown:
        picture = Image.open(io.BytesIO(one.data))
        assert one.mimetype == "image/jpeg" and picture.width > picture.height, "turned upright"
        assert not picture.getexif() and one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Content-Disposition"].startswith("inline;")
        assert "sandbox" in one.headers["Content-Security-Policy"]
    original = desk.client.get(f"{here}/files/{sha(turned_jpeg())}")
    assert original.data == turned_jpeg()
    paper = desk.client.get(f"{here}/files/{sha(invoice)}")
    assert paper.mimetype == "application/pdf"
    assert re.fullmatch(
        r'attachment; filename="invoice_copy-[0-9a-f]{12}\.pdf"', paper.headers["Content-Disposition"]
    )
    logged = [one for one in office_log.view(city).lines if one["what"] == "evidence_viewed"]
    assert len(logged) == 3 and {(one["by"], one["about"]) for one in logged} == {("reviewer1", number)}


def test_nobody_but_reviewers_and_the_auditor_opens_a_photo(app, city, shop):
    photos = day_of(shop, 2)
    number = sampled(city).pop()
    other = next(one for one in photos if one != number)
    path = f"/review/claims/{number}/files/{sha(photos[number])}"
    for role, status in {"operator": 403, "finance": 403, "administrator": 403, "auditor": 200}.items():
        assert Desk(app).sign_in(role).client.get(path).status_code == status, role
    assert "<img" not in evidence_card(Desk(app).sign_in("operator").get(f"/review/claims/{number}"))
    desk = Desk(app).sign_in("reviewer1")
    desk.get(f"/review/claims/{other}/files/{sha(photos[number])}", status=404)
    desk.get(f"/review/claims/{number}/files/{'0' * 64}", status=404)
    page = desk.get(f"/review/claims/{other}")
    assert "在门店" in evidence_card(page)
    assert "还在路上" in evidence_card(desk.send(f"/review/claims/{other}/ask"))
    assert "on its way" in evidence_card(desk.get(f"/review/claims/{other}?lang=en"))


def test_a_file_that_was_damaged_here_is_said_to_be_and_not_shown(app, city, shop):
    photos = day_of(shop, 1)
    number = next(iter(photos))
    broken = "UPDATE evidence_content SET sealed = :sealed"
    run_in(city.engine, lambda db: db.execute(text(broken), {"sealed": b"x" * 99}))
    assert state_of(city, number) == DAMAGED
    desk = Desk(app).sign_in("reviewer1")
    card = evidence_card(desk.get(f"/review/claims/{number}"))
    assert "与门店签名的指纹不一致" in card and "<img" not in card
    assert desk.client.get(f"/review/claims/{number}/files/{sha(photos[number])}").status_code == 400


@both_databases
def test_files_of_decided_claims_go_when_their_time_is_over_and_the_others_stay(
    city,
    shop,
    clock,
):
    photos = day_of(shop, 9)
    look_at_sample(city, clock)
    review.approve(city, "DEMO-A", BATCH, by="wu", now=clock())
    done, open_still = sorted(sampled(city))
    run_in(
        city.engine,
        lambda db: db.execute(
            text("UPDATE claim SET verdict = 'suspended' WHERE redemption_id = :one"), {"one": open_still}
        ),
    )
    clock.pass_by(days=400)
    day = date(2026, 11, 20)
    assert evidence_files.due(city, day)[0] == 0, "the day itself is kept"
    assert evidence_files.due(city, date(2026, 11, 21))[0] == 1
    with pytest.raises(Invalid) as early:
        evidence_files.purge(city, date(2030, 1, 1), why="x", by=LIN, now=clock())
    assert early.value.code == "purge_day_invalid"
    assert evidence_files.purge(city, date(2026, 11, 21), why="五年期满", by=LIN, now=clock()) == 1
    assert [state_of(city, one) for one in (done, open_still)] == [PURGED, HERE]
    with pytest.raises(NotFound):
        evidence_files.file(city, done, sha(photos[done]), by=LIN, now=clock())
    shop.sync()
    assert state_of(city, done) == PURGED, "it is not asked for again"
    assert "五年期满" in office_log.view(city, what="evidence_purged").lines[0]["note"]


def test_the_command_purges_files_of_appeals_too_and_counts_first(city, shop, clock, tmp_path, capsys):
    number = shop.api.sell()["redemption_id"]
    shop.sync()
    review.decide(city, number, "rejected", by="lin", now=clock(), reason="review_serial_unreadable")
    clock.pass_by(minutes=1)
    shop.sync()
    photo = jpeg()
    appeal_id = appeal(shop, number, attached=[Attached("a.jpg", photo)])
    shop.sync()
    words = ("hub", "evidence", "purge", "--data", str(tmp_path / "hub"), "--by", "lin", "--why", "期满")
    # The console's clock is the machine's: the sale's day is long over for it.
    run_in(
        city.engine,
        lambda db: db.execute(text("UPDATE evidence_content SET received_at = '2020-01-01T00:00:00.000Z'")),
    )
    run_in(city.engine, lambda db: db.execute(text("UPDATE claim SET business_date = '2020-01-01'")))
    run(*words, "--before", "2020-06-01", "--dry-run")
    assert capsys.readouterr().out.startswith("0 "), "an appeal that is open keeps its files"
    decide(city, clock, appeal_id, "refused")
    run(*words, "--before", "2020-06-01", "--dry-run")
    assert capsys.readouterr().out.startswith("1 ")
    assert appeals.file(city, appeal_id, sha(photo))[0] == photo
    run(*words, "--before", "2020-06-01", "--json")
    assert '"files": 1' in capsys.readouterr().out
    with pytest.raises(NotFound):
        appeals.file(city, appeal_id, sha(photo))


def test_a_hub_filled_before_knows_afterwards_what_its_rows_name(city, shop, tmp_path):
    photos = day_of(shop, 1)
    found = run_in(city.engine, lambda db: evidence.names_of(db, "DEMO-A", photos))
    is_file = city.engine.dialect.name == "sqlite"
    trigger = "evidence_name_no_delete" if is_file else "evidence_name_only_grows ON evidence_name"
    run_in(city.engine, lambda db: db.execute(text(f"DROP TRIGGER {trigger}")))
    run_in(city.engine, lambda db: db.execute(text("DELETE FROM evidence_name")))
    run_in(city.engine, evidence.keep_all_names)
    assert found and run_in(city.engine, lambda db: evidence.names_of(db, "DEMO-A", photos)) == found


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff damaged", b"GIF89a", pdf()])
def test_what_is_no_picture_is_not_shown_as_one(content):
    assert pictures.shown(content) is None
