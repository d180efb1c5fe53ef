"""Files of the shop beside its database: each kept once by its SHA-256, encrypted at rest."""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from pos_subsidy.errors import NotFound, Unavailable

_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of encrypted files. Their names are the fingerprints of what they hold."""

    path: Path
    key: bytes = field(repr=False)

    def put(self, content: bytes) -> str:
        """Keep a content, once, and return its SHA-256 (hex).

        Raises:
            Unavailable: ``storage_failed``, the disk refuses.
        """
        name = hashlib.sha256(content).hexdigest()
        place = self._place(name)
        if place.exists():
            return name
        # A half-written file must never bear the name of a whole one.
        beside = place.with_suffix(f".{secrets.token_hex(4)}.new")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as sink:
                sink.write(SecretBox(self.key).encrypt(content))
                sink.flush()
                os.fsync(sink.fileno())
            beside.replace(place)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Unavailable("storage_failed") from error
        return name

    def get(self, name: str) -> bytes:
        """Return a content.

        Raises:
            NotFound: there is none, or it is not what it was.
        """
        if not self.has(name):
            raise NotFound("photo_unknown", sha256=name[:64])
        try:
            content = SecretBox(self.key).decrypt(self._place(name).read_bytes())
        except CryptoError:
            raise NotFound("photo_unknown", sha256=name) from None
        return content

    def has(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name)) and self._place(name).exists()

    def _place(self, name: str) -> Path:
        return self.path / name[:2] / name
