"""Files that name people's or shops' accounts: for the eyes of whoever runs the command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click


@contextmanager
def private_file(path: Path) -> Iterator[IO[str]]:
    """Open a file only its owner may read, before anything is done that it is to tell of.

    Raises:
        click.ClickException: it cannot be written there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; 请换一个位置 / choose another place") from None
    # The byte order mark lets a spreadsheet read Chinese; the bank's line ends stay as they are.
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        file.truncate()
        yield file
