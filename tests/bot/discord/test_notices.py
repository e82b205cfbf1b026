"""What the console says unasked: sent once, edited in place, and posted anew if somebody deleted it."""

from uuid import UUID, uuid4

import pytest

from bot.services import open_services
from chatops import notices, plans
from chatops.model import Answer, Place, Plan, Suggestion
from config.clock import utcnow
from config.settings import Settings
from storage import requests
from storage.requests import SUBJECT, Stage
from tests.bot.product import Product
from tests.fakes.discord_server import FakeDiscord
from tests.fakes.discord_world import Channel, Player
from tests.making import ops_request

ENDS = Answer("Maintenance ends in 5 minutes.", suggestions=(Suggestion("Extend", "maintenance extend"),))


def place(channel: Channel) -> Place:
    return Place("discord", str(channel.id))


async def said(settings: Settings, places: list[Place], answer: Answer = ENDS) -> None:
    async with open_services(settings):
        await notices.say(places, answer, origin=uuid4().hex, now=utcnow())


async def living(settings: Settings, places: list[Place]) -> UUID:
    """Messages that show a request, which they follow."""
    async with open_services(settings):
        asked = ops_request(uuid4().hex, plan=plans.to_json(Plan("Drops 3 jobs.")))
        assert await requests.create(asked, None)
        await notices.show(places, SUBJECT, str(asked.id), origin=asked.origin, now=utcnow())
        return asked.id


async def moved(settings: Settings, request: UUID, before: Stage, after: Stage) -> None:
    async with open_services(settings):
        await requests.move(request, [before], after, now=utcnow())


@pytest.fixture
def own(product: Product) -> Settings:
    """The settings with which the product runs."""
    return product.settings


async def test_a_notice_comes_to_channels_threads_and_persons(
    discord: FakeDiscord, stopped: Product, ana: Player, table: Channel
) -> None:
    thread = discord.channel("incident 12", kind=11, parent=table.id)
    await stopped.start()
    direct = notices.direct("discord", str(ana.id))

    await said(stopped.settings, [place(table), place(thread), direct])

    for channel in (table, thread, discord.direct(ana)):
        shown = await discord.reply_in(channel, "Maintenance ends in 5 minutes.")
        assert shown.labels == ["Extend"]
        assert shown.reply_to is None


async def test_a_lost_answer_of_discord_does_not_say_it_twice(
    discord: FakeDiscord, own: Settings, table: Channel
) -> None:
    discord.world.lose_answers = 1
    await said(own, [place(table)])

    await discord.reply_in(table, "Maintenance ends")
    await discord.until(lambda: discord.world.lose_answers == 0)
    assert len(discord.visible(table)) == 1


async def test_a_living_message_is_edited_in_place_for_all_who_see_it(
    discord: FakeDiscord, own: Settings, table: Channel, ana: Player
) -> None:
    request = await living(own, [place(table), notices.direct("discord", str(ana.id))])
    shown = [await discord.reply_in(one, "Drops 3 jobs") for one in (table, discord.direct(ana))]

    await moved(own, request, Stage.PLANNED, Stage.CANCELLED)

    for one in shown:
        await discord.shows(one, "It was cancelled.")
        assert len(discord.visible(one.channel)) == 1


async def test_a_living_message_that_was_deleted_comes_back_once(
    discord: FakeDiscord, own: Settings, table: Channel
) -> None:
    request = await living(own, [place(table)])
    shown = await discord.reply_in(table, "Drops 3 jobs")
    shown.is_deleted = True

    await moved(own, request, Stage.PLANNED, Stage.CANCELLED)
    again = await discord.reply_in(table, "It was cancelled.")
    assert again.id != shown.id
    again.is_deleted = True

    await moved(own, request, Stage.CANCELLED, Stage.RUNNING)
    await said(own, [place(table)])
    await discord.reply_in(table, "Maintenance ends")


async def test_who_takes_no_direct_messages_and_channels_that_are_closed_hold_nobody_up(
    discord: FakeDiscord, stopped: Product, table: Channel
) -> None:
    closed = discord.channel("closed", denied={"send_messages"})
    shy = discord.player("shy", takes_direct=False)
    await stopped.start()
    nowhere = Place("discord", "404")

    await said(stopped.settings, [place(closed), nowhere, notices.direct("discord", str(shy.id)), place(table)])

    await discord.reply_in(table, "Maintenance ends")
    assert discord.visible(closed) == []
