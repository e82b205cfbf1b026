"""Moxfield, paste box and bulk edit.

Grammar: ``N NAME [(SET) NUMBER] [*F*] [#tag]``, a blank line, ``SIDEBOARD:``. The site's own export puts a
commander first without a heading, which no reader can tell from the main deck; it understands Arena's
headings on import, so these are written where a commander or companion is present. Two names are spelled with
one slash and spaces, as in the site's own exports (kept as test data by witchesofthehill/manabrew
``src/lib/deckImport.test.ts``). Sources: these, MtgDesktopCompanion ``MoxFieldExport.java``, moxfield-public
issue 38.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import Spelling
from ocr_worker.exporters.sheet import Sheet


def write(sheet: Sheet) -> str:
    """The text for Moxfield's import box."""
    commander = headed("Commander", card_lines(sheet[Section.COMMANDER]))
    companion = headed("Companion", card_lines(sheet[Section.COMPANION]))
    main = card_lines(sheet[Section.MAIN])
    return document(
        commander,
        companion,
        headed("Deck", main) if commander or companion else main,
        headed("SIDEBOARD:", card_lines(sheet[Section.SIDEBOARD])),
    )


EXPORTER = Exporter(
    name="moxfield",
    title="Moxfield",
    group=Group.SITE,
    suffix=".txt",
    help="Paste it into the import box of a new Moxfield deck, or into Bulk Edit.",
    spelling=Spelling("all names of every card, one slash between them (`Fire / Ice`)", " / ", whole=None),
    sections={
        Section.MAIN: "first, under `Deck` where a commander or companion precedes it",
        Section.SIDEBOARD: "under `SIDEBOARD:`",
        Section.COMMANDER: "under `Commander`",
        Section.COMPANION: "under `Companion`",
    },
    source="MtgDesktopCompanion `MoxFieldExport.java`, "
    "exports captured in witchesofthehill/manabrew `src/lib/deckImport.test.ts`",
    write=write,
    printing=its_printing,
    printed="{name} ({set}) {number}",
    unproven=("The heading `Companion` on import.",),
)
