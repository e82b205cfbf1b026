"""What players ask the bot on the page, and what they prefer."""

from typing import Any

from bot.conversation.commands import COMMANDS
from tests.bot.features import covers
from tests.bot.web.conftest import Browser, House, Picture


async def panel_of(ana: Browser, name: str) -> dict[str, Any]:
    """What a command answers."""
    found: dict[str, Any] = (await ana.post("/web/calls", {"name": name}))["panel"]
    return found


@covers("help", "formats", "privacy", "menu")
async def test_help_formats_and_privacy(house: House) -> None:
    ana = await house.guest()
    assert [one["name"] for one in ana.about["commands"]] == [command.name for command in COMMANDS]
    told = (await panel_of(ana, "help"))["text"]
    assert all(f"/{command.name}" in told for command in COMMANDS)
    assert "arena: MTG Arena" in (await panel_of(ana, "formats"))["text"]
    assert "24 hours" in (await panel_of(ana, "privacy"))["text"]


@covers("history")
async def test_history_opens_a_deck_again(house: House, draw: Picture) -> None:
    ana = await house.guest()
    assert "no decks here yet" in (await panel_of(ana, "history"))["text"]
    await ana.send(draw())
    await ana.shows("16 main")
    opened = (await ana.press(await panel_of(ana, "history"), "deck.png"))["panel"]
    assert opened["text"].startswith("16 main, 5 sideboard")


@covers("language", "preferred format", "set codes", "private answers")
async def test_preferences_change_language_format_set_codes_and_privacy(house: House, draw: Picture) -> None:
    ana = await house.guest()
    panel = await panel_of(ana, "preferences")
    assert "Set codes come with screen2deck cards update" in panel["text"]
    panel = (await ana.press(panel, "Write set codes"))["panel"]
    assert "Lists: with set codes" in panel["text"]
    panel = (await ana.press(panel, "Answer me privately"))["panel"]
    assert "for you alone" in panel["text"]
    panel = (await ana.press(panel, "Moxfield"))["panel"]
    panel = (await ana.press(panel, "Français"))["panel"]
    assert panel["text"].startswith("Format : Moxfield. Langue : français.")

    await ana.send(draw())
    assert "SIDEBOARD:" in (await ana.shows("16 deck, 5 réserve"))["block"]
