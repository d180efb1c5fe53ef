"""``hub`` with all its commands: every module ``hub_*`` beside this one, found by its name."""

import importlib
import pkgutil

from pos_subsidy import cli
from pos_subsidy.cli.hub import hub

for _module in pkgutil.iter_modules(cli.__path__):
    if _module.name.startswith("hub_") and _module.name != "hub_commands":
        importlib.import_module(f"{cli.__name__}.{_module.name}")

__all__ = ["hub"]
