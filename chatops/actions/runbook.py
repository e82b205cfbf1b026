"""The runbook itself: shown and searched, with the action of each step as a button."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Annotated

from chatops.checking.runbook import Section, actions_of, search, section_named, sections
from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Suggestion, Table
from chatops.parameters import Name, Text
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from config.ops import Role

GROUPS = {"runbook": "What to do when something is wrong, step by step."}

_MOST = 20
_MOST_BUTTONS = 9


async def _names(parts: Parts, typed: str) -> Sequence[str]:
    return [one.name for one in sections()]


@action("runbook show", role=Role.VIEWER)
async def show(run: Run, section: Annotated[str, Name("a section", _names)] = "") -> Answer:
    """Show a section of the runbook with its actions as buttons, or all sections."""
    if not section:
        return _contents()
    found = section_named(section)
    if not found:
        names = ", ".join(one.name for one in sections())
        raise BadArgument(f"section: there is none like {section[:40]!r}; there are {names}.")
    if len(found) > 1:
        near = tuple(suggestion("runbook show", one.title, section=one.name) for one in found[:3])
        return Answer(f"Which one: {' or '.join(one.name for one in found[:3])}?", suggestions=near)
    return _shown(found[0])


def _contents() -> Answer:
    rows = tuple((one.name, one.title, str(len(one.steps))) for one in sections())
    text = f"Runbook of release {version('screen2deck')}: {len(rows)} sections. runbook show SECTION opens one."
    buttons = tuple(suggestion("runbook show", one.title, section=one.name) for one in sections()[:_MOST_BUTTONS])
    return Answer(
        text, table=Table(("section", "title", "steps"), rows), suggestions=buttons, data=[r[0] for r in rows]
    )


def _shown(one: Section) -> Answer:
    lines = tuple(
        f"{number}. {step.text}{f' → {step.action}' if step.action else ''}"
        for number, step in enumerate(one.steps, start=1)
    )
    text = f"{one.title}. {one.note}".strip()
    data = {"section": one.name, "steps": [{"text": step.text, "action": step.action} for step in one.steps]}
    return Answer(text, log=lines, suggestions=_buttons(actions_of(one)), data=data)


@action("runbook search", role=Role.VIEWER)
async def find(run: Run, text: Annotated[str, Text(2, 80)]) -> Answer:
    """Find steps of the runbook by words."""
    found = search(text)
    if not found:
        return Answer("No step of the runbook has these words.", ok=False, data=[])
    lines = tuple(f"{section.title}: {step.text} → {step.action or '-'}" for section, step in found[:_MOST])
    buttons = _buttons(dict.fromkeys(step.action for _, step in found if step.action))
    data = [{"section": section.name, "text": step.text, "action": step.action} for section, step in found]
    return Answer(f"{len(found)} steps.", log=lines, suggestions=buttons, data=data)


def _buttons(names: Iterable[str]) -> tuple[Suggestion, ...]:
    return tuple(suggestion(name) for name in names)[:_MOST_BUTTONS]
