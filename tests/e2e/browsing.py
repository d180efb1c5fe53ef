"""What every browser test needs: a real service, windows of a real browser, the hands of a cashier."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pos_subsidy.demo.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FRIDGE = "6901234567892"
TURNS_WITHIN_SECONDS = 2.0
STARTS_WITHIN_SECONDS = 120
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SMALL_PHONE = {"width": 320, "height": 640}


@dataclass
class Service:
    """The real service on a folder; it may be stopped and started again on the same port."""

    folder: Path
    clock: str
    port: int = 0
    paths: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("serve", "--no-tls")
    _process: Any = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.port = self.port or free_port()
        command = [sys.executable, "-m", "pos_subsidy", *self.words, "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), "--training-clock", self.clock],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        patience = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            assert self._process.poll() is None, "the service ended"
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert time.monotonic() < patience, "the service does not answer"
                time.sleep(0.1)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)


def window(chromium: "Browser", complaints: list[str], size: dict[str, int], **about: object) -> "Page":
    page = chromium.new_context(viewport=size, locale="zh-CN", **about).new_page()
    page.on("console", lambda told: told.type == "error" and complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def sign_in(page: "Page", address: str, role: str, password: str = "pw") -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", role)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(till|office)"))


def follow(page: "Page", place: str) -> None:
    """Click what leads to another page and wait until that page is there."""
    with page.expect_navigation():
        page.click(place)


def scan(page: "Page", text: str) -> None:
    """Scan as a keyboard wedge does: into whatever has the focus, with Enter at the end."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    scanned(page)


def scanned(page: "Page") -> None:
    """Wait until the service has answered every scan."""
    page.wait_for_selector("html[data-scans-waiting='0']", state="attached")


@contextmanager
def turns_at_once(phone: "Page", state: str) -> "Iterator[None]":
    """Let something happen at the till; the consumer's page shows it by the next answer it gets.

    Questions are counted, not seconds: a busy machine is late with everything.
    """
    asked: list[str] = []
    state_url = phone.get_attribute("#wallet", "data-state-url")

    def note(request: "Request") -> None:
        if request.url.endswith(str(state_url)):
            asked.append(request.url)

    phone.on("request", note)
    yield
    asked.clear()
    phone.wait_for_selector(f"[data-state={state}]")
    # One may have been on its way when it happened.
    assert len(asked) <= 2, asked
    assert phone.evaluate("2 * POLL_MS") < TURNS_WITHIN_SECONDS * 1000
    phone.remove_listener("request", note)


def issue(page: "Page", address: str, id_number: str) -> str:
    """Issue a voucher for a refrigerator and return the address of the consumer's page."""
    page.goto(f"{address}/till/issue?lang=zh")
    page.check("[name=consent]")
    for name, value in {
        "gtin": FRIDGE,
        "price": "6100",
        "name": "张小明",
        "phone": "13800000014",
        "id_number": id_number,
    }.items():
        page.fill(f"[name={name}]", value)
    page.press("[name=id_number]", "Enter")
    page.wait_for_url(re.compile(r"/till/vouchers/"))
    return str(page.get_attribute("a[href*='/wallet/']", "href"))
