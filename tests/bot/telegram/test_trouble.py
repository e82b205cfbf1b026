"""What Telegram, its network and its users do to a bot."""

import io
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.http.health import NotReady
from bot.telegram.skin import telegram_skin
from config.logging import set_up_logging
from config.settings import LogLevel, Settings, SettingsError
from tests.bot.features import covers
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees, sees_no_more
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.processes import eventually

SIXTY = ((4, "Opt"), (56, "Island"))


@covers("slowed down")
async def test_a_flood_limit_delays_an_answer_and_loses_none(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    telegram.flood("sendMessage", 1)
    telegram.flood("editMessageText", 1, times=2)
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    assert len(room.from_bot) == 1


async def test_a_panel_waits_when_telegram_asks_for_it(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    telegram.flood("sendMessage", 1)
    room.text(anna, "/formats")
    await sees(room, "formats that i write")


async def test_one_chat_that_is_flooded_slows_no_other(
    product: Product, telegram: TelegramServer, room: Room, anna: Player, bert: Player
) -> None:
    telegram.flood("sendMessage", 25, times=3, chat=room.id)
    room.photo(anna, picture(SIXTY))
    other = telegram.private(bert)
    started = time.monotonic()
    other.photo(bert, picture(SIXTY))
    await sees(other, "60 main")
    assert time.monotonic() - started < 20


async def test_a_group_gets_no_more_messages_than_it_bears(
    product: Product, telegram: TelegramServer, anna: Player
) -> None:
    group = telegram.group()
    for number in range(8):
        group.photo(anna, picture(((60 + number, "Island"),)), caption="/deck")
    for number in range(8):
        await sees(group, f"{60 + number} main", within_s=90)
    assert telegram.in_a_minute(group.id) <= 21
    assert len(group.from_bot) == 8


@covers("broken download")
async def test_a_download_that_breaks_off_is_tried_again(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    data = picture(SIXTY, padding="x" * 200_000)
    telegram.new.clear()
    room.photo(anna, data)
    telegram.file_of(data).cut = 5000
    await sees(room, "60 main")
    assert len(telegram.downloads) == 2


async def test_a_slow_download_is_waited_for(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    data = picture(SIXTY)
    room.photo(anna, data)
    telegram.file_of(data).slow_s = 2.0
    await sees(room, "60 main")


@covers("file gone")
async def test_a_file_that_telegram_no_longer_has(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    telegram.fail("getFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    room.photo(anna, picture(SIXTY))
    await sees(room, "no longer there: send it again")


async def test_a_person_who_blocks_the_bot_is_given_up(
    product: Product, telegram: TelegramServer, room: Room, anna: Player, caplog: pytest.LogCaptureFixture
) -> None:
    product.may_work.clear()
    room.photo(anna, picture(SIXTY))
    await sees(room, "yours is next")
    room.is_blocked = True
    product.may_work.set()
    assert await eventually(lambda: any("is undeliverable" in one.message for one in caplog.records))
    calls = telegram.count("editMessageText")
    room.is_blocked = False
    room.text(anna, "/help")
    await sees(room, "/deck")
    assert telegram.count("editMessageText") == calls


async def test_a_message_that_was_deleted_does_not_come_back(
    product: Product, room: Room, anna: Player, caplog: pytest.LogCaptureFixture
) -> None:
    product.may_work.clear()
    room.photo(anna, picture(SIXTY))
    room.delete((await sees(room, "yours is next")).id)
    product.may_work.set()
    assert await eventually(lambda: any("somebody deleted it" in message for message in caplog.messages))
    room.text(anna, "/history")
    await sees(room, "your latest decks")
    assert len(room.from_bot) == 1


async def test_an_answer_comes_though_its_question_was_deleted(product: Product, room: Room, anna: Player) -> None:
    room.delete(room.photo(anna, picture(SIXTY)))
    await sees(room, "60 main")


async def test_what_waited_while_the_bot_was_away(
    stopped: Product, telegram: TelegramServer, room: Room, anna: Player, bert: Player
) -> None:
    other = telegram.private(bert)
    for _ in range(3):
        room.photo(anna, picture(SIXTY), date=time.time() - 3600)
    other.photo(bert, picture(SIXTY), date=time.time() - 60)
    await stopped.start()
    await sees(other, "60 main")
    await sees(room, "i was away when you sent this")
    assert len(room.from_bot) == 1


@covers("restart")
async def test_a_restart_between_every_two_steps(product: Product, room: Room, anna: Player) -> None:
    product.may_work.clear()
    room.photo(anna, picture(SIXTY))
    shown = await sees(room, "yours is next")
    await product.restart()
    product.may_work.set()
    await sees(room, "60 main")
    await product.stop()
    room.press(anna, shown, "Fix a line")
    await product.start()
    panel = await sees(room, "which line")
    await product.restart()
    room.press(anna, panel, "Opt")
    await sees(room, "4 opt (main deck)")
    await product.restart()
    room.press(anna, panel, "Remove")
    await sees(room, "56 main")
    assert len(room.from_bot) == 2


@pytest.mark.slow
async def test_a_bot_that_dies_while_it_fetches_goes_on_after_its_start(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    data = picture(SIXTY)
    room.photo(anna, data)
    telegram.file_of(data).slow_s = 60.0
    await sees(room, "fetching your picture")
    await product.kill()
    telegram.file_of(data).slow_s = 0.0
    await product.start()
    await sees(room, "60 main")
    assert len(room.from_bot) == 1


async def test_a_refused_token_is_said_in_one_sentence(stopped: Product, telegram: TelegramServer) -> None:
    telegram.token = "777:other"  # noqa: S105
    await stopped.start_refused()
    with pytest.raises(
        SettingsError, match=r"^TELEGRAM_TOKEN is refused by Telegram: take it from @BotFather again\.$"
    ):
        await stopped.stop()


@pytest.mark.slow
async def test_another_poller_is_named_and_waited_for(
    stopped: Product, telegram: TelegramServer, room: Room, anna: Player, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.polls_elsewhere = True
    await stopped.start()
    assert await eventually(lambda: any("another program reads this bot's messages" in m for m in caplog.messages))
    telegram.polls_elsewhere = False
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the program logs at its most talkative."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    set_up_logging(LogLevel.DEBUG, stream)
    yield stream
    set_up_logging(LogLevel.INFO)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.slow
async def test_the_token_is_in_no_log(
    stopped: Product, telegram: TelegramServer, room: Room, anna: Player, log: io.StringIO
) -> None:
    await stopped.start()
    telegram.fail("getFile", 500, "Internal Server Error", times=4)
    room.photo(anna, picture(SIXTY))
    await sees(room, "could not be fetched")
    data = picture(((61, "Island"),), padding="x" * 200_000)
    room.photo(anna, data)
    telegram.file_of(data).cut = 10
    await sees(room, "61 main")
    assert "could not be fetched" in log.getvalue()
    assert TOKEN not in log.getvalue()


async def test_a_press_that_cannot_be_answered_is_carried_out(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    room.photo(anna, picture(SIXTY))
    shown = await sees(room, "60 main")
    telegram.fail("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired")
    room.press(anna, shown, "Swap")
    await sees(room, "60 sideboard")


async def test_a_panel_too_old_to_be_deleted_loses_its_buttons(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY))
    room.press(anna, await sees(room, "60 main"), "Fix a line")
    panel = await sees(room, "which line")
    panel.is_old = True
    await hears(room, room.press(anna, panel, "Close"))
    assert await eventually(lambda: panel.labels == [])


async def test_a_panel_that_somebody_deleted_is_sent_anew(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY))
    room.press(anna, await sees(room, "60 main"), "Fix a line")
    panel = await sees(room, "which line")
    room.delete(panel.id)
    await sees_no_more(room, panel)
    room.press(anna, panel, "Opt")
    await sees(room, "4 opt (main deck)")


async def test_a_bot_api_server_in_local_mode_gives_paths(
    product: Product, telegram: TelegramServer, room: Room, anna: Player, tmp_path: Path
) -> None:
    data = picture(SIXTY, padding="x" * 1000)
    path = tmp_path / "local.png"
    path.write_bytes(data)
    room.photo(anna, data)
    telegram.file_of(data).path = str(path)
    await sees(room, "60 main")
    assert telegram.downloads == []


async def test_telegram_away_for_a_while(product: Product, telegram: TelegramServer, room: Room, anna: Player) -> None:
    for method in ("getUpdates", "sendMessage", "editMessageText"):
        telegram.fail(method, 502, "Bad Gateway", times=2)
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    assert len(room.from_bot) == 1


async def test_pictures_of_an_album_are_forgotten_with_their_sender(
    product: Product, telegram: TelegramServer, anna: Player, room: Room
) -> None:
    group = telegram.group(privacy=False)
    first, *_ = group.album(anna, [picture(SIXTY), picture(((15, "Negate"),))])
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    room.text(anna, "/forget")
    await hears(room, room.press(anna, await sees(room, "forget you"), "Yes"))
    group.text(anna, "/deck", reply_to=first)
    shown = await sees(group, "60 main")
    assert "sideboard" not in shown.text


async def test_silence_of_telegram_is_a_part_that_is_not_ready(settings: Settings) -> None:
    skin = telegram_skin(settings.model_copy(update={"telegram_token": SecretStr("1:x")}), cast(Any, None))
    with pytest.raises(NotReady, match="connecting to Telegram"):
        await skin.check()

    skin.connection.problem, skin._parts = "", cast(Any, object())
    skin.connection.answered = time.monotonic() - 75
    with pytest.raises(NotReady, match="Telegram has not answered for 75 s"):
        await skin.check()
