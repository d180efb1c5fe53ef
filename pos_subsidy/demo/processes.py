"""Starts the real commands as processes of their own, and ends those it started."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

_START_SECONDS = 60.0
_SILENT_SECONDS = 3
_STOP_SECONDS = 5.0
# Below those that systems give to outgoing calls: such a call may take a port before the service does.
_PORTS = range(20_000, 30_000)
_TRIES = 100


class Failed(Exception):
    """A process did not do what it should; the text says which, and what it wrote."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs in a process of its own."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path


def run(*arguments: str) -> str:
    """Run a command to its end and return what it printed; raises Failed."""
    done = subprocess.run(_command(arguments), capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode != 0:
        raise Failed(f"pos-subsidy {' '.join(arguments[:2])} failed:\n{done.stderr[-800:]}")
    return done.stdout


def start(name: str, *arguments: str, port: int, log: Path) -> Service:
    """Start a service and wait until it answers; raises Failed."""
    if not _falls_silent(port):
        # Else whoever is there would answer in its place, with books of his own.
        raise Failed(f"{name}: port {port} is taken; end what runs there (an earlier demo?) and start again")
    new_group = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    with log.open("ab") as sink:
        process = subprocess.Popen(
            _command((*arguments, "--port", str(port))), stdout=sink, stderr=sink, **new_group
        )
    service = Service(name, f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(service)
    except BaseException:
        stop(service)
        raise
    return service


def stop(service: Service) -> None:
    """End a service with everything it started."""
    for force in (False, True):
        if service.process.poll() is not None:
            return
        _signal(service.process, force=force)
        with suppress(subprocess.TimeoutExpired):
            service.process.wait(timeout=_STOP_SECONDS)


def free_port() -> int:
    """Return a port nobody listens at; raises Failed where none is found."""
    for _ in range(_TRIES):
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise Failed(f"no port of {_PORTS.start} to {_PORTS.stop - 1} is free")


def _falls_silent(port: int) -> bool:
    # Who was just ended there may still be about to go.
    end = time.monotonic() + _SILENT_SECONDS
    while _answers(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _wait(service: Service) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if service.process.poll() is not None:
            break
        with suppress(httpx.HTTPError):
            if httpx.get(f"{service.url}/healthz", timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    written = service.log.read_text("utf-8", errors="replace")[-800:]
    raise Failed(f"{service.name} does not answer:\n{written}")


def _signal(process: subprocess.Popen[bytes], *, force: bool) -> None:
    if os.name == "nt":
        process.kill() if force else process.terminate()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "pos_subsidy", *arguments]
