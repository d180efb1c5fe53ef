"""One shop of the simulated city: its own file and keys, the real services, the real client."""

import base64
import io
from collections import Counter
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

from pos_subsidy.city import client
from pos_subsidy.city.client import HubClient
from pos_subsidy.city.line import Line
from pos_subsidy.config import Folder
from pos_subsidy.domain.keys import raw_public
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.errors import NotFound, Refused, SubsidyError
from pos_subsidy.protocol.messages import Enrolment
from pos_subsidy.services import (
    city_sync,
    day_close,
    exchange,
    holds,
    issuance,
    nightly,
    redemption,
    reversal,
)
from pos_subsidy.services.assessment import Goods, PersonInput
from pos_subsidy.services.exchange import Piece
from pos_subsidy.services.issuance import Application
from pos_subsidy.services.redemption import Paid
from pos_subsidy.services.reversal import Return
from pos_subsidy.services.shop import By
from pos_subsidy.store import redemptions
from pos_subsidy.store.db import open_database
from pos_subsidy.store.redemptions import Payment, Redemption
from tests.hub.shops import own_keys
from tests.hub.simulation.plan import GOODS, Change, Sale
from tests.hub.simulation.road import Road
from tests.support import Clock, copy_shop, nth_id_number, run

HUB_URL = "http://hub.test"
_BY = By("T1", "cashier")
# What is looked at is what is said, not how fast; a busy machine must not change the outcome.
_PATIENCE_SECONDS = 60.0


class SteppedLine(Line):
    """A line whose background work is done when it is told, not by a thread."""

    def step(self) -> None:
        if self.state()["hub"] == "offline":
            if not self._client.is_alive():
                return
            self._answered()
        self._tend()


class Shop:
    """Sells, takes back, closes, sends. ``wrong`` is what never may happen."""

    def __init__(
        self, template: Path, path: Path, outlet: str, road: Road, rulebook: Rulebook, clock: Clock
    ) -> None:
        self.outlet, self.road, self.clock, self.path = outlet, road, clock, path
        self.happened: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._numbers: dict[str, str] = {}
        folder = copy_shop(template, path)
        folder.change(outlet=outlet)
        own_keys(folder)
        self._enrol(folder)
        hub, keyring = folder.hub(), folder.keys().keyring
        assert hub is not None
        about = {"outlet": outlet, "keyring": keyring, "clock": clock, "live_seconds": _PATIENCE_SECONDS}
        self.client = HubClient(hub, **about, transport=road)
        self.line = SteppedLine(self.client, clock=clock)
        self.services = folder.shop(rulebook, city=self.line)
        self.db = open_database(folder.database)

    def do(self, act: Sale | Change) -> None:
        """Do what the plan says; a refusal is wrong, for the plan has only what is allowed."""
        try:
            if isinstance(act, Sale):
                self._sell(act)
            else:
                self._change(act)
        except SubsidyError as error:
            codes = [one.code for one in error.reasons] if isinstance(error, Refused) else [error.code]
            self.wrong.append(f"{act.order_no} refused: {', '.join(codes)}")

    def close(self, day: date) -> None:
        day_close.close_day(self.db, self.services, day, by=_BY, now=self.clock())

    def night(self) -> bool:
        """Do the nightly run; say whether it went through."""
        try:
            nightly.run_by_hand(self.db, self.services, self.path / nightly.LOCK, now=self.clock())
        except SubsidyError as error:
            self.happened[f"night failed: {error.code}"] += 1
            return False
        self.line.step()
        return True

    def sync(self) -> None:
        """Exchange everything with the city, on a road where nothing can go wrong any more."""
        try:
            if not city_sync.sync(self.db, self.services, now=self.clock()).complete:
                self.wrong.append(f"{self.outlet}: not everything was taken")
        except SubsidyError as error:
            self.wrong.append(f"{self.outlet}: {error}")

    def sold_on(self, day: date) -> list[Redemption]:
        return redemptions.sold_on(self.db, day.isoformat())

    def receipts(self) -> list[bytes]:
        return [signed.encode() for (signed,) in self.db.execute("SELECT signed FROM receipt").fetchall()]

    def shut(self) -> None:
        self.db.close()

    def _enrol(self, folder: Folder) -> None:
        settings, keyring = folder.settings(), folder.keys().keyring
        asked = Enrolment(
            code="DEMO",
            outlet=settings.outlet,
            name=settings.name,
            merchant_name=settings.merchant_name,
            merchant_uscc=settings.merchant_uscc,
            region=settings.region,
            public_keys=[base64.b64encode(raw_public(key.public)).decode() for key in keyring.known],
        )
        hub = client.enrol(HUB_URL, asked, keyring, at=self.clock(), hub_kid=None, transport=self.road)
        folder.remember_hub(hub)

    def _sell(self, sale: Sale) -> None:
        self.line.step()
        self.road.is_cut = sale.is_cut
        try:
            self._numbers[sale.order_no] = self._redeemed(sale)
        finally:
            self.road.is_cut = False
        self.line.step()

    def _redeemed(self, sale: Sale) -> str:
        about = {"by": _BY, "now": self.clock()}
        category, _ = GOODS[sale.gtin]
        number = nth_id_number(sale.person)
        person = PersonInput("resident", number, "测试人", f"139{sale.person:08d}")
        issued = issuance.issue(self.db, self.services, Application(category, person), **about)
        wanted = holds.Sale(
            voucher=issued.voucher.code,
            goods=Goods(sale.price_fen, gtin=sale.gtin),
            order_no=sale.order_no,
            serial_no=sale.serial_no,
            imei1=sale.imei,
            identity_checked=True,
        )
        held = holds.hold(self.db, self.services, wanted, **about)
        self.happened[f"held {held.authorisation}"] += 1
        paid = Paid(held.payable_fen, [Payment("wechat", sale.order_no, held.payable_fen)])
        return redemption.redeem(self.db, self.services, held.hold_id, paid, **about).redemption_id

    def _change(self, change: Change) -> None:
        number = self._numbers.get(change.order_no)
        if number is None:
            raise NotFound("redemption_unknown", redemption_id=change.order_no)
        about = {"by": _BY, "now": self.clock()}
        if change.kind == "exchange":
            piece = Piece(change.serial_no, change.imei)
            exchange.exchange(self.db, self.services, number, piece, reason="broken", **about)
        else:
            asked = Return(change.kind, "returned", change.new_price_fen)
            reversal.reverse(self.db, self.services, number, asked, **about)
        self.happened[change.kind] += 1


def make_template(path: Path, catalogue: Path) -> None:
    """Make the shop that every other is copied from; it may sell for weeks without the city."""
    with redirect_stdout(io.StringIO()):
        run("init", "--demo", "--data", str(path))
        run("catalogue", "load", str(catalogue), "--data", str(path))
    Folder(path).change(offline_sales=100_000, offline_subsidy_fen=10**12)
