"""What ``convert`` was given: files, or standard input; and lists of cards where a picture was expected."""

import codecs
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from ocr_worker.decks import CardFinder, Deck, parse_decklist
from ocr_worker.errors import DecklistError, PictureError

STDIN = "-"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Input:
    """A file by its path, or standard input, for which ``path`` is None."""

    path: Path | None

    @classmethod
    def of(cls, word: str) -> "Input":
        """What a word of the command line means."""
        return cls(None if word == STDIN else Path(word))

    @property
    def name(self) -> str:
        """How results call it: the file's name without its folder."""
        return "stdin" if self.path is None else self.path.name

    @property
    def shown(self) -> str:
        """How messages call it: as it was given."""
        return "stdin" if self.path is None else str(self.path)

    @property
    def stem(self) -> str:
        """What names of files made from it begin with."""
        return "stdin" if self.path is None else self.path.stem

    def is_file(self, other: Path) -> bool:
        """``other`` leads to this very file."""
        return self.path is not None and self.path.resolve() == other.resolve()


def read_stdin(max_bytes: int) -> bytes:
    """Standard input to its end, or one byte more than the limit."""
    return sys.stdin.buffer.read(max_bytes + 1)


def deck_of_text(data: bytes, finder: CardFinder) -> Deck:
    """The deck of a text list or deck file; what could not be read stands among the deck's warnings.

    PictureError where no line names a card: then it was neither a picture nor a list.
    """
    try:
        parsed = parse_decklist(as_text(data), finder)
    except DecklistError as error:
        raise PictureError(f"This is text and no picture, and not read as a decklist: {error}") from error
    if not any(parsed.deck.lines.values()):
        raise PictureError("This is text and no picture, and no line of it names a card: send a screenshot.")
    warnings = (*parsed.deck.warnings, *parsed.notes, *map(str, parsed.problems))
    return replace(parsed.deck, warnings=warnings, complete=not parsed.problems)


def as_text(data: bytes) -> str:
    """The text of a file: as its byte order mark says, else UTF-8, else what Windows wrote before."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
