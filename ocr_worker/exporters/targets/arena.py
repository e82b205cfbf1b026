"""MTG Arena, clipboard text.

Grammar: ``[About, Name …] section (blank line, section)*``; the headings ``Commander``, ``Companion``,
``Deck`` and ``Sideboard`` stand alone, cards are ``N NAME [(SET) NUMBER]``. One bad line makes Arena refuse
the whole list, so nothing else is ever written, comments neither. Sources: XMage ``MtgaImporter.java``,
Draftmancer ``client/src/exportToMTGA.ts``.

Names stand without a printing: a wrong one fails, a missing one does not, and pictures seldom show it.
"""

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Row, Sheet


def write(sheet: Sheet) -> str:
    """The text to copy before choosing "Import" in Arena."""
    about = headed("About", [f"Name {sheet.title}"] if sheet.title else [])
    side = [*sheet[Section.SIDEBOARD], *_companions_counted_in_sideboard(sheet)]
    return document(
        about,
        headed("Commander", card_lines(sheet[Section.COMMANDER])),
        headed("Companion", card_lines(sheet[Section.COMPANION])),
        headed("Deck", card_lines(sheet[Section.MAIN])),
        headed("Sideboard", card_lines(side)),
    )


def _companions_counted_in_sideboard(sheet: Sheet) -> tuple[Row, ...]:
    """The companion again, where the picture counts it in the sideboard's total.

    Arena itself lists the companion of a best-of-three deck under both headings (taw/magic-search-engine
    ``search-engine/spec/deck_parser_spec.rb``); our decks hold it once, and only their total tells.
    """
    total = sheet.deck.totals.get(Section.SIDEBOARD)
    companions = sheet[Section.COMPANION]
    if total is None or not companions:
        return ()
    counted = total.read if total.displayed is None else total.displayed
    expected = sheet.deck.size(Section.SIDEBOARD) + sheet.deck.size(Section.COMPANION)
    return companions if counted == expected else ()


EXPORTER = Exporter(
    name="arena",
    title="MTG Arena",
    group=Group.CLIENT,
    suffix=".txt",
    help="Copy the text, then choose Decks and Import in Arena.",
    spelling=HALVES,
    sections={
        Section.MAIN: "under `Deck`",
        Section.SIDEBOARD: "under `Sideboard`",
        Section.COMMANDER: "under `Commander`",
        Section.COMPANION: "under `Companion`, and again in the sideboard where its total counts it",
    },
    source="XMage `MtgaImporter.java`, Draftmancer `client/src/exportToMTGA.ts`",
    write=write,
    knows_rebalanced=True,
    unproven=(
        "Lists without printings: Draftmancer offers them for Arena, an older report blames them.",
        "Amonkhet Remastered prints split cards with `///`; names alone are written with `//`.",
        "Which version of a rebalanced card Arena takes for its plain name follows the deck's format.",
        "`prepare` and later layouts of two names: the front name, like adventures.",
    ),
)
