"""Orders to the console in words: ``@bot queue drain 5m`` in its channels, their threads, and direct messages."""

import contextlib
import logging
from dataclasses import dataclass, replace

import discord

from bot.conversation.conversation import Conversation
from bot.conversation.model import Answer, Place, Reply
from bot.conversation.operations.ordering import Ordering, actor_of, place_of
from bot.conversation.operations.runs import HELP
from bot.discord.components import Surface
from bot.discord.incoming import Words, author_of, place_of_message, words_of
from bot.discord.limits import PLATFORM
from bot.discord.rendering import render

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """Takes what people write to the bot, where the console answers; all else is for others."""

    conversation: Conversation
    client: discord.Client

    async def take(self, message: discord.Message, me: int) -> bool:
        """Carry an order out, whose request answers by a message of its own; whether it was one."""
        console = self.conversation.console
        words = words_of(message, me, {*console.registry.groups, HELP})
        if words is None:
            return False
        author, place = author_of(message.author), await self._place(message)
        identity = await console.authorisation.identify(actor_of(author), now=console.parts.clock())
        if not console.authorisation.is_ops_place(place_of(author, place), identity):
            return False
        await self._forget_secret(message, words)
        answer = await self.conversation.order(author, place, words.group, words.rest, str(message.id))
        if answer is not None:
            await self._show(message, answer)
        return True

    async def _place(self, message: discord.Message) -> Place:
        """Where it was said; a thread that is not known as one yet is looked up, an answer to a card is about it."""
        place = place_of_message(message)
        if message.guild is not None and isinstance(message.channel, discord.PartialMessageable):
            with contextlib.suppress(discord.HTTPException):
                found = await self.client.fetch_channel(message.channel.id)
                if isinstance(found, discord.Thread):
                    place = replace(place, around=frozenset({str(found.parent_id)}))
        if message.reference is None or message.reference.message_id is None:
            return place
        talk = str(message.reference.message_id)  # a card's thread has the card's own id
        return replace(place, incident=await self.conversation.incident_of(PLATFORM, talk))

    async def _forget_secret(self, message: discord.Message, words: Words) -> None:
        """A token that was written into a channel goes at once, where the bot may delete messages."""
        if Ordering(self.conversation.console).has_secret(words.group, words.rest):
            with contextlib.suppress(discord.HTTPException):
                await message.delete()

    async def _show(self, message: discord.Message, answer: Answer) -> None:
        """What comes of an order that is no request, said once."""
        rendered = render(answer.panel or Reply(answer.notice), Surface.PANEL)
        channel = self.client.get_partial_messageable(message.channel.id)
        try:
            await channel.send(
                rendered.content,
                view=rendered.view(),
                files=rendered.uploads(),
                reference=message.to_reference(fail_if_not_exists=False),
                nonce=f"o{message.id}",
                suppress_embeds=True,
            )
        except discord.HTTPException as error:
            log.info("message %s could not be answered: %s", message.id, error)
