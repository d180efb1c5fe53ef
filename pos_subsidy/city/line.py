"""The line to the city as the tills see it: quick, honest about its state, never in the way.

Each hold falls back after 800 ms. After three errors in a row the tills stop asking, and a
probe in the background opens the line again as soon as the hub answers. Confirmations and
cancellations wait in a queue until the hub can hear.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pos_subsidy.city.client import HubClient
from pos_subsidy.city.shelf import Shelf
from pos_subsidy.domain import moments
from pos_subsidy.domain.subsidy import Reason
from pos_subsidy.errors import Invalid, SubsidyError, Unavailable
from pos_subsidy.protocol.messages import BlockFeed, Feed, FilingFeed, KeyFeed, Receipt

log = logging.getLogger(__name__)
ERRORS_TO_OPEN = 3
PROBE_SECONDS = 0.5
_KEPT_NOTES = 10_000


class Line:
    """One shop's line to the hub."""

    def __init__(
        self, client: HubClient, *, clock: Callable[[], datetime], shelf: Shelf | None = None
    ) -> None:
        self._client, self._clock, self._shelf = client, clock, shelf
        self._guard = threading.Lock()
        self._errors = 0
        self._online = True
        self._since = clock()
        self._notes: deque[tuple[str, str]] = deque(maxlen=_KEPT_NOTES)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver notes and to probe a cut line."""
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="hub-line", daemon=True)
            self._worker.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def hold(self, request: Mapping[str, Any]) -> Sequence[Reason]:
        """Ask for a hold; see ``services.shop.CityLine``."""
        if not self.may_ask():
            raise Unavailable("hub_unavailable", cause="the line is cut")
        try:
            refusals = self._client.hold(dict(request))
        except Unavailable:
            self._failed()
            raise
        except SubsidyError as error:
            self._failed()
            raise Unavailable("hub_unavailable", cause=error.code) from error
        self._answered()
        try:
            return [Reason(str(one["code"]), dict(one["params"]), "") for one in refusals]
        except (KeyError, TypeError, ValueError):
            raise Unavailable("hub_unavailable", cause="malformed answer") from None

    def confirm_later(self, hold_id: str) -> None:
        self._later("confirm", hold_id)

    def cancel_later(self, hold_id: str) -> None:
        self._later("cancel", hold_id)

    def send(self, batch: bytes) -> Receipt:
        """Deliver a batch of rows; raises what the client raises."""
        return self._counted(lambda: self._client.send(batch))

    def verdicts(self, after: int) -> Feed:
        """Fetch verdicts after a counter; raises what the client raises."""
        return self._counted(lambda: self._client.verdicts(after))

    def send_appeal_file(self, appeal_id: str, sha256: str, sealed: bytes) -> None:
        """Deliver a file of an appeal; raises what the client raises."""
        self._counted(lambda: self._client.send_appeal_file(appeal_id, sha256, sealed))

    def send_evidence_file(self, sha256: str, sealed: bytes) -> None:
        """Deliver a file of evidence; raises what the client raises."""
        self._counted(lambda: self._client.send_evidence_file(sha256, sealed))

    def take_packs(self, newest: int) -> int:
        """Fetch the published packs that are not kept yet; raises what the client raises."""
        shelf = self._shelf
        return (
            0
            if shelf is None
            else shelf.fill(newest, lambda after: self._counted(lambda: self._client.packs(after)))
        )

    def filings(self, after: int) -> FilingFeed:
        """Fetch a page of the city's catalogue; raises what the client raises."""
        return self._counted(lambda: self._client.filings(after))

    def blocks(self, after: int) -> BlockFeed:
        """Fetch a page of the city's blocklist; raises what the client raises."""
        return self._counted(lambda: self._client.blocks(after))

    def keys(self) -> KeyFeed:
        """Return the shop's keys as the city has them; raises what the client raises."""
        return self._counted(self._client.keys)

    def budget(self, programme: str) -> Sequence[Mapping[str, Any]] | None:
        """Return what the city said of a programme's pools with its newest answer; None: nothing yet."""
        return self._client.budget.get(programme)

    def state(self) -> Mapping[str, Any]:
        """Return ``hub`` (online or offline), ``since``, and how many notes wait."""
        with self._guard:
            return {
                "hub": "online" if self._online else "offline",
                "since": moments.text(self._since),
                "waiting": len(self._notes),
            }

    def may_ask(self) -> bool:
        """Say whether the tills still ask, or wait for the probe."""
        with self._guard:
            return self._errors < ERRORS_TO_OPEN

    def _counted(self, call: Callable[[], Any]) -> Any:
        try:
            result = call()
        except Unavailable:
            self._failed()
            raise
        self._answered()
        return result

    def _answered(self) -> None:
        with self._guard:
            if not self._online:
                self._online, self._since = True, self._clock()
            self._errors = 0

    def _failed(self) -> None:
        with self._guard:
            if self._online:
                self._online, self._since = False, self._clock()
            self._errors += 1
        self._wake.set()

    def _later(self, what: str, hold_id: str) -> None:
        with self._guard:
            self._notes.append((what, hold_id))
        self._wake.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(timeout=PROBE_SECONDS)
            self._wake.clear()
            try:
                self._tend()
            # This thread must outlive whatever a strange hub answers.
            except Exception:
                log.exception("line to the hub")

    def _tend(self) -> None:
        if self.state()["hub"] == "offline":
            self._stop.wait(PROBE_SECONDS)
            if not self._client.is_alive():
                return
            self._answered()
        while not self._stop.is_set():
            with self._guard:
                note = self._notes[0] if self._notes else None
            if note is None or not self._deliver(*note):
                return
            with self._guard:
                self._notes.popleft()

    def _deliver(self, what: str, hold_id: str) -> bool:
        """Tell the hub; False if it could not hear, so that the note stays first in line."""
        try:
            self._client.confirm(hold_id) if what == "confirm" else self._client.cancel(hold_id)
        except Unavailable:
            self._failed()
            return False
        except (Invalid, SubsidyError) as error:
            log.error("the hub does not take %s of %s: %s", what, hold_id, error.code)
        return True
