"""The command ``pos-subsidy``: one module per group of commands."""

import importlib
import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pos_subsidy import __version__
from pos_subsidy.domain import words
from pos_subsidy.errors import SubsidyError

# Command -> module that holds it; loaded when asked for, so that every command starts fast.
_COMMANDS = {
    "init": "shop",
    "enrol": "shop",
    "serve": "serve",
    "assess": "assess",
    "policy": "policy_tools",
    "catalogue": "catalogue",
    "lint": "lint",
    "close-day": "day",
    "reopen-day": "day",
    "reconcile": "day",
    "sync": "day",
    "nightly": "day",
    "backup": "backup",
    "restore": "backup",
    "journal": "journal",
    "keys": "keys",
    "doctor": "doctor",
    "demo": "demo",
    "appeal": "appeal",
    "hub": "hub_commands",
    "bench": "bench",
    "tls": "tls",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"pos_subsidy.cli.{_COMMANDS[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command


@click.group(cls=_Lazy)
@click.version_option(__version__)
def cli() -> None:
    """Trade-in subsidies at the till, and the city's hub."""


def main() -> None:
    """Run the command; an expected error ends it with its sentence, code and next step."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except SubsidyError as error:
        complain(error)
        sys.exit(1)


def complain(error: SubsidyError) -> None:
    """Say what is wrong, on stderr, in both languages."""
    spoken = words.say(error.code, error.params)
    click.echo(f"{error.code}: {spoken.title_zh} / {spoken.title_en}", err=True)
    click.echo(f"  {spoken.detail_zh} {spoken.next_step_zh}", err=True)
    click.echo(f"  {spoken.detail_en} {spoken.next_step_en}", err=True)


def print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--data DIR`` as ``folder``."""
    from pathlib import Path

    from pos_subsidy.config import Folder

    @click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("data"),
        show_default=True,
        envvar="POS_DATA",
        help="Folder of the shop: database, keys, files.",
    )
    @wraps(command)
    def with_folder(*args: Any, data: Path, **kwargs: Any) -> Any:
        return command(*args, folder=Folder(data), **kwargs)

    return with_folder
