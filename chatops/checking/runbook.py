"""The runbook that ships with the product: sections of steps, each with the action that does it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

FILE = Path(__file__).parent / "data" / "runbook.md"
_STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)
_ACTION = re.compile(r"\s*`([a-z]+ [a-z-]+)`\s*$")
_NEAR = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``action`` is empty where there is nothing to press."""

    text: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of trouble or work."""

    title: str
    note: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """As it is typed: ``the-site-is-down``."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@lru_cache(maxsize=1)
def sections() -> tuple[Section, ...]:
    """All of the runbook, in order."""
    _, *parts = FILE.read_text(encoding="utf-8").split("\n## ")
    return tuple(_section(part) for part in parts)


def section_named(text: str) -> list[Section]:
    """The section that is meant, or several that may be, best first."""
    wanted = text.strip().casefold()
    exact = [one for one in sections() if wanted in (one.name, one.title.casefold())]
    if exact:
        return exact
    holding = [one for one in sections() if wanted.replace(" ", "-") in one.name]
    if holding:
        return holding
    found = process.extract(
        wanted, {one: one.title for one in sections()}, scorer=fuzz.WRatio, limit=3, score_cutoff=_NEAR
    )
    return [one for _, _, one in found]


def search(text: str) -> list[tuple[Section, Step]]:
    """Steps whose words, section or action hold all words of a text."""
    words = text.casefold().split()
    return [
        (section, step)
        for section in sections()
        for step in section.steps
        if all(word in f"{section.title} {step.text} {step.action}".casefold() for word in words)
    ]


def actions_of(section: Section) -> Sequence[str]:
    """Each once, in order."""
    return list(dict.fromkeys(step.action for step in section.steps if step.action))


def _section(part: str) -> Section:
    title, _, rest = part.partition("\n")
    note, *found = _STEP.split(rest)
    return Section(title.strip(), _joined(note), tuple(_step(text) for text in found[1::2]))


def _step(text: str) -> Step:
    joined = _joined(text)
    found = _ACTION.search(joined)
    return Step(joined) if found is None else Step(joined[: found.start()], found[1])


def _joined(text: str) -> str:
    return " ".join(text.split())
