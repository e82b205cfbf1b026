"""What is done with a deck by buttons, selects and forms; some of it after the bot was started again."""

import pytest

from tests.bot.features import covers
from tests.bot.product import Product
from tests.fakes.deck_reader import MAIN, picture
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Channel, Message, Player

DOUBTFUL = {"Opt": ("Ow", "Negate")}


@pytest.fixture
async def deck(discord: FakeDiscord, product: Product, ana: Player, table: Channel) -> Message:
    """A deck of ana's in the channel, with one doubtful line."""
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture(doubtful=DOUBTFUL))})
    return await discord.shows(await discord.answer(asked), "1 line to check")


@covers("doubts", "candidate", "crop", "restart")
async def test_a_doubtful_line_is_named_and_corrected_by_its_candidate(
    discord: FakeDiscord, product: Product, ana: Player, deck: Message
) -> None:
    assert "❓ 4 Opt, or: Ow, Negate" in deck.content
    line = await discord.answer(await discord.choose(ana, deck, "4 Opt"))
    assert line.seen_by == ana.id
    assert line.attachments[0]["filename"] == "line.png"

    await product.restart()
    await discord.gateway.wait()
    await discord.choose(ana, line, "Negate")
    await discord.shows(deck, "corrected 1×")
    assert "4 Negate" in deck.block
    assert "Opt" not in deck.block
    await discord.shows(line, "Changed.")


