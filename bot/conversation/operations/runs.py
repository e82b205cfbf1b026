"""Orders that a button carries whole: an action and its arguments, so that nothing need be kept for it."""

from collections.abc import Mapping, Sequence

from bot.conversation.tokens import token

RUN, ASK, TOLD, MENU = "opsrun", "opsask", "opstold", "opsmenu"
HELP = "ops"
"""The command, beside the groups of actions, that shows what somebody may do."""
_LONGEST = 52
"""Bytes; some platforms add whose button it is."""
_ESCAPES = {"%": "%25", ".": "%2E", "|": "%7C"}


def run_token(action: str, arguments: Mapping[str, str]) -> str | None:
    """Runs the action; None where it does not fit into a button."""
    return _fitting(RUN, action, arguments)


def ask_token(action: str, arguments: Mapping[str, str], option: str) -> str | None:
    """Asks for one more argument, and then runs it; None where it does not fit."""
    return _fitting(ASK, action, arguments, option)


def told_token(action: str, arguments: Mapping[str, str], option: str) -> str | None:
    """What the answer to that question comes back with."""
    return _fitting(TOLD, action, arguments, option)


def menu_token(group: str) -> str:
    """Shows what can be done with a group."""
    return token(MENU, None, _escaped(group))


def read_run(arguments: Sequence[str]) -> tuple[str, dict[str, str], str]:
    """Action, arguments and the option that is asked for, of a token's arguments; raises ValueError."""
    if not arguments:
        raise ValueError("no action")
    action, *rest = (_plain(one) for one in arguments)
    given = dict(one.split("=", 1) for one in rest if "=" in one)
    asked = [one for one in rest if "=" not in one]
    return action, given, asked[0] if asked else ""


def _fitting(verb: str, action: str, arguments: Mapping[str, str], *more: str) -> str | None:
    parts = [action, *(f"{name}={value}" for name, value in arguments.items()), *more]
    escaped = [_escaped(one) for one in parts]
    if len(".".join([verb, "", *escaped]).encode()) > _LONGEST:
        return None
    return token(verb, None, *escaped)


def _escaped(text: str) -> str:
    for mark, instead in _ESCAPES.items():
        text = text.replace(mark, instead)
    return text


def _plain(text: str) -> str:
    for mark, instead in reversed(_ESCAPES.items()):
        text = text.replace(instead, mark)
    return text
