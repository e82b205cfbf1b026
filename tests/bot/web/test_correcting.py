"""What a player does with a deck on the page; some of it after the bot was started again."""

from typing import Any

from tests.bot.features import covers
from tests.bot.web.conftest import Browser, House, Picture

DOUBTFUL = {"Opt": ("Ow", "Negate")}


async def line_of(ana: Browser, shown: dict[str, Any], name: str) -> dict[str, Any]:
    """The panel of a line."""
    lines = (await ana.press(shown, "Fix a line"))["panel"]
    found: dict[str, Any] = (await ana.press(lines, name))["panel"]
    return found


async def fill(ana: Browser, form: dict[str, Any], text: str) -> dict[str, Any]:
    """What comes of a form."""
    words = {"chat": ana.about["chat"], "token": form["token"], "values": {"text": text}}
    found: dict[str, Any] = await ana.post("/web/presses", words)
    return found


@covers("doubts", "candidate", "crop", "restart")
async def test_a_doubtful_line_is_corrected_by_its_candidate(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(doubtful=DOUBTFUL))
    shown = await ana.shows("1 line to check", "❓ 4 opt, or: ow, negate")
    line = (await ana.press(shown, "4 Opt"))["panel"]
    assert line["files"][0]["name"] == "line.png"

    ana.base = (await house.product.restart()).address
    await ana.press(line, "Negate")
    assert "4 Negate" in (await ana.shows("corrected 1×"))["block"]


@covers("right", "count", "move", "remove", "add", "search")
async def test_counts_sections_removal_and_new_cards(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(doubtful=DOUBTFUL))
    shown = await ana.shows("1 line to check")
    await ana.press(await line_of(ana, shown, "❓ 4 Opt"), "It is right")
    shown = await ana.shows("all lines are certain, corrected 1×")
    await ana.press(await line_of(ana, shown, "4 Opt"), "2×")
    shown = await ana.shows("14 main", "corrected 2×")
    await ana.press(await line_of(ana, shown, "4 Steam Vents"), "To sideboard")
    shown = await ana.shows("10 main, 9 sideboard", "corrected 3×")
    await ana.press(await line_of(ana, shown, "3 Abrade"), "Remove")
    shown = await ana.shows("10 main, 6 sideboard", "corrected 4×")

    form = (await ana.press((await ana.press(shown, "Fix a line"))["panel"], "Add a card"))["form"]
    assert (await fill(ana, form, "xqzwqxkz"))["notice"].startswith("No card is called anything like")
    offered = (await fill(ana, form, "lava spik"))["panel"]
    await ana.press(offered, "Lava Spike")
    assert "1 Lava Spike" in (await ana.shows("11 main, 6 sideboard", "corrected 5×"))["block"]


@covers("swap", "undo", "once", "old button")
async def test_swap_once_by_a_double_click_and_undo(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())
    shown = await ana.shows("16 main, 5 sideboard")
    await ana.press(shown, "Swap")
    assert "changed meanwhile" in (await ana.press(shown, "Swap"))["notice"]
    shown = await ana.shows("5 main, 16 sideboard", "corrected 1×")
    await ana.press(shown, "Undo")
    await ana.shows("16 main, 5 sideboard", "corrected 2×")

    nonsense = {"chat": ana.about["chat"], "token": "nonsense", "values": {}}
    assert "too old" in (await ana.post("/web/presses", nonsense))["notice"]


@covers("merge", "show", "delete")
async def test_decks_are_merged_shown_and_deleted(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(side=()))
    first = await ana.shows("16 main")
    await ana.send(draw(main=(), side=((2, "Negate"),)))
    await ana.shows("2 sideboard")

    others = (await ana.press(first, "Merge"))["panel"]
    await ana.press(others, "deck.png")
    merged = await ana.shows("16 main, 2 sideboard")
    assert (await ana.press(merged, "Show picture"))["panel"]["files"][0]["name"] == "deck.jpg"
    question = (await ana.press(merged, "Delete"))["panel"]
    assert "cannot be undone" in question["text"]
    assert (await ana.press(question, "Yes, delete it"))["notice"] == "Deleted."
    assert (await ana.ask(f"/web/messages/{merged['id']}"))["gone"]
    await ana.shows("2 sideboard")


@covers("fix")
async def test_a_line_is_fixed_by_typing(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())
    await ana.shows("16 main")
    await ana.post("/web/calls", {"name": "fix", "options": {"line": "Opt", "card": "Ponder"}})
    assert "4 Ponder" in (await ana.shows("corrected 1×"))["block"]
