"""The ways by which one message reaches Discord, each with what it means when Discord refuses."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import discord

from bot.conversation.tokens import short
from bot.delivery import Undeliverable
from bot.discord.outbound import Shown, Token
from bot.discord.permissions import missing_permission
from bot.discord.rendering import Rendered, plain
from storage.records import MessageRecord

log = logging.getLogger(__name__)

_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE = 10003, 10008
_ARCHIVED = 50083
_NO_HISTORY = 160002
_HAS_THREAD = 160004
_THREAD_NAME = 100
_ORIGINAL = cast(int, "@original")
"""Discord's name for an interaction's own reply, where the library expects an id."""


class Deleted(Undeliverable):
    """Somebody deleted the message."""


class WayClosed(Exception):
    """Not by this way. ``is_refusal``: the bot may not write there, ``permission`` names what it lacks if known."""

    def __init__(self, why: str, *, is_refusal: bool = False, permission: str | None = None) -> None:
        super().__init__(why)
        self.is_refusal = is_refusal
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one message. What is sent twice shows once: its id is its nonce."""

    client: discord.Client
    message: MessageRecord

    async def by_token(self, token: Token, shown: Shown | None, rendered: Rendered) -> Shown:
        """As the reply of an interaction; raises WayClosed where the token is no longer good."""
        webhook = discord.Webhook.partial(token.application, token.secret, client=self.client)
        try:
            sent = await webhook.edit_message(
                _ORIGINAL, content=rendered.content, view=rendered.view(), attachments=rendered.uploads()
            )
        except discord.NotFound as error:
            if error.code == _UNKNOWN_MESSAGE and shown is not None:
                raise Deleted("the message was deleted") from error
            raise WayClosed("the interaction's token is not good") from error
        except discord.HTTPException as error:
            if error.status in (401, 403):
                raise WayClosed("the interaction's token is not good") from error
            raise
        return Shown(sent.channel.id, sent.id, by_token=True)

    async def edit(self, shown: Shown, rendered: Rendered) -> Shown:
        """The message where it is; raises Deleted."""
        async with self._refused(shown.channel, rendered):
            message = self._channel(shown.channel).get_partial_message(shown.message)
            await message.edit(content=rendered.content, view=rendered.view(), attachments=rendered.uploads())
        return shown

    async def send(self, channel: int, reply_to: int | None, rendered: Rendered, *, again: bool = False) -> Shown:
        """A new message, in reply to what it answers where that still is; ``again`` where one was deleted."""
        async with self._refused(channel, rendered):
            try:
                return await self._send(channel, reply_to, rendered, again=again)
            except discord.HTTPException as error:
                if error.code != _NO_HISTORY:
                    raise
                return await self._send(channel, None, rendered, again=again)

    async def send_direct(self, user: int, note: str, rendered: Rendered) -> Shown:
        """A direct message; raises WayClosed where the player takes none."""
        try:
            channel = await self.client.create_dm(discord.Object(user))
            shown = await self._send(channel.id, None, rendered)
        except (discord.Forbidden, discord.NotFound) as error:
            raise WayClosed("the player takes no direct messages") from error
        return replace(shown, is_direct=True, note=note)

    async def say(self, reply_to: int, text: str) -> None:
        """One line in reply to the player; raises WayClosed, HTTPException."""
        channel = int(self.message.chat)
        reference = discord.MessageReference(message_id=reply_to, channel_id=channel, fail_if_not_exists=False)
        await self._channel(channel).send(plain(text), reference=reference, nonce=f"n{reply_to}")

    async def open_thread(self, shown: Shown, name: str) -> str | None:
        """A thread on the message; its id, None where there can be none. A second call finds the first one's."""
        try:
            await self.client.http.start_thread_with_message(
                shown.channel, shown.message, name=name[:_THREAD_NAME], auto_archive_duration=10080
            )
        except discord.HTTPException as error:
            if error.code != _HAS_THREAD:
                log.info("message %s gets no thread: %s", self.message.id, error)
                return None
        return str(shown.message)  # Discord gives a thread the id of the message that it hangs on

    async def delete(self, shown: Shown | None, tokens: Sequence[Token]) -> None:
        """Remove the message by whatever way still reaches it."""
        for token in tokens:
            webhook = discord.Webhook.partial(token.application, token.secret, client=self.client)
            with suppress(discord.NotFound, discord.Forbidden):
                await webhook.delete_message(_ORIGINAL)
                return
        if shown is not None:
            with suppress(discord.NotFound, discord.Forbidden):
                await self._channel(shown.channel).get_partial_message(shown.message).delete()

    async def _send(self, channel: int, reply_to: int | None, rendered: Rendered, *, again: bool = False) -> Shown:
        options: dict[str, Any] = {}
        if reply_to is not None:
            options["reference"] = discord.MessageReference(
                message_id=reply_to, channel_id=channel, fail_if_not_exists=False
            )
        sent = await self._channel(channel).send(
            rendered.content,
            view=rendered.view(),
            files=rendered.uploads(),
            nonce=short(self.message.id) + ("a" if again else ""),
            suppress_embeds=True,
            allowed_mentions=rendered.called(),
            **options,
        )
        shown = Shown(channel, sent.id, is_again=again)
        if sent.content.strip() != rendered.content.strip():  # sent before, when it still said something else
            await self.edit(shown, rendered)
        return shown

    def _channel(self, channel: int) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(channel)

    @asynccontextmanager
    async def _refused(self, channel: int, rendered: Rendered) -> AsyncIterator[None]:
        """What Discord's refusals mean for a channel."""
        try:
            yield
        except discord.NotFound as error:
            if error.code == _UNKNOWN_CHANNEL:
                raise Undeliverable("the channel was deleted") from error
            raise Deleted("the message was deleted") from error
        except discord.Forbidden as error:
            lacking = missing_permission(self.client.get_channel(channel), has_files=bool(rendered.files))
            why = f"not allowed in channel {channel}: {lacking or error.text}"
            raise WayClosed(why, is_refusal=True, permission=lacking) from error
        except discord.HTTPException as error:
            if error.code != _ARCHIVED:
                raise
            raise WayClosed(f"thread {channel} is archived", is_refusal=True) from error
