"""The actions of the console, a file for each chapter of the runbook; a new action is a function in one of them."""

import importlib
import pkgutil
from functools import lru_cache

from chatops.registry import Registry


@lru_cache(maxsize=1)
def registry() -> Registry:
    """All actions of all chapters."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return Registry.of(modules)
