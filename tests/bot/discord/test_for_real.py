"""Conversations with nothing left out: pictures are read by the real reader in its child process."""

from collections.abc import AsyncIterator

import pytest

from ocr_worker.cards import CardIndex
from ocr_worker.child import ReaderProcess, reader_command
from ocr_worker.decks import Section, parse_decklist
from tests.bot.product import Product
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Channel, Player
from tests.ocr_worker.child.driving import ENVIRONMENT
from tests.shared import ROOT, SCREENS, needs_screens
from tests.synthetic.sample import MAIN

SAMPLE = ROOT / "bot" / "data" / "sample.jpg"


@pytest.fixture
async def real(stopped: Product, discord: FakeDiscord, table: Channel) -> AsyncIterator[Product]:
    """The product with the real reader, connected."""
    child = ReaderProcess(reader_command("rapidocr", threads=1), environment=ENVIRONMENT)
    await child.start()
    stopped.reader = child
    await stopped.start()
    await discord.gateway.wait()
    yield stopped
    await child.stop()


async def test_the_sample_becomes_its_list(
    discord: FakeDiscord, real: Product, ana: Player, table: Channel, index: CardIndex
) -> None:
    asked = await discord.slash(ana, table, "deck", {"picture": ("sample.jpg", SAMPLE.read_bytes())})
    reply = await discord.answer(asked)
    await discord.shows(reply, "60 main")
    shown = parse_decklist(reply.block, index).deck
    written = parse_decklist(MAIN, index).deck
    assert {(one.count, one.card.name) for one in shown[Section.MAIN]} == {
        (one.count, one.card.name) for one in written[Section.MAIN]
    }

    line = await discord.answer(await discord.press(ana, reply, "Fix a line"))
    await discord.choose(ana, line, "4 Opt")
    await discord.shows(line, "4 Opt (main deck)")
    assert line.attachments[0]["filename"] == "line.png"
    drawn = await discord.answer(await discord.press(ana, reply, "Show picture"))
    assert discord.world.files[int(drawn.attachments[0]["id"])].startswith(b"\xff\xd8\xff")


@needs_screens
@pytest.mark.slow
async def test_a_real_screenshot_in_a_direct_message(discord: FakeDiscord, real: Product, ana: Player) -> None:
    screen = SCREENS / "images" / "arena-rg-2.jpg"
    await discord.say(ana, discord.direct(ana), files=[(screen.name, screen.read_bytes())])
    reply = await discord.reply_in(discord.direct(ana))
    await discord.shows(reply, " main")
    assert reply.block.startswith("Deck\n")
