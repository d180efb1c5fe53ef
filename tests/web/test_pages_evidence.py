"""Evidence on pages: the worklist, handing in, and a phone's own page."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask

from tests import pictures
from tests.web.pages_shop import AFTERNOON, OTHER_ID, Browser, journal_kinds

LIST = "/office/evidence"
INVOICE = {"qr": "01,32,,24417000000034170288,6100.00,20261120,,AB", "buyer_name": "张小明"}


@pytest.fixture
def manager(app: Flask) -> Browser:
    return Browser(app).sign_in("manager")


def test_the_worklist_stands_in_the_order_of_its_days(app: Flask, manager: Browser) -> None:
    """EV-10"""
    first = manager.sell(app)
    second = manager.sell(app, id_number=OTHER_ID, serial_no="SN-0002", order_no="JX-2")
    manager.get(f"{LIST}/{first}")
    _hand_in(manager, f"{LIST}/{first}", box=pictures.jpeg())
    page = manager.get(LIST)
    assert page.index("JX-2") < page.index("JX-1") and "还有 7 天" in page and "还有 30 天" in page
    assert f"{LIST}/{second}" in page
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(days=9))
    assert "逾期 2 天" in manager.get(LIST) and "1 笔已逾期" in manager.page


def test_what_is_handed_in_by_form_completes_the_sale(app: Flask, manager: Browser) -> None:
    """EV-01"""
    here = f"{LIST}/{manager.sell(app)}"
    assert "缺" in manager.get(here)
    manager.send(here, **INVOICE)
    page = _hand_in(manager, here, box=pictures.jpeg(), serial_box="sn-0001")
    assert "材料齐全" in page and "下载文件" in page
    assert "全部齐了" in manager.get(LIST)
    got = manager.client.get(f"{here}/box_photo/file")
    assert got.data == pictures.jpeg() and got.headers["Content-Disposition"] == "attachment"


def test_a_wrong_field_is_said_on_the_page_and_nothing_is_kept(app: Flask, manager: Browser) -> None:
    """EV-04"""
    here = f"{LIST}/{manager.sell(app)}"
    manager.get(here)
    page = manager.send(here, status=422, **{**INVOICE, "buyer_name": "李四"})
    assert "invoice_buyer_differs" in page and "李四" not in page
    manager.get(here)
    page = _hand_in(manager, here, status=400, box=b"MZ a program")
    assert "evidence_file_invalid" in page and "evidence_given" not in journal_kinds(app)


def test_a_form_sent_twice_is_one_handing_in(app: Flask, manager: Browser) -> None:
    here = f"{LIST}/{manager.sell(app)}"
    manager.get(here)
    form = {**manager.form(here), **INVOICE}
    for _ in range(2):
        assert manager.client.post(here, data=form).status_code == 303
    assert journal_kinds(app).count("evidence_given") == 1


def test_a_cashier_sees_none_of_it(app: Flask, manager: Browser) -> None:
    """SE-02"""
    number = manager.sell(app)
    cashier = Browser(app).sign_in()
    for path in (LIST, f"{LIST}/{number}", f"{LIST}/{number}/box_photo/file"):
        cashier.get(path, status=403)
    manager.get(f"{LIST}/R-1", status=404)


def test_a_phone_hands_in_photos_by_the_code_on_the_screen(app: Flask, manager: Browser) -> None:
    number = manager.sell(app)
    here, path = f"{LIST}/{number}", _phone_path(manager, number)
    phone = Browser(app)
    page = phone.get(path)
    for private in (number, "JX-1", "张", "6,100", "SN-0001"):
        assert private not in page
    assert "已交" in _hand_in(phone, path, box=pictures.jpeg())
    assert "下载文件" in manager.get(here)


def test_a_phones_link_is_for_one_sale_and_a_short_time(app: Flask, manager: Browser) -> None:
    path = _phone_path(manager, manager.sell(app))
    phone = Browser(app)
    phone.get(path)
    form = phone.form(path)
    app.extensions["training_clock"].advance_to(AFTERNOON + timedelta(minutes=31))
    assert "upload_link_over" in phone.get(path, status=404)
    late = phone.client.post(path, data={**form, "box": (io.BytesIO(pictures.jpeg()), "x.jpg")})
    assert late.status_code == 404 and "evidence_given" not in journal_kinds(app)
    assert "upload_link_over" in phone.get("/handin/none", status=404)


def _phone_path(manager: Browser, number: str) -> str:
    manager.get(f"{LIST}/{number}")
    manager.send(f"{LIST}/{number}/phone")
    found = re.search(r'data-address="http://shop.test(/handin/[^"]+)"', manager.page)
    assert found, manager.page
    return found[1]


def _hand_in(browser: Browser, path: str, *, status: int = 200, serial_box: str = "", **files: bytes) -> str:
    chosen = {kind: (io.BytesIO(content), "photo.jpg") for kind, content in files.items()}
    form = {**browser.form(path), **chosen, **({"serial_box": serial_box} if serial_box else {})}
    answer = browser.client.post(path, data=form, headers=browser.headers, follow_redirects=True)
    assert answer.status_code == status, answer.text[:2000]
    browser.page, browser.path = answer.text, path
    return answer.text
