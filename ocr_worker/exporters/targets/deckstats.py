"""Deckstats, text import.

Grammar: headings are comments (``//NAME: …``, ``//Main``, ``//Sideboard``), cards ``N [SET#NUMBER] NAME``
with marks after ``#`` (``# !Commander``, ``# !Companion``), sideboard lines start with ``SB:``. A companion
is written as a sideboard line with its mark, so that a reader that drops marks still keeps it out of the main
deck. Sources: XMage ``TxtDeckImporter.java`` (reads ``SB:``, cuts at ``#``), mtg-parser ``deckstats.py``,
MtgDesktopCompanion ``DeckStatExport.java``.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Sheet


def write(sheet: Sheet) -> str:
    """The text for deckstats' import box."""
    main = [
        *card_lines(sheet[Section.COMMANDER], "{count} {name} # !Commander"),
        *card_lines(sheet[Section.MAIN]),
    ]
    side = [
        *card_lines(sheet[Section.COMPANION], "SB: {count} {name} # !Companion"),
        *card_lines(sheet[Section.SIDEBOARD], "SB: {count} {name}"),
    ]
    title = [f"//NAME: {sheet.title}"] if sheet.title else []
    return document([*title, *headed("//Main", main), *headed("//Sideboard", side)])


EXPORTER = Exporter(
    name="deckstats",
    title="Deckstats",
    group=Group.SITE,
    suffix=".txt",
    help="Paste it into the import box of deckstats.net.",
    spelling=FULL,
    sections={
        Section.MAIN: "after `//Main`",
        Section.SIDEBOARD: "`SB:` lines after `//Sideboard`",
        Section.COMMANDER: "`# !Commander`",
        Section.COMPANION: "an `SB:` line with `# !Companion`",
    },
    source="XMage `TxtDeckImporter.java`, mtg-parser `deckstats.py`, MtgDesktopCompanion `DeckStatExport.java`",
    write=write,
    printing=its_printing,
    printed="[{set}#{number}] {name}",
    unproven=("Where deckstats itself lists a companion.",),
)
