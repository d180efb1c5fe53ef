"""Receipts on paper: widths, Chinese text in GB18030, a QR, and printers that do not answer."""

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_subsidy.domain.receipt import Receipt, rows, width, wrapped
from pos_subsidy.errors import Invalid, Unavailable
from pos_subsidy.paper import esc_pos
from pos_subsidy.paper.printer import Printer

RECEIPT = Receipt(
    ("以旧换新补贴核销单", "示例商贸有限公司"),
    (("核销号", "R-20261120-7K3M9QWX"), ("商品", "冰箱 样例甲 BCD-501WX 一个很长很长很长很长的名字")),
    (("成交价", "6100.00"), ("政府补贴", "-915.00")),
    ("「冰箱」1 级能效（水效），补贴比例 15%", "依据：发改环资〔2025〕1745号"),
    "https://shop.test/wallet/0123456789",
)


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_no_row_is_wider_than_the_paper(paper_mm):
    columns = esc_pos.COLUMNS[paper_mm]
    found = rows(RECEIPT, columns=columns)
    assert all(width(row.text) <= columns for row in found if row.style != "qr")
    assert [row.style for row in found].count("qr") == 1
    paired = next(row for row in found if "成交价" in row.text)
    assert width(paired.text) == columns and paired.text.endswith("6100.00")


@given(st.text(st.characters(codec="gb18030", exclude_categories=["Cc"]), max_size=80), st.integers(2, 48))
def test_wrapping_loses_nothing(text, columns):
    parts = list(wrapped(text, columns))
    assert "".join(parts) == text
    assert all(width(part) <= columns for part in parts)


@pytest.mark.parametrize("paper_mm", [58, 80])
def test_chinese_goes_out_in_gb18030_with_the_two_byte_mode_on(paper_mm):
    content = esc_pos.rendered(rows(RECEIPT, columns=esc_pos.COLUMNS[paper_mm]), paper_mm=paper_mm)
    assert content.startswith(b"\x1b@")
    assert b"\x1c&" + "以旧换新补贴核销单".encode("gb18030") + b"\x1c." in content
    assert "发改环资〔2025〕1745号".encode("gb18030") in content
    assert RECEIPT.qr.encode() in content and b"\x1d(k" in content, "the printer draws the QR itself"
    assert content.rstrip(b"\x00").endswith((b"V\x00", b"VA\x00", b"VB\x00")) or b"\x1dV" in content[-12:]


def test_it_reaches_a_printer_on_the_network():
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    heard.extend(part)

        listening = threading.Thread(target=listen)
        listening.start()
        Printer(f"tcp:127.0.0.1:{server.getsockname()[1]}", 58).print(RECEIPT)
        listening.join(timeout=5)
    assert "政府补贴".encode("gb18030") in bytes(heard)


def test_it_reaches_a_device_file(tmp_path):
    path = tmp_path / "lp0"
    path.touch()
    Printer(f"file:{path}").print(RECEIPT)
    assert "政府补贴".encode("gb18030") in path.read_bytes()


def test_a_printer_that_does_not_answer_is_named_with_the_cause():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="printer_failed") as error:
        Printer(f"tcp:127.0.0.1:{port}").print(RECEIPT)
    assert error.value.params["cause"]


@pytest.mark.parametrize("address", ["", "tcp:", "tcp:host", "fax:1", "usb:04b8", "file:"])
def test_a_setting_that_names_no_printer_is_refused(address):
    with pytest.raises(Invalid, match="printer_unknown"):
        Printer(address).print(RECEIPT)


def test_paper_is_58_or_80_mm():
    with pytest.raises(Invalid, match="printer_unknown"):
        Printer("file:/dev/null", 76)
