"""The connection to Discord: what happens there is handed to the conversation."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import discord
import yarl
from discord import app_commands

from bot.conversation.conversation import Conversation
from bot.conversation.model import Attachment, Author, Call, Post, Press, Reply
from bot.discord.answering import Origin, acknowledge, answer, origin_of
from bot.discord.commands import FrenchTranslator, add_commands
from bot.discord.components import DYNAMIC, Surface, left_behind, submitted
from bot.discord.incoming import author_of, place_of, post_of, remark_of
from bot.discord.limits import FIRST_RESPONSE_S, PLATFORM, TOKEN_S
from bot.discord.operating import ConsoleTree, Operating, starts_something
from bot.discord.orders import Orders
from bot.discord.outbound import Address, FreshTokens, Token
from bot.discord.pace import Pace
from bot.discord.registration import register
from bot.discord.rendering import plain, render
from config.tasks import Tasks

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]

_ALREADY_ANSWERED = 40060
_REMEMBERED = 5000
_LAST_ANSWERS_S = 2.0


def intents(*, reads_contents: bool) -> discord.Intents:
    """The least that is needed; the contents of messages only where channels are watched, or talks kept."""
    return discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=reads_contents)


P = ParamSpec("P")
T = TypeVar("T")


def _owned(
    method: "Callable[Concatenate[DiscordClient, P], Coroutine[Any, Any, T]]",
) -> "Callable[Concatenate[DiscordClient, P], Coroutine[Any, Any, T]]":
    """Let the client look after the task in which this runs: the library starts one for each event and forgets it."""

    @wraps(method)
    async def looked_after(client: "DiscordClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        if (task := asyncio.current_task()) is not None:
            client.at_work.own(task)
        return await method(client, *args, **kwargs)

    return looked_after


class DiscordClient(discord.AutoShardedClient):
    """One connection; ``online`` is called when requests can be made."""

    def __init__(
        self,
        conversation: Conversation,
        tokens: FreshTokens,
        pace: Pace,
        *,
        watched: Collection[int],
        keeps_talk: bool,
        gateway: str | None,
        online: Callable[["DiscordClient"], None],
    ) -> None:
        super().__init__(
            intents=intents(reads_contents=bool(watched) or keeps_talk),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=30.0,
            http_trace=pace.trace(),
        )
        self._conversation = conversation
        self._tokens = tokens
        self._watched = watched
        self._gateway = yarl.URL(gateway) if gateway else None
        self._online = online
        self._seen: OrderedDict[int, None] = OrderedDict()
        self.at_work = Tasks()
        self._operating = Operating(conversation)
        self._orders = Orders(conversation, self)
        self.tree = ConsoleTree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )

    async def setup_hook(self) -> None:
        """Logged in, not yet connected."""
        await self.tree.set_translator(FrenchTranslator())
        add_commands(self.tree, self)
        self.add_dynamic_items(*DYNAMIC)
        self._online(self)
        try:
            await register(self.tree)
        except discord.HTTPException as error:  # what was registered before still works
            log.error("commands could not be registered: %s", error)
        await self._operating.register(self)

    @_owned
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """It may be the server of the console."""
        await self._operating.register(self, guild.id)

    async def close(self) -> None:
        """Let what is being answered end, for a moment, and then the connection."""
        await self.at_work.close(_LAST_ANSWERS_S)
        await super().close()
        await self.at_work.close()

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """At the address of the settings rather than at that which the API tells."""
        await super().launch_shard(self._gateway or gateway, shard_id, initial=initial)

    @_owned
    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote."""
        await self._take_message(message, is_edit=False)

    @_owned
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Somebody changed a message; Discord tells too when it has only looked at its links."""
        if event.data.get("edited_timestamp"):
            await self._take_message(event.message, is_edit=True)

    @_owned
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """It may have been part of the talk about an incident."""
        await self._conversation.miss(PLATFORM, str(event.channel_id), str(event.message_id))

    @_owned
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """It may have been the thread of an incident: what belongs there is shown beside its card from now on."""
        await self._conversation.end_talk(PLATFORM, str(event.thread_id))

    async def on_interaction(self, interaction: Interaction) -> None:
        """What the library drops: forms that were shown before a restart, components that have just gone."""
        if interaction.type is discord.InteractionType.modal_submit:
            form = submitted(interaction.data or {})
            if form is not None:
                await self.take_press(interaction, *form)
        elif interaction.type is discord.InteractionType.component:
            press = left_behind(interaction)
            if press is not None:
                await self.take_press(interaction, *press)

    @_owned
    async def take_press(
        self, interaction: Interaction, surface: Surface, token: str, values: dict[str, str] | None = None
    ) -> None:
        """A button, an option or a filled form."""
        if not self._is_new(interaction):
            return
        origin = origin_of(interaction, surface)
        if starts_something(token):
            origin = Origin.DECK
            await self._acknowledge(interaction, origin)
        elif origin is Origin.PRIVATE_DECK and not await self._keep_reach(interaction):
            return
        press = Press(
            _author(interaction),
            place_of(interaction, Address(interaction.user.id, token=_token(interaction), is_press=True)),
            token,
            values or {},
            is_moderator=interaction.guild_id is not None and interaction.permissions.manage_messages,
            origin=str(interaction.id),
        )
        await answer(interaction, self._conversation.press(press), origin)

    @_owned
    async def take_operation(self, interaction: Interaction) -> None:
        """An action of the console, or what somebody types of one."""
        if interaction.type is discord.InteractionType.autocomplete:
            await self._operating.complete(interaction)
        elif self._is_new(interaction):
            await self._operating.take(interaction, _token(interaction))

    @_owned
    async def take_call(self, interaction: Interaction, name: str, options: dict[str, str]) -> None:
        """A command."""
        if self._is_new(interaction):
            call = Call(_author(interaction), place_of(interaction), name, options)
            await answer(interaction, self._conversation.call(call), Origin.COMMAND)

    @_owned
    async def take_pictures(
        self, interaction: Interaction, attachments: tuple[Attachment, ...], text: str, private: bool | None
    ) -> None:
        """Pictures of a command: its reply is the message that shows them."""
        if not self._is_new(interaction):
            return
        author = _author(interaction)
        wants_privacy = await self._prefers_privacy(author) if private is None else private
        is_hidden = wants_privacy and not place_of(interaction).is_private
        can_reply = await self._defer(interaction, is_hidden)
        address = Address(interaction.user.id, token=_token(interaction) if can_reply else None)
        post = Post(
            author,
            place_of(interaction, address),
            str(interaction.id),
            attachments,
            text,
            wants_privacy=wants_privacy,
        )
        found = await self._conversation.receive(post)
        if found is not None and found.notice and can_reply:
            await self._refuse(interaction, found.notice, is_hidden)

    @_owned
    async def complete_card(self, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
        """Names of cards."""
        return [(name, name) for name in await self._conversation.complete(typed)]

    @_owned
    async def complete_line(self, interaction: Interaction, typed: str) -> list[tuple[str, str]]:
        """Lines of the latest deck."""
        return await self._conversation.complete_line(_author(interaction), typed)

    async def _take_message(self, message: discord.Message, *, is_edit: bool) -> None:
        me = 0 if self.user is None else self.user.id
        if not is_edit and await self._orders.take(message, me):
            return
        remark = remark_of(message, me, is_edit=is_edit)
        if remark is not None and await self._conversation.overhear(remark):
            return
        post = post_of(message, me, self._watched, is_edit=is_edit)
        if post is None:
            return
        found = await self._conversation.receive(post)
        if found is not None and found.notice:
            await self._remark(message, found.notice, f"n{message.id}{'e' * is_edit}")

    async def _remark(self, message: discord.Message, notice: str, nonce: str) -> None:
        """Said once, be the message taken twice; to the player alone where the channel is closed."""
        text = plain(notice)
        channel = self.get_partial_messageable(message.channel.id)
        reference = message.to_reference(fail_if_not_exists=False)
        try:
            try:
                await channel.send(text, reference=reference, nonce=nonce)
            except discord.Forbidden:
                direct = await self.create_dm(discord.Object(message.author.id))
                await direct.send(text, nonce=nonce)
        except discord.HTTPException as error:
            log.info("message %s could not be answered: %s", message.id, error)

    async def _refuse(self, interaction: Interaction, notice: str, is_hidden: bool) -> None:
        """In place of the reply, for the player alone: a reply that everybody would see goes first."""
        rendered = render(Reply(notice), Surface.PANEL)
        try:
            if is_hidden:
                await interaction.edit_original_response(content=rendered.content)
            else:
                await interaction.delete_original_response()
                await interaction.followup.send(rendered.content, ephemeral=True, wait=True)
        except discord.HTTPException as error:
            log.info("interaction %s could not be answered: %s", interaction.id, error)

    async def _prefers_privacy(self, author: Author) -> bool:
        try:
            async with asyncio.timeout(FIRST_RESPONSE_S):
                return await self._conversation.prefers_privacy(author)
        except TimeoutError:
            return True

    async def _defer(self, interaction: Interaction, is_hidden: bool) -> bool:
        """Whether the interaction can be replied to."""
        try:
            await interaction.response.defer(ephemeral=is_hidden, thinking=True)
        except discord.HTTPException as error:
            log.info("interaction %s was not acknowledged in time: %s", interaction.id, error)
            return error.code == _ALREADY_ANSWERED
        return True

    async def _keep_reach(self, interaction: Interaction) -> bool:
        """A message for one person is reached by the token of their latest press, for 15 more minutes."""
        if not await self._acknowledge(interaction, Origin.PRIVATE_DECK):
            return False
        if interaction.message is not None:
            self._tokens.remember(interaction.message.id, _token(interaction))
        return True

    async def _acknowledge(self, interaction: Interaction, origin: Origin) -> bool:
        try:
            await acknowledge(interaction, origin)
        except discord.HTTPException as error:
            log.info("interaction %s was not acknowledged in time: %s", interaction.id, error)
            return False
        return True

    def _is_new(self, interaction: Interaction) -> bool:
        """Discord may tell the same twice when a connection is taken up again."""
        if interaction.id in self._seen:
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


def _author(interaction: Interaction) -> Author:
    return author_of(interaction.user, str(interaction.locale))


def _token(interaction: Interaction) -> Token:
    return Token(interaction.application_id, interaction.token, time.time() + TOKEN_S)
