"""MTGGoldfish, deck text.

Grammar: ``N NAME [<number>] [[SET]] [(F)]``, a blank line, the sideboard; no headings. The commander has a
field of its own in the site's form, so it is written first in the main deck, where it counts among the 100
cards. Sources: the site's exact-version lists as read in jimbojw/frantic-search ``shared/src/list-lexer.ts``,
MtgCsvHelper ``appsettings.json``, XMage issue 5518 (split cards).
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.lines import card_lines, document
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Sheet


def write(sheet: Sheet) -> str:
    """Main deck, blank line, sideboard."""
    return document(card_lines(sheet[Section.MAIN]), card_lines(sheet[Section.SIDEBOARD]))


EXPORTER = Exporter(
    name="mtggoldfish",
    title="MTGGoldfish",
    group=Group.SITE,
    suffix=".txt",
    help="Paste it into the deck box of MTGGoldfish; a commander is entered in a field of its own.",
    spelling=HALVES,
    sections={Section.MAIN: "first", Section.SIDEBOARD: "after a blank line"},
    source="jimbojw/frantic-search `shared/src/list-lexer.ts`, XMage issue 5518",
    write=write,
    printing=its_printing,
    printed="{name} <{number}> [{set}]",
    moves={Section.COMMANDER: Section.MAIN},
    unproven=(
        "Split cards as `Fire // Ice`: older lists of the site spell them `Fire/Ice`.",
        "The form's field for a commander.",
    ),
)
