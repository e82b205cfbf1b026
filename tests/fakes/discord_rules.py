"""What Discord's documentation allows in a message, a form or a command; what breaks it is refused and told."""

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
    for one in commands:
        yield from _text("command name", one["name"], 32)
        if one["type"] == 1:
            if one["name"] != one["name"].lower():
                yield f"command {one['name']} has capitals"
            for text in (one["description"], *one.get("description_localizations", {}).values()):
                yield from _text("command description", text, 100)
        for option in one.get("options") or ():
            for text in (option["description"], *option.get("description_localizations", {}).values()):
                yield from _text("option description", text, 100)


def _text(what: str, text: object, most: int) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        yield f"{what} is not 1 to {most} characters: {text!r}"
