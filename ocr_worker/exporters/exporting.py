"""From a deck to an export: lay it out as the target holds it, write it, say what was lost."""

from collections.abc import Iterator
from dataclasses import replace

from ocr_worker.decks.deck import Deck, DeckLine, Section
from ocr_worker.exporters.exporter import Export, Exporter
from ocr_worker.exporters.names import is_rebalanced
from ocr_worker.exporters.sheet import Row, Sheet

SECTION_WORDS = {
    Section.MAIN: "main deck",
    Section.SIDEBOARD: "sideboard",
    Section.COMMANDER: "commander",
    Section.COMPANION: "companion",
}


def write_deck(deck: Deck, exporter: Exporter, set_codes: bool = False) -> Export:
    """The deck in one format; ExportError where the format cannot hold it at all.

    With ``set_codes`` each card bears a printing, where one is known and the format has a place for it.
    """
    sheet = lay_out(deck, exporter, set_codes)
    return Export(
        text=exporter.write(sheet),
        filename=f"deck{exporter.suffix}",
        media_type=exporter.media_type,
        in_code_block=exporter.in_code_block,
        notes=(*_moves(deck, exporter), *_rebalanced(deck, exporter), *exporter.remarks(sheet)),
    )


def lay_out(deck: Deck, exporter: Exporter, set_codes: bool = False) -> Sheet:
    """The rows of each section that the target has; names that became equal there are added up."""
    rows: dict[Section, dict[str, Row]] = {section: {} for section in exporter.sections}
    for section, line in deck:
        place = rows[exporter.place_of(section)]
        row = _row(line, exporter, set_codes)
        before = place.get(row.name)
        place[row.name] = row if before is None else replace(before, count=before.count + row.count)
    return Sheet(deck, {section: tuple(by_name.values()) for section, by_name in rows.items()})


def _row(line: DeckLine, exporter: Exporter, set_codes: bool) -> Row:
    name = exporter.spelling(line.card)
    printing = exporter.printing(line.card) if set_codes else None
    if printing is None:
        return Row(line.count, name, line.card, name)
    code = printing.set_code
    written = exporter.printed.format(name=name, set=code.upper(), small_set=code.lower(), number=printing.number)
    return Row(line.count, name, line.card, written, printing)


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
