"""Shows how far long work is: on a terminal, and nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress


@contextmanager
def shown(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told (done, of all)."""
    with Progress(disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def tell(done: int, of_all: int) -> None:
            progress.update(task, completed=done, total=of_all)

        yield tell
