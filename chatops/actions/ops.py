"""The console about itself."""

from typing import Annotated

from chatops.describing import counted, described, usage
from chatops.model import Answer, BadArgument
from chatops.parameters import Name, one_of
from chatops.parts import Parts
from chatops.registry import Action, Registry, action
from chatops.run import Run
from config.ops import Role

GROUPS = {"ops": "This console: what you may do with it."}


def _registry() -> Registry:
    from chatops.actions import registry  # which reads this file

    return registry()


async def _groups(parts: Parts, typed: str) -> list[str]:
    return list(_registry().groups)


@action("ops help", role=Role.VIEWER)
async def help_(run: Run, group: Annotated[str, Name("a group of actions", _groups)] = "") -> Answer:
    """List what you may do here: all groups, or the actions of one."""
    registry = _registry()
    allowed = [one for one in registry if one.role is not None and run.role.includes(one.role)]
    if group:
        return _of_group(run, allowed, _named(registry, group))
    counts = counted(allowed)
    lines = tuple(f"{name} ({count}): {registry.groups[name]}" for name, count in counts.items())
    text = f"You are {run.role.value} here and may use {len(allowed)} actions. ops help GROUP tells more of a group."
    return Answer(text, log=lines, data=[described(one, run.parts) for one in allowed])


def _of_group(run: Run, allowed: list[Action], group: str) -> Answer:
    found = [one for one in allowed if one.group == group]
    if not found:
        return Answer(f"As {run.role.value} you may use nothing of {group}.", ok=False)
    lines = tuple(line for one in found for line in _lines(one, run.parts))
    return Answer(f"{group} can:", log=lines, data=[described(one, run.parts) for one in found])


def _lines(one: Action, parts: Parts) -> list[str]:
    missing = one.missing(parts)
    return [usage(one), f"  {one.help}", *([f"  Not available: {missing}"] if missing else [])]


def _named(registry: Registry, group: str) -> str:
    try:
        return one_of(group, list(registry.groups))
    except BadArgument as error:
        raise BadArgument(f"group: {error}") from None
