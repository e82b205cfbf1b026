"""Commands: registered by the bot, in both languages, and answered to their player alone."""

import pytest

from bot.conversation.commands import COMMANDS
from tests.bot.features import covers
from tests.bot.product import Product
from tests.fakes.deck_reader import picture
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Channel, Player


async def said(discord: FakeDiscord, player: Player, channel: Channel, name: str) -> str:
    """What a command answers; raises AssertionError where others could see it."""
    answer = await discord.answer(await discord.slash(player, channel, name))
    assert answer.seen_by == player.id
    return answer.content


@covers("menu")
async def test_the_menus_hold_every_command_in_both_languages_and_for_all_places(
    discord: FakeDiscord, product: Product
) -> None:
    by_name = {one["name"]: one for one in discord.world.commands}
    assert set(by_name) == {command.name for command in COMMANDS} | {"Read deck"}
    for command in by_name.values():
        assert command["contexts"] == [0, 1, 2]
        assert command["integration_types"] == [0, 1]
    assert by_name["help"]["description_localizations"] == {"fr": "Ce que fait ce bot et comment lui demander"}
    assert by_name["Read deck"]["name_localizations"] == {"fr": "Lire le deck"}
    options = by_name["deck"]["options"]
    assert [one["name"] for one in options] == ["picture", "second", "private"]
    assert all(one["description_localizations"]["fr"] for one in options)


async def test_commands_are_registered_once_and_again_when_they_differ(discord: FakeDiscord, product: Product) -> None:
    assert discord.world.synced == 1
    await product.restart()
    await discord.gateway.wait()
    assert discord.world.synced == 1
    discord.world.commands[0]["description"] = "something older"
    await product.restart()
    await discord.gateway.wait()
    assert discord.world.synced == 2


@covers("help", "formats", "privacy")
async def test_help_formats_and_privacy(discord: FakeDiscord, product: Product, ana: Player, table: Channel) -> None:
    told = await said(discord, ana, table, "help")
    assert all(f"/{command.name}" in told for command in COMMANDS)
    assert "arena" in await said(discord, ana, table, "formats")
    assert "24 hours" in await said(discord, ana, table, "privacy")


@covers("language", "preferred format", "set codes")
async def test_the_language_is_that_of_the_client_until_another_is_chosen(
    discord: FakeDiscord, product: Product, table: Channel
) -> None:
    luc = discord.player("luc", locale="fr")
    assert "Je transforme" in await said(discord, luc, table, "help")

    panel = await discord.answer(await discord.slash(luc, table, "preferences"))
    await discord.press(luc, panel, "Écrire les codes d'extension")
    await discord.shows(panel, "Listes : avec codes d'extension si le format en a")
    await discord.press(luc, panel, "English")
    await discord.shows(panel, "Language: English")
    await discord.choose(luc, panel, "Magic Online (text)")
    await discord.shows(panel, "Format: Magic Online (text)")

    await discord.say(luc, discord.direct(luc), files=[("deck.png", picture())])
    reply = await discord.reply_in(discord.direct(luc), "16 main, 5 sideboard")
    assert reply.block.startswith("4 Lightning Bolt")


async def test_who_prefers_privacy_is_answered_privately(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    panel = await discord.answer(await discord.slash(ana, table, "preferences"))
    await discord.press(ana, panel, "Answer me privately")
    await discord.shows(panel, "for you alone")

    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())})
    reply = await discord.shows(await discord.answer(asked), "16 main")
    assert reply.seen_by == ana.id
    asked = await discord.slash(ana, table, "deck", {"picture": ("deck.png", picture())}, private=False)
    reply = await discord.shows(await discord.answer(asked), "16 main")
    assert reply.seen_by is None


@covers("history")
async def test_history_opens_decks(discord: FakeDiscord, product: Product, ana: Player, table: Channel) -> None:
    assert await said(discord, ana, table, "history") == "You have no decks here yet."
    asked = await discord.slash(ana, table, "deck", {"picture": ("burn.png", picture())})
    await discord.shows(await discord.answer(asked), "16 main")

    panel = await discord.answer(await discord.slash(ana, table, "history"))
    await discord.choose(ana, panel, "burn.png")
    await discord.shows(panel, "16 main, 5 sideboard")
    assert panel.block.startswith("Deck\n4 Lightning Bolt")


@covers("forget")
async def test_forget_erases_after_a_question(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("burn.png", picture())})
    deck = await discord.shows(await discord.answer(asked), "16 main")
    panel = await discord.answer(await discord.slash(ana, table, "forget"))
    await discord.press(ana, panel, "Yes, forget me")
    await discord.shows(panel, "Everything about you is erased.")
    assert await said(discord, ana, table, "history") == "You have no decks here yet."
    gone = await discord.answer(await discord.press(ana, deck, "Swap main and sideboard"))
    assert "no longer kept" in gone.content


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"line": "m0", "card": "Lava Spike"}, "4 Lava Spike"),
        ({"line": "bolt", "card": "Lava Spike"}, "4 Lava Spike"),
        ({"card": "Lava Spike"}, "1 Lava Spike"),
    ],
)
@covers("fix")
async def test_a_line_is_fixed_by_typing(
    discord: FakeDiscord,
    product: Product,
    ana: Player,
    table: Channel,
    options: dict[str, str],
    shown: str,
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("burn.png", picture())})
    deck = await discord.shows(await discord.answer(asked), "16 main")

    assert "4 Lightning Bolt=m0" in await discord.complete(ana, table, "fix", "line", "light")
    assert "Lava Spike=Lava Spike" in await discord.complete(ana, table, "fix", "card", "lava sp")
    await discord.answer(await discord.slash(ana, table, "fix", None, **options))
    await discord.shows(deck, "corrected 1×")
    assert shown in deck.block


async def test_fix_without_words_shows_the_lines_and_says_what_it_does_not_find(
    discord: FakeDiscord, product: Product, ana: Player, table: Channel
) -> None:
    assert await said(discord, ana, table, "fix") == "You have no decks here yet."
    assert await discord.complete(ana, table, "fix", "line", "") == []
    asked = await discord.slash(ana, table, "deck", {"picture": ("burn.png", picture())})
    await discord.shows(await discord.answer(asked), "16 main")

    assert "Which line" in await said(discord, ana, table, "fix")
    refused = await discord.answer(await discord.slash(ana, table, "fix", None, line="Zzz", card="Opt"))
    assert "no such line" in refused.content
    offered = await discord.answer(await discord.slash(ana, table, "fix", None, line="m0", card="lava spik"))
    assert "Which of these?" in offered.content
