"""All formats: each module of ``targets`` that declares an ``EXPORTER`` is one."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from ocr_worker.decks.deck import Deck
from ocr_worker.errors import ExportError
from ocr_worker.exporters import targets
from ocr_worker.exporters.exporter import Export, Exporter, Group
from ocr_worker.exporters.exporting import write_deck


def export(deck: Deck, format: str, set_codes: bool = False) -> Export:
    """``deck`` in the format of that name, with ``set_codes`` where the format has them and the catalogue knows them.

    ExportError where there is no such format, and where the format cannot hold this deck.
    """
    exporter = formats().get(format)
    if exporter is None:
        raise ExportError(f"There is no export format {format!r:.40}; choose one of {', '.join(formats())}.")
    return write_deck(deck, exporter, set_codes)


@cache
def formats() -> Mapping[str, Exporter]:
    """All formats by name, in the order in which they are offered; the modules are read at the first call."""
    found = pkgutil.iter_modules(targets.__path__, prefix=f"{targets.__name__}.")
    modules = [importlib.import_module(module.name) for module in found]
    return MappingProxyType(by_name(module.EXPORTER for module in modules))


def by_name(exporters: Iterable[Exporter]) -> dict[str, Exporter]:
    """The exporters by name, group after group; ValueError where two have the same name."""
    result: dict[str, Exporter] = {}
    groups = list(Group)
    for exporter in sorted(exporters, key=lambda each: (groups.index(each.group), each.name)):
        if exporter.name in result:
            raise ValueError(f"two export formats are called {exporter.name!r}")
        result[exporter.name] = exporter
    return result
