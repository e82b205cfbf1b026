"""What log lines have in common: the same line but for numbers, ids and names is the same error."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from config.log_reading import Line

_MASKS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\""), "<text>"),
    (re.compile(r"\d+(?:\.\d+)?"), "<n>"),
)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one signature: how many, the first and the last of them."""

    signature: str
    count: int
    first: Line
    last: Line
    processes: tuple[str, ...]


def signature(line: Line) -> str:
    """What is left of a line without what changes from one to the next."""
    sense = line.exception.strip().splitlines()[-1] if line.exception.strip() else ""
    text = " | ".join(filter(None, (line.event.strip().splitlines()[0] if line.event.strip() else "", sense)))
    for shape, instead in _MASKS:
        text = shape.sub(instead, text)
    return f"{line.logger}: {text}"[:_LONGEST] if line.logger else text[:_LONGEST]


def grouped(lines: Sequence[Line]) -> list[Group]:
    """Most frequent first, of those the newest."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(signature(line), []).append(line)
    groups = [
        Group(name, len(some), some[0], some[-1], tuple(sorted({line.process for line in some})))
        for name, some in found.items()
    ]
    return sorted(groups, key=lambda group: (group.count, group.last.at), reverse=True)
