"""Makes ``docs/formats.md`` from what the exporters declare.

python -m ocr_worker.exporters.reference > docs/formats.md
"""

import sys
from collections.abc import Iterator

from ocr_worker.cards.card import Card, Printing
from ocr_worker.decks.deck import Deck, DeckLine, Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.exporting import SECTION_WORDS, write_deck
from ocr_worker.exporters.registry import formats

INTRODUCTION = """\
# Export formats

<!-- Made by `python -m ocr_worker.exporters.reference > docs/formats.md`; a test compares it. -->

Every format writes the quantity first, one line per name and section, in the order of the deck. Printings
are left out: a picture seldom tells them, and a wrong one fails where none would do. Who asks for set codes
(`convert --set-codes`, `/preferences`) gets one printing of each card, where the format has a place for it and the
catalogue knows one: `screen2deck cards update` brings them, the catalogue that is shipped has none. What a target
cannot hold is said in one line beside the export. Rebalanced (Alchemy) cards are written by their plain names,
except in `json`.

`parse_decklist` reads all of these back, and most other lists that people paste: headings with or without
colon or `//`, `4x` and `x4`, `SB:`, sets in `()`, `[]` or `<>`, `*F*`, `[Commander{top}]`, `*CMDR*`,
`# !Commander`, one to three slashes between two names, a blank line before the sideboard. Maybeboards and
tokens are left out with a note; lines that name no card are listed with their numbers.
"""

_COLUMNS = (Section.MAIN, Section.SIDEBOARD, Section.COMMANDER, Section.COMPANION)


def reference() -> str:
    """The page as Markdown."""
    parts = [INTRODUCTION, *_overview()]
    for group in Group:
        parts.append(f"## {group.value}\n")
        parts += [_chapter(exporter) for exporter in formats().values() if exporter.group is group]
    return "\n".join(parts)


def _overview() -> Iterator[str]:
    """A row per format: where its sections go."""
    yield "| format | for | file | sideboard | commander | companion |"
    yield "|---|---|---|---|---|---|"
    for exporter in formats().values():
        places = " | ".join(_place(exporter, section) for section in _COLUMNS[1:])
        yield f"| `{exporter.name}` | {exporter.title} | `{exporter.suffix}` | {places} |"
    yield ""


def _place(exporter: Exporter, section: Section) -> str:
    place = exporter.place_of(section)
    return "yes" if place is section else f"in the {SECTION_WORDS[place]}"


def _chapter(exporter: Exporter) -> str:
    held = [section for section in _COLUMNS if section in exporter.sections]
    example = write_deck(EXAMPLE, exporter)
    lines = [
        f"### `{exporter.name}`: {exporter.title}",
        "",
        f"{exporter.help} Names: {exporter.spelling.rule}.",
        "",
        *(f"- {SECTION_WORDS[section]}: {exporter.sections[section]}" for section in held),
        *_set_codes(exporter),
        "",
        "```",
        *example.text.splitlines(),
        "```",
        "",
        *(f"> {note}" for note in example.notes),
        *([""] if example.notes else []),
        f"Source: {exporter.source}.",
        "",
        *_doubts(exporter),
    ]
    return "\n".join(lines)


def _set_codes(exporter: Exporter) -> list[str]:
    """How a card looks with its printing."""
    if not exporter.holds_printings:
        return []
    line = DeckLine(4, Card("Opt", printing=Printing("dom", "60", is_on_arena=True)))
    text = write_deck(Deck({Section.MAIN: (line,)}), exporter, set_codes=True).text
    return [f"- with set codes: `{next(row for row in text.splitlines() if 'Opt' in row)}`"]


def _doubts(exporter: Exporter) -> list[str]:
    if not exporter.unproven:
        return []
    return ["Not tried on the real target:", "", *(f"- {doubt}" for doubt in exporter.unproven), ""]


def _line(count: int, name: str, layout: str, mtgo_id: int) -> DeckLine:
    return DeckLine(count, Card(name, layout=layout, mtgo_id=mtgo_id))


#: Cards whose catalogue numbers at Magic Online stand in the sources of ``mtgo-dek``.
EXAMPLE = Deck(
    name="Example",
    lines={
        Section.COMPANION: (_line(1, "Lurrus of the Dream-Den", "normal", 80461),),
        Section.MAIN: (
            _line(4, "Daze", "normal", 60897),
            _line(2, "Refuse // Cooperate", "aftermath", 64832),
            _line(1, "Vildin-Pack Outcast // Dronepack Kindred", "transform", 61202),
        ),
        Section.SIDEBOARD: (_line(1, "Stoneforge Mystic", "normal", 35737),),
    },
)

if __name__ == "__main__":
    sys.stdout.write(reference())
