"""What an action is, for people and programs: as lists, help and references show it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from chatops.model import BadArgument
from chatops.parts import Parts
from chatops.registry import Action, Parameter
from chatops.times import span


def described(action: Action, parts: Parts) -> dict[str, Any]:
    """As ``screen2deck ops actions --format json`` lists it."""
    return {
        "group": action.group,
        "verb": action.verb,
        "parameters": [
            {"name": one.option, "required": one.is_required, "allowed": one.kind.hint} for one in action.parameters
        ],
        "risk": action.risk.value,
        "role": None if action.role is None else action.role.value,
        "confirmation": action.confirmation.value,
        "available": not action.missing(parts),
        "help": action.help,
    }


def usage(action: Action) -> str:
    """``drain [timeout]``: the verb with its parameters, those that may be left out in brackets."""
    options = (f"<{one.option}>" if one.is_required else f"[{one.option}]" for one in action.parameters)
    return " ".join([action.verb, *options])


def default_of(parameter: Parameter) -> str:
    """What is taken where nothing is given, as it would be typed; empty where that cannot be typed."""
    shown = _typed(parameter.default)
    try:
        return shown if shown and parameter.read(shown) == parameter.default else ""
    except BadArgument:
        return ""


def _typed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return span(value).replace(" min", "m").replace(" ", "")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def counted(actions: Iterable[Action]) -> dict[str, int]:
    """How many there are of each group."""
    found: dict[str, int] = {}
    for one in actions:
        found[one.group] = found.get(one.group, 0) + 1
    return found
