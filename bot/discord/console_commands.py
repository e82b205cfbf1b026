"""The console's commands on Discord: a command for each group of actions, a subcommand for each action.

They are made of the registry as Discord wants them, and what Discord tells of one is read back here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from discord import AppCommandOptionType as Type

from bot.discord import limits
from chatops.parameters import Flag, Integer, Name, Number, Text, Word
from chatops.registry import Action, Parameter, Registry

_CHAT_INPUT = 1
_NOBODY = "0"
"""As default permissions: those whom a server's administrators name see the commands; the console decides itself."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A subcommand with its options; ``focused`` is the one that is being typed."""

    group: str
    verb: str
    options: Mapping[str, str]
    focused: str = ""


def console_commands(registry: Registry) -> list[dict[str, Any]]:
    """All commands; a group that is too large for one is several, ``incident`` and ``incident-2``."""
    return [command for group in registry.groups for command in _of_group(registry, group)]


def is_console_command(data: Mapping[str, Any]) -> bool:
    """Whether Discord tells of one of these: no other commands belong to a server."""
    return bool(data.get("guild_id"))


def spoken(data: Mapping[str, Any]) -> Spoken:
    """What somebody asks for; raises KeyError, IndexError for what is none of these."""
    group, _, _ = str(data["name"]).partition(_PART)
    chosen = data["options"][0]
    given = list(chosen.get("options", ()))
    options = {str(one["name"]): _as_text(one.get("value", "")) for one in given}
    focused = next((str(one["name"]) for one in given if one.get("focused")), "")
    return Spoken(group, str(chosen["name"]), options, focused)


_PART = "--"


def _of_group(registry: Registry, group: str) -> Iterator[dict[str, Any]]:
    about = registry.groups[group]
    for number, verbs in enumerate(_parts([_verb(one) for one in registry.of_group(group)]), start=1):
        yield {
            "type": _CHAT_INPUT,
            "name": group if number == 1 else f"{group}{_PART}{number}",
            "description": _cut(about),
            "options": verbs,
            "default_member_permissions": _NOBODY,
        }


def _parts(verbs: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """As few as possible, each within the limits of one command."""
    parts: list[list[dict[str, Any]]] = [[]]
    for verb in verbs:
        if len(parts[-1]) == limits.SUBCOMMANDS or _letters([*parts[-1], verb]) > limits.COMMAND_LETTERS:
            parts.append([])
        parts[-1].append(verb)
    return parts


def _letters(options: Sequence[Mapping[str, Any]]) -> int:
    """What Discord counts: names, descriptions and values."""
    total = limits.DESCRIPTION + limits.NAME
    for one in options:
        total += len(one["name"]) + len(one["description"])
        total += sum(len(choice["name"]) + len(str(choice["value"])) for choice in one.get("choices", ()))
        total += _letters(one["options"]) - limits.DESCRIPTION - limits.NAME if one.get("options") else 0
    return total


def _verb(action: Action) -> dict[str, Any]:
    ordered = sorted(action.parameters, key=lambda one: not one.is_required)
    return {
        "type": Type.subcommand.value,
        "name": action.verb,
        "description": _cut(action.help),
        "options": [_option(one) for one in ordered],
    }


def _option(parameter: Parameter) -> dict[str, Any]:
    kind = parameter.kind
    words = f"{parameter.help}: {kind.hint}" if parameter.help else kind.hint
    option: dict[str, Any] = {
        "type": Type.string.value,
        "name": parameter.option,
        "description": _cut(words[:1].upper() + words[1:]),
        "required": parameter.is_required,
    }
    return option | _bounds(kind)


def _bounds(kind: object) -> dict[str, Any]:
    """What Discord checks and offers by itself."""
    if isinstance(kind, Integer):
        return {"type": Type.integer.value, "min_value": kind.least, "max_value": kind.most}
    if isinstance(kind, Number):
        return {"type": Type.number.value, "min_value": kind.least, "max_value": kind.most}
    if isinstance(kind, Flag):
        return {"type": Type.boolean.value}
    if isinstance(kind, Word) and len(kind.words) <= limits.CHOICES:
        return {"choices": [{"name": word, "value": word} for word in kind.words]}
    if isinstance(kind, Text):
        return {
            "min_length": min(kind.shortest, limits.OPTION_LETTERS),
            "max_length": min(kind.longest, limits.OPTION_LETTERS),
        }
    if isinstance(kind, Word) or (isinstance(kind, Name) and kind.offers is not None):
        return {"autocomplete": True}
    return {}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= limits.DESCRIPTION else text[: limits.DESCRIPTION - 1] + "…"
