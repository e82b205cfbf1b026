"""CSV for spreadsheets: count, name and section of each row."""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Sheet
from ocr_worker.exporters.tables import csv_text

ORDER = (Section.COMMANDER, Section.COMPANION, Section.MAIN, Section.SIDEBOARD)


def write(sheet: Sheet) -> str:
    """A row per card and section; the sections are called as in the deck JSON."""
    rows = [(row.count, row.name, section.value) for section in ORDER for row in sheet[section]]
    return csv_text(("Count", "Name", "Section"), rows)


EXPORTER = Exporter(
    name="csv",
    title="Spreadsheet (CSV)",
    group=Group.GENERAL,
    suffix=".csv",
    media_type="text/csv",
    in_code_block=False,
    help="Open the file in a spreadsheet, or feed it to a program of your own.",
    spelling=FULL,
    sections={section: f"`{section.value}` in the column `Section`" for section in Section},
    source="RFC 4180 with columns of our own",
    write=write,
)
