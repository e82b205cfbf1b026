"""Discord, put together."""

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field

import aiohttp
import discord

from bot.conversation.conversation import Conversation
from bot.delivery import TryLater
from bot.discord.addresses import use_addresses
from bot.discord.client import DiscordClient
from bot.discord.fetching import Attachments
from bot.discord.incoming import files_of
from bot.discord.limits import PLATFORM
from bot.discord.outbound import FreshTokens
from bot.discord.outgoing import Outgoing
from bot.discord.pace import Pace
from bot.http.health import NotReady
from config.settings import Settings, SettingsError
from storage.records import Json, MessageRecord

log = logging.getLogger(__name__)

_PASSING = (OSError, TimeoutError, aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound)
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_STEADY_S = 120.0
_REFUSED = 4004
_CONNECTS_IN_S = 2.0


@dataclass(slots=True)
class DiscordSkin:
    """The platform as delivery, fetching and the bot process see it."""

    settings: Settings
    conversation: Conversation
    name: str = PLATFORM
    _client: DiscordClient | None = None
    _tokens: FreshTokens = field(init=False)
    _pace: Pace = field(default_factory=Pace)
    _outgoing: Outgoing = field(init=False)
    _attachments: Attachments = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = FreshTokens(time.time)
        self._outgoing = Outgoing(self.conversation, self._online, self._tokens, self._pace)
        self._attachments = Attachments(self.settings.discord_api_url, self._present_url)

    async def run(self) -> None:
        """As ``bot.skins.Skin``."""
        use_addresses(self.settings.discord_api_url, self.settings.discord_gateway_url)
        wait = _SHORTEST_WAIT_S
        while True:
            started = time.monotonic()
            try:
                await self._serve()
            except (*_PASSING, discord.ConnectionClosed) as error:
                log.warning("Discord cannot be reached, which will be tried again: %s", error)
            wait = _SHORTEST_WAIT_S if time.monotonic() - started > _STEADY_S else min(_LONGEST_WAIT_S, 2 * wait)
            await asyncio.sleep(wait)

    async def check(self) -> str:
        """As ``bot.skins.Skin``."""
        client = self._client
        shards = {} if client is None else client.shards
        closed = [number for number, shard in shards.items() if shard.is_closed()]
        if client is None or not shards or closed or not client.is_ready():
            raise NotReady("Discord is not connected; the log says why.")
        heard = f", {client.latency * 1000:.0f} ms" if math.isfinite(client.latency) else ""
        return f"({len(client.guilds)} servers{heard})"

    async def deliver(self, message: MessageRecord) -> Json:
        """As ``bot.delivery.Platform``."""
        return await self._outgoing.deliver(message)

    async def fetch(self, source: Json) -> bytes:
        """As ``bot.fetching.Source``."""
        return await self._attachments.fetch(source)

    async def _serve(self) -> None:
        """One connection, which takes itself up again, until it is closed for good."""
        client = DiscordClient(
            self.conversation,
            self._tokens,
            self._pace,
            watched=self.settings.discord_watched_channels,
            keeps_talk=self.settings.ops_discord_talk,
            gateway=self.settings.discord_gateway_url,
            online=self._set_online,
        )
        try:
            async with client:
                await client.start(self._token())
        except discord.LoginFailure as error:
            raise _refused_token() from error
        except discord.PrivilegedIntentsRequired as error:
            raise SettingsError(
                "DISCORD_WATCHED_CHANNELS and OPS_DISCORD_TALK need the Message Content intent: switch it on for the "
                "bot in Discord's Developer Portal, or set neither."
            ) from error
        except discord.ConnectionClosed as error:
            if error.code == _REFUSED:
                raise _refused_token() from error
            raise
        finally:
            self._client = None

    def _token(self) -> str:
        token = self.settings.discord_token
        if token is None:
            raise SettingsError("DISCORD_TOKEN is not set.")
        return token.get_secret_value()

    def _set_online(self, client: DiscordClient) -> None:
        self._client = client

    def _online(self) -> DiscordClient:
        if self._client is None or self._client.is_closed():
            raise TryLater(_CONNECTS_IN_S)
        return self._client

    async def _present_url(self, channel: int, message: int, attachment: str) -> str | None:
        """Look a message up again for the fresh address of its file; raises HTTPException, TryLater."""
        try:
            found = await self._online().get_partial_messageable(channel).fetch_message(message)
        except (discord.NotFound, discord.Forbidden):
            return None
        return next((one.url for one in files_of(found) if str(one.id) == attachment), None)


def _refused_token() -> SettingsError:
    return SettingsError(
        "DISCORD_TOKEN is refused by Discord: copy the bot's token again from the Developer Portal, or leave it empty."
    )
