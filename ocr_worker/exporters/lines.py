"""Building blocks of text formats: card lines, headed blocks, a document of blocks."""

from collections.abc import Iterable, Sequence

from ocr_worker.exporters.sheet import Row


def card_lines(rows: Iterable[Row], form: str = "{count} {name}") -> list[str]:
    """One line per row, with its printing where it has one. The count is always written, also for singles: names may
    start with digits or words such as "Deck" that are headings elsewhere."""
    return [form.format(count=row.count, name=row.written) for row in rows]


def headed(heading: str, lines: Sequence[str]) -> list[str]:
    """The lines under a heading, or nothing at all where there are none."""
    return [heading, *lines] if lines else []


def document(*blocks: Sequence[str], newline: str = "\n") -> str:
    """The blocks that are not empty, a blank line between them, one newline at the end."""
    return (newline * 2).join(newline.join(block) for block in blocks if block) + newline
