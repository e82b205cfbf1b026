"""Sentences about decks that more than one place says."""

from ocr_worker.decks.deck import Section, Total

SECTION_WORDS = {
    Section.MAIN: "main deck",
    Section.SIDEBOARD: "sideboard",
    Section.COMMANDER: "commander",
    Section.COMPANION: "companion",
}


def total_remark(section: Section, total: Total) -> str:
    """That a displayed total is not what was read."""
    words = SECTION_WORDS[section]
    return f"The picture shows {total.displayed} cards in the {words}; {total.read} were read."
