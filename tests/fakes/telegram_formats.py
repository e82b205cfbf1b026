"""What the Bot API checks of texts and keyboards, as strictly as it does, or more so."""

import json
import re
from html.parser import HTMLParser
from typing import Any

TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "tg-spoiler", "blockquote"})
_ENTITIES = {"pre": "pre", "code": "code", "a": "text_link", "b": "bold", "i": "italic"}
_MENTION = re.compile(r"(?<!\w)@\w{3,32}")
_COMMAND = re.compile(r"(?<!\S)/\w{1,32}(?:@\w+)?")


class ApiError(Exception):
    """An answer of the Bot API that says no."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[tuple[str, int, str | None]] = []
        self.entities: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append((tag, units(self.text), dict(attrs).get("href")))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unexpected end tag "{tag}"')
        _, start, link = self.open.pop()
        entity: dict[str, Any] = {"type": _ENTITIES.get(tag, tag), "offset": start, "length": units(self.text) - start}
        if link is not None and link.startswith("tg://user?id="):
            entity |= {"type": "text_mention", "user": {"id": int(link[13:]), "is_bot": False, "first_name": "?"}}
        elif link is not None:
            entity["url"] = link
        self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities; refuses what is not balanced, and marks that are not escaped."""
    bare = re.sub(r"</?[a-z-]+(?: href=\"[^\"<>]*\")?>", "", source)
    if "<" in bare or ">" in bare or re.search(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)", bare):
        raise ApiError(400, "Bad Request: can't parse entities: unescaped mark")
    parser = _Html()
    parser.feed(source)
    parser.close()
    if parser.open:
        raise ApiError(400, "Bad Request: can't parse entities: Can't find end tag")
    if len(parser.entities) > 100:
        raise ApiError(400, "Bad Request: too many entities")
    return parser.text, parser.entities


def checked_text(fields: dict[str, Any], name: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    """The text or caption of a call."""
    source = str(fields.get(name, ""))
    text, entities = parse_html(source) if fields.get("parse_mode") == "HTML" else (source, [])
    if units(text) > most:
        raise ApiError(400, f"Bad Request: message {name} is too long")
    return text, entities


def checked_markup(fields: dict[str, Any]) -> dict[str, Any] | None:
    """The keyboard of a call."""
    if "reply_markup" not in fields:
        return None
    markup: dict[str, Any] = json.loads(fields["reply_markup"])
    if "inline_keyboard" in markup:
        rows = markup["inline_keyboard"]
        assert rows, "an empty keyboard is to be left out"
        if sum(map(len, rows)) > 100 or any(not 1 <= len(row) <= 8 for row in rows):
            raise ApiError(400, "Bad Request: reply markup is too long")
        for button in (button for row in rows for button in row):
            _check_button(button)
    elif "force_reply" in markup:
        if not len(markup.get("input_field_placeholder", "x")) <= 64:
            raise ApiError(400, "Bad Request: placeholder is too long")
    else:
        raise ApiError(400, "Bad Request: object expected as reply markup")
    return markup


def _check_button(button: dict[str, Any]) -> None:
    if set(button) != {"text", "callback_data"} or not button["text"]:
        raise ApiError(400, "Bad Request: can't parse inline keyboard button")
    if not 1 <= len(button["callback_data"].encode()) <= 64:
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")


def plain_entities(text: str) -> list[dict[str, Any]]:
    """Commands and mentions that Telegram finds in any text."""
    found = [(match, "bot_command") for match in _COMMAND.finditer(text)]
    found += [(match, "mention") for match in _MENTION.finditer(text)]
    return [{"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])} for match, kind in found]


def mentions(text: str, entities: list[dict[str, Any]]) -> list[str]:
    """Whom a text calls by name, outside of code."""
    code = [(one["offset"], one["offset"] + one["length"]) for one in entities if one["type"] in ("pre", "code")]
    return [
        match[0]
        for match in _MENTION.finditer(text)
        if not any(start <= units(text[: match.start()]) < end for start, end in code)
    ]


def units(text: str) -> int:
    """UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2
