"""Commands as the documentation shows them: lines of its shell blocks, and what stands in a table as code."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)$")
_HEADING = re.compile(r"^#+ (.+)$")
_SHELLS = ("sh", "bash", "console")


@dataclass(frozen=True)
class Line:
    """A command of a page, without its remark; ``block`` counts a page's shell blocks."""

    page: str
    heading: str
    block: int
    text: str
    number: int


def shell_lines(page: Path) -> Iterator[Line]:
    """All commands of a page's shell blocks; a line that ends in a backslash goes on with the next."""
    heading, language, block, joined = "", None, 0, ""
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if (fence := _FENCE.match(text)) is not None:
            language = fence[1] if language is None else None
            block += language in _SHELLS
        elif language is None and (found := _HEADING.match(text)) is not None:
            heading = found[1]
        elif language in _SHELLS:
            joined += without_remark(text.removeprefix("$ ")).strip()
            if joined.endswith("\\"):
                joined = f"{joined[:-1].strip()} "
            else:
                if joined:
                    yield Line(page.name, heading, block, joined, number)
                joined = ""


def without_remark(text: str) -> str:
    """A line up to its ``#``, if that stands after a blank and in no quotes."""
    for found in re.finditer(r"(?:^|\s)#", text):
        try:
            shlex.split(text[: found.start()])
        except ValueError:
            continue
        return text[: found.start()]
    return text


def table_column(page: Path, heading: str, column: str) -> list[str]:
    """What stands as code in the cells of a table's column, from above to below."""
    _, _, below = page.read_text(encoding="utf-8").partition(f"## {heading}\n")
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in below.splitlines() if line.startswith("|")]
    at = [cell.strip() for cell in rows[0]].index(column)
    return [code for row in rows[2:] if len(row) > at for code in re.findall(r"`([^`]+)`", row[at])]
