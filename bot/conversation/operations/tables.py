"""Tables in letters of one width, as narrow as a phone."""

import io

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from chatops.model import Table

PHONE = 42
"""Letters that fit beside each other in a code block on a phone."""


def drawn(table: Table, width: int = PHONE) -> str:
    """Columns side by side where they fit, otherwise each row as a few lines."""
    widths = [max(len(cell) for cell in column) for column in zip(table.columns, *table.rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > width and len(widths) > 2:
        return "\n".join(_as_lines(table, row, width) for row in table.rows)
    drawing = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for name in table.columns:
        drawing.add_column(name, overflow="fold")
    for row in table.rows:
        drawing.add_row(*(Text(cell) for cell in row))
    return _printed(drawing, width)


def _as_lines(table: Table, row: tuple[str, ...], width: int) -> str:
    rest = " · ".join(cell for cell in row[1:] if cell)
    return "\n".join([row[0], *(f"  {line}" for line in _wrapped(rest, width - 2))])


def _wrapped(text: str, width: int) -> list[str]:
    return _printed(Text(text), width).splitlines()


def _printed(thing: object, width: int) -> str:
    target = io.StringIO()
    Console(file=target, width=width, color_system=None, legacy_windows=False).print(thing)
    return "\n".join(line.rstrip() for line in target.getvalue().rstrip("\n").splitlines())