@covers("right")
async def test_a_line_is_right_as_it_is(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    line = await discord.answer(await discord.choose(ana, deck, "4 Opt"))
    await discord.press(ana, line, "It is right")
    await discord.shows(deck, "16 main, 5 sideboard, all lines are certain, corrected 1×")


@covers("search")
async def test_a_card_is_searched_by_its_beginning(
    discord: FakeDiscord, product: Product, ana: Player, deck: Message
) -> None:
    lines = await discord.answer(await discord.press(ana, deck, "Fix a line"))
    line = await discord.choose(ana, lines, "4 Lightning Bolt")
    await discord.shows(lines, "4 Lightning Bolt (main deck)")
    form = await discord.press(ana, lines, "Search a card")
    await discord.until(lambda: form.modal)
    assert line.original is lines

    await product.restart()
    await discord.gateway.wait()
    await discord.submit(form, "lava spik")
    await discord.shows(lines, "Which of these?")
    await discord.choose(ana, lines, "Lava Spike")
    await discord.shows(deck, "corrected 1×")
    assert "4 Lava Spike" in deck.block


@covers("count", "move", "remove", "add")
async def test_counts_sections_removal_and_new_cards(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    panel = await discord.answer(await discord.press(ana, deck, "Fix a line"))
    await discord.choose(ana, panel, "4 Lightning Bolt")
    await discord.shows(panel, "4 Lightning Bolt (main deck)")
    await discord.press(ana, panel, "3×")
    await discord.shows(deck, "15 main")

    await discord.shows(panel, "Which line")
    await discord.choose(ana, panel, "3 Lightning Bolt")
    await discord.shows(panel, "3 Lightning Bolt (main deck)")
    await discord.press(ana, panel, "To sideboard")
    await discord.shows(deck, "12 main, 8 sideboard")

    await discord.shows(panel, "Which line")
    await discord.choose(ana, panel, "2 Negate (sideboard)")
    await discord.shows(panel, "2 Negate (sideboard)")
    await discord.press(ana, panel, "Remove")
    await discord.shows(deck, "12 main, 6 sideboard")

    await discord.shows(panel, "Which line")
    form = await discord.press(ana, panel, "Add a card")
    await discord.until(lambda: form.modal)
    await discord.submit(form, "Counterspell")
    await discord.shows(panel, "Which of these?")
    await discord.choose(ana, panel, "Counterspell")
    await discord.shows(deck, "13 main")
    await discord.shows(panel, "1 Counterspell (main deck)")
    await discord.press(ana, panel, "Back")
    await discord.shows(panel, "Which line")
    await discord.press(ana, panel, "Close")
    await discord.until(lambda: panel.is_deleted)


@covers("swap", "undo", "once")
async def test_swap_once_by_a_double_click_and_undo(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    button = deck.button("Swap main and sideboard")
    await discord.press(ana, deck, button, again=True)
    second = await discord.press(ana, deck, button, again=True)
    await discord.shows(deck, "5 main, 16 sideboard")
    assert (await discord.answer(second)).content.startswith(("The deck has changed meanwhile", "Changed"))
    assert "corrected 1×" in deck.content

    await discord.press(ana, deck, "Undo")
    await discord.shows(deck, "16 main, 5 sideboard")


@covers("any format")
async def test_any_format_can_be_had_by_anybody(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    ben = discord.player("ben")
    shown = await discord.answer(await discord.choose(ben, deck, "Magic Online (text)"))
    assert shown.seen_by == ben.id
    assert shown.block.startswith("4 Lightning Bolt")
    file = await discord.answer(await discord.choose(ben, deck, "Cockatrice"))
    assert file.attachments[0]["filename"].endswith(".cod")


@covers("merge")
async def test_two_decks_are_merged(discord: FakeDiscord, ana: Player, table: Channel, deck: Message) -> None:
    other = picture(main=((3, "Mountain"),), side=())
    asked = await discord.slash(ana, table, "deck", {"picture": ("lands.png", other)})
    await discord.shows(await discord.answer(asked), "3 main")

    panel = await discord.answer(await discord.press(ana, deck, "Merge with another picture"))
    await discord.choose(ana, panel, "lands.png")
    await discord.shows(deck, "19 main, 5 sideboard")
    await discord.shows(panel, "Changed.")
    assert panel.components == []


@covers("show")
async def test_the_picture_is_shown_with_what_was_read_where(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    shown = await discord.answer(await discord.press(ana, deck, "Show picture"))
    assert shown.attachments[0]["filename"] == "deck.jpg"
    assert discord.world.files[int(shown.attachments[0]["id"])].startswith(b"\xff\xd8\xff")


@covers("delete")
async def test_a_deck_is_deleted_after_a_question(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    question = await discord.answer(await discord.press(ana, deck, "Delete"))
    assert "cannot be undone" in question.content
    await discord.press(ana, question, "Yes, delete it")
    await discord.until(lambda: deck.is_deleted)
    await discord.shows(question, "Deleted.")


@covers("strangers")
async def test_strangers_change_nothing_and_moderators_may_delete(
    discord: FakeDiscord, ana: Player, deck: Message
) -> None:
    ben, chief = discord.player("ben"), discord.player("chief", is_moderator=True)
    for button in ("Fix a line", "Swap main and sideboard", "Delete"):
        refused = await discord.answer(await discord.press(ben, deck, button))
        assert refused.content == "Only who sent the picture can do that."
        assert refused.seen_by == ben.id
    assert "corrected" not in deck.content

    question = await discord.answer(await discord.press(chief, deck, "Delete"))
    await discord.press(chief, question, "Yes, delete it")
    await discord.until(lambda: deck.is_deleted)


async def test_a_private_deck_stays_in_reach_and_private(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture(MAIN))}, private=True)
    deck = await discord.shows(await discord.answer(asked), "16 main")
    asked.is_expired = True

    pressed = await discord.press(ana, deck, "Swap main and sideboard")
    await discord.shows(deck, "5 main, 16 sideboard")
    assert (await discord.answer(pressed)).seen_by == ana.id
    assert discord.visible(table) == []
    assert discord.visible(discord.direct(ana)) == []


@covers("old button")
async def test_a_button_of_no_sense_is_answered(discord: FakeDiscord, ana: Player, deck: Message) -> None:
    for token in ("nonsense", "swap", "line.AAAA", "format..arena"):
        answer = await discord.answer(await discord.press(ana, deck, f"b:d:{token}", again=True))
        assert answer.content == "This button is too old: send the picture again."
