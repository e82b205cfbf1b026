"""MTG Arena, clipboard text.

Grammar: ``[About, Name …] section (blank line, section)*``; the headings ``Commander``, ``Companion``,
``Deck`` and ``Sideboard`` stand alone, cards are ``N NAME [(SET) NUMBER]``. One bad line makes Arena refuse
the whole list, so nothing else is ever written, comments neither. Sources: XMage ``MtgaImporter.java``,
Draftmancer ``client/src/exportToMTGA.ts``.

Names stand without a printing unless it is asked for: a wrong one fails, a missing one does not, and pictures seldom
show it. Arena calls some sets by codes of its own, and does not have others: what is not sure there is left out.
Sources: Draftmancer ``src/parseCardList.ts``, XMage ``MtgArenaDeckExporter.java``, Draftmancer issue 447 (no ``HA1``).
"""

from dataclasses import replace

from ocr_worker.cards.card import Card, Printing
from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import HALVES
from ocr_worker.exporters.sheet import Row, Sheet

_ALCHEMY_NUMBER = "A-"
_CODES_THERE = {
    "dom": "dar",
    "ajmp": "jmp",
    **dict.fromkeys(("ymid", "yvow", "yneo", "ysnc"), "y22"),
    **dict.fromkeys(("ydmu", "ybro", "yone"), "y23"),
    "ywoe": "y24",
    **dict.fromkeys(("ydft", "ytdm", "yeoe"), "y25"),
    "yecl": "y26",
}
_NUMBERED_OTHERWISE = frozenset({"j21", "ha1", "ha2", "ha3", "ha4", "ha5", "ha6", "ha7"})
_THREE_SLASHES = "akr"
"""The set whose split cards Arena writes with three slashes."""


def printing_there(card: Card) -> Printing | None:
    """The card's printing by Arena's own code; None where the printing is not there, or its code is not sure."""
    printing = card.printing
    if printing is None or not printing.is_on_arena or printing.set_code in _NUMBERED_OTHERWISE:
        return None
    code = _CODES_THERE.get(printing.set_code, printing.set_code)
    if len(code) > 3 or (card.is_split and code == _THREE_SLASHES):
        return None
    return replace(printing, set_code=code, number=printing.number.removeprefix(_ALCHEMY_NUMBER))


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
    printing=printing_there,
    printed="{name} ({set}) {number}",
    knows_rebalanced=True,
    unproven=(
        "Lists without printings: Draftmancer offers them for Arena, an older report blames them.",
        "Amonkhet Remastered prints split cards with `///`; names alone are written with `//`.",
        "Which version of a rebalanced card Arena takes for its plain name follows the deck's format.",
        "`prepare` and later layouts of two names: the front name, like adventures.",
    ),
)
