"""XMage, text file.

XMage has its own ``.dck``, whose importer demands ``[SET:NUMBER]`` on every line and writes a repair message
for each one that does not fit. Pictures seldom show printings and an invented one would be noise, so the form
that its ``.txt`` importer reads by name is written: ``N NAME``, and ``SB: N NAME`` for the sideboard. The
mark ``SB:`` switches off the rule that a blank line starts the sideboard, which a second blank line would
confuse. That importer takes 1 to 99 copies a line, so more are written on several lines. Commanders stand in
the sideboard (issue 933). Sources: XMage ``TxtDeckImporter.java``, ``DckDeckImporter.java``,
``DeckImporter.java`` (SIDEBOARD_MARKS).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Row, Sheet

MOST_COPIES_A_LINE = 99


def write(sheet: Sheet) -> str:
    """One block without blank lines."""
    return document(
        [
            *card_lines(_in_small_counts(sheet[Section.MAIN])),
            *card_lines(_in_small_counts(sheet[Section.SIDEBOARD]), "SB: {count} {name}"),
        ]
    )


def _in_small_counts(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        left = row.count
        while left > 0:
            yield replace(row, count=min(left, MOST_COPIES_A_LINE))
            left -= MOST_COPIES_A_LINE


EXPORTER = Exporter(
    name="xmage",
    title="XMage",
    group=Group.PROGRAM,
    suffix=".txt",
    help="Save the file and choose Load in XMage's deck editor, file type .txt.",
    spelling=HALVES,
    sections={Section.MAIN: "first", Section.SIDEBOARD: "`SB:` lines"},
    source="XMage `TxtDeckImporter.java`, `DeckImporter.java`",
    write=write,
)
