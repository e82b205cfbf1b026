"""What players see of maintenance and of a crowd."""

from datetime import timedelta

from chatops import maintaining
from chatops.maintaining import Wish
from storage.maintenance import Mode
from tests.bot.operator import operating
from tests.bot.product import Product
from tests.fakes.deck_reader import FakeReader, picture
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Player

DONE = "16 main, 5 sideboard, all lines are certain"
HALF_AN_HOUR = timedelta(minutes=30)


async def test_a_picture_is_kept_and_read_when_maintenance_is_over(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    async with operating(product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.SOFT, "a new disk", HALF_AN_HOUR, "Olga"))
        await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])

        reply = await discord.reply_in(discord.direct(ana), "We are working on the reader until about")
        assert reply.content.endswith("UTC. Your picture is kept and will be read then: nothing is left for you to do.")
        assert reader.reads == 0
        await maintaining.end(parts)
        await discord.shows(reply, DONE)


async def test_hard_maintenance_hands_out_no_lists(discord: FakeDiscord, product: Product, ana: Player) -> None:
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    deck = await discord.reply_in(discord.direct(ana), DONE)
    async with operating(product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.HARD, "new tables", HALF_AN_HOUR, "Olga"))
        refused = await discord.answer(await discord.choose(ana, deck, "Magic Online (text)"))
        assert refused.content.startswith("We are working here until about")
        await discord.press(ana, deck, "Swap main and sideboard")

        await maintaining.end(parts)
        await discord.answer(await discord.choose(ana, deck, "Magic Online (text)"))
        assert DONE in deck.content


async def test_a_picture_in_a_crowd_is_kept_and_read_when_there_is_room(
    discord: FakeDiscord, stopped: Product, ana: Player, reader: FakeReader
) -> None:
    stopped.settings = stopped.settings.model_copy(update={"queue_limit": 1})
    bot = await stopped.start()
    await discord.until(lambda: discord.gateway.is_connected or bot.running["discord"].done())
    ben = discord.player("ben")
    reader.gate.clear()
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture(salt="ana's"))])
    await discord.reply_in(discord.direct(ana), "Reading the card names")
    await discord.say(ben, discord.direct(ben), files=[("deck.png", picture(salt="ben's"))])

    waits = await discord.reply_in(discord.direct(ben), "Very many pictures are waiting. Yours is kept")
    assert "when its turn comes" in waits.content
    reader.gate.set()
    await discord.reply_in(discord.direct(ana), DONE)
    async with operating(stopped.settings) as parts:
        await maintaining.look(parts)
    await discord.shows(waits, DONE)
