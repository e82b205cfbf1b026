"""Lists as programs and people write them, on a screen of the fake engine."""

from collections.abc import Sequence

from tests.fakes.screen import Screen

Row = tuple[int, str]

#: Names of nearly every length, none of them a part of another's: 36 copies.
SPELLS: Sequence[Row] = (
    (4, "Lightning Bolt"),
    (4, "Opt"),
    (3, "Treasure Cruise"),
    (1, "Brazen Borrower"),
    (4, "Ledger Shredder"),
    (2, "Spell Pierce"),
    (4, "Arclight Phoenix"),
    (4, "Sleight of Hand"),
    (4, "Fiery Impulse"),
    (2, "Lightning Axe"),
    (4, "Picklock Prankster"),
)
#: 24 copies.
LANDS: Sequence[Row] = (
    (8, "Island"),
    (4, "Steam Vents"),
    (4, "Spirebluff Canal"),
    (4, "Riverglide Pathway"),
    (4, "Mountain"),
)
#: 15 copies.
SIDE: Sequence[Row] = (
    (3, "Mystical Dispute"),
    (4, "Disdainful Stroke"),
    (4, "Abrade"),
    (3, "Aether Gust"),
    (1, "Negate"),
)


def write_rows(
    screen: Screen,
    rows: Sequence[Row],
    left: float,
    top: float,
    step: float = 30,
    form: str = "{count}",
    gap: float = 12,
) -> float:
    """Rows with their counts as lines of their own, before the names; where the next row would stand is returned."""
    for number, (count, name) in enumerate(rows):
        place = screen.write(form.format(count=count), left, top + step * number)
        screen.write(name, max(place.right, left + 24) + gap, top + step * number)
    return top + step * len(rows)


def write_lines(screen: Screen, rows: Sequence[Row], left: float, top: float, step: float = 30) -> float:
    """Rows that the detector takes for one line each; where the next row would stand is returned."""
    for number, (count, name) in enumerate(rows):
        screen.write(f"{count} {name}", left, top + step * number)
    return top + step * len(rows)
