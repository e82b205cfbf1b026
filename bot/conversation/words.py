"""Small pieces of sentences about decks."""

from bot.conversation.corrections import LineRef
from bot.conversation.texts import Texts
from ocr_worker.decks import Deck, DeckLine, Section


def section_sizes(deck: Deck, texts: Texts) -> list[str]:
    """``60 main``, ``15 sideboard``"""
    order = (Section.COMMANDER, Section.COMPANION, Section.MAIN, Section.SIDEBOARD)
    return [texts(section.value, count=deck.size(section)) for section in order if deck[section]]


def section_name(section: Section, texts: Texts) -> str:
    """``sideboard``"""
    return texts(f"section_{section.value}")


def line_text(ref: LineRef, line: DeckLine, texts: Texts) -> str:
    """``4 Opt``, with the section where it is not the main deck."""
    where = "" if ref.section is Section.MAIN else f" ({section_name(ref.section, texts)})"
    return f"{line.count} {line.card.name}{where}"
