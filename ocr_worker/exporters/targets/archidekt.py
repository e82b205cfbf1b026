"""Archidekt, text import.

Grammar: ``Nx NAME [(set) NUMBER] [*F*] [[Category{flags},…]]``. The first category decides where a card
stands: ``Commander{top}`` (without ``{top}`` it is an ordinary group), ``Sideboard`` in this very spelling,
and for a companion any category that ``{noDeck}`` keeps out of the count. Sources: cramt/progress-engine
``docs/research/archidekt-import-shapes.md`` (each shape tried on the site in September 2026), exports
captured in witchesofthehill/manabrew ``src/lib/deckImport.test.ts``.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.lines import card_lines, document
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Sheet

CATEGORIES = {
    Section.COMMANDER: " [Commander{top}]",
    Section.COMPANION: " [Companion{noDeck}]",
    Section.MAIN: "",
    Section.SIDEBOARD: " [Sideboard]",
}


def write(sheet: Sheet) -> str:
    """One block; each line says where it belongs."""
    return document(
        [
            line + category
            for section, category in CATEGORIES.items()
            for line in card_lines(sheet[section], "{count}x {name}")
        ]
    )


EXPORTER = Exporter(
    name="archidekt",
    title="Archidekt",
    group=Group.SITE,
    suffix=".txt",
    help="Paste it into Import cards of an Archidekt deck, which replaces what the deck holds.",
    spelling=FULL,
    sections={
        Section.MAIN: "no category: Archidekt chooses one",
        Section.SIDEBOARD: "`[Sideboard]`",
        Section.COMMANDER: "`[Commander{top}]`",
        Section.COMPANION: "`[Companion{noDeck}]`, a group outside the deck's count",
    },
    source="cramt/progress-engine `docs/research/archidekt-import-shapes.md`, "
    "witchesofthehill/manabrew `src/lib/deckImport.test.ts`",
    write=write,
    printing=its_printing,
    printed="{name} ({small_set}) {number}",
)
