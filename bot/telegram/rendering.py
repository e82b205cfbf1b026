"""Replies as Telegram shows them: HTML within its limits, and keyboards."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.conversation.marks import utc, with_marks
from bot.conversation.model import Choice, Mention, Option, OutFile, Reply, Select
from bot.conversation.visible import visible
from bot.telegram import callbacks
from bot.telegram.callbacks import Holder
from bot.telegram.limits import CAPTION, TEXT

_NARROW = 20
"""Letters of a button of which two fit beside each other on a phone."""
_PANEL_FOLDS_FROM = 2
"""Selects, from which on each is one button that opens it; on the message of a post one is enough."""
_CUT = " …"
_OPENED, _CLOSED, _BACK = "▾ ", "▸ ", "‹"
_LABEL = 60

Row = list[InlineKeyboardButton]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: HTML, what can be pressed, and files that go with it."""

    text: str
    markup: InlineKeyboardMarkup | None
    files: tuple[OutFile, ...]
    fits_caption: bool


def rendered(reply: Reply, holder: Holder, *, opened: int | None = None) -> Rendered:
    """A reply; ``opened`` is the select whose options are shown where they are folded."""
    calls = " ".join(_called(one) for one in reply.mentions)
    shown = html_of(reply.text, reply.block)
    return Rendered(
        text=f"{calls}\n{shown}" if calls else shown,
        markup=keyboard(reply, holder, opened=opened),
        files=reply.files,
        fits_caption=_units(reply.text) + _units(reply.block) + 2 <= CAPTION,
    )


def _called(one: Mention) -> str:
    """A link that makes Telegram tell somebody, be it that they have no user name."""
    name = escaped(_cut(visible(one.name), _LABEL))
    return f'<a href="tg://user?id={one.user}">{name}</a>' if one.user.isdigit() else name


def html_of(text: str, block: str = "") -> str:
    """Sentences and a block to copy, with nothing in them taken for a mark or a mention."""
    text, block = visible(text), visible(block)
    room = TEXT - (_units(block) + 2 if block else 0)
    shown = with_marks(_cut(text, room), escaped, utc, lambda address: html.escape(address, quote=False))
    return f"{shown}\n\n<pre>{html.escape(block, quote=False)}</pre>" if block else shown


def escaped(text: str) -> str:
    """Text as HTML; a word joiner keeps an @ from calling somebody."""
    return html.escape(text, quote=False).replace("@", "@\u2060")


def keyboard(reply: Reply, holder: Holder, *, opened: int | None = None) -> InlineKeyboardMarkup | None:
    """Telegram has no selects: their options are buttons, folded where there are several selects."""
    is_folded = bool(holder.reopen) and len(reply.selects) >= (_PANEL_FOLDS_FROM if holder.is_panel else 1)
    if is_folded and opened is not None and 0 <= opened < len(reply.selects):
        select = reply.selects[opened]
        heading = [_button(_OPENED + select.prompt, callbacks.folding_data(None, holder))]
        back = [_button(_BACK, callbacks.folding_data(None, holder))]
        return InlineKeyboardMarkup([heading, *_options(select, holder), back])
    rows = [row for select in reply.selects for row in _options(select, holder)] if not is_folded else []
    if is_folded:
        rows = [_folded(reply.selects, holder)]
    rows += [[_choice(one, holder) for one in row] for row in reply.choices if row]
    return InlineKeyboardMarkup(_broken(rows)) if rows else None


def _folded(selects: Sequence[Select], holder: Holder) -> Row:
    return [
        _button(_CLOSED + select.prompt, callbacks.folding_data(number, holder))
        for number, select in enumerate(selects)
    ]


def _options(select: Select, holder: Holder) -> list[Row]:
    labels = _labels(select.options)
    buttons = [
        _button(label, callbacks.data(one.token, holder)) for label, one in zip(labels, select.options, strict=True)
    ]
    columns = 2 if len(buttons) > 3 and all(len(label) <= _NARROW for label in labels) else 1
    return [buttons[start : start + columns] for start in range(0, len(buttons), columns)]


def _labels(options: Sequence[Option]) -> list[str]:
    """What tells options apart: where labels are the same, with their descriptions."""
    labels = [one.label for one in options]
    return [
        f"{one.label} · {one.description}" if labels.count(one.label) > 1 and one.description else one.label
        for one in options
    ]


def _choice(choice: Choice, holder: Holder) -> InlineKeyboardButton:
    return _button(choice.label, callbacks.data(choice.token, holder))


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(_cut(visible(label), _LABEL) or "–", callback_data=data)


def _broken(rows: Sequence[Row]) -> list[Row]:
    """Rows whose labels would be cut on a phone become several."""
    broken: list[Row] = []
    for row in rows:
        width = 0
        broken.append([])
        for button in row:
            if broken[-1] and width + len(button.text) > 2 * _NARROW:
                broken.append([])
                width = 0
            broken[-1].append(button)
            width += len(button.text)
    return broken


def _cut(text: str, units: int) -> str:
    if _units(text) <= units:
        return text
    kept = text.encode("utf-16-le")[: 2 * max(0, units - _units(_CUT))]
    return kept.decode("utf-16-le", errors="ignore") + _CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
