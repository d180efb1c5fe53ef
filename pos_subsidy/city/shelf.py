"""Keeps the packs a city published, each as the city signed it. One that was altered counts for nothing."""

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_subsidy.errors import Invalid
from pos_subsidy.protocol import envelopes
from pos_subsidy.protocol.messages import PACK, PackFeed

log = logging.getLogger(__name__)
SHELF = "city-packs"


@dataclass(frozen=True, slots=True)
class Kept:
    """One published pack; ``from_day`` is the first business date it decides."""

    pack_no: int
    name: str
    text: str
    from_day: date


class Shelf:
    """A folder with one file a pack, named by its number."""

    def __init__(self, path: Path, public: Ed25519PublicKey) -> None:
        self._path, self._public = path, public

    def files(self) -> list[Path]:
        return sorted(self._path.glob("*.json"))

    def packs(self) -> list[Kept]:
        """Return every pack from the first on; where one is missing or altered, those before it.

        A later one may build on it.
        """
        found: list[Kept] = []
        for file in self.files():
            try:
                kept = self._opened(file.read_bytes(), len(found) + 1)
            except Invalid:
                log.error("%s is not as the city signed it; it counts for nothing", file.name)
                break
            found.append(kept)
        return found

    def fill(self, newest: int, fetch: Callable[[int], PackFeed]) -> int:
        """Fetch and keep what is missing up to ``newest``; return how many came.

        Raises:
            Invalid: ``pack_refused``, with its number; those before it are kept.
        """
        had = after = len(self.packs())
        while after < newest:
            feed = fetch(after)
            if not feed.packs:
                raise Invalid("pack_refused", pack_no=after + 1)
            for number, signed in feed.packs:
                self._opened(signed.encode(), after + 1)
                self._keep(number, signed)
                after = number
        return after - had

    def _opened(self, signed: bytes, number: int) -> Kept:
        try:
            said = envelopes.unwrap(PACK, signed, self._public)
            if (
                said["pack_no"] != number
                or hashlib.sha256(said["text"].encode()).hexdigest() != said["sha256"]
            ):
                raise Invalid("pack_refused", pack_no=number)
            return Kept(number, str(said["name"]), str(said["text"]), date.fromisoformat(said["from_day"]))
        except (Invalid, KeyError, TypeError, ValueError):
            raise Invalid("pack_refused", pack_no=number) from None

    def _keep(self, number: int, signed: str) -> None:
        self._path.mkdir(exist_ok=True)
        beside = self._path / f"{number:06}.new"
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(signed)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path / f"{number:06}.json")
