"""The manager's day: totals, closing, differences, verdicts."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask

from pos_subsidy.context import get_db
from pos_subsidy.services import access
from pos_subsidy.store import settings
from pos_subsidy.store.db import write_transaction
from tests.hub.test_refunds import bill
from tests.web.pages_shop import AFTERNOON, OTHER_ID, Browser, journal_kinds

TODAY = "/office/day/2026-11-20"
POS = """订单号,下单时间,商品条码,数量,成交价,国补金额,实付金额,支付方式,状态
{rows}
"""
SOLD = "{order},2026-11-20 14:00:00,6901234567892,1,6100.00,915.00,{paid},微信,已完成"


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


def _hand_in(manager: Browser, *rows: str, name: str = "pos.csv") -> str:
    manager.get(TODAY)
    content = POS.format(rows="\n".join(rows)).encode()
    form = {**manager.form(TODAY), "files": (io.BytesIO(content), name)}
    answer = manager.client.post(TODAY, data=form, headers=manager.headers, follow_redirects=True)
    manager.page, manager.status = answer.text, answer.status_code
    return answer.text


def test_a_day_shows_totals_and_lines_net_of_reversals(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    number = manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    manager.get(f"/till/redemptions/{number}/reverse?kind=partial&new_price=6000&reason=x")
    manager.send(f"/till/redemptions/{number}/reverse")
    page = manager.get(TODAY)
    assert "¥12,100.00" in page and "¥1,815.00" in page and "¥10,285.00" in page
    assert "JX-1" in page and "JX-2" in page and "−¥15.00" in page and "部分冲正" in page


def test_closing_freezes_the_day_once(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    manager.get(TODAY)
    form = manager.form(f"{TODAY}/close")
    page = manager.send(f"{TODAY}/close")
    assert "已关账" in page and "DEMO-A-20261120" in page and "计入下一次关账的批次" in page
    assert "<li>对账</li>" in re.sub(r"<li class=\"\" *>", "<li>", page), "nobody reconciled it"
    assert manager.client.post(f"{TODAY}/close", data=form).status_code == 303
    assert journal_kinds(app).count("day_closed") == 1


def test_a_waiting_hold_is_named_before_closing(app: Flask, manager: Browser) -> None:
    manager.hold(app)
    assert "还有 1 笔锁定在等付款" in manager.get(TODAY)


def test_a_day_ahead_cannot_be_closed(app: Flask, manager: Browser) -> None:
    manager.get(TODAY)
    form = manager.form(f"{TODAY}/close")
    answer = manager.client.post("/office/day/2026-11-21/close", data=form, headers=manager.headers)
    assert answer.status_code == 400 and "day_not_begun" in answer.text


def test_an_earlier_day_cannot_be_closed_after_a_later_one(app: Flask, manager: Browser) -> None:
    manager.get(TODAY)
    manager.send(f"{TODAY}/close")
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(hours=1))
    manager.get("/office/day/2026-11-19")
    assert "day_before_closed" in manager.send("/office/day/2026-11-19/close", status=409)


@pytest.mark.parametrize("day", ["2026-13-01", "today"])
def test_a_date_that_is_none_is_refused(manager: Browser, day: str) -> None:
    assert "day_invalid" in manager.get(f"/office/day/{day}", status=400)


def test_a_date_picked_leads_to_its_day(manager: Browser) -> None:
    manager.get("/office?date=2026-11-18")
    assert manager.path == "/office/day/2026-11-18"


def test_files_that_agree_are_said_to_agree(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    page = _hand_in(manager, SOLD.format(order="JX-1", paid="5185.00"))
    assert "全部对得上" in page and "pos.csv" in page


def test_differences_stand_with_amounts_reason_and_next_step(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    rows = (SOLD.format(order="JX-1", paid="5085.00"), SOLD.format(order="JX-9", paid="5185.00"))
    page = _hand_in(manager, *rows)
    assert "2 处差异未了结" in page
    assert "金额不一致" in page and "¥5,185.00" in page and "¥5,085.00" in page
    assert "收银系统记了补贴，这里没有核销" in page and "第 3 行" in page
    assert "金额不一致" in manager.get(TODAY), "they stay until they are settled"


def test_the_same_file_twice_changes_nothing(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    row = SOLD.format(order="JX-1", paid="5085.00")
    first = _hand_in(manager, row)
    again = _hand_in(manager, row)
    assert first.count("金额不一致") == again.count("金额不一致") == 1


def test_a_file_that_cannot_be_read_says_why_on_the_days_page(app: Flask, manager: Browser) -> None:
    page = _hand_in(manager, "JX-1,昨天,6901234567892,1,x,y,z,微信,已完成")
    assert manager.status == 400 and "pos.csv" in page and "下一步" in page
    assert "对账" in page and "明细" in page


def test_a_verdict_of_the_city_stands_with_its_reason(app: Flask, manager: Browser) -> None:
    number = manager.sell(app)
    with app.app_context(), write_transaction(get_db()):
        get_db().execute(
            "UPDATE redemption SET verdict = 'rejected', verdict_code = 'units_exhausted',"
            " verdict_params = '{}' WHERE redemption_id = ?",
            [number],
        )
    assert "不通过" in manager.get(TODAY)
    assert "units_exhausted" in manager.get(f"/till/redemptions/{number}")


def test_a_refund_that_failed_is_told_to_people_and_given_again(app: Flask, manager: Browser) -> None:
    """RX-09"""
    number = manager.sell(app)
    manager.get(f"/till/redemptions/{number}/reverse?kind=full&reason=x")
    manager.send(f"/till/redemptions/{number}/reverse")
    manager.get(TODAY)
    content = bill("2026-11-20", ("JX-1", "R-1", "CLOSED", "5185.00"))
    form = {**manager.form(TODAY), "files": (io.BytesIO(content), "wx.csv")}
    manager.client.post(TODAY, data=form, headers=manager.headers)
    assert "有 1 笔退款渠道没有付出去" in manager.get("/till/today")
    assert "退款失败，顾客未收到" in manager.get(f"/till/redemptions/{number}")
    page = manager.get(TODAY)
    assert "渠道退款失败" in page and "¥5,185.00" in page
    action = page.split('action="/office/day/2026-11-20/refunds/')[1].split('"')[0]
    manager.send(f"{TODAY}/refunds/{action}", channel="alipay", payment_ref="A-1")
    assert "渠道退款失败" not in manager.page
    assert "退款待账单确认" in manager.get(f"/till/redemptions/{number}")


def second_manager(app: Flask) -> Browser:
    with app.app_context():
        access.new_staff(get_db(), username="wu", display_name="Wu", role="manager", password="pw", till="T1")
    browser = Browser(app)
    browser.get("/sign-in")
    browser.send("/sign-in", username="wu", password="pw")
    return browser


def test_a_decision_on_a_difference_is_kept_and_survives_a_new_comparison(
    app: Flask, manager: Browser
) -> None:
    manager.sell(app)
    row = SOLD.format(order="JX-1", paid="5085.00")
    _hand_in(manager, row)
    assert "1 处差异未了结" in manager.page
    manager.send(f"{TODAY}/differences/JX-1", decision="accept", reason="抹零")
    assert "差异都已处理" in manager.page and "抹零" in manager.page
    _hand_in(manager, row, name="again.csv")
    assert "差异都已处理" in manager.page and "抹零" in manager.page
    _hand_in(manager, SOLD.format(order="JX-1", paid="5084.00"))
    assert "1 处差异未了结" in manager.page, "it is another difference now"
    assert journal_kinds(app).count("difference_decided") == 1


def test_a_large_difference_is_accepted_by_two(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    _hand_in(manager, SOLD.format(order="JX-1", paid="3085.00"))
    manager.send(f"{TODAY}/differences/JX-1", decision="accept", reason="渠道活动")
    assert "等第二人复核" in manager.page and "1 处差异未了结" in manager.page
    assert f"{TODAY}/differences/JX-1/confirm" not in manager.page, "not by the same person"
    form = {**manager.form(f"{TODAY}/differences/JX-1"), "once": "own-confirm"}
    own = manager.client.post(f"{TODAY}/differences/JX-1/confirm", data=form, headers=manager.headers)
    assert own.status_code == 403 and "second_person_required" in own.text
    other = second_manager(app)
    other.get(TODAY)
    other.send(f"{TODAY}/differences/JX-1/confirm")
    assert "wu 已复核" in other.page and "差异都已处理" in other.page
    assert journal_kinds(app).count("difference_confirmed") == 1


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ({"decision": "accept", "reason": " "}, 400, "reason_required"),
        ({"decision": "forget", "reason": "x"}, 400, "decision_unknown"),
    ],
)
def test_a_decision_needs_a_kind_and_a_reason(
    app: Flask, manager: Browser, typed: dict[str, str], status: int, code: str
) -> None:
    manager.sell(app)
    _hand_in(manager, SOLD.format(order="JX-1", paid="5085.00"))
    assert code in manager.send(f"{TODAY}/differences/JX-1", status=status, **typed)
    assert "difference_decided" not in journal_kinds(app)


def test_a_decision_on_no_difference_is_refused(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    _hand_in(manager, SOLD.format(order="JX-1", paid="5085.00"))
    form = {**manager.form(f"{TODAY}/differences/JX-1"), "decision": "accept", "reason": "x"}
    answer = manager.client.post(f"{TODAY}/differences/JX-7", data=form, headers=manager.headers)
    assert answer.status_code == 404 and "difference_unknown" in answer.text
    assert (
        "decision_gone"
        in manager.client.post(f"{TODAY}/differences/JX-1/confirm", data=form, headers=manager.headers).text
    )


def test_a_close_is_undone_with_a_reason_and_done_again(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    manager.get(TODAY)
    manager.send(f"{TODAY}/close")
    assert "reason_required" in manager.send(f"{TODAY}/reopen", status=400, reason=" ")
    manager.send(f"{TODAY}/reopen", reason="漏了一单")
    assert "未关账" in manager.page
    manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    manager.get(TODAY)
    page = manager.send(f"{TODAY}/close")
    assert "DEMO-A-20261120" in page
    with app.app_context():
        assert get_db().execute("SELECT line_count, subsidy_fen FROM batch").fetchall() == [(2, 183_000)]
    assert journal_kinds(app).count("day_closed") == 2
    assert journal_kinds(app).count("day_reopened") == 1


def test_a_close_that_was_sent_or_is_not_the_last_stays(app: Flask, manager: Browser) -> None:
    manager.get(TODAY)
    manager.send(f"{TODAY}/close")
    form = manager.form(f"{TODAY}/reopen")
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=1))
    manager.sign_in("manager")
    manager.get("/office/day/2026-11-21")
    manager.send("/office/day/2026-11-21/close")
    sent = {**manager.form("/office/day/2026-11-21/reopen"), "reason": "x"}
    form = {**sent, "once": form["once"]}
    answer = manager.client.post(f"{TODAY}/reopen", data=form, headers=manager.headers)
    assert answer.status_code == 409 and "day_after_closed" in answer.text
    with app.app_context(), write_transaction(get_db()):
        settings.put(get_db(), "sent_seq", "99")
    answer = manager.client.post("/office/day/2026-11-21/reopen", data=sent, headers=manager.headers)
    assert answer.status_code == 409 and "day_sent" in answer.text
    assert (
        "day_not_closed"
        in manager.client.post(
            "/office/day/2026-11-19/reopen", data={**sent, "once": "n"}, headers=manager.headers
        ).text
    )


def test_a_month_shows_how_far_each_day_is(app: Flask, manager: Browser) -> None:
    manager.sell(app)
    page = manager.get("/office/calendar?month=2026-11")
    assert "未关账" in page and "1 笔" in page and "¥915.00" in page
    manager.get(TODAY)
    manager.send(f"{TODAY}/close")
    assert "已关账" in manager.get("/office/calendar")
    with app.app_context(), write_transaction(get_db()):
        settings.put(get_db(), "sent_seq", "99")
    assert "已上送，待回执" in manager.get("/office/calendar")
    with app.app_context(), write_transaction(get_db()):
        settings.put(get_db(), "acknowledged_seq", "99")
    assert "市级已回执" in manager.get("/office/calendar")
    with app.app_context(), write_transaction(get_db()):
        get_db().execute("UPDATE redemption SET verdict = 'settled'")
    assert "已结算" in manager.get("/office/calendar")
    assert "day_invalid" in manager.get("/office/calendar?month=nov", status=400)


UNKNOWN = "凭据,门店,当日时刻,收妥\nJX-000001,一店,2026-11-20 14:00:00,5185.00\n"


def test_the_page_proposes_a_mapping_and_remembers_what_was_corrected(app: Flask, manager: Browser) -> None:
    manager.sell(app, order_no="JX-000001")

    def send(path: str, **more: str) -> str:
        manager.get(TODAY)
        form = {**manager.form(TODAY), **more, "files": (io.BytesIO(UNKNOWN.encode("gb18030")), "bank.csv")}
        answer = manager.client.post(path, data=form, headers=manager.headers, follow_redirects=True)
        manager.status = answer.status_code
        return answer.text

    page = send(TODAY)
    assert manager.status == 400 and "bank.csv 的列名不认识" in page and "一店" in page
    for name, heading in (("order_no", "凭据"), ("at", "当日时刻"), ("amount", "收妥")):
        select = page.split(f'name="column_{name}"')[1].split("</select>")[0]
        assert f"<option selected>{heading}</option>" in select
    chosen = {"column_order_no": "凭据", "column_at": "当日时刻"}
    assert "对应不完整" in send(f"{TODAY}/mapping", kind="unionpay", **chosen)
    page = send(f"{TODAY}/mapping", kind="unionpay", **chosen, column_amount="收妥")
    assert manager.status == 200 and "银联对账单: bank.csv" in page
    # Known from now on, and the same file changes nothing.
    assert "银联对账单: bank.csv" in send(TODAY) and manager.status == 200
