"""Text lists: headings, card lines, comments, blank lines."""

import re

from ocr_worker.decks.deck import Section
from ocr_worker.decks.parsed import CardFinder, ParsedDecklist
from ocr_worker.decks.readers.assembler import DeckAssembler
from ocr_worker.decks.readers.blocks import Block, place_blocks
from ocr_worker.decks.readers.card_line import Entry, read_card_line
from ocr_worker.decks.readers.headings import Comment, Heading, Other, read_heading
from ocr_worker.decks.readers.places import LeftOut, Place

LONGEST_LINE = 300
"""Far more than any card line with all its marks; patterns never see longer ones."""

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\x00]")


def read_text_list(text: str, finder: CardFinder) -> ParsedDecklist:
    """The deck of a text list in any grammar, or mixture of them."""
    reader = _TextReader(finder)
    for number, line in enumerate(text.splitlines(), start=1):
        reader.read(number, _INVISIBLE.sub("", line).strip())
    return reader.finish()


class _TextReader:
    """Goes through the lines once, keeping what the last heading said."""

    def __init__(self, finder: CardFinder) -> None:
        self.finder = finder
        self.deck = DeckAssembler()
        self.blocks = [Block()]
        self.heading: Heading | None = None
        self.divided_by_type = False

    def read(self, number: int, line: str) -> None:
        """One line, whatever it is."""
        if not line:
            self._read_blank()
        elif len(line) > LONGEST_LINE:
            self.deck.reject(number, line, "the line is too long to be a card")
        elif not self._read_name(line):
            self._read_content(number, line)

    def _read_name(self, line: str) -> bool:
        """The deck's name, where a heading says that names are what follows; whether the line was one."""
        if self._in(Other.ABOUT) and line.casefold().startswith("name "):
            self.deck.name = line[len("name ") :].strip()
            return True
        if self._in(Other.METADATA) and "=" in line:
            key, _, value = line.partition("=")
            self.deck.name = value.strip() if key.strip().casefold() == "name" else self.deck.name
            return True
        return False

    def _read_content(self, number: int, line: str) -> None:
        """A heading, a comment or a card; a counted line that names a card is that card ("1 Acquire")."""
        found = read_heading(line)
        if isinstance(found, Comment):
            self._read_comment(found)
        elif found is None:
            self.blocks[-1].entries.append(read_card_line(number, line, self.finder))
        elif line[0].isdigit() and (entry := read_card_line(number, line, self.finder)).card:
            self.blocks[-1].entries.append(entry)
        else:
            self._read_heading(found)

    def finish(self) -> ParsedDecklist:
        """Decide on the blocks and put the deck together."""
        blocks = [block for block in self.blocks if block.entries]
        entries = [entry for block in blocks for entry in block.entries]
        marked = any(entry.place or entry.has_category for entry in entries)
        self.deck.notes += place_blocks(blocks, blank_lines_count=not (marked or self.divided_by_type))
        for block in blocks:
            for entry in block.entries:
                self._add(entry, entry.place or block.place or Section.MAIN)
        if any(block.place is Section.COMPANION for block in blocks):
            self.deck.drop_companions_from_sideboard()
        return self.deck.finish()

    def _add(self, entry: Entry, place: Place) -> None:
        if isinstance(place, LeftOut):
            self.deck.leave_out(place, entry.count)
        elif entry.card is None:
            self.deck.reject(entry.line, entry.text, "there is no card of this name")
        else:
            self.deck.add(place, entry.count, entry.card)

    def _in(self, other: Other) -> bool:
        return self.heading is not None and self.heading.means is other

    def _place(self) -> Place | None:
        """What the last heading says of the lines below it."""
        means = self.heading.means if self.heading else None
        return None if isinstance(means, Other) else means

    def _read_blank(self) -> None:
        """A new block; commanders and what stands before the cards end here."""
        if self._in(Other.ABOUT) or (self.blocks[-1].entries and self._place() in _ENDED_BY_BLANK):
            self.heading = None
        if self.blocks[-1].entries:
            self.blocks.append(Block(self._place(), detached=self.heading is not None))

    def _read_heading(self, heading: Heading) -> None:
        if heading.means is Other.CARD_TYPE:
            self.divided_by_type = True
            if self._place() not in _ENDED_BY_BLANK:
                return
        self.heading = heading
        self.blocks.append(Block(self._place()))

    def _read_comment(self, comment: Comment) -> None:
        """Comments say nothing, but for names and for groups of one's own after sections marked alike.

        Archidekt's ``# Ramp`` after ``# Sideboard`` and deckstats' ``//burn`` after ``//Sideboard`` are
        groups of the main deck again; a remark below a plain heading is only a remark.
        """
        self.deck.name = comment.name or self.deck.name
        if comment.marked and self.heading and self.heading.marked == comment.marked and _is_group(comment.text):
            self.divided_by_type = True
            self._read_heading(Heading(Section.MAIN, comment.marked))


_ENDED_BY_BLANK = (Section.COMMANDER, Section.COMPANION)
_GROUP = re.compile(r"[^\W\d_][\w&/'-]*(?: [\w&/'-]+)?(?: ?\(\d+\))?")


def _is_group(text: str) -> bool:
    """One or two words, as groups of cards are called."""
    return _GROUP.fullmatch(text) is not None
