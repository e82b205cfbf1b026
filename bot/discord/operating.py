"""The console on Discord: its commands in the servers of its channels, and what people give them."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Protocol, cast

import discord
from discord import app_commands

from bot.conversation.conversation import Conversation
from bot.conversation.model import Answer, Reply
from bot.conversation.operations.ordering import Operation
from bot.conversation.operations.runs import RUN, TOLD
from bot.conversation.tokens import parse
from bot.discord.answering import tell
from bot.discord.components import Surface
from bot.discord.console_commands import console_commands, is_console_command, spoken
from bot.discord.incoming import author_of, place_of
from bot.discord.limits import CHOICE_TEXT, CHOICES, COMPLETE_S, PLATFORM
from bot.discord.outbound import Address, Token
from bot.discord.registration import register_in_server
from bot.discord.rendering import Rendered, render

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]

_ALREADY_ANSWERED = 40060
_STARTS_SOMETHING = frozenset({"opsgo", "opsnext", RUN, TOLD})


class TakesOperations(Protocol):
    """The client that the tree belongs to."""

    async def take_operation(self, interaction: Interaction) -> None:
        """An action, or what somebody types of one."""
        ...


class ConsoleTree(app_commands.CommandTree[Any]):
    """Hands commands of the console on, whose declarations are not the library's."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether the library is to find the command."""
        if not is_console_command(interaction.data or {}):
            return True
        await cast(TakesOperations, interaction.client).take_operation(interaction)
        return False


class Operating:
    """Takes the console's interactions to the conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    async def register(self, client: discord.Client, server: int | None = None) -> None:
        """In all servers that have a channel of the console, or in one that the bot has just joined."""
        console = self._conversation.console
        channels = [int(one.chat) for one in console.authorisation.places() if one.platform == PLATFORM]
        wanted = console_commands(console.registry)
        servers = await self._servers(client, channels)
        for one in servers & {server} if server is not None else servers:
            try:
                await register_in_server(client, one, wanted)
            except discord.HTTPException as error:  # what was registered before still works
                log.error("the console's commands could not be registered in server %d: %s", one, error)

    async def take(self, interaction: Interaction, token: Token) -> None:
        """An action was given as a command: its request is shown by the interaction's reply."""
        said = spoken(interaction.data or {})
        author = author_of(interaction.user, str(interaction.locale))
        is_hidden = self._conversation.answers_privately(said.group, said.verb, place_of(interaction))
        can_reply = await _defer(interaction, is_hidden)
        place = place_of(interaction, Address(interaction.user.id, token=token if can_reply else None))
        operation = Operation(author, place, said.group, said.verb, said.options, str(interaction.id))
        found = await self._conversation.operate(operation)
        if found is not None and can_reply:
            await self._answer(interaction, found, is_hidden)

    async def complete(self, interaction: Interaction) -> None:
        """Offer what may be meant, in time."""
        said = spoken(interaction.data or {})
        author, place = author_of(interaction.user), place_of(interaction)
        typed = said.options.get(said.focused, "")
        offered: list[str] = []
        try:
            async with asyncio.timeout(COMPLETE_S):
                offered = await self._conversation.complete_option(
                    author, place, said.group, said.verb, said.focused, typed
                )
        except TimeoutError:
            log.info("options of %s %s took too long", said.group, said.verb)
        choices = [app_commands.Choice(name=one, value=one) for one in offered if 0 < len(one) <= CHOICE_TEXT]
        try:
            await interaction.response.autocomplete(choices[:CHOICES])
        except discord.HTTPException as error:
            log.info("interaction %s could not be answered: %s", interaction.id, error)

    async def _servers(self, client: discord.Client, channels: Iterable[int]) -> set[int]:
        """Those of channels that the bot sees."""
        found: set[int] = set()
        for channel in channels:
            try:
                about = await client.http.get_channel(channel)
            except discord.HTTPException as error:
                log.warning("the console's channel %d is not seen by the bot: %s", channel, error)
                continue
            if about.get("guild_id"):
                # Channels of servers have it, whatever the type of all channels says.
                found.add(int(about["guild_id"]))  # type: ignore[typeddict-item]
        return found

    async def _answer(self, interaction: Interaction, found: Answer, is_hidden: bool) -> None:
        """What is said of a command that becomes no request is for whoever gave it alone."""
        rendered = _rendered(found)
        try:
            if is_hidden:
                await tell(interaction, rendered)
            else:
                await interaction.delete_original_response()
                await interaction.followup.send(
                    rendered.content, view=rendered.view(), files=rendered.uploads(), ephemeral=True, wait=True
                )
        except discord.HTTPException as error:
            log.info("interaction %s could not be answered: %s", interaction.id, error)


def starts_something(token: str) -> bool:
    """Whether a button asks the console for an action: the request that comes of it has a message of its own."""
    try:
        return parse(token).verb in _STARTS_SOMETHING
    except ValueError:
        return False


def _rendered(found: Answer) -> Rendered:
    return render(found.panel or Reply(found.notice), Surface.PANEL)


async def _defer(interaction: Interaction, is_hidden: bool) -> bool:
    """Whether the interaction can be replied to."""
    try:
        await interaction.response.defer(ephemeral=is_hidden, thinking=True)
    except discord.HTTPException as error:
        log.info("interaction %s was not acknowledged in time: %s", interaction.id, error)
        return error.code == _ALREADY_ANSWERED
    return True
