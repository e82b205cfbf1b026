"""The commands of Discord's menus: made of the conversation's, in its words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.conversation.commands import COMMANDS, Command
from bot.conversation.model import Attachment
from bot.conversation.texts import Language, Texts
from bot.discord.incoming import attached, attachments_of, text_of
from bot.discord.limits import CHOICE_TEXT, CHOICES, COMPLETE_S
from storage.errors import StorageError

Interaction = discord.Interaction[Any]
Autocomplete = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

_ENGLISH, _FRENCH = Texts(Language.ENGLISH), Texts(Language.FRENCH)


class TakesCommands(Protocol):
    """What commands are handed to."""

    async def take_pictures(
        self, interaction: Interaction, attachments: tuple[Attachment, ...], text: str, private: bool | None
    ) -> None:
        """Pictures are to be read."""
        ...

    async def take_call(self, interaction: Interaction, name: str, options: dict[str, str]) -> None:
        """A command was given."""
        ...

    async def complete_card(self, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
        """Cards for what is being typed: what to show, what comes back."""
        ...

    async def complete_line(self, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
        """Lines of the latest deck."""
        ...


class FrenchTranslator(app_commands.Translator):
    """Gives the French words of those that were made by ``words``."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """None where there are none."""
        key = string.extras.get("key")
        return _FRENCH(key) if locale is discord.Locale.french and key else None


def words(key: str) -> locale_str:
    """A sentence of the conversation in all its languages."""
    return locale_str(_ENGLISH(key), key=key)


def add_commands(tree: app_commands.CommandTree[Any], taker: TakesCommands) -> None:
    """All commands; raises ValueError for one that this file does not know how to ask for."""
    special = {"deck": _deck_command, "fix": _fix_command}
    for command in COMMANDS:
        make = special.get(command.name)
        if make is None and command.takes_picture:
            raise ValueError(f"nobody knows the options of /{command.name}")
        tree.add_command(_plain_command(command, taker) if make is None else make(taker))
    tree.add_command(_context_menu(taker))


def _plain_command(command: Command, taker: TakesCommands) -> app_commands.Command[Any, ..., Any]:
    async def callback(interaction: Interaction) -> None:
        await taker.take_call(interaction, command.name, {})

    return app_commands.Command(name=command.name, description=words(f"command_{command.name}"), callback=callback)


def _deck_command(taker: TakesCommands) -> app_commands.Command[Any, ..., Any]:
    @app_commands.describe(
        picture=words("option_picture"), second=words("option_second"), private=words("option_private")
    )
    async def deck(
        interaction: Interaction,
        picture: discord.Attachment,
        second: discord.Attachment | None = None,
        private: bool | None = None,
    ) -> None:
        files = attached([picture] if second is None else [picture, second])
        await taker.take_pictures(interaction, files, "", private)

    return app_commands.Command(name="deck", description=words("command_deck"), callback=deck)


def _fix_command(taker: TakesCommands) -> app_commands.Command[Any, ..., Any]:
    @app_commands.describe(line=words("option_line"), card=words("option_card"))
    async def fix(interaction: Interaction, line: str = "", card: str = "") -> None:
        await taker.take_call(interaction, "fix", {"line": line, "card": card})

    command: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name="fix", description=words("command_fix"), callback=fix
    )
    command.autocomplete("line")(_completing(taker.complete_line))
    command.autocomplete("card")(_completing(taker.complete_card))
    return command


def _completing(complete: Callable[[Interaction, str], Awaitable[list[tuple[str, str]]]]) -> Autocomplete:
    async def choices(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            async with asyncio.timeout(COMPLETE_S):
                found = await complete(interaction, current)
        except (TimeoutError, StorageError):
            return []
        fitting = [(shown[:CHOICE_TEXT], value) for shown, value in found if len(value) <= CHOICE_TEXT]
        return [app_commands.Choice(name=shown, value=value) for shown, value in fitting[:CHOICES]]

    return choices


def _context_menu(taker: TakesCommands) -> app_commands.ContextMenu:
    async def read(interaction: Interaction, message: discord.Message) -> None:
        text = text_of(message, interaction.application_id)
        await taker.take_pictures(interaction, attachments_of(message), text, None)

    return app_commands.ContextMenu(name=words("command_read"), callback=read)
