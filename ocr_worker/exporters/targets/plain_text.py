"""Plain text, the block to copy when nothing is known of the reader.

The part of Arena's grammar that all others share: ``N NAME``, a blank line, ``Sideboard``. Headings for the
main deck appear only where a commander or companion needs telling apart. Read by Arena, Magic Online (but for
split cards and accents), all the sites, Cockatrice, Forge and XMage's Arena importer.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Blocks under as few headings as the deck allows."""
    commander = headed("Commander", card_lines(sheet[Section.COMMANDER]))
    companion = headed("Companion", card_lines(sheet[Section.COMPANION]))
    main = card_lines(sheet[Section.MAIN])
    return document(
        commander,
        companion,
        headed("Deck", main) if commander or companion else main,
        headed("Sideboard", card_lines(sheet[Section.SIDEBOARD])),
    )


EXPORTER = Exporter(
    name="text",
    title="Plain text",
    group=Group.GENERAL,
    suffix=".txt",
    help="Paste it nearly anywhere: every game, site and program listed here reads it.",
    spelling=HALVES,
    sections={
        Section.MAIN: "first, under `Deck` where a commander or companion precedes it",
        Section.SIDEBOARD: "under `Sideboard`",
        Section.COMMANDER: "under `Commander`",
        Section.COMPANION: "under `Companion`",
    },
    source="what the importers named for the other formats have in common",
    write=write,
    knows_rebalanced=True,
)
