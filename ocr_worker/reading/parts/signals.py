"""What tells layouts apart at a glance: where counts stand in relation to names."""

from dataclasses import dataclass

from ocr_worker.reading import tokens
from ocr_worker.reading.lines import Rect
from ocr_worker.reading.page import Page
from ocr_worker.reading.parts.badges import badges, owner
from ocr_worker.reading.parts.list_rows import list_rows
from ocr_worker.reading.parts.shared import displayed_sizes, heading_lines
from ocr_worker.reading.parts.stacks import is_type_line

CONTROLS = frozenset({"display", "sort", "apply filters"})


@dataclass(frozen=True, slots=True)
class Signals:
    """Numbers of what was seen on a page.

    ``names``: clearly read card names.
    ``counted``: those with a count on their row.
    ``badged``: ``xN`` badges that stand below a name.
    ``of_sizes``: lines such as ``60/60 Cards``.
    ``types``: how many of lands, creatures and other have their totals in one row, as in Magic Online's bar.
    ``controls``: words of that bar.
    ``side``: sideboard headings with a count.
    ``typed``: headings such as ``Creatures (16)``.
    ``type_lines``: lines such as ``Creature - Elf``, which only pictures of cards have.
    """

    names: int
    counted: int
    badged: int
    of_sizes: int
    types: int
    controls: int
    side: int
    typed: int
    type_lines: int

    @property
    def listed(self) -> float:
        """The share of names that have a count on their row."""
        return self.counted / self.names if self.names else 0.0


def read_signals(page: Page) -> Signals:
    """Look at the page as a whole."""
    strong = [t for t in page.titles if t.reading.strong and not t.line.turned]
    rows = [row for row in list_rows(strong, page.lines) if row.count is not None]
    on_rows = [row.counter for row in rows if row.counter is not None]
    marks = [b for b in badges(page.lines) if not any(b.rect.overlap(rect) > 0.5 for rect in on_rows)]
    words = {line.text.strip().casefold() for line in page.lines}
    return Signals(
        names=len(strong),
        counted=len(rows),
        badged=sum(any(owner(b, [t], 4 * t.height) for t in strong if t.rect.left < b.rect.x) for b in marks),
        of_sizes=sum("/" in line.text for line, _ in displayed_sizes(page.lines)),
        types=max((_types_on_row(page, line.rect) for line in page.lines if _types(line.text)), default=0),
        controls=len(words & CONTROLS),
        typed=sum(h.count is not None for line in page.lines if (h := tokens.heading(line.text)) and h.name == "type"),
        type_lines=sum(is_type_line(page, line) for line in page.lines),
        side=sum(tokens.labelled_totals(h.text).get("side") is not None for h in heading_lines(page.lines, "side")),
    )


def _types(text: str) -> set[str]:
    return {"land", "creature", "other"} & set(tokens.labelled_totals(text))


def _types_on_row(page: Page, rect: Rect) -> int:
    """How many of the three totals stand on one row of the page."""
    return len(set().union(*(_types(line.text) for line in page.lines if rect.same_row(line.rect))))
