"""What an export format declares, and what an export is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ocr_worker.cards.card import Card, Printing
from ocr_worker.decks.deck import Section
from ocr_worker.exporters.names import Spelling
from ocr_worker.exporters.sheet import Sheet


class Group(StrEnum):
    """Kinds of target, in the order in which they are offered."""

    CLIENT = "Games by Wizards of the Coast"
    SITE = "Sites and phone apps"
    PROGRAM = "Free programs"
    GENERAL = "People and other tools"


@dataclass(frozen=True, slots=True)
class Export:
    """A deck as one target reads it; each note says in one line what the target cannot hold."""

    text: str
    filename: str
    media_type: str
    in_code_block: bool
    notes: tuple[str, ...] = ()


def no_remarks(sheet: Sheet) -> Iterable[str]:
    """For formats in which nothing needs a word."""
    return ()


def no_printing(card: Card) -> Printing | None:
    """For formats whose lists hold names only."""
    return None


def its_printing(card: Card) -> Printing | None:
    """For formats that know all sets by Scryfall's codes."""
    return card.printing


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One format.

    ``write`` gets the deck laid out for this target. ``sections`` says for each section that the target can
    hold how it is written; cards of the others go where ``moves`` says, else to the sideboard, else to the
    main deck. ``printing`` tells which one is written of a card, if set codes are asked for, and ``printed`` how a
    text list has it beside the name (``{set}`` in capitals, ``{small_set}``, ``{number}``). ``help`` is one sentence
    on where to put the text, ``source`` is where the grammar was read, ``unproven`` what nobody has tried on the real
    target.
    """

    name: str
    title: str
    group: Group
    suffix: str
    help: str
    spelling: Spelling
    sections: Mapping[Section, str]
    source: str
    write: Callable[[Sheet], str]
    media_type: str = "text/plain"
    in_code_block: bool = True
    moves: Mapping[Section, Section] = field(default_factory=dict)
    remarks: Callable[[Sheet], Iterable[str]] = no_remarks
    printing: Callable[[Card], Printing | None] = no_printing
    printed: str = "{name}"
    knows_rebalanced: bool = False
    unproven: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The title without its bracket: ``Magic Online`` for ``Magic Online (.dek)``."""
        return self.title.partition(" (")[0]

    @property
    def holds_printings(self) -> bool:
        """Whether its lists have a place for set codes."""
        return self.printing is not no_printing

    def place_of(self, section: Section) -> Section:
        """Where this target holds the cards of ``section``."""
        if section in self.sections:
            return section
        wanted = self.moves.get(section, Section.SIDEBOARD)
        return wanted if wanted in self.sections else Section.MAIN
