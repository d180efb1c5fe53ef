"""All tables of the hub: every module ``schema*.py`` beside this one, found by its name."""

import importlib
import pkgutil

from pos_subsidy.hub import store
from pos_subsidy.hub.store.schema import metadata

for _module in pkgutil.iter_modules(store.__path__):
    if _module.name.startswith("schema"):
        importlib.import_module(f"{store.__name__}.{_module.name}")

__all__ = ["metadata"]
