"""Updates that Telegram brings, rather than the bot asking for them."""

import socket

import aiohttp
import pytest

from config.settings import Settings, SettingsError
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import sees
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TelegramServer

SIXTY = ((4, "Opt"), (56, "Island"))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A bot that is called."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}/telegram/updates"
    return settings.model_copy(update={"http_port": port, "telegram_webhook_url": url})


async def brought(telegram: TelegramServer) -> list[int]:
    """Bring what has happened; return the answers."""
    return [await telegram.call_webhook() for _ in list(telegram.updates)]


async def ready(settings: Settings) -> None:
    """Wait until the bot listens."""
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"http://127.0.0.1:{settings.http_port}/health"):
                    return
            except aiohttp.ClientConnectionError:
                continue


async def test_a_picture_is_read_and_a_button_works(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    await ready(product.settings)
    assert telegram.webhook["drop_pending_updates"] in ("False", "false", False)
    room.photo(anna, picture(SIXTY))
    assert await brought(telegram) == [200]
    shown = await sees(room, "60 main")
    room.press(anna, shown, "Swap")
    assert await brought(telegram) == [200]
    await sees(room, "60 sideboard")


async def test_a_wrong_secret_is_refused(product: Product, telegram: TelegramServer, room: Room, anna: Player) -> None:
    await ready(product.settings)
    right = telegram.webhook["secret_token"]
    room.photo(anna, picture(SIXTY))
    for wrong in ("", "wrong", right + "x", "é"):
        telegram.webhook["secret_token"] = wrong
        assert await brought(telegram) == [403]
    telegram.webhook["secret_token"] = right
    assert await brought(telegram) == [200]
    await sees(room, "60 main")
    assert len(room.from_bot) == 1


async def test_what_is_brought_twice_is_taken_once(
    product: Product, telegram: TelegramServer, room: Room, anna: Player
) -> None:
    await ready(product.settings)
    room.photo(anna, picture(SIXTY))
    assert await brought(telegram) == [200]
    await sees(room, "60 main")
    telegram.tell_again()
    assert await brought(telegram) == [200]
    await product.restart()
    await ready(product.settings)
    telegram.tell_again()
    assert await brought(telegram) == [200]
    room.text(anna, "/help")
    assert await brought(telegram) == [200]
    await sees(room, "/deck")
    assert len(room.from_bot) == 2


async def test_what_is_no_update_is_refused(product: Product, telegram: TelegramServer) -> None:
    await ready(product.settings)
    secret = {"X-Telegram-Bot-Api-Secret-Token": telegram.webhook["secret_token"]}
    async with aiohttp.ClientSession(headers=secret) as session:
        for body, status in (
            (b"nonsense", 400),
            (b"\xff\xfe", 400),
            (b"[]", 400),
            (b"[" * 200_000, 400),
            (b'{"message": {}}', 200),
            (b'{"update_id": "words"}', 200),
            (b'{"update_id": 1, "message": []}', 200),
            (b'{"update_id": 2, "message": {"chat": 5, "text": [], "date": "x"}}', 200),
            (b'{"update_id": 3, "callback_query": {"id": {}, "from": null, "data": 1}}', 200),
        ):
            async with session.post(product.settings.telegram_webhook_url or "", data=body) as response:
                assert response.status == status, body[:80]


async def test_readiness_names_the_bot(product: Product) -> None:
    await ready(product.settings)
    url = f"http://127.0.0.1:{product.settings.http_port}/health/ready"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert "telegram: ok (@DeckBot, webhook)" in (await response.text()).splitlines()


async def test_an_address_that_telegram_refuses_is_said_in_one_sentence(
    stopped: Product, telegram: TelegramServer
) -> None:
    telegram.fail("setWebhook", 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    await stopped.start_refused()
    with pytest.raises(
        SettingsError, match="TELEGRAM_WEBHOOK_URL or its secret is refused by Telegram: an https url must"
    ):
        await stopped.stop()
