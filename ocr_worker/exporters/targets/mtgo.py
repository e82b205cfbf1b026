"""Magic Online, text file.

Grammar: ``N NAME``, a blank line, ``Sideboard``, ``N NAME``; CRLF; no sets, no comments, main deck first.
Split cards are ``Fire/Ice``: with spaces or two slashes the client refuses them, and ``Fire`` alone imports
half a card. Sources: dr4ft ``frontend/src/export/mtgo.js`` and pull request 1419, Penny Dreadful Tools
``magic/card.py`` and issues 7332 (accents) and 8629 (main deck first).
"""

from collections.abc import Iterator

from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.lines import card_lines, document, headed
from ocr_worker.exporters.names import HALVES, Spelling
from ocr_worker.exporters.sheet import Sheet

RULE = "both names of split cards and rooms (`Fire/Ice`), the front name of all others, no accents"


def write(sheet: Sheet) -> str:
    """The text for "Import deck" of Magic Online."""
    return document(
        card_lines(sheet[Section.MAIN]),
        headed("Sideboard", card_lines(sheet[Section.SIDEBOARD])),
        newline="\r\n",
    )


def lost_accents(sheet: Sheet) -> Iterator[str]:
    """Magic Online's text import stumbles over accented names, in some cases in either spelling."""
    printed = {HALVES(line.card) for _, line in sheet.deck}
    accented = sorted(name for name in printed if not name.isascii())
    if accented:
        yield f"Written without accents, use mtgo-dek if they do not import: {'; '.join(accented)}."


EXPORTER = Exporter(
    name="mtgo",
    title="Magic Online (text)",
    group=Group.CLIENT,
    suffix=".txt",
    help="Save the file and choose Import in Magic Online's collection.",
    spelling=Spelling(RULE, separator="/", ascii_only=True),
    sections={Section.MAIN: "first", Section.SIDEBOARD: "under `Sideboard` after a blank line"},
    source="dr4ft `frontend/src/export/mtgo.js`, Penny Dreadful Tools `magic/card.py`",
    write=write,
    remarks=lost_accents,
    unproven=("Rooms are written like other split cards.",),
)
