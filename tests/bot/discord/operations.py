"""A Discord with an operations channel, and the people who work there."""

from dataclasses import dataclass
from pathlib import Path

from tests.bot.product import Product
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Channel, Interaction, Message, Player

ROLE = 4242
_POLICY = """
environment: prod
terminal: admin
people:
  - {{name: Alice, role: admin, accounts: {{discord: "{alice}", telegram: "1001"}}}}
  - {{name: Bob, role: admin, accounts: {{discord: "{bob}"}}}}
  - {{name: Olga, role: operator, accounts: {{discord: "{olga}"}}}}
  - {{name: Vera, role: viewer, accounts: {{discord: "{vera}"}}}}
groups:
  - {{platform: discord, group: "{role}", role: responder}}
places:
  - {{platform: discord, chat: "{channel}"}}
"""


@dataclass(slots=True)
class Scene:
    """Everybody who matters; ``lounge`` is another channel of the same server, ``thread`` hangs on ``channel``."""

    discord: FakeDiscord
    product: Product
    channel: Channel
    lounge: Channel
    thread: Channel
    alice: Player
    bob: Player
    olga: Player
    vera: Player
    rita: Player
    stranger: Player

    async def operate(self, who: Player, words: str, where: Channel | None = None, **options: object) -> Message:
        """Give a command; return what it answers."""
        given = await self.given(who, words, where, **options)
        return await self.discord.answer(given)

    async def given(self, who: Player, words: str, where: Channel | None = None, **options: object) -> Interaction:
        """Give a command."""
        return await self.discord.operate(who, where or self.channel, words, **options)

    async def says(self, message: Message, *texts: str) -> Message:
        """Wait until a message shows all of it."""
        for text in texts:
            await self.discord.shows(message, text)
        return message


def scene_of(discord: FakeDiscord, product: Product, folder: Path, more: str = "") -> Scene:
    """Make the server; the product is to be started after it."""
    channel, lounge = discord.channel("operations"), discord.channel("lounge")
    people = {name: discord.player(name) for name in ("alice", "bob", "olga", "vera", "stranger")}
    people["rita"] = discord.player("rita", roles=(ROLE,))
    thread = discord.channel("incident 12", kind=11, parent=channel.id)
    ids = {name: one.id for name, one in people.items()}
    policy = folder / "ops.yaml"
    policy.write_text(_POLICY.format(**ids, channel=channel.id, role=ROLE) + more)
    product.settings = product.settings.model_copy(update={"ops_file": policy})
    return Scene(discord, product, channel, lounge, thread, **people)
