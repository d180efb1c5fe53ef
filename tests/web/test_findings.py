"""Looking through a day, at the API and by the command."""

import base64
import json

from click.testing import CliRunner

from pos_subsidy import cli
from pos_subsidy.store.db import write_transaction
from tests import pictures
from tests.support import ANNA, BAO, FRIDGE, PERSONS

DAY = "2026-11-20"
INVOICE = {
    "number": "24417000000034170288",
    "total_fen": 610_000,
    "issued_on": DAY,
    "buyer_name": ANNA["name"],
    "items": 1,
}


def findings(api) -> list[tuple[str, str]]:
    answer = api.get(f"/days/{DAY}/findings")
    assert answer.status == 200
    return [(one["order_no"], one["code"]) for one in answer.json["findings"]]


def file_again(db, price_fen: int) -> None:
    with write_transaction(db):
        db.execute("UPDATE product SET filed_price_fen = ? WHERE gtin = ?", [price_fen, FRIDGE])


def test_a_day_without_a_flaw_has_no_findings(api):
    api.sell(ANNA, serial_no="SN-20001")
    assert findings(api) == []


def test_an_exchange_leaves_photos_of_the_old_piece_and_is_found(api):
    sold = api.sell(ANNA, serial_no="SN-20001")
    path = f"/redemptions/{sold['redemption_id']}"
    photo = {"kind": "box", "content_base64": _base64(pictures.jpeg()), "serial_no": "SN-20001"}
    assert api.put(f"{path}/evidence", {"photos": [photo]}).status == 200
    api.post(f"{path}/exchange", {"serial_no": "SN-30002", "reason": "x"})
    (found,) = api.get(f"/days/{DAY}/findings").json["findings"]
    assert (found["code"], found["stops"]) == ("lint_serial_photo_differs", True)
    assert found["seen"] == {"part": "box_photo", "found": "SN-20001", "serial_no": "SN-30002"}
    assert "SN-30002" in found["message_en"] and found["why_zh"] and found["clause"]


def test_one_photo_on_two_sales_is_found_on_both(api):
    photo = {"kind": "box", "content_base64": _base64(pictures.jpeg())}
    for place, person in enumerate(PERSONS[:2]):
        sold = api.sell(person, serial_no=f"SN-4000{place}", order_no=f"O-{place}")
        api.put(f"/redemptions/{sold['redemption_id']}/evidence", {"photos": [photo]})
    assert ("O-0", "lint_photo_reused") in findings(api) and ("O-1", "lint_photo_reused") in findings(api)


def test_a_partial_reversal_after_the_invoice_is_found(api):
    sold = api.sell(ANNA, serial_no="SN-20001")
    path = f"/redemptions/{sold['redemption_id']}"
    assert api.put(f"{path}/evidence", {"invoice": INVOICE}).status == 200
    body = {"kind": "partial", "new_price_fen": 600_000, "reason": "x", "credit_note_no": "CN-1"}
    assert api.post(f"{path}/reverse", body).status == 201
    assert [code for _order, code in findings(api)] == [
        "lint_invoice_reversed",
        "lint_invoice_total_differs",
    ]


def test_an_invoice_that_names_another_piece_is_found(api):
    sold = api.sell(ANNA, serial_no="SN-20001")
    path = f"/redemptions/{sold['redemption_id']}/evidence"
    for named, codes in (("sn-20001", []), ("SN-77777", ["lint_serial_invoice_differs"])):
        assert api.put(path, {"invoice": {**INVOICE, "serial_no": named}}).status == 200
        assert [code for _order, code in findings(api)] == codes


def test_a_sale_of_last_week_with_the_same_phone_counts(api, clock):
    for place, person in enumerate(PERSONS[:3]):
        one = {**person, "name": f"人{place}", "phone": ANNA["phone"]}
        api.sell(one, serial_no=f"SN-5000{place}", order_no=f"O-{place}")
        clock.pass_by(hours=1)
    assert [order for order, code in findings(api) if code == "lint_phone_shared"] == ["O-0", "O-1", "O-2"]
    clock.pass_by(days=7)
    api.sell({**PERSONS[3], "phone": ANNA["phone"]}, serial_no="SN-60000", order_no="O-9")
    later = api.get("/days/2026-11-27/findings").json["findings"]
    (told,) = [one["seen"] for one in later if one["code"] == "lint_phone_shared"]
    assert told == {"count": 4, "days": 30}


def test_a_price_is_compared_with_what_is_filed(api, db):
    api.sell(ANNA, serial_no="SN-20001")
    file_again(db, 600_000)
    assert ("O-1", "lint_price_over_filed") in findings(api)


def test_a_claimant_with_a_cashiers_name_is_found(api, db):
    db.execute("UPDATE staff SET display_name = ? WHERE role = 'cashier'", [ANNA["name"]])
    api.sell(ANNA, serial_no="SN-20001")
    api.sell({**BAO, "name": "别人"}, serial_no="SN-30002", order_no="O-2")
    assert ("O-1", "lint_own_staff") in findings(api)
    assert ("O-2", "lint_own_staff") not in findings(api)


def test_closing_reports_what_stops_and_closes(api, db):
    api.sell(ANNA, serial_no="SN-20001")
    file_again(db, 600_000)
    closed = api.post(f"/days/{DAY}/close")
    assert (closed.status, closed.json["line_count"]) == (200, 1)
    assert [(one["code"], one["stops"]) for one in closed.json["findings"]] == [
        ("lint_price_over_filed", True)
    ]


def test_a_day_that_is_none_is_refused(api):
    assert api.get("/days/2026-13-01/findings").code == "day_invalid"


def test_the_command_says_it_in_both_languages_and_fails_while_something_waits(api, db, folder):
    api.sell(ANNA, serial_no="SN-20001")
    quiet = CliRunner().invoke(cli.cli, ["lint", DAY, "--data", str(folder.path)])
    assert (quiet.exit_code, quiet.output.strip()) == (0, "0 条发现 / findings, 0 条须说明 / to be explained")
    file_again(db, 600_000)
    told = CliRunner().invoke(cli.cli, ["lint", DAY, "--data", str(folder.path)])
    assert told.exit_code == 1 and "售价高于备案价 / Sold above the filed price" in told.output
    assert "6100.00" in told.output and "6000.00" in told.output
    asked = CliRunner().invoke(cli.cli, ["lint", DAY, "--data", str(folder.path), "--json"])
    answer = json.loads(asked.output)
    assert (answer["stopping"], answer["findings"][0]["order_no"]) == (1, "O-1")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
