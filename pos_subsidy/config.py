"""The till's folder: settings, keys, the city's keys since enrolment, the database.

``config.json`` may be edited; the files under ``keys/`` are the shop's identity and are
readable by their owner only.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_subsidy.city.client import Hub
from pos_subsidy.domain.identifiers import uscc
from pos_subsidy.domain.keys import Keyring, from_json, new_keyring, raw_public, rotated, to_json
from pos_subsidy.domain.rules import Rulebook
from pos_subsidy.errors import Conflict, Invalid, NotFound
from pos_subsidy.protocol import sealing
from pos_subsidy.services import approving
from pos_subsidy.services.shop import CityLine, OfflineCaps, Shop
from pos_subsidy.store.files import Files

DATABASE = "till.db"
FILES = "files"
_CONFIG, _KEYS, _HUB = "config.json", "keys/shop.json", "keys/hub.json"
_NEXT = "keys/next.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a shop lead may set."""

    outlet: str
    name: str
    merchant_name: str
    merchant_uscc: str
    region: str
    demo: bool
    zone: str = "Asia/Shanghai"
    public_url: str = ""
    offline_sales: int = 20
    offline_subsidy_fen: int = 2_000_000
    printer: str = ""  # tcp:HOST:PORT, file:PATH or usb:VENDOR:PRODUCT
    paper_mm: int = 80
    four_eyes_fen: int = 100_000  # a difference above this is accepted by two people
    manager_for: Sequence[str] = ()  # what wants a manager's approval: reverse, exchange, void
    nightly_at: str = "02:00"  # by the shop's clock; the run begins within two hours of it
    behind_proxy: bool = False  # a proxy on the way says who asks, and whether by https


@dataclass(frozen=True, slots=True)
class Keys:
    """What only this shop may know. ``seal_private`` opens what was sealed before enrolment."""

    keyring: Any
    secret: bytes
    session_secret: str
    seal_private: bytes
    files_key: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """One till's folder."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def exists(self) -> bool:
        return (self.path / _CONFIG).exists()

    def init(self, settings: Settings) -> None:
        """Write settings and fresh keys.

        Raises:
            Conflict: ``data_exists``.
            Invalid: the merchant's credit code is wrong.
        """
        if self.exists():
            raise Conflict("data_exists", folder=str(self.path))
        if settings.merchant_uscc:
            uscc.validate(settings.merchant_uscc)
        (self.path / "keys").mkdir(parents=True, exist_ok=True)
        kept = {
            "keyring": to_json(new_keyring()),
            "secret": secrets.token_hex(32),
            "session_secret": secrets.token_hex(32),
            "seal_private": sealing.new_private().hex(),
            "files_key": secrets.token_hex(32),
        }
        _write_private(self.path / _KEYS, kept)
        _write(self.path / _CONFIG, asdict(settings))

    def settings(self) -> Settings:
        """Return the settings.

        Raises:
            NotFound: ``data_missing``.
            Invalid: ``setting_unknown``; an action misspelt would go without its approval.
        """
        if not self.exists():
            raise NotFound("data_missing", folder=str(self.path))
        settings = Settings(**json.loads((self.path / _CONFIG).read_text("utf-8")))
        asked = settings.manager_for
        unknown = set(asked) - approving.ACTIONS
        if unknown or isinstance(asked, str):
            value = asked if isinstance(asked, str) else ", ".join(sorted(unknown))
            allowed = ", ".join(sorted(approving.ACTIONS))
            raise Invalid("setting_unknown", setting="manager_for", value=value, allowed=allowed)
        try:
            time.fromisoformat(settings.nightly_at)
        except ValueError:
            about = {"setting": "nightly_at", "value": settings.nightly_at, "allowed": "00:00 – 23:59"}
            raise Invalid("setting_unknown", **about) from None
        return settings

    def change(self, **values: Any) -> None:
        _write(self.path / _CONFIG, asdict(replace(self.settings(), **values)))

    def keys(self) -> Keys:
        kept = json.loads((self.path / _KEYS).read_text("utf-8"))
        return Keys(
            keyring=from_json(kept["keyring"]),
            secret=bytes.fromhex(kept["secret"]),
            session_secret=kept["session_secret"],
            seal_private=bytes.fromhex(kept["seal_private"]),
            files_key=_files_key(kept),
        )

    def next_keyring(self) -> Keyring:
        """Return the keyring with the key that is to follow; made once, so that it may be offered again."""
        path = self.path / _NEXT
        if not path.exists():
            _write_private(path, to_json(new_keyring()))
        prepared = from_json(json.loads(path.read_text("utf-8")))
        return rotated(self.keys().keyring, prepared.private)

    def use_next_keyring(self) -> None:
        """Let the key that was to follow sign from now on."""
        kept = json.loads((self.path / _KEYS).read_text("utf-8"))
        _write_private(self.path / _KEYS, {**kept, "keyring": to_json(self.next_keyring())})
        (self.path / _NEXT).unlink()

    def hub(self) -> Hub | None:
        """Return the hub this shop is enrolled with, or None."""
        path = self.path / _HUB
        if not path.exists():
            return None
        kept = json.loads(path.read_text("utf-8"))
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(kept["public"]))
        return Hub(kept["url"], public, base64.b64decode(kept["seal_public"]))

    def remember_hub(self, hub: Hub) -> None:
        kept = {
            "url": hub.url,
            "public": base64.b64encode(raw_public(hub.public)).decode(),
            "seal_public": base64.b64encode(hub.seal_public).decode(),
        }
        _write_private(self.path / _HUB, kept)

    def shop(self, rulebook: Rulebook, *, city: CityLine | None) -> Shop:
        """Return the shop as the services know it."""
        settings, keys, hub = self.settings(), self.keys(), self.hub()
        return Shop(
            outlet_id=settings.outlet,
            name=settings.name,
            merchant_name=settings.merchant_name,
            merchant_uscc=settings.merchant_uscc,
            region=settings.region,
            demo=settings.demo,
            zone=ZoneInfo(settings.zone),
            secret=keys.secret,
            keyring=keys.keyring,
            seal_public=hub.seal_public if hub else sealing.public_of(keys.seal_private),
            rulebook=rulebook,
            offline_caps=OfflineCaps(settings.offline_sales, settings.offline_subsidy_fen),
            city=city,
            four_eyes_fen=settings.four_eyes_fen,
            manager_for=frozenset(settings.manager_for),
            files=Files(self.path / FILES, keys.files_key),
        )


def _files_key(kept: dict[str, Any]) -> bytes:
    """Return the key of the files; that of a shop made before there were any follows from its secret."""
    if "files_key" in kept:
        return bytes.fromhex(kept["files_key"])
    return hmac.new(bytes.fromhex(kept["secret"]), b"files", hashlib.sha256).digest()


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    beside = path.with_suffix(".new")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def _write_private(path: Path, content: dict[str, Any]) -> None:
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    beside.replace(path)
