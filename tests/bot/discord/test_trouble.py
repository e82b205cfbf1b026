"""What goes wrong on the way: nothing is lost, nothing is done twice, and people are told."""

import asyncio

import pytest
from pydantic import SecretStr

from bot.http.health import NotReady
from config.settings import SettingsError
from tests.bot.features import covers
from tests.bot.product import Product
from tests.fakes.deck_reader import FakeReader, picture
from tests.fakes.discord_rest import TOKEN
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import BOT, Channel, Player

DONE = "16 main, 5 sideboard, all lines are certain"


async def test_a_bot_that_ends_between_question_and_answer_answers_when_it_is_back(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel, reader: FakeReader
) -> None:
    reader.gate.clear()
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())})
    reply = await discord.shows(await discord.answer(asked), "Reading")
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture(salt="2"))])
    direct = await discord.reply_in(discord.direct(ana))

    await product.stop()
    reader.gate.set()
    await product.start()
    await discord.shows(reply, DONE)
    await discord.shows(direct, DONE)
    assert len(discord.visible(table)) == len(discord.visible(discord.direct(ana))) == 1


async def test_what_discord_tells_twice_is_done_once(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel, reader: FakeReader
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())})
    await discord.gateway.repeat_last()
    await discord.say(ana, table, f"<@{BOT}> hello")
    await discord.gateway.repeat_last()
    await discord.shows(await discord.answer(asked), DONE)
    await discord.until(lambda: len(discord.visible(table)) == 2)

    posted = await discord.say(ana, discord.direct(ana), files=[("deck.png", picture(salt="2"))])
    await discord.gateway.repeat_last()
    reply = await discord.reply_in(discord.direct(ana), DONE)
    assert reply.reply_to == posted.id
    assert reader.reads == 2
    assert len(discord.visible(table)) == 2


async def test_a_dropped_connection_is_taken_up_again_with_what_happened_meanwhile(
    discord: FakeDiscord, product: Product, ana: Player
) -> None:
    await discord.gateway.drop()
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)
    assert (discord.gateway.identified, discord.gateway.resumed) == (1, 1)


@covers("slowed down")
async def test_requests_to_slow_down_are_heeded(discord: FakeDiscord, product: Product, ana: Player) -> None:
    discord.world.slow_down = 3
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)
    assert discord.world.slow_down == 0


async def test_a_message_whose_sending_was_not_confirmed_is_not_sent_twice(
    discord: FakeDiscord, product: Product, ana: Player
) -> None:
    discord.world.lose_answers = 1
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)


@covers("broken download")
async def test_slow_and_cut_downloads_are_tried_again(discord: FakeDiscord, product: Product, ana: Player) -> None:
    discord.cut_downloads, discord.trickle_s = 2, 0.2
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)
    assert discord.downloads == 3


@covers("file gone")
async def test_an_expired_link_is_looked_up_again(discord: FakeDiscord, product: Product, ana: Player) -> None:
    discord.expired_links = True
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), "The picture is no longer there: send it again.")

    posted = await discord.say(ana, discord.direct(ana))
    posted.attachments = [discord.world.attach("deck.png", picture(salt="2"))]
    await discord.edit(posted)
    discord.refresh_links()
    await discord.until(lambda: any(DONE in one.content for one in discord.visible(discord.direct(ana))))


async def test_a_message_that_somebody_deleted_does_not_come_back(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    reader.gate.clear()
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    reply = await discord.reply_in(discord.direct(ana), "Reading")
    reply.is_deleted = True
    reader.gate.set()
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture(side=()))])
    await discord.reply_in(discord.direct(ana), "16 main, all lines")


