"""Pictures in all the ways in which people bring them, and what they see until there is a deck."""

import pytest

from tests.bot.features import covers
from tests.bot.product import Product
from tests.fakes.deck_reader import MAIN, FakeReader, grown, heic, landscape, picture
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import BOT, Channel, Player

ARENA = "Deck\n4 Lightning Bolt\n4 Opt\n4 Steam Vents\n4 Ledger Shredder\n\nSideboard\n2 Negate\n3 Abrade"
DONE = "16 main, 5 sideboard, all lines are certain"
LIST = "4 Lightning Bolt\n4 Opt\n4 Steam Vents\n4 Ledger Shredder\n\nSideboard\n2 Negate\n3 Abrade"


@covers("picture", "progress")
async def test_a_picture_in_a_direct_message_becomes_one_reply_that_tells_how_far_it_is(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    reader.gate.clear()
    asked = await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])

    reply = await discord.reply_in(discord.direct(ana), "Reading the card names")
    assert reply.reply_to == asked.id
    assert discord.direct(ana).typed > 0
    reader.gate.set()
    await discord.shows(reply, DONE)

    assert reply.block == ARENA
    assert len(discord.visible(discord.direct(ana))) == 1
    first, second = ["Fix a line", "Swap main and sideboard"], ["Merge with another picture", "Show picture", "Delete"]
    assert reply.labels == [*first, *second]


@covers("in a group")
async def test_a_slash_command_is_answered_in_its_own_reply_for_all_to_see(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())})

    reply = await discord.shows(await discord.answer(asked), DONE)
    assert reply is asked.original
    assert not reply.is_ephemeral
    assert discord.visible(table) == [reply]


@covers("private answers")
async def test_a_private_slash_command_shows_the_deck_to_nobody_else(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())}, private=True)

    reply = await discord.shows(await discord.answer(asked), DONE)
    assert reply.seen_by == ana.id
    assert discord.visible(table) == []


