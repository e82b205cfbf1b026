"""What players see of maintenance and of a crowd."""

from datetime import timedelta

from chatops.queueing import maintaining
from chatops.queueing.maintaining import Wish
from storage.maintenance import Mode
from tests.bot.discord.operations import Scene
from tests.bot.features import covers
from tests.bot.operator import operating
from tests.bot.product import Product
from tests.fakes.deck_reader import FakeReader, picture
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Player

DONE = "16 main, 5 sideboard, all lines are certain"
HALF_AN_HOUR = timedelta(minutes=30)


@covers("maintenance")
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
        for asked in (
            discord.choose(ana, deck, "Magic Online (text)"),
            discord.press(ana, deck, "Swap main and sideboard"),
        ):
            refused = await discord.answer(await asked)
            assert refused.content.startswith("We are working here until about")

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


async def test_an_operator_begins_and_ends_it_in_the_chat(ops: Scene, reader: FakeReader) -> None:
    plan = await ops.operate(ops.olga, "maintenance on", reason="a new disk", **{"for": "1h"})
    await ops.says(plan, "Maintenance (soft) for 1 h, until", "Players are told when they send a picture")
    await ops.discord.press(ops.olga, plan, "Confirm")
    await ops.says(plan, "Maintenance (soft) is on until")

    ana = ops.discord.player("ana")
    await ops.discord.say(ana, ops.discord.direct(ana), files=[("deck.png", picture())])
    kept = await ops.discord.reply_in(ops.discord.direct(ana), "We are working on the reader until about")
    await ops.says(await ops.operate(ops.vera, "maintenance status"), "1 picture held until its end.")
    assert reader.reads == 0
    over = await ops.operate(ops.olga, "maintenance off")
    await ops.says(over, "Maintenance is over after", "1 picture that had to wait: in the queue now.")
    await ops.discord.shows(kept, DONE)


async def test_the_queue_is_looked_at_paused_and_resumed_in_the_chat(ops: Scene) -> None:
    shown = await ops.operate(ops.vera, "queue inspect")
    await ops.says(shown, "No job waiting, which is normal", "1 worker alive.", "orphaned")
    plan = await ops.operate(ops.olga, "queue pause", reason="a new disk")
    await ops.says(plan, "Workers (1) would take no jobs for 15 min.")
    await ops.discord.press(ops.olga, plan, "Confirm")
    await ops.says(plan, "Workers take no jobs until")
    resumed = await ops.operate(ops.olga, "queue resume")
    await ops.discord.press(ops.olga, resumed, "Confirm")
    await ops.says(resumed, "Workers take jobs again.")