async def test_the_player_gets_the_deck_where_the_picture_was_deleted(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    posted = await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    del discord.world.messages[posted.id]
    await discord.reply_in(discord.direct(ana), DONE)


@pytest.mark.parametrize(
    ("denied", "name"), [("send_messages", "Send Messages"), ("view_channel", "View Channel"), ("", "")]
)
@covers("no permission")
async def test_a_missing_permission_is_named_in_a_direct_message_with_the_deck(
    discord: FakeDiscord, stopped: Product, ana: Player, table: Channel, denied: str, name: str
) -> None:
    table.denied |= {denied} - {""}
    table.is_installed = bool(denied)
    await stopped.start()
    await discord.gateway.wait()
    await discord.say(ana, table, f"<@{BOT}>", [("deck.png", picture())])

    reply = await discord.reply_in(discord.direct(ana), DONE)
    said = f"I may not answer in that channel: the permission “{name}” is missing there."
    assert reply.content.startswith(said if name else "I can no longer answer where you asked")
    await discord.press(ana, reply, "Swap main and sideboard")
    await discord.shows(reply, "5 main, 16 sideboard")
    assert reply.content.startswith(said if name else "I can no longer answer")
    assert discord.visible(table) == []


@covers("answered elsewhere")
async def test_a_remark_comes_directly_where_the_channel_is_closed(
    discord: FakeDiscord, stopped: Product, ana: Player, table: Channel
) -> None:
    table.denied.add("send_messages")
    await stopped.start()
    await discord.gateway.wait()
    await discord.say(ana, table, f"<@{BOT}> hello?")
    await discord.reply_in(discord.direct(ana), "There is no picture and no decklist")


async def test_history_that_may_not_be_read_only_costs_the_quotation(
    discord: FakeDiscord, stopped: Product, ana: Player, table: Channel
) -> None:
    table.denied.add("read_message_history")
    await stopped.start()
    await discord.gateway.wait()
    await discord.say(ana, table, f"<@{BOT}>", [("deck.png", picture())])
    reply = await discord.reply_in(table, DONE)
    assert reply.reply_to is None


@pytest.mark.parametrize("private", [False, True])
async def test_an_expired_token_does_not_cost_the_deck(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel, reader: FakeReader, private: bool
) -> None:
    reader.gate.clear()
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())}, private=private)
    reply = await discord.shows(await discord.answer(asked), "Reading")
    asked.is_expired = True
    reader.gate.set()
    if private:
        await discord.reply_in(discord.direct(ana), DONE)
        assert discord.visible(table) == []
    else:
        await discord.shows(reply, DONE)


async def test_a_token_that_was_never_good_leads_to_a_message_in_the_channel_or_to_the_player(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    elsewhere = discord.channel("elsewhere", is_installed=False)
    for channel in (table, elsewhere):
        asked = await discord.slash(ana, channel, "help")
        await discord.answer(asked)
        asked = await discord.slash(ana, channel, "deck", {"picture": ("deck.png", picture())})
        asked.is_expired = True
    await discord.reply_in(table, DONE)
    await discord.reply_in(discord.direct(ana), DONE)


async def test_who_wants_privacy_but_no_direct_messages_is_told_so(
    discord: FakeDiscord, product: Product, table: Channel
) -> None:
    ben = discord.player("ben", takes_direct=False)
    panel = await discord.answer(await discord.slash(ben, table, "preferences"))
    await discord.press(ben, panel, "Answer me privately")
    await discord.shows(panel, "for you alone")
    await discord.say(ben, table, f"<@{BOT}>", [("deck.png", picture())])
    await discord.reply_in(table, "I cannot send you a direct message")


async def test_a_panel_that_takes_long_is_acknowledged_first(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())})
    deck = await discord.shows(await discord.answer(asked), DONE)
    panel = await discord.answer(await discord.press(ana, deck, "Fix a line"))

    monkeypatch.setattr("bot.discord.answering.FIRST_RESPONSE_S", 0.0)
    second = await discord.answer(await discord.press(ana, deck, "Fix a line"))
    assert second.content.startswith("Which line")
    await discord.choose(ana, panel, "4 Opt")
    await discord.shows(panel, "4 Opt (main deck)")
    notice = await discord.answer(await discord.press(ana, deck, "Merge with another picture"))
    assert "You have no other deck here" in notice.content
    pressed = await discord.press(ana, panel, "Search a card")
    await discord.until(lambda: pressed.response == 6)


async def test_a_refused_token_is_a_sentence(discord: FakeDiscord, stopped: Product) -> None:
    stopped.settings = stopped.settings.model_copy(update={"discord_token": SecretStr("wrong")})
    bot = await stopped.start()
    await asyncio.wait({bot.running["discord"]}, timeout=20)
    with pytest.raises(SettingsError, match="DISCORD_TOKEN is refused by Discord: copy the bot's token again"):
        bot.running["discord"].result()
    with pytest.raises(NotReady):
        await bot.skin.check()


async def test_a_missing_intent_is_a_sentence(discord: FakeDiscord, stopped: Product, table: Channel) -> None:
    discord.gateway.forbids_intents = True
    watched = frozenset({table.id})
    stopped.settings = stopped.settings.model_copy(update={"discord_watched_channels": watched})
    bot = await stopped.start()
    await asyncio.wait({bot.running["discord"]}, timeout=20)
    with pytest.raises(SettingsError, match="Message Content intent"):
        bot.running["discord"].result()


async def test_readiness_tells_of_the_connection(discord: FakeDiscord, product: Product) -> None:
    skin = (await product.restart()).skin
    async with asyncio.timeout(20):
        while True:
            try:
                assert (await skin.check()).startswith("(1 servers")
                return
            except NotReady:
                await asyncio.sleep(0.05)


def test_no_contents_of_messages_are_asked_for_where_no_channel_is_watched() -> None:
    from bot.discord.client import intents

    assert not intents(reads_contents=False).message_content
    assert intents(reads_contents=True).message_content
    assert not intents(reads_contents=True).members
    assert TOKEN