@covers("several pictures")
async def test_two_pictures_of_a_command_make_one_deck(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    main, side = picture(side=()), picture(main=())
    asked = await discord.slash(ana, table, "deck", {"picture": ("1.png", main), "second": ("2.png", side)})

    reply = await discord.shows(await discord.answer(asked), "16 main, 5 sideboard")
    assert reply.block == ARENA


async def test_the_context_menu_reads_the_picture_of_somebody_else(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    posted = await discord.say(discord.player("ben"), table, files=[("deck.png", picture())])

    asked = await discord.menu(ana, table, posted)
    await discord.shows(await discord.answer(asked), DONE)
    assert len(discord.visible(table)) == 1


async def test_a_mention_with_a_picture_is_answered_in_a_server(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.say(ana, table, f"<@{BOT}> please", [("deck.png", picture())])
    reply = await discord.reply_in(table, DONE)
    assert reply.reply_to == asked.id


@covers("in reply")
async def test_a_mention_in_reply_to_a_picture_reads_that(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    posted = await discord.say(discord.player("ben"), table, files=[("deck.png", picture())])
    await discord.say(ana, table, f"<@{BOT}>", reply_to=posted)
    await discord.reply_in(table, DONE)


async def test_a_reply_to_the_bot_with_a_picture_is_read_and_one_without_is_left_alone(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    await discord.say(ana, table, f"<@{BOT}>", [("deck.png", picture())])
    first = await discord.reply_in(table, DONE)

    await discord.say(ana, table, "thanks!", reply_to=first)
    await discord.say(ana, table, "and this?", [("deck.png", picture(side=()))], reply_to=first)
    await discord.reply_in(table, "16 main, all lines", count=2)


async def test_what_nobody_meant_for_the_bot_is_left_alone(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    await discord.say(ana, table, files=[("deck.png", picture())])
    other = discord.player("other", is_bot=True)
    await discord.say(other, table, f"<@{BOT}>", [("deck.png", picture())])
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)
    assert discord.visible(table) == []


@pytest.mark.parametrize("is_thread", [False, True])
@covers("unasked")
async def test_a_watched_channel_and_its_threads_are_read_without_being_asked(
    discord: FakeDiscord, stopped: Product, ana: Player, table: Channel, is_thread: bool
) -> None:
    thread = discord.channel("finals", kind=11, parent=table.id)
    stopped.settings = stopped.settings.model_copy(update={"discord_watched_channels": frozenset({table.id})})
    await stopped.start()
    await discord.gateway.wait()
    place = thread if is_thread else table

    await discord.say(ana, place, "hello all")
    await discord.say(ana, place, "look", [("deck.png", picture())])
    await discord.reply_in(place, DONE)


@covers("forwarded")
async def test_a_forwarded_picture_is_read(discord: FakeDiscord, product: Product, ana: Player) -> None:
    await discord.say(ana, discord.direct(ana), forwards=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)


async def test_several_pictures_of_a_message_make_one_deck(discord: FakeDiscord, product: Product, ana: Player) -> None:
    files = [("1.png", picture(side=())), ("2.png", picture(main=()))]
    await discord.say(ana, discord.direct(ana), files=files)
    reply = await discord.reply_in(discord.direct(ana), "16 main, 5 sideboard")
    assert reply.block == ARENA


@covers("pasted list")
async def test_a_pasted_list_needs_no_picture(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    await discord.say(ana, discord.direct(ana), LIST)
    reply = await discord.reply_in(discord.direct(ana), "16 main, 5 sideboard")
    assert reply.block == ARENA
    assert reader.reads == 0


@covers("deck file")
async def test_a_deck_file_needs_no_picture(discord: FakeDiscord, product: Product, ana: Player) -> None:
    await discord.say(ana, discord.direct(ana), files=[("burn.txt", LIST.encode())])
    reply = await discord.reply_in(discord.direct(ana), "16 main, 5 sideboard")
    assert reply.block == ARENA


@covers("edited")
async def test_an_edited_message_is_read_again_into_the_same_reply(
    discord: FakeDiscord, product: Product, ana: Player
) -> None:
    asked = await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    reply = await discord.reply_in(discord.direct(ana), DONE)

    await discord.edit(asked, text="better:")
    await discord.edit(asked, [("other.png", picture(main=((4, "Opt"),), side=()))])
    await discord.shows(reply, "4 main, all lines")
    assert len(discord.visible(discord.direct(ana))) == 1


@covers("cache")
async def test_the_same_picture_again_is_answered_without_reading_it(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    for count in (1, 2):
        await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
        await discord.reply_in(discord.direct(ana), DONE, count=count)
    assert reader.reads == 1


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        (("deck.png", landscape()), "No decklist found in this picture: send a screenshot"),
        (("deck.png", b"\x89PNG\r\n\x1a\n broken"), "This file is no picture that can be read"),
        (("deck.txt", b"dear diary\nnothing happened\n"), "This text is no decklist"),
        (("song.mp3", b"ID3"), "There is no picture and no decklist in this message"),
        (("deck.png", b"\x89PNG" + bytes(20_000_000)), "This file is too large (21 MB, 20 MB is the most)"),
    ],
)
@covers("no deck", "no picture", "too large")
async def test_what_cannot_be_read_gets_one_sentence(
    discord: FakeDiscord, product: Product, ana: Player, file: tuple[str, bytes], answer: str
) -> None:
    await discord.say(ana, discord.direct(ana), files=[file])
    await discord.reply_in(discord.direct(ana), answer)


@pytest.mark.parametrize("media_type", ["image/heic", "application/octet-stream", None])
@covers("heic")
async def test_a_phones_heic_picture_is_read_whatever_discord_calls_it(
    discord: FakeDiscord, product: Product, ana: Player, media_type: str | None
) -> None:
    file = ("IMG_0001.HEIC", heic(), media_type)
    await discord.say(ana, discord.direct(ana), files=[file])
    deck = await discord.reply_in(discord.direct(ana), DONE)

    shown = await discord.answer(await discord.press(ana, deck, "Show picture"))
    assert discord.world.files[int(shown.attachments[0]["id"])].startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("size", [10_485_761, 19_900_000])
@covers("large")
async def test_a_picture_larger_than_a_bot_may_send_is_read(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel, size: int
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("poster.png", grown(picture(), size))})
    await discord.shows(await discord.answer(asked), DONE)


async def test_one_picture_too_large_among_several_is_said_before_any_is_fetched(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    files = [("1.png", picture()), ("2.png", grown(picture(), 25_000_001))]
    await discord.say(ana, discord.direct(ana), files=files)
    await discord.reply_in(discord.direct(ana), "too large (26 MB, 20 MB is the most)")
    assert reader.reads == 0


@covers("retry")
async def test_a_failed_reading_can_be_tried_again(
    discord: FakeDiscord, product: Product, ana: Player, reader: FakeReader
) -> None:
    reader.failures = 3
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    failed = await discord.reply_in(discord.direct(ana), "took too long")
    await discord.press(ana, failed, "Try again")
    await discord.shows(failed, DONE)


async def test_a_refusal_of_a_command_is_for_its_player_alone(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("song.mp3", b"ID3")})
    answer = await discord.answer(asked)
    assert answer.seen_by == ana.id
    assert "no picture and no decklist" in answer.content
    assert discord.visible(table) == []


@covers("limit")
async def test_limits_are_said_with_the_time_of_the_next_try(
    discord: FakeDiscord, stopped: Product, ana: Player
) -> None:
    stopped.settings = stopped.settings.model_copy(update={"pictures_per_hour": 1})
    await stopped.start()
    await discord.gateway.wait()
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture())])
    await discord.reply_in(discord.direct(ana), DONE)
    await discord.say(ana, discord.direct(ana), files=[("deck.png", picture(side=()))])
    await discord.reply_in(discord.direct(ana), "Your limit of pictures for an hour (1)", count=2)
    assert "in 60 minutes" in discord.visible(discord.direct(ana))[-1].content


@covers("long list")
async def test_what_is_too_long_for_a_message_comes_as_a_file(
    discord: FakeDiscord, product: Product, ana: Player
) -> None:
    names = sorted(card.name for card in product.index.cards if 25 < len(card.name) < 40 and "/" not in card.name)
    await discord.say(
        ana, discord.direct(ana), files=[("big.png", picture(tuple((1, one) for one in names[:100]), ()))]
    )
    reply = await discord.reply_in(discord.direct(ana), "100 main")
    assert reply.block == ""
    assert "The list is in the file" in reply.content
    file = discord.world.files[int(reply.attachments[0]["id"])].decode()
    assert file.count("\n1 ") == 100


@covers("inert names")
async def test_words_of_a_picture_call_nobody_and_mark_nothing_up(
    discord: FakeDiscord, product: Product, ana: Player
) -> None:
    doubtful = {"Opt": ("@everyone", "**`bold`** <@123456789012345678>")}
    await discord.say(ana, discord.direct(ana), files=[("```@here.png", picture(MAIN, (), doubtful))])
    reply = await discord.reply_in(discord.direct(ana), "1 line to check")
    assert "@everyone" not in reply.content
    assert "<@123456789012345678>" not in reply.content
    assert r"\*\*\`bold\`\*\*" in reply.content
    assert reply.content.count("```") == 2
