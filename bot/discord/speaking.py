"""Says something on Discord with nothing but the token: no gateway, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import discord

from bot.conversation.model import Mention, Reply
from bot.discord.addresses import use_addresses
from bot.discord.components import Surface
from bot.discord.rendering import render
from chatops.model import Place
from chatops.on_call.emergency import Called
from config.settings import Settings


@dataclass(slots=True)
class DiscordSpeaker:
    """As ``chatops.on_call.emergency.Speaker``."""

    settings: Settings
    _client: discord.Client | None = field(default=None, init=False)

    async def speak(self, place: Place, text: str, called: Sequence[Called]) -> None:
        """To a channel, or to a person."""
        client = await self._open()
        mentions = tuple(Mention(one.name, one.user) for one in called)
        rendered = render(Reply(text, mentions=mentions), Surface.PANEL)
        channel = int(place.chat)
        if place.is_private:
            channel = (await client.create_dm(discord.Object(channel))).id
        await client.get_partial_messageable(channel).send(
            rendered.content, allowed_mentions=rendered.called(), suppress_embeds=True
        )

    async def close(self) -> None:
        """Close the connection, if there was one."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _open(self) -> discord.Client:
        """A client that is logged in and connected to no gateway."""
        if self._client is None:
            use_addresses(self.settings.discord_api_url, self.settings.discord_gateway_url)
            token = self.settings.discord_token
            client = discord.Client(
                intents=discord.Intents.none(),
                allowed_mentions=discord.AllowedMentions.none(),
                max_ratelimit_timeout=30.0,
            )
            await client.login("" if token is None else token.get_secret_value())
            self._client = client
        return self._client
