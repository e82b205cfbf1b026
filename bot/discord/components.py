"""Buttons, selects and forms whose ids are the conversation's tokens, so that they outlive the process."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

from bot.conversation.model import Choice, Form, Reply, Select, Style
from bot.conversation.visible import visible
from bot.discord import limits

_STYLES = {
    Style.PLAIN: discord.ButtonStyle.secondary,
    Style.MAIN: discord.ButtonStyle.primary,
    Style.DANGER: discord.ButtonStyle.danger,
}
_FORM = "form:"
_INPUT = "text"


class Surface(StrEnum):
    """What components stand on: the message of a deck, or a panel for one person; first in their ids."""

    DECK = "d"
    PANEL = "p"


class TakesPresses(Protocol):
    """The client that components belong to."""

    async def take_press(self, interaction: discord.Interaction[Any], surface: Surface, token: str) -> None:
        """Something was pressed or chosen."""
        ...


class TokenButton(ui.DynamicItem[ui.Button[ui.View]], template=r"b:(?P<surface>[dp]):(?P<token>.+)"):
    """A button of any message that the bot ever sent."""

    def __init__(self, item: "ui.Button[ui.View]", surface: Surface, token: str) -> None:
        super().__init__(item)
        self.surface, self.token = surface, token

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        return cls(cast("ui.Button[ui.View]", item), Surface(match["surface"]), match["token"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press on."""
        await cast(TakesPresses, interaction.client).take_press(interaction, self.surface, self.token)


class TokenSelect(ui.DynamicItem[ui.Select[ui.View]], template=r"s:(?P<surface>[dp]):(?P<place>\d)"):
    """A select of any message that the bot ever sent; the options' values are tokens."""

    def __init__(self, item: "ui.Select[ui.View]", surface: Surface) -> None:
        super().__init__(item)
        self.surface = surface

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """The select in which something was chosen."""
        return cls(cast("ui.Select[ui.View]", item), Surface(match["surface"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand what was chosen on."""
        await cast(TakesPresses, interaction.client).take_press(
            interaction, self.surface, "".join(self.item.values[:1])
        )


DYNAMIC = (TokenButton, TokenSelect)


def view_of(reply: Reply, surface: Surface) -> ui.View:
    """The components of a reply. The library need not keep the view: ids alone say what is to be done."""
    view = ui.View(timeout=None)
    for place, select in enumerate(one for one in reply.selects if one.options):
        view.add_item(_select(select, surface, place))
    used = len(view.children)
    rows = [row for row in reply.choices if row][: limits.ROWS - used]
    for number, row in enumerate(rows, start=used):
        for choice in row[: limits.BUTTONS_IN_ROW]:
            view.add_item(_button(choice, surface, number))
    view.stop()
    return view


def _select(select: Select, surface: Surface, place: int) -> TokenSelect:
    options = {
        one.token: discord.SelectOption(
            label=visible(one.label)[: limits.OPTION_TEXT] or "–",
            value=one.token,
            description=one.description[: limits.OPTION_TEXT] or None,
        )
        for one in select.options
    }
    item: ui.Select[ui.View] = ui.Select(
        custom_id=f"s:{surface}:{place}",
        placeholder=select.prompt[: limits.PLACEHOLDER],
        options=list(options.values())[: limits.OPTIONS],
        row=place,
    )
    return TokenSelect(item, surface)


def _button(choice: Choice, surface: Surface, row: int) -> TokenButton:
    item: ui.Button[ui.View] = ui.Button(
        label=visible(choice.label)[: limits.LABEL] or "–",
        style=_STYLES[choice.style],
        custom_id=f"b:{surface}:{choice.token}",
        row=row,
    )
    return TokenButton(item, surface, choice.token)


def left_behind(interaction: discord.Interaction[Any]) -> tuple[Surface, str] | None:
    """A press on what its message no longer shows, which the library drops: two clicks, and an edit in between."""
    data: Mapping[str, Any] = interaction.data or {}
    pressed = str(data.get("custom_id", ""))
    rows = [] if interaction.message is None else interaction.message.components
    shown = {getattr(item, "custom_id", "") for row in rows for item in getattr(row, "children", ())}
    if pressed in shown:
        return None
    button = TokenButton.__discord_ui_compiled_template__.fullmatch(pressed)
    if button is not None:
        return Surface(button["surface"]), button["token"]
    select = TokenSelect.__discord_ui_compiled_template__.fullmatch(pressed)
    return None if select is None else (Surface(select["surface"]), "".join(data.get("values", ())[:1]))


def modal_of(form: Form, surface: Surface) -> ui.Modal:
    """A form. The library need not keep it either: its submission is known by its id."""
    modal = ui.Modal(title=form.title[: limits.MODAL_TITLE], custom_id=f"{_FORM}{surface}:{form.token}")
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id=_INPUT, default=form.initial or None, max_length=limits.INPUT_LETTERS, required=True
    )
    modal.add_item(_labelled(form, field))
    modal.stop()
    return modal


def _labelled(form: Form, field: "ui.TextInput[ui.Modal]") -> "ui.Label[ui.Modal]":
    """The prompt above the field; below the title where it is too long for that."""
    if len(form.prompt) <= limits.INPUT_LABEL:
        return ui.Label(text=form.prompt, component=field)
    description = form.prompt[: limits.INPUT_DESCRIPTION]
    return ui.Label(text=form.title[: limits.INPUT_LABEL], description=description, component=field)


def submitted(data: Mapping[str, Any]) -> tuple[Surface, str, dict[str, str]] | None:
    """Where a form of ours was opened, its token, and what was typed; None for others."""
    custom_id = str(data.get("custom_id", ""))
    if not custom_id.startswith(_FORM):
        return None
    surface, _, token = custom_id.removeprefix(_FORM).partition(":")
    return Surface(surface), token, dict(_inputs(data.get("components", ())))


def _inputs(components: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Texts in labels and rows."""
    found: list[tuple[str, str]] = []
    for one in components:
        if "value" in one:
            found.append((str(one["custom_id"]), str(one["value"])))
        inner = one.get("components") or ([one["component"]] if one.get("component") else [])
        found += _inputs(inner)
    return found
