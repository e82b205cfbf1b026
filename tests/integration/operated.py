"""The whole product under its own supervisor, with operations channels on both chat platforms, and who works there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.bot.telegram.seeing import hears
from tests.chaos.driving import Product, running_product
from tests.fakes import discord_rest, telegram_rooms, telegram_server
from tests.fakes.discord_server import FakeDiscord, fake_discord
from tests.fakes.discord_world import Channel, Message, Player
from tests.fakes.telegram_rooms import Room, Said
from tests.fakes.telegram_server import TelegramServer

PATIENCE_S = 150.0
_POLICY = """
environment: prod
people:
  - {{name: Alice, role: admin, accounts: {{telegram: "2001"}}}}
  - {{name: Olga, role: operator, accounts: {{discord: "{olga}"}}}}
places:
  - {{platform: telegram, chat: "{room}"}}
  - {{platform: discord, chat: "{channel}"}}
"""
_T = TypeVar("_T")


@dataclass
class Chats:
    """Both platforms, and settings of a product that is on both: Alice works on Telegram, Olga on Discord."""

    telegram: TelegramServer
    room: Room
    alone: Room
    alice: telegram_rooms.Player
    discord: FakeDiscord
    channel: Channel
    olga: Player
    settings: dict[str, str]

    async def until(self, found: Callable[[], _T | None], what: Callable[[], object]) -> _T:
        """Wait until something is there, and return it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (there := found()):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(what()) from None
        return there

    async def order(self, text: str, *words: str, thread: int | None = None) -> Said:
        """Alice gives an order on Telegram; the message that answers it, when it has all words."""
        number = self.room.text(self.alice, text, thread=thread)

        def answer() -> Said | None:
            said = self.room.answer_to(number)
            return said if said is not None and _has(said.text, words) else None

        return await self.until(answer, lambda: (text, words, [one.text for one in self.room.from_bot]))

    async def confirmed(self, text: str, *plan: str, thread: int | None = None) -> Said:
        """Give an order, look at its plan, and press its button; the message that shows it."""
        said = await self.order(text, *plan, thread=thread)
        await self.press(said, next(label for label in said.labels if "confirm" in label.lower()))
        return said

    async def press(self, said: Said, label: str) -> str:
        """Alice presses a button; the remark with which that is answered."""
        return await hears(self.room, self.room.press(self.alice, said, label))

    async def says(self, said: Said, *words: str) -> str:
        """Wait until a message has all words."""
        await self.until(lambda: _has(said.text, words), lambda: (words, said.text))
        return said.text

    async def on_telegram(self, *words: str, room: Room | None = None) -> Said:
        """Wait for a message with all words; the latest."""
        where = room or self.room
        return await self.until(
            lambda: next((one for one in reversed(where.from_bot) if _has(one.text, words)), None),
            lambda: (words, [one.text for one in where.from_bot]),
        )

    async def on_discord(self, *words: str, where: Channel | None = None) -> Message:
        """The same there."""
        place = where or self.channel
        return await self.until(
            lambda: next((one for one in reversed(self.discord.visible(place)) if _has(one.content, words)), None),
            lambda: (words, [one.content for one in self.discord.visible(place)]),
        )

    async def file(self, name: str) -> bytes:
        """Wait until a file was sent to the group."""
        return await self.until(
            lambda: next((one.file for one in self.room.from_bot if one.file_name == name), None),
            lambda: (name, [one.file_name for one in self.room.from_bot if one.file]),
        )


def _has(text: str, words: tuple[str, ...]) -> bool:
    return all(word.lower() in text.replace("\\", "").lower() for word in words)


@asynccontextmanager
async def chats(folder: Path, more: str = "") -> AsyncIterator[Chats]:
    """Both platforms while the context lasts; ``more`` of the policy."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(telegram_server.telegram_server())
        discord = await stack.enter_async_context(fake_discord())
        alice = telegram_rooms.Player(2001, "Alice")
        room, alone = telegram.group(1, is_forum=True, can_manage_topics=True), telegram.private(alice)
        channel, olga = discord.channel("operations"), discord.player("olga")
        policy = folder / "ops.yaml"
        policy.write_text(_POLICY.format(olga=olga.id, room=room.id, channel=channel.id) + more)
        settings = {
            "OPS_FILE": str(policy),
            "TELEGRAM_TOKEN": telegram_server.TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "DISCORD_TOKEN": discord_rest.TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "OPS_DISCORD_TALK": "true",
        }
        yield Chats(telegram, room, alone, alice, discord, channel, olga, settings)


@asynccontextmanager
async def product(folder: Path, talk: Chats, **settings: str) -> AsyncIterator[Product]:
    """The product with one worker, connected to both."""
    with running_product(folder, workers=1, **talk.settings, **settings) as running:
        yield running
