"""Forge, ``.dck``.

Like an INI file: ``[metadata]`` with ``Name=``, then ``[Commander]``, ``[Main]``, ``[Sideboard]`` of ``N
NAME``. Forge indexes cards by the front name and only split cards by both. A companion is a sideboard card.
Sources: Forge ``forge-core/src/main/java/forge/deck/io/DeckSerializer.java``, ``DeckSection.java``,
``CardPool.java``.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Sheet

#: Forge lists decks by this name and reads no file without one.
UNNAMED = "Decklist"


def write(sheet: Sheet) -> str:
    """The file that Forge keeps for a constructed deck."""
    return document(
        [
            "[metadata]",
            f"Name={sheet.title or UNNAMED}",
            *headed("[Commander]", card_lines(sheet[Section.COMMANDER])),
            *headed("[Main]", card_lines(sheet[Section.MAIN])),
            *headed("[Sideboard]", card_lines(sheet[Section.SIDEBOARD])),
        ]
    )


EXPORTER = Exporter(
    name="forge",
    title="Forge",
    group=Group.PROGRAM,
    suffix=".dck",
    help="Save the file in Forge's folder decks/constructed, or decks/commander with a commander.",
    spelling=HALVES,
    sections={
        Section.MAIN: "under `[Main]`",
        Section.SIDEBOARD: "under `[Sideboard]`",
        Section.COMMANDER: "under `[Commander]`",
    },
    source="Forge `DeckSerializer.java`, `DeckSection.java`, `CardPool.java`",
    write=write,
)
