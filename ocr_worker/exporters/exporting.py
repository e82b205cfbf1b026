"""From a deck to an export: lay it out as the target holds it, write it, say what was lost."""

from collections.abc import Iterator

from ocr_worker.decks.deck import Deck, Section
from ocr_worker.exporters.exporter import Export, Exporter
from ocr_worker.exporters.names import is_rebalanced
from ocr_worker.exporters.sheet import Row, Sheet

SECTION_WORDS = {
    Section.MAIN: "main deck",
    Section.SIDEBOARD: "sideboard",
    Section.COMMANDER: "commander",
    Section.COMPANION: "companion",
}


def write_deck(deck: Deck, exporter: Exporter) -> Export:
    """The deck in one format; ExportError where the format cannot hold it at all."""
    sheet = lay_out(deck, exporter)
    return Export(
        text=exporter.write(sheet),
        filename=f"deck{exporter.suffix}",
        media_type=exporter.media_type,
        in_code_block=exporter.in_code_block,
        notes=(*_moves(deck, exporter), *_rebalanced(deck, exporter), *exporter.remarks(sheet)),
    )


def lay_out(deck: Deck, exporter: Exporter) -> Sheet:
    """The rows of each section that the target has; names that became equal there are added up."""
    rows: dict[Section, dict[str, Row]] = {section: {} for section in exporter.sections}
    for section, line in deck:
        place = rows[exporter.place_of(section)]
        name = exporter.spelling(line.card)
        before = place[name].count if name in place else 0
        place[name] = Row(before + line.count, name, line.card)
    return Sheet(deck, {section: tuple(by_name.values()) for section, by_name in rows.items()})


def _moves(deck: Deck, exporter: Exporter) -> Iterator[str]:
    """One line for each section that the target lacks and the deck has."""
    for section in (Section.COMMANDER, Section.COMPANION, Section.SIDEBOARD):
        place = exporter.place_of(section)
        if deck[section] and place is not section:
            word = SECTION_WORDS[section]
            where = "moved to the sideboard" if place is Section.SIDEBOARD else "listed with the main deck"
            yield f"{word.capitalize()} {where}: {exporter.target} has no {word} section."


def _rebalanced(deck: Deck, exporter: Exporter) -> Iterator[str]:
    names = [exporter.spelling(line.card) for _, line in deck if is_rebalanced(line.card)]
    if names and not exporter.knows_rebalanced:
        listed = "; ".join(dict.fromkeys(names))
        yield f"Written as the paper card, not as Alchemy's rebalanced one: {listed}."
