"""ManaBox, CSV of a collection or list.

Columns are found by their headings. ManaBox wants a name with a set, or a Scryfall ID, and a picture seldom
shows either: the column ``Set code`` is there to be filled in, since an invented set would be worse than
none. Where set codes are asked for, one printing that the catalogue knows stands there. Sources: ManaBox's guide
"Import and export" as quoted in cramt/progress-engine
``docs/research/collection-import-formats.md``, MtgDesktopCompanion ``ManaBoxExport.java``, MtgCsvHelper
``appsettings.json``.
"""

from collections.abc import Iterator

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Row, Sheet
from ocr_worker.exporters.tables import csv_text


def write(sheet: Sheet) -> str:
    """A row per name; copies in main deck and sideboard are added up."""
    rows = sheet[Section.MAIN]
    if not any(row.printing for row in rows):
        return csv_text(("Name", "Set code", "Quantity"), [(row.name, "", row.count) for row in rows])
    cells = [(row.name, *_printing(row), row.count) for row in rows]
    return csv_text(("Name", "Set code", "Collector number", "Quantity"), cells)


def _printing(row: Row) -> tuple[str, str]:
    return (row.printing.set_code.upper(), row.printing.number) if row.printing else ("", "")


def missing_sets(sheet: Sheet) -> Iterator[str]:
    """ManaBox does not take rows without a set."""
    if all(row.printing for row in sheet[Section.MAIN]):
        return
    yield "ManaBox asks for a set code on every row, which no picture tells: fill it in, or paste text."


EXPORTER = Exporter(
    name="manabox",
    title="ManaBox",
    group=Group.SITE,
    suffix=".csv",
    media_type="text/csv",
    in_code_block=False,
    help="Fill in the sets and import the file into a ManaBox list; for a deck paste `text` instead.",
    spelling=FULL,
    sections={Section.MAIN: "a row"},
    source="cramt/progress-engine `docs/research/collection-import-formats.md`, "
    "MtgDesktopCompanion `ManaBoxExport.java`",
    write=write,
    printing=its_printing,
    remarks=missing_sets,
)
