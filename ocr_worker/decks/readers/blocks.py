"""What blank lines mean: which block of a list is the sideboard, which the commander.

Old Arena, Magic Online and MTGGoldfish lists separate the sideboard by a blank line only; others put blank
lines between creatures and lands, or set the commander apart at the top (Moxfield) or the bottom (for Magic
Online). The rules follow Cockatrice ``deck_list_plain_text_parser.cpp`` (one blank line separates the
sideboard, several do not) and witchesofthehill/manabrew ``src/lib/deckImport.test.ts`` (commanders without
headings).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr_worker.decks.deck import Section
from ocr_worker.decks.readers.card_line import Entry
from ocr_worker.decks.readers.places import Place

MOST_IN_SIDEBOARD = 15
MOST_COMMANDERS = 2
SINGLETON_SIZES = (60, 100)
"""Brawl and Commander, the commanders included."""


@dataclass(slots=True)
class Block:
    """Card lines without a blank line or heading between them.

    ``place`` is what the last heading said, None where there was none; ``detached`` that a blank line stands
    between that heading's first cards and these.
    """

    place: Place | None = None
    detached: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(entry.count for entry in self.entries)


def place_blocks(blocks: Sequence[Block], *, blank_lines_count: bool) -> list[str]:
    """Give each block a place. Returns notes on what was concluded from blank lines alone.

    ``blank_lines_count`` is false where the list marks its sections otherwise, or is divided by card types.
    """
    notes = []
    if not any(block.place is Section.COMMANDER for block in blocks):
        notes += _find_commander(blocks)
    main = [block for block in blocks if block.place in (None, Section.MAIN)]
    if blank_lines_count and len(main) > 1 and not any(block.place is Section.SIDEBOARD for block in blocks):
        notes += _find_sideboard(main)
    for block in blocks:
        block.place = block.place or Section.MAIN
    return notes


def _find_sideboard(main: Sequence[Block]) -> list[str]:
    """Two blocks are main deck and sideboard; of several the last, where sizes leave no doubt."""
    *before, last = main
    if len(main) == 2:
        last.place = Section.SIDEBOARD
        return []
    if sum(block.size for block in before) >= 60 and last.size <= MOST_IN_SIDEBOARD:
        last.place = Section.SIDEBOARD
        return ["The block after the last blank line was taken as the sideboard."]
    return ["Blank lines separate more than two blocks: all were taken as the main deck."]


def _find_commander(blocks: Sequence[Block]) -> list[str]:
    """A first or last block of one or two legends beside a deck that lacks just them."""
    free = [block for block in blocks if block.place in (None, Section.MAIN)]
    if len(free) < 2 and not (blocks and blocks[-1].place is Section.SIDEBOARD and blocks[-1].detached):
        return []
    for block, rest in ((blocks[0], blocks[1:]), (blocks[-1], blocks[:-1])):
        main = next((other for other in rest if other.place in (None, Section.MAIN)), None)
        if main and _may_be_commander(block) and _lacks_only(main, block):
            block.place = Section.COMMANDER
            return [f"Taken as the commander: {' and '.join(_names(block))}."]
    return []


def _may_be_commander(block: Block) -> bool:
    """Apart from its heading's cards, if any, and made of single legendary cards."""
    apart = block.place is None or block.detached
    cards = [entry.card for entry in block.entries if entry.count == 1 and entry.card and not entry.place]
    return (
        apart
        and 1 <= len(block.entries) <= MOST_COMMANDERS
        and len(cards) == len(block.entries)
        and all(not card.type_line or "Legendary" in card.type_line.split(" // ")[0] for card in cards)
    )


def _lacks_only(main: Block, commander: Block) -> bool:
    """The main block is a singleton deck that these commanders complete."""
    singleton = all(entry.count == 1 or (entry.card and entry.card.max_copies is None) for entry in main.entries)
    return singleton and main.size + commander.size in SINGLETON_SIZES


def _names(block: Block) -> list[str]:
    return [entry.card.front for entry in block.entries if entry.card]
