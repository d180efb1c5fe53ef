"""Runs a web application: processes with several threads, kept alive by their parent."""

import json
import os
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from pos_subsidy import certificates
from pos_subsidy.errors import Conflict

_SETTINGS = "POS_SERVE"
_THREADS = 16


class _Moment(click.ParamType):
    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no moment like 2026-11-20T08:00:00+08:00", param, ctx)
        if at.tzinfo is None:
            self.fail(f"{value} lacks its offset, e.g. +08:00", param, ctx)
        return at


aware_moment = _Moment()


def run(
    factory: str, *, host: str, port: int, tls: Path | None = None, processes: int = 1, **settings: Any
) -> None:
    """Serve what ``factory`` (``module:function``) makes, until told to stop; by https with ``tls``.

    The function runs in each of the ``processes`` and reads its settings with ``settings``.
    Raises Conflict where somebody else serves this port.
    """
    _claim_free(host, port)
    os.environ[_SETTINGS] = json.dumps(settings)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"{'https' if tls else 'http'}://{shown}:{port}  Ctrl+C 停止 / stops it", err=True)
    Granian(
        factory,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=processes,
        blocking_threads=_THREADS,
        backpressure=4 * _THREADS,
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=tls / certificates.SERVER if tls else None,
        ssl_key=tls / certificates.SERVER_KEY if tls else None,
    ).serve()


def _claim_free(host: str, port: int) -> None:
    # The server shares a port that is taken, and each would answer half of the requests.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict("port_taken", port=port, cause=error.strerror or str(error)) from None


def settings() -> dict[str, Any]:
    """Return what ``run`` was given."""
    given: dict[str, Any] = json.loads(os.environ[_SETTINGS])
    return given
