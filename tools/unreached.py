"""Which parts no test reaches, and whether each has its reason: ``python -m tools.unreached REPORT [--list FILE]``.

Takes the report of ``coverage json``. Of all branches nine tenths must be reached. A module of which less than four
fifths are, of branches or of lines, stands in docs/testing.md with the reason. ``--list``
writes down every function with something that is not reached.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "testing.md"
LEAST, OF_A_MODULE = 0.9, 0.8
FORGIVEN = 3
"""Branches, or lines, that a small module may lack without a word."""
_ROW = re.compile(r"^\| `([\w/]+\.py)` \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of something is reached: branches and lines."""

    branches: int
    lacking_branches: int
    lines: int
    lacking_lines: int

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> "Reach":
        """From a summary of the report."""
        names = ("num_branches", "missing_branches", "num_statements", "missing_lines")
        return cls(*(int(summary[name]) for name in names))

    @property
    def share(self) -> float:
        """Of branches or of lines, whichever is less; all of nothing is 1."""
        return min(_share(self.branches, self.lacking_branches), _share(self.lines, self.lacking_lines))

    @property
    def is_enough(self) -> bool:
        """Of a module."""
        both = ((self.branches, self.lacking_branches), (self.lines, self.lacking_lines))
        return all(lacking <= FORGIVEN or _share(count, lacking) >= OF_A_MODULE for count, lacking in both)


def main(words: Sequence[str] | None = None) -> int:
    """Print what lacks; exit code 1 where it is too much, or a reason is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--list", type=Path, help="where all functions with something unreached are written")
    options = parser.parse_args(words)
    report = json.loads(options.report.read_text(encoding="utf-8"))
    if options.list:
        options.list.write_text("\n".join(listing(report)) + "\n", encoding="utf-8")
    given = reasons(PAGE.read_text(encoding="utf-8"))
    total = Reach.of(report["totals"])
    print(
        f"branches: {_told(total.branches, total.lacking_branches)}; lines: {_told(total.lines, total.lacking_lines)}"
    )
    for module, reach in modules(report).items():
        if not reach.is_enough:
            print(f"  {module}: {reach.share:.0%} ({given.get(module, 'without a reason')})")
        elif module in given:
            # Which parts are there depends on the machine: EasyOCR, a browser, the user who runs the tests.
            print(f"  {module}: {reach.share:.0%}, so that it needs no reason here")
    found = list(problems(report, given))
    for one in found:
        print(one, file=sys.stderr)
    return 1 if found else 0


def modules(report: Mapping[str, Any]) -> dict[str, Reach]:
    """What is reached of each module, by its path."""
    return {name: Reach.of(file["summary"]) for name, file in sorted(report["files"].items())}


def reasons(page: str) -> dict[str, str]:
    """Modules of the page with their reasons."""
    return dict(_ROW.findall(page))


def problems(report: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each thing that must be put right."""
    total = Reach.of(report["totals"])
    if _share(total.branches, total.lacking_branches) < LEAST:
        yield f"Fewer than {LEAST:.0%} of all branches are reached."
    known = modules(report)
    for module, reach in known.items():
        if not reach.is_enough and module not in given:
            yield f"{module}: {reach.share:.0%} is reached; test it, or give the reason in docs/testing.md."
    for module in given:
        if module not in known:
            yield f"{module} of docs/testing.md is no module that was measured."


def listing(report: Mapping[str, Any]) -> Iterator[str]:
    """Every function with something unreached, in Markdown."""
    yield "# What no test reached"
    for name, file in sorted(report["files"].items()):
        if not (file["summary"]["missing_branches"] or file["summary"]["missing_lines"]):
            continue
        yield f"\n## {name}\n"
        for function, part in file["functions"].items():
            if part["missing_lines"] or part["missing_branches"]:
                yield f"- `{function or '(module)'}`: {_where(part)}"


def _where(part: Mapping[str, Any]) -> str:
    if not part["executed_lines"]:
        return "never entered"
    jumps = [f"{start}→{'end' if end < 0 else end}" for start, end in part["missing_branches"]]
    return f"lines {_ranges(part['missing_lines'])}; jumps {', '.join(jumps) or 'none'}"


def _ranges(lines: Sequence[int]) -> str:
    """As 3-5, 8; lines with no code between are joined as they come."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in found) or "none"


def _share(count: int, lacking: int) -> float:
    return 1 - lacking / count if count else 1.0


def _told(count: int, lacking: int) -> str:
    return f"{count - lacking} of {count} ({_share(count, lacking):.1%})"


if __name__ == "__main__":
    sys.exit(main())
