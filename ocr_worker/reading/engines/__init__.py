"""OCR engines behind one port. A new one is a module here with a class that has ``name``, ``detect``, ``recognise``."""

import importlib
import inspect
import pkgutil
from typing import Any

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.port import Engine

__all__ = ["Engine", "create_engine", "engine_names"]


def engine_names() -> tuple[str, ...]:
    """The names that ``create_engine`` takes, whether or not what they need is installed."""
    return tuple(sorted(_classes()))


def create_engine(name: str, threads: int | None = None) -> Engine:
    """Load an engine, with that many threads or a number that fits this machine; raise EngineUnavailable."""
    classes = _classes()
    if name not in classes:
        known = ", ".join(sorted(classes))
        raise EngineUnavailable(f"There is no OCR engine called {name!r}: choose one of {known}.")
    engine: Engine = classes[name](threads=threads)
    return engine


def _classes() -> dict[str, type[Any]]:
    """Each engine's class by its name; OCR libraries are imported only by the constructors."""
    found: dict[str, type[Any]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            name = getattr(member, "name", None)
            if member.__module__ != module.__name__ or not isinstance(name, str):
                continue
            if name in found:
                raise ValueError(f"two engines are called {name!r}")
            found[name] = member
    return found
