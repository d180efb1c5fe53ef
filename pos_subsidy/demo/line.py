"""A line between a till and the hub that can really be cut: a small TCP relay on loopback."""

import socket
import threading
import time
from contextlib import suppress

from pos_subsidy.demo.processes import free_port


class Line:
    """Relays a port of its own to the hub's, until it is cut.

    It may also be bad: answers come ``late_seconds`` late, or break off in the middle.
    """

    def __init__(self, hub_port: int) -> None:
        self.late_seconds = 0.0
        self.breaks_answers = False
        self._hub_port = hub_port
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = free_port()
        self.restore()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def restore(self) -> None:
        """Take calls again, on the same port as before."""
        if self._listener is None:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen()
            self._listener = listener
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Stop taking calls, and break those that are open."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing alone does not wake a thread that waits for a call.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._guard:
            ends, self._open = self._open, set()
        for end in ends:
            _close(end)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            try:
                hub = socket.create_connection(("127.0.0.1", self._hub_port), timeout=5)
            except OSError:
                _close(caller)
                continue
            with self._guard:
                if self._listener is not listener:
                    _close(caller)
                    _close(hub)
                    continue
                self._open |= {caller, hub}
            for way in ((caller, hub, False), (hub, caller, True)):
                threading.Thread(target=self._relay, args=way, daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            source.settimeout(None)
            while chunk := source.recv(65_536):
                if is_answer:
                    time.sleep(self.late_seconds)
                if is_answer and self.breaks_answers:
                    sink.sendall(chunk[: len(chunk) // 2])
                    break
                sink.sendall(chunk)
        for end in (source, sink):
            _close(end)
        with self._guard:
            self._open -= {source, sink}


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
