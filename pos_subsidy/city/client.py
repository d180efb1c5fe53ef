"""Talks to the hub: every request signed, every word of its that counts checked."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_subsidy.domain import moments
from pos_subsidy.domain.keys import Keyring, key_id, raw_public
from pos_subsidy.errors import Conflict, Invalid, NotAllowed, Unavailable
from pos_subsidy.protocol import envelopes, http_signatures, messages
from pos_subsidy.protocol.messages import (
    BLOCK_FEED,
    ENROLMENT,
    FILING_FEED,
    HOLD_ANSWER,
    KEY_FEED,
    PACK_FEED,
    RECEIPT,
    VERDICT_FEED,
    BlockFeed,
    Enrolment,
    Feed,
    FilingFeed,
    KeyFeed,
    PackFeed,
    Receipt,
    Verdict,
)

LIVE_SECONDS = 0.8
SLOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub as a shop knows it since its enrolment."""

    url: str
    public: Ed25519PublicKey
    seal_public: bytes


class HubClient:
    """One shop's calls to one hub; a customer waits ``live_seconds`` for one of them at most.

    ``transport`` is another road to the hub than the network.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        outlet: str,
        keyring: Keyring,
        clock: Callable[[], datetime],
        live_seconds: float = LIVE_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._hub, self._outlet, self._keyring, self._clock = hub, outlet, keyring, clock
        self._live_seconds = live_seconds
        # Of each programme, what the city said of its budget with the newest answer to a hold.
        self.budget: dict[str, list[dict[str, Any]]] = {}
        self._http = httpx.Client(base_url=hub.url, trust_env=False, transport=transport)
        self._live = ThreadPoolExecutor(max_workers=8, thread_name_prefix="hub-live")

    def hold(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the city's refusals, none if the hold is granted.

        Raises:
            Unavailable: no answer within the live seconds in all, or none that can be trusted.
        """
        body = json.dumps(request).encode()
        said = self._said(HOLD_ANSWER, self._in_time("POST", messages.HOLDS, body))
        if said.get("hold_id") != request["hold_id"]:
            raise Unavailable("hub_unavailable", cause="answer to another hold")
        if told := said.get("budget"):
            self.budget = {**self.budget, str(told["programme"]): list(told["notices"])}
        return [] if said["granted"] else list(said["refusals"])

    def confirm(self, hold_id: str) -> str:
        return str(self._plain("POST", f"{messages.HOLDS}/{hold_id}/confirm")["status"])

    def cancel(self, hold_id: str) -> str:
        return str(self._plain("POST", f"{messages.HOLDS}/{hold_id}/cancel")["status"])

    def query(self, hold_id: str) -> str:
        return str(self._plain("GET", f"{messages.HOLDS}/{hold_id}")["status"])

    def send(self, batch: bytes) -> Receipt:
        """Deliver a batch and return the checked receipt.

        Raises:
            Unavailable: no answer.
            Conflict: ``rows_missing`` or ``chain_forked``, as the hub says.
            Invalid: the hub refuses the batch, or its receipt cannot be trusted.
        """
        response = self._send("POST", messages.BATCHES, batch, seconds=SLOW_SECONDS)
        said = self._said(RECEIPT, response, trusting=False)
        return Receipt(
            outlet=said["outlet"],
            last_seq=said["last_seq"],
            head_hash=said["head_hash"],
            parked=said["parked"],
            verdicts=[Verdict(**one) for one in said["verdicts"]],
            signed=response.text,
        )

    def verdicts(self, after: int) -> Feed:
        """Return what the city said after a counter; raises like ``send``."""
        response = self._send("GET", f"{messages.VERDICTS}?after={after}", b"", seconds=SLOW_SECONDS)
        said = self._said(VERDICT_FEED, response, trusting=False)
        verdicts = [Verdict(**one) for one in said["verdicts"]]
        parked, told = list(said.get("parked", ())), list(said.get("budget", ()))
        # An older city says nothing of what it has not got.
        return Feed(
            said["outlet"],
            said["standing"],
            said["counter"],
            verdicts,
            parked,
            told,
            packs=int(said.get("packs", 0)),
            evidence=[str(one) for one in said.get("evidence", ())],
            filings=int(said.get("filings", 0)),
            blocks=int(said.get("blocks", 0)),
        )

    def packs(self, after: int) -> PackFeed:
        """Return published packs after a number; raises like ``send``. Each is checked by who keeps it."""
        response = self._send("GET", f"{messages.PACKS}?after={after}", b"", seconds=SLOW_SECONDS)
        said = self._said(PACK_FEED, response, trusting=False)
        return PackFeed(int(said["newest"]), [(int(number), str(signed)) for number, signed in said["packs"]])

    def filings(self, after: int) -> FilingFeed:
        """Return a page of the city's catalogue after a number; raises like ``send``."""
        said = self._page(messages.FILINGS, FILING_FEED, after)
        return FilingFeed(int(said["newest"]), list(said["filings"]))

    def blocks(self, after: int) -> BlockFeed:
        """Return a page of the city's blocklist after a number; raises like ``send``."""
        said = self._page(messages.BLOCKS, BLOCK_FEED, after)
        return BlockFeed(int(said["newest"]), int(said["upto"]), list(said["blocks"]))

    def _page(self, address: str, kind: str, after: int) -> dict[str, Any]:
        response = self._send("GET", f"{address}?after={after}", b"", seconds=SLOW_SECONDS)
        said = self._said(kind, response, trusting=False)
        if said.get("after") != after:
            raise Invalid("receipt_invalid", cause="another page")
        return said

    def keys(self) -> KeyFeed:
        """Return the shop's keys as the city has them; raises like ``send``."""
        return self._key_feed(self._send("GET", messages.KEYS, b"", seconds=SLOW_SECONDS))

    def follow(self, new: Keyring, *, overlap_days: int) -> KeyFeed:
        """Tell the city of the key that follows this client's own, and return all keys.

        Raises:
            Unavailable: no answer; asking again with the same key is safe.
            NotAllowed, Conflict, Invalid: as the hub says.
        """
        _, proof = new.sign(messages.proof_of_new_key(self._outlet, self._keyring.kid))
        asked = messages.NewKey(
            public_key=base64.b64encode(raw_public(new.private.public_key())).decode(),
            proof=base64.b64encode(proof).decode(),
            not_before=moments.text(self._clock()),
            overlap_days=overlap_days,
        )
        body = asked.model_dump_json().encode()
        return self._key_feed(self._send("POST", messages.KEYS, body, seconds=SLOW_SECONDS))

    def _key_feed(self, response: httpx.Response) -> KeyFeed:
        said = self._said(KEY_FEED, response, trusting=False)
        return KeyFeed(said["outlet"], said["counter"], said["keys"])

    def send_appeal_file(self, appeal_id: str, sha256: str, sealed: bytes) -> None:
        """Deliver a file that an appeal names; raises like ``send``."""
        path = f"{messages.APPEALS}/{appeal_id}/files/{sha256}"
        self._send("PUT", path, sealed, seconds=SLOW_SECONDS)

    def send_evidence_file(self, sha256: str, sealed: bytes) -> None:
        """Deliver a file that a row of the shop names; raises like ``send``."""
        self._send("PUT", f"{messages.EVIDENCE}/{sha256}", sealed, seconds=SLOW_SECONDS)

    def is_alive(self) -> bool:
        """Say whether the hub answers at all."""
        try:
            return self._http.get("/healthz", timeout=self._live_seconds).status_code == 200
        except httpx.HTTPError:
            return False

    def _plain(self, method: str, path: str) -> dict[str, Any]:
        return dict(self._send(method, path, b"", seconds=SLOW_SECONDS / 10).json())

    def _in_time(self, method: str, path: str, body: bytes) -> httpx.Response:
        # The library's limits are for each step of a call; the till's is for all of them together.
        waiting = self._live.submit(self._send, method, path, body, seconds=self._live_seconds)
        try:
            return waiting.result(timeout=self._live_seconds)
        except Late:
            raise Unavailable("hub_unavailable", cause="ReadTimeout") from None

    def _send(self, method: str, path: str, body: bytes, *, seconds: float) -> httpx.Response:
        try:
            url = str(self._http.base_url.join(path))
            headers = http_signatures.sign(method, url, body, self._keyring, at=self._clock())
            response = self._http.request(method, path, content=body, headers=headers, timeout=seconds)
        except httpx.HTTPError as error:
            raise Unavailable("hub_unavailable", cause=type(error).__name__) from None
        if response.status_code != 200:
            raise _problem(response)
        return response

    def _said(self, kind: str, response: httpx.Response, *, trusting: bool = True) -> dict[str, Any]:
        try:
            said = envelopes.unwrap(kind, response.content, self._hub.public)
            if said.get("outlet") != self._outlet:
                raise Invalid("receipt_invalid", cause="another shop's")
        except Invalid as error:
            # Before money moves, an answer that cannot be trusted is no answer.
            if trusting:
                raise Unavailable("hub_unavailable", cause="signature") from error
            raise
        return said


