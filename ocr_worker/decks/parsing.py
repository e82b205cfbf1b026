"""Reads pasted deck lists and deck files, in every format that ``ocr_worker.exporters`` writes and more.

Text is read line by line in the grammars of all sites at once, so that mixtures work too; XML, CSV and JSON
are told by how they begin. Nothing is guessed: a line that names no card is a problem with its number and
text.
"""

from ocr_worker.decks.parsed import CardFinder, ParsedDecklist
from ocr_worker.decks.readers.json_deck import read_json_deck
from ocr_worker.decks.readers.table import is_table, read_table
from ocr_worker.decks.readers.text_list import read_text_list
from ocr_worker.decks.readers.xml_deck import read_xml_deck
from ocr_worker.errors import DecklistError

MOST_CHARACTERS = 100_000
MOST_LINES = 1_000


def parse_decklist(text: str, finder: CardFinder) -> ParsedDecklist:
    """The deck that ``text`` lists, with what could not be read.

    DecklistError where the text is too long, holds no card line at all, or is damaged XML, CSV or JSON.
    """
    if len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES:
        raise DecklistError(
            f"The list is too long: at most {MOST_LINES:,} lines and {MOST_CHARACTERS:,} characters are read."
        )
    parsed = _read(text, finder)
    if not (parsed.deck.lines or parsed.problems or parsed.notes):
        raise DecklistError("There is no card in this list.")
    return parsed


def _read(text: str, finder: CardFinder) -> ParsedDecklist:
    content = text.lstrip("\ufeff \t\r\n")
    if content.startswith("<"):
        return read_xml_deck(content, finder)
    if content.startswith("{"):
        return read_json_deck(content, finder)
    if is_table(content):
        return read_table(text.removeprefix("\ufeff"), finder)
    return read_text_list(text, finder)
