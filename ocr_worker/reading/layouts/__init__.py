"""Layouts, a file each. A new one is a module here with a class that has ``kind``, ``likeness`` and ``read``."""

import importlib
import inspect
import pkgutil
from typing import cast

from ocr_worker.reading.layouts.port import Layout

__all__ = ["Layout", "all_layouts"]


def all_layouts() -> tuple[Layout, ...]:
    """One instance of each layout of this package; raises ValueError where two claim the same kind."""
    found: dict[str, Layout] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            if member.__module__ != module.__name__ or not isinstance(getattr(member, "kind", None), str):
                continue
            layout = cast(Layout, member())
            if layout.kind in found:
                raise ValueError(f"two layouts claim the kind {layout.kind!r}")
            found[layout.kind] = layout
    return tuple(found.values())
