"""Decks as text for games, sites and programs: one file per format in ``targets``.

A new format is one new module there with an ``EXPORTER``; nothing else has to know it. Everything is pure.
"""

from ocr_worker.exporters.exporter import Export, Exporter, Group
from ocr_worker.exporters.registry import export, formats

__all__ = ["Export", "Exporter", "Group", "export", "formats"]
