"""What the console says unasked: sent once, edited in place, and posted anew if somebody deleted it."""

from uuid import UUID, uuid4

from bot.services import open_services
from chatops import notices, plans
from chatops.model import Answer, Place, Plan, Suggestion
from config.clock import utcnow
from config.settings import Settings
from storage import requests
from storage.requests import SUBJECT, Stage, StoredFile
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import sees
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TelegramServer
from tests.making import ops_request
from tests.processes import eventually

ENDS = Answer("Maintenance ends in 5 minutes.", suggestions=(Suggestion("Extend", "maintenance extend"),))


def place(room: Room, topic: int | None = None) -> Place:
    if topic is None:
        return Place("telegram", str(room.id))
    room.topic(topic)
    return Place("telegram", f"{room.id}/{topic}")


async def said(settings: Settings, places: list[Place]) -> None:
    async with open_services(settings):
        await notices.say(places, ENDS, origin=uuid4().hex, now=utcnow())


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


async def test_a_notice_comes_to_groups_topics_and_persons(
    product: Product, telegram: TelegramServer, settings: Settings, room: Room, anna: Player
) -> None:
    group, forum = telegram.group(1), telegram.group(2, is_forum=True)

    await said(settings, [place(group), place(forum, 5), notices.direct("telegram", str(anna.id))])

    for one in (group, forum, room):
        shown = await sees(one, "maintenance ends in 5 minutes")
        assert shown.labels == ["Extend"]
        assert shown.reply_to is None
    assert forum.last.raw["message_thread_id"] == 5


async def test_a_living_message_is_edited_in_place(
    product: Product, telegram: TelegramServer, settings: Settings, room: Room, anna: Player
) -> None:
    group = telegram.group()
    request = await living(settings, [place(group), notices.direct("telegram", str(anna.id))])
    shown = [await sees(one, "drops 3 jobs") for one in (group, room)]

    await moved(settings, request, Stage.PLANNED, Stage.CANCELLED)

    for chat, one in zip((group, room), shown, strict=True):
        assert await eventually(lambda one=one: "It was cancelled." in one.text)
        assert len(chat.from_bot) == 1


async def test_files_that_must_wait_are_sent_once_each(
    product: Product, telegram: TelegramServer, settings: Settings
) -> None:
    group = telegram.group()
    request = await living(settings, [place(group)])
    await sees(group, "drops 3 jobs")
    telegram.flood("sendPhoto", 1, times=2)
    files = [StoredFile("a.md", b"words", "text/markdown"), StoredFile("b.png", b"a plot", "image/png")]
    async with open_services(settings):
        await requests.move(request, [Stage.PLANNED], Stage.RUNNING, now=utcnow(), executor="me")
        await requests.finish(request, Stage.DONE, {"text": "Written.", "ok": True}, files, executor="me", now=utcnow())

    def names() -> list[str]:
        return [one.file_name for one in group.from_bot if one.file]

    assert await eventually(lambda: names() == ["a.md", "b.png"]), names()
    assert (telegram.count("sendDocument"), telegram.count("sendPhoto")) == (1, 3)
    assert telegram.count("editMessageText") <= 2, "running, and done"


async def test_a_living_message_that_was_deleted_comes_back_once_where_it_was(
    product: Product, telegram: TelegramServer, settings: Settings
) -> None:
    forum = telegram.group(is_forum=True)
    request = await living(settings, [place(forum, 5)])
    forum.delete((await sees(forum, "drops 3 jobs")).id)

    await moved(settings, request, Stage.PLANNED, Stage.CANCELLED)
    again = await sees(forum, "it was cancelled")
    assert again.raw["message_thread_id"] == 5
    forum.delete(again.id)

    await moved(settings, request, Stage.CANCELLED, Stage.RUNNING)
    await said(settings, [place(forum, 5)])
    await sees(forum, "maintenance ends")
    assert len(forum.from_bot) == 1


async def test_whom_the_bot_cannot_write_to_holds_nobody_up(
    product: Product, telegram: TelegramServer, settings: Settings, room: Room, anna: Player
) -> None:
    kicked = telegram.group(1, is_blocked=True)
    nobody, nowhere = notices.direct("telegram", "4711"), Place("telegram", "-999")

    await said(settings, [place(kicked), nobody, nowhere, notices.direct("telegram", str(anna.id))])

    await sees(room, "maintenance ends")
    assert kicked.from_bot == []
