"""TappedOut, text import.

Grammar: ``Nx NAME [(SET) NUMBER] [*F*] [*CMDR*|*CMPN*]``, the sideboard after ``Sideboard:``. Of ``Fire //
Ice`` only the first half arrives, so one slash stands between two names. Sources: Cockatrice
``deck_list.cpp`` (``saveToStream_Plain``) with pull request 2944 and issue 1311 (two boxes), format notes of
the list lexer in jimbojw/frantic-search ``shared/src/list-lexer.ts``.
"""

from ocr_worker.cards.card import SPLIT_LAYOUTS
from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group, its_printing
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import Spelling
from ocr_worker.exporters.sheet import Sheet

SPELLING = Spelling(
    "both names of split cards, rooms, adventures and prepared cards, one slash between them (`Fire / Ice`), "
    "the front name of all others",
    separator=" / ",
    whole=SPLIT_LAYOUTS | {"adventure", "prepare"},
)


def write(sheet: Sheet) -> str:
    """The text for TappedOut's import page."""
    form = "{count}x {name}"
    return document(
        [
            *card_lines(sheet[Section.COMMANDER], f"{form} *CMDR*"),
            *card_lines(sheet[Section.COMPANION], f"{form} *CMPN*"),
            *card_lines(sheet[Section.MAIN], form),
        ],
        headed("Sideboard:", card_lines(sheet[Section.SIDEBOARD], form)),
    )


EXPORTER = Exporter(
    name="tappedout",
    title="TappedOut",
    group=Group.SITE,
    suffix=".txt",
    help="Paste it into TappedOut's import page; if it has two boxes, the sideboard goes into the second.",
    spelling=SPELLING,
    sections={
        Section.MAIN: "first",
        Section.SIDEBOARD: "under `Sideboard:`",
        Section.COMMANDER: "marked `*CMDR*`",
        Section.COMPANION: "marked `*CMPN*`",
    },
    source="Cockatrice `deck_list.cpp` and pull request 2944",
    write=write,
    printing=its_printing,
    printed="{name} ({set}) {number}",
    unproven=("`prepare` cards.",),
)
