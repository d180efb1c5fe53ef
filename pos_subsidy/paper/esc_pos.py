"""ESC/POS: rows of a receipt as bytes, and their way to a printer by network, USB or file.

Chinese text goes out in GB18030 with the printer's two-byte mode on, as printers sold in
China expect it.
"""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pos_subsidy.domain.receipt import Row
from pos_subsidy.errors import Invalid, Unavailable

COLUMNS = {58: 32, 80: 48}
_CHINESE_ON, _CHINESE_OFF = b"\x1c&", b"\x1c."
_PATIENCE_SECONDS = 5
_QR_SIZE = {58: 5, 80: 6}


def rendered(rows: Sequence[Row], *, paper_mm: int) -> bytes:
    """Return what the printer takes: text, a QR of its own drawing, a cut."""
    escpos = _library()
    paper = escpos.printer.Dummy()
    paper._raw(b"\x1b@")
    for row in rows:
        if row.style == "qr":
            paper.set(align="center")
            paper.qr(row.text, size=_QR_SIZE[paper_mm], native=True)
            continue
        large = row.style == "sum"
        paper.set(align="center" if row.style == "heading" else "left", bold=large or row.style == "heading")
        paper._raw(_CHINESE_ON + row.text.encode("gb18030") + _CHINESE_OFF + b"\n")
    paper.set(align="left", bold=False)
    paper.cut()
    return bytes(paper.output)


def send(content: bytes, printer: str) -> None:
    """Send bytes to ``tcp:HOST:PORT``, ``file:PATH`` or ``usb:VENDOR:PRODUCT`` (hexadecimal).

    Raises:
        Invalid: ``printer_unknown``, the setting names no printer.
        Unavailable: ``printer_failed`` with the cause; the sale is not touched.
    """
    kind, _, address = printer.partition(":")
    first, _, second = address.rpartition(":")
    try:
        if kind == "tcp" and first and second.isdigit():
            with socket.create_connection((first, int(second)), timeout=_PATIENCE_SECONDS) as line:
                line.sendall(content)
        elif kind == "file" and address:
            with Path(address).open("ab") as device:
                device.write(content)
        elif kind == "usb" and first and second:
            _send_by_usb(content, first, second)
        else:
            raise Invalid("printer_unknown", printer=printer)
    except OSError as error:
        raise Unavailable("printer_failed", printer=printer, cause=str(error)[:80]) from error


def _send_by_usb(content: bytes, vendor: str, product: str) -> None:
    escpos = _library()
    device = escpos.printer.Usb(int(vendor, 16), int(product, 16))
    try:
        device.open()
        device._raw(content)
    except (ImportError, RuntimeError, escpos.exceptions.Error) as error:
        raise OSError(str(error)) from error
    finally:
        device.close()


def _library() -> Any:
    try:
        import escpos.exceptions
        import escpos.printer
    except ImportError:
        raise Unavailable("printer_not_installed") from None
    return escpos
