"""What Discord's documentation allows in a message, a form or a command; what breaks it is refused and told."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

BUTTON, SELECT = 2, 3
EPHEMERAL, SUPPRESS_EMBEDS, LOADING = 64, 4, 128


def message_problems(payload: Mapping[str, Any], files: int, *, is_new: bool) -> Iterator[str]:
    """What is wrong with a message."""
    content = payload.get("content") or ""
    if len(content.encode("utf-16-le")) // 2 > 2000:
        yield f"content has {len(content)} characters"
    if is_new and not content.strip() and not files and not payload.get("embeds"):
        yield "the message is empty"
    if files > 10:
        yield f"{files} files"
    if len(str(payload.get("nonce") or "")) > 25:
        yield "the nonce is longer than 25"
    if payload.get("nonce") and not payload.get("enforce_nonce"):
        yield "the nonce is not enforced"
    if content and payload.get("allowed_mentions", {}).get("parse") != []:
        yield f"mentions are allowed: {payload.get('allowed_mentions')}"
    yield from component_problems(payload.get("components") or [])


def component_problems(rows: list[Any]) -> Iterator[str]:
    """What is wrong with a message's components."""
    if len(rows) > 5:
        yield f"{len(rows)} rows"
    items = [item for row in rows for item in row["components"]]
    ids = [item["custom_id"] for item in items]
    if len(ids) != len(set(ids)):
        yield f"custom ids are not unique: {ids}"
    for row in rows:
        kinds = [item["type"] for item in row["components"]]
        if row["type"] != 1 or not 1 <= len(kinds) <= 5 or (SELECT in kinds and len(kinds) > 1):
            yield f"a row holds {kinds}"
    for item in items:
        yield from _text("custom_id", item["custom_id"], 100)
        yield from _button(item) if item["type"] == BUTTON else _select(item)


def _button(item: Mapping[str, Any]) -> Iterator[str]:
    yield from _text("button label", item.get("label"), 80)


def _select(item: Mapping[str, Any]) -> Iterator[str]:
    options = item["options"]
    values = [one["value"] for one in options]
    if not 1 <= len(options) <= 25 or len(values) != len(set(values)):
        yield f"{len(options)} options, {len(set(values))} of them different"
    yield from _text("placeholder", item.get("placeholder"), 150)
    for one in options:
        yield from _text("option label", one["label"], 100)
        yield from _text("option value", one["value"], 100)
        if one.get("description") is not None:
            yield from _text("option description", one["description"], 100)


def modal_problems(data: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a form."""
    yield from _text("title", data["title"], 45)
    yield from _text("custom_id", data["custom_id"], 100)
    if not 1 <= len(data["components"]) <= 5:
        yield f"{len(data['components'])} inputs"
    for one in data["components"]:
        yield from _text("label", one["label"], 45)
        yield from _text("custom_id", one["component"]["custom_id"], 100)


def command_problems(commands: list[Any]) -> Iterator[str]:
    """What is wrong with registered commands."""
    names = [(one["type"], one["name"]) for one in commands]
    if len(commands) > 100 or len(names) != len(set(names)):
        yield f"{len(commands)} commands, {len(set(names))} of them different"
    for one in commands:
        yield from _text("command name", one["name"], 32)
        if one["type"] == 1:
            yield from _name("command", one["name"])
            for text in (one["description"], *one.get("description_localizations", {}).values()):
                yield from _text("command description", text, 100)
            yield from _options(one["name"], one.get("options") or [])
            if _letters(one) > 8000:
                yield f"{one['name']} has {_letters(one)} letters"


def _options(path: str, options: list[Any]) -> Iterator[str]:
    """What is wrong with the options of a command or a subcommand."""
    if len(options) > 25 or len({one["name"] for one in options}) != len(options):
        yield f"{path} has {len(options)} options"
    required = [bool(one.get("required")) for one in options]
    if required != sorted(required, reverse=True):
        yield f"{path}: required options do not come first"
    for option in options:
        where = f"{path} {option['name']}"
        yield from _name("option", option["name"])
        for text in (option["description"], *option.get("description_localizations", {}).values()):
            yield from _text(f"description of {where}", text, 100)
        choices = option.get("choices") or []
        if len(choices) > 25 or (choices and option.get("autocomplete")):
            yield f"{where} has {len(choices)} choices"
        for one in choices:
            yield from _text(f"choice of {where}", one["name"], 100)
        if not 0 <= option.get("max_length", 1) <= 6000 or option.get("max_length") == 0:
            yield f"{where} has a length of {option['max_length']}"
        for bound in ("min_value", "max_value"):
            if abs(option.get(bound, 0)) > 2**53:
                yield f"{where} has the bound {option[bound]}"
        yield from _options(where, option.get("options") or [])


def _letters(holder: Mapping[str, Any]) -> int:
    own = len(holder["name"]) + len(holder["description"])
    own += sum(len(one["name"]) + len(str(one["value"])) for one in holder.get("choices") or ())
    return own + sum(_letters(one) for one in holder.get("options") or ())


def _name(what: str, name: str) -> Iterator[str]:
    if not re.fullmatch(r"[-_\w]{1,32}", name) or name != name.lower():
        yield f"{what} {name!r} is no name"


def _text(what: str, text: object, most: int) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        yield f"{what} is not 1 to {most} characters: {text!r}"
