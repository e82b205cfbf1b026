"""Whole pages as programs and sites show decks, for the fake engine: every place is known, and nothing is OCR."""

from collections.abc import Sequence

from tests.fakes.screen import Ink, Screen
from tests.fakes.written import LANDS, SIDE, SPELLS, Row, write_rows

#: The columns of a deck builder: 60 cards.
COLUMNS: Sequence[Sequence[Row]] = (SPELLS[:4], SPELLS[4:8], SPELLS[8:], LANDS[:3], LANDS[3:])

ARENA_STRIP, ARENA_SINGLE = 62, 32
"""Pixels from a card with a badge, and from a single copy, to the next title of the column."""


def arena_deck_builder(
    columns: Sequence[Sequence[Row]] = COLUMNS,
    side: Sequence[Row] = SIDE,
    total: str = "60/60 Cards",
    side_total: str = "15/15 Cards",
    row_per_copy: bool = False,
) -> Screen:
    """Columns of stacked cards with badges below their titles, and the sideboard in a panel at the right.

    ``row_per_copy`` is the panel of best-of-three events: no counts, each copy in a row of its own.
    """
    screen = Screen(1420, 720)
    screen.write("Izzet Phoenix", 40, 8)
    screen.write(total, 300, 10, 18)
    for number, column in enumerate(columns):
        _arena_column(screen, column, 40 + 180 * number)
    if side:
        screen.write("Sideboard", 1170, 60, 18)
        screen.write(side_total, 1170, 84, 16)
        if row_per_copy:
            copies = [(1, name) for count, name in side for _ in range(count)]
            for place, (_, name) in enumerate(copies):
                screen.write(name, 1190, 114 + 30 * place, 18)
        else:
            write_rows(screen, side, 1150, 114, 34, "{count}x")
    return screen


def _arena_column(screen: Screen, column: Sequence[Row], left: float) -> None:
    top = 70.0
    for count, name in column:
        screen.write(name, left, top, 18, min(165, 9 * len(name)))
        if count > 1:
            screen.write(f"x{count}", left + 60, top + 34, 18, 26, ink=Ink.WHITE)
        last, top = top, top + (ARENA_STRIP if count > 1 else ARENA_SINGLE)
    screen.write("Creature - Elf Druid", left + 2, last + 140, 14)
    screen.write("Draw two cards, then discard a card.", left + 4, last + 165, 12, 150)


BAR_STEP = 28
"""Pixels between the title bars of a stack."""


def mtgo_stacks(
    columns: Sequence[Sequence[Row]] = COLUMNS,
    side: Sequence[Sequence[Row]] = (SIDE[:3], SIDE[3:]),
    counts: bool = True,
) -> Screen:
    """Stacks in which every copy shows its title bar, with the number of cards above each column.

    The last card of a stack is whole: its type line stands below its title.
    """
    screen = Screen(1500, 760)
    _mtgo_bar(screen)
    _mtgo_columns(screen, columns, 20, counts)
    if side:
        size = sum(count for column in side for count, _ in column)
        screen.write(f"Sideboard: {size}", 1040, 10, 18)
        _mtgo_columns(screen, side, 1060, counts)
    return screen


def _mtgo_bar(screen: Screen) -> None:
    for text, left in (("Izzet Phoenix: 60", 20), ("Lands: 24 Creatures: 13 Other: 23", 220)):
        screen.write(text, left, 10, 18)
    for text, left in (("Display", 640), ("Sort", 760)):
        screen.write(text, left, 10, 18)


def _mtgo_columns(screen: Screen, columns: Sequence[Sequence[Row]], left: float, counts: bool) -> None:
    for number, column in enumerate(columns):
        x = left + 200 * number
        if counts:
            screen.write(str(sum(count for count, _ in column)), x + 78, 50, 18, 22)
        copies = [name for count, name in column for _ in range(count)]
        for place, name in enumerate(copies):
            screen.write(name, x, 84 + BAR_STEP * place, 18)
        screen.write("Creature - Elf Druid", x + 2, 84 + BAR_STEP * (len(copies) - 1) + 110, 14)


GRID_PITCH, GRID_ROW = 150, 210
"""Pixels from card to card in a grid, across and down."""


def mtgo_grid(main: Sequence[Row] = (*SPELLS, *LANDS), side: Sequence[Row] = SIDE) -> Screen:
    """Each card once, in equal distances, with a badge of its count on the lower part; the sideboard below."""
    screen = Screen(1300, 960)
    _mtgo_bar(screen)
    below = _grid(screen, main, 60)
    screen.write(f"Sideboard: {sum(count for count, _ in side)}", 20, below, 18)
    _grid(screen, side, below + 40)
    return screen


def _grid(screen: Screen, rows: Sequence[Row], top: float) -> float:
    for place, (count, name) in enumerate(rows):
        x, y = 20 + GRID_PITCH * (place % 8), top + GRID_ROW * (place // 8)
        screen.write(name, x, y, 12)
        screen.write("Creature - Elf Druid", x, y + 90, 9)
        screen.write(str(count), x + 104, y + 150, 18, 20, ink=Ink.WHITE)
    return top + GRID_ROW * (-(-len(rows) // 8))


def piles_with_sideboard(main: Sequence[Row] = (*SPELLS, *LANDS), side: Sequence[Row] = SIDE) -> Screen:
    """A deck site's poster: piles of four copies, and right of an upright word SIDEBOARD its cards one by one."""
    screen = Screen(1500, 1150)
    screen.write("Izzet Phoenix by Jace_fan_99", 40, 20, 40)
    copies = [name for count, name in main for _ in range(count)]
    for place in range(0, len(copies), 4):
        x, y = 40 + 180 * (place // 4 % 5), 120 + 340 * (place // 20)
        for number, name in enumerate(copies[place : place + 4]):
            screen.write(name, x, y + 30 * number)
        screen.write("Creature - Elf Druid", x + 2, y + 90 + 120, 14)
    screen.write_up("SIDEBOARD", 1000, 400, 28)
    for place, name in enumerate(name for count, name in side for _ in range(count)):
        screen.write(name, 1060 + place % 2 * 90, 120 + 62 * place)
    return screen


def numbered_cards(main: Sequence[Row] = (*SPELLS, *LANDS)) -> Screen:
    """A deck site: whole cards in rows, each once, its number at its lower right, under headings by type."""
    screen = Screen(1500, 1100)
    spells, lands = main[: len(SPELLS)], main[len(SPELLS) :]
    top = 20.0
    for heading, rows in (("Spells", spells), ("Lands", lands)):
        screen.write(f"{heading} ({sum(count for count, _ in rows)})", 20, top)
        for place, (count, name) in enumerate(rows):
            x, y = 20 + 220 * (place % 6), top + 50 + 330 * (place // 6)
            screen.write(name, x, y)
            screen.write("Creature - Elf Druid", x + 2, y + 170, 14)
            screen.write(f"{count}x", x + 150, y + 240, 20, 30)
        top += 50 + 330 * -(-len(rows) // 6)
    return screen


def photo(cards: Sequence[str], basics: Sequence[str] = ()) -> Screen:
    """A photo of cards on a table: staggered columns, every title tilted a little differently."""
    screen = Screen(1400, 1000)
    for place, name in enumerate([*cards, *basics]):
        x, y = 60 + 320 * (place % 4), 60 + 90 * (place // 4) + 12 * (place % 4)
        screen.write(name, x, y, 22, 12 * len(name), tilt=(0.02, 0.035, -0.025)[place % 3])
    return screen
