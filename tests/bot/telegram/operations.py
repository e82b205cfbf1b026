"""A Telegram with an operations group, and the people who work there."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears
from tests.fakes.telegram_rooms import Player, Room, Said
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

_POLICY = """
environment: prod
terminal: admin
people:
  - {{name: Alice, role: admin, accounts: {{telegram: "2001", discord: "77"}}}}
  - {{name: Bob, role: admin, accounts: {{telegram: "2002"}}}}
  - {{name: Olga, role: operator, accounts: {{telegram: "2003"}}}}
  - {{name: Vera, role: viewer, accounts: {{telegram: "2004"}}}}
groups:
  - {{platform: telegram, group: "{crew}", role: responder}}
places:
  - {{platform: telegram, chat: "{ops}"}}
"""


@dataclass(slots=True)
class Scene:
    """Everybody who matters; ``room`` is the operations group, a forum; ``lounge`` another group."""

    telegram: TelegramServer
    product: Product
    room: Room
    lounge: Room
    crew: Room
    alice: Player = field(default_factory=lambda: Player(2001, "Alice"))
    bob: Player = field(default_factory=lambda: Player(2002, "Bob"))
    olga: Player = field(default_factory=lambda: Player(2003, "Olga"))
    vera: Player = field(default_factory=lambda: Player(2004, "Vera"))
    rita: Player = field(default_factory=lambda: Player(2005, "Rita"))
    stranger: Player = field(default_factory=lambda: Player(2666, "Stranger"))

    async def order(self, who: Player, text: str, *words: str, room: Room | None = None, **more: object) -> Said:
        """Write something; return the message that answers it when it has all the words."""
        where = room or self.room
        number = where.text(who, text, **more)

        def answer() -> str:
            found = where.answer_to(number)
            return "" if found is None else found.text.lower()

        assert await eventually(lambda: all(word.lower() in answer() for word in words)), (words, answer())
        found = where.answer_to(number)
        assert found is not None
        return found

    async def press(self, who: Player, said: Said, label: str, room: Room | None = None) -> str:
        """Press a button; return the remark with which it is answered."""
        where = room or self.room
        return await hears(where, where.press(who, said, label))


def scene_of(telegram: TelegramServer, product: Product, folder: Path, more: str = "") -> Scene:
    """Make the groups; the product is to be started after it."""
    room, lounge, crew = telegram.group(1, is_forum=True), telegram.group(2), telegram.group(3)
    policy = folder / "ops.yaml"
    policy.write_text(_POLICY.format(ops=room.id, crew=crew.id) + more)
    product.settings = product.settings.model_copy(update={"ops_file": policy})
    scene = Scene(telegram, product, room, lounge, crew)
    crew.outsiders |= {one.id for one in (scene.stranger, scene.alice, scene.bob, scene.olga, scene.vera)}
    telegram.private(scene.alice)
    return scene
