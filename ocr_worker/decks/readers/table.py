"""CSV tables: ManaBox, Deckbox, Moxfield, Archidekt, TappedOut, Magic Online, our own; columns go by their
headings.

Headings as in StepKie/MtgCsvHelper ``appsettings.json`` and the exports collected in cramt/progress-engine
``docs/research/collection-import-formats.md``.
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from ocr_worker.decks.deck import Section
from ocr_worker.decks.parsed import CardFinder, ParsedDecklist
from ocr_worker.decks.readers.assembler import DeckAssembler
from ocr_worker.decks.readers.places import LeftOut, Place, place_called, place_of_category
from ocr_worker.decks.readers.rows import add_row
from ocr_worker.errors import DecklistError

_NAMES = ("name", "card name", "card")
_COUNTS = ("count", "quantity", "qty", "amount")
_BOARDS = ("section", "board", "zone")
_CATEGORIES = ("category", "categories")
#: Short for a section there, and elsewhere the name of a card.
_BOARDS_OF_TAPPEDOUT = {"acquire": LeftOut("Acquireboard")}
_DELIMITERS = ",;\t"
_YES = ("yes", "true", "1")


def is_table(text: str) -> bool:
    """The text begins with the headings of a card table."""
    return _delimiter(text) is not None


def read_table(text: str, finder: CardFinder) -> ParsedDecklist:
    """The deck of a CSV table; DecklistError where its quoting is broken."""
    deck = DeckAssembler()
    try:
        for line, row in _rows(text):
            place = _place(row)
            add_row(deck, finder, line, place, _cell(row, _COUNTS), _cell(row, _NAMES))
    except csv.Error as error:
        raise DecklistError("The CSV of this deck is damaged and cannot be read.") from error
    return deck.finish()


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows with their line numbers, cells by heading; empty rows are skipped."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text) or ",")
    headings: list[str] = []
    for cells in reader:
        if not headings:
            headings = _headings(cells)
        elif any(cell.strip() for cell in cells):
            yield reader.line_num, dict(zip(headings, cells, strict=False))


def _headings(cells: list[str]) -> list[str]:
    """The cells as headings, empty if they are none: before them may stand a blank line or ``sep=,``."""
    headings = [" ".join(cell.strip().casefold().replace("_", " ").split()) for cell in cells]
    return headings if _has(headings, _NAMES) and _has(headings, _COUNTS) else []


def _has(headings: list[str], names: tuple[str, ...]) -> bool:
    return any(name in headings for name in names)


def _delimiter(text: str) -> str | None:
    """What separates the headings in one of the first two lines that are not blank."""
    lines = [line for line in text[:5_000].splitlines() if line.strip()][:2]
    for line in lines:
        for delimiter in _DELIMITERS:
            cells = next(csv.reader([line], delimiter=delimiter))
            if _headings(cells):
                return delimiter
    return None


def _cell(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if name in row), "").strip()


def _place(row: Mapping[str, str]) -> Place:
    """Commander by TappedOut's own column, sideboard by Magic Online's, else by the column for sections."""
    if _cell(row, ("commander",)).casefold() in _YES:
        return Section.COMMANDER
    if _cell(row, ("sideboarded", "sideboard")).casefold() in _YES:
        return Section.SIDEBOARD
    board = _cell(row, _BOARDS)
    place = _BOARDS_OF_TAPPEDOUT.get(board.casefold()) or place_called(board)
    return place or place_of_category(_cell(row, _CATEGORIES)) or Section.MAIN
