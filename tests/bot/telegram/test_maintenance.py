"""Maintenance, seen by a player who speaks French."""

from datetime import timedelta

from chatops import maintaining
from chatops.maintaining import Wish
from storage.maintenance import Mode
from tests.bot.operator import operating
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees
from tests.bot.telegram.test_posting import SIXTY
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player
from tests.fakes.telegram_server import TelegramServer


async def test_a_picture_is_kept_and_read_when_maintenance_is_over(product: Product, telegram: TelegramServer) -> None:
    amelie = Player(1003, "Amélie", "fr")
    room = telegram.private(amelie)
    async with operating(product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.HARD, "a new disk", timedelta(minutes=30), "Olga"))
        room.photo(amelie, picture(SIXTY))
        kept = await sees(room, "nous travaillons sur le lecteur jusque vers", "votre image est gardée")
        await maintaining.end(parts)

        shown = await sees(room, "60 deck")
        assert shown.id == kept.id
        await maintaining.begin(parts, Wish(Mode.HARD, "new tables", timedelta(minutes=30), "Olga"))
        remark = await hears(room, room.press(amelie, shown, "Échanger"))
        assert remark.startswith("Nous travaillons ici jusque vers")
        assert "60 deck" in shown.text