def enrol(
    url: str,
    asked: Enrolment,
    keyring: Keyring,
    *,
    at: datetime,
    hub_kid: str | None,
    transport: httpx.BaseTransport | None = None,
) -> Hub:
    """Enrol a shop and return the hub's keys; ``hub_kid`` is the key the code named.

    Raises:
        Unavailable: no answer.
        NotAllowed, Conflict, Invalid: as the hub says; ``receipt_invalid`` if the answer is
            not from the hub that made the code.
    """
    body = asked.model_dump_json().encode()
    target = f"{url.rstrip('/')}{messages.ENROL}"
    headers = http_signatures.sign("POST", target, body, keyring, at=at)
    try:
        with httpx.Client(timeout=10.0, trust_env=False, transport=transport) as http:
            response = http.post(target, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise Unavailable("hub_unavailable", cause=type(error).__name__) from None
    if response.status_code != 200:
        raise _problem(response)
    try:
        raw = base64.b64decode(response.json()["said"]["public_key"], validate=True)
        public = Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, KeyError, TypeError):
        raise Invalid("receipt_invalid", cause="key") from None
    if hub_kid is not None and key_id(raw_public(public)) != hub_kid:
        raise Invalid("receipt_invalid", cause="key")
    said = envelopes.unwrap(ENROLMENT, response.content, public)
    if said["outlet"] != asked.outlet:
        raise Invalid("receipt_invalid", cause="another shop's")
    return Hub(url.rstrip("/"), public, base64.b64decode(said["seal_public"]))


def _problem(response: httpx.Response) -> Exception:
    """Return the error behind a problem the hub reported."""
    try:
        problem = response.json()
        code, context = str(problem["code"]), dict(problem.get("context") or {})
    except (ValueError, KeyError, TypeError):
        return Unavailable("hub_unavailable", cause=f"HTTP {response.status_code}")
    if response.status_code == 409:
        return Conflict(code, **context)
    if response.status_code == 403:
        return NotAllowed(code, **context)
    if response.status_code == 400:
        return Invalid(code, **context)
    return Unavailable("hub_unavailable", cause=code, variant=code)
