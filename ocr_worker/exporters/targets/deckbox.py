"""Deckbox, CSV of an inventory.

Columns are found by their headings, and ``Count`` and ``Name`` are the two that the site asks for.
``Edition`` (its own names of the sets) and the rest are left out, since a picture does not show them. Decks
themselves are pasted as plain text. Sources: Deckbox's forum topic 30026 as quoted in cramt/progress-engine
``docs/research/collection-import-formats.md``, MtgDesktopCompanion ``DeckBoxExport.java``.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Sheet
from ocr_worker.exporters.tables import csv_text


def write(sheet: Sheet) -> str:
    """A row per name; copies in main deck and sideboard are added up."""
    return csv_text(("Count", "Name"), [(row.count, row.name) for row in sheet[Section.MAIN]])


EXPORTER = Exporter(
    name="deckbox",
    title="Deckbox",
    group=Group.SITE,
    suffix=".csv",
    media_type="text/csv",
    in_code_block=False,
    help="Import the file into a Deckbox inventory or wishlist; for a deck paste `text` instead.",
    spelling=FULL,
    sections={Section.MAIN: "a row"},
    source="cramt/progress-engine `docs/research/collection-import-formats.md`, "
    "MtgDesktopCompanion `DeckBoxExport.java`",
    write=write,
)
