"""``screen2deck demo``: the sample through the whole product, from nothing to a decklist."""

import asyncio
import logging
from pathlib import Path

import typer

from bot.commands.running import prepared, run
from bot.commands.send import send_all
from bot.commands.up import prepare, supervise
from bot.product import product_parts
from bot.services import open_services
from bot.supervision.part import State
from bot.supervision.status import Status
from bot.terminal.sending import terminal_chat
from config.settings import Settings
from config.tasks import Tasks
from storage.data_dir import DataDirLock
from storage.embedded import EmbeddedRedis

SAMPLE = Path(__file__).parents[1] / "data" / "sample.jpg"
_WAITING_S = 120.0
_NOT_READ = 1


def demo() -> None:
    """Start the product on a folder of its own, send the sample, print its decklist, stop."""
    settings = prepared()
    logging.getLogger().setLevel(logging.WARNING)
    own = {"data_dir": settings.data_dir / "demo", "http_port": 0, "database_url": None, "redis_url": None}
    run(_demo(settings.model_copy(update=own | {"workers": 1})))


async def _demo(settings: Settings) -> None:
    stop = asyncio.Event()
    with DataDirLock(settings.data_dir):
        await prepare(settings)
        product = Tasks()
        supervising = product.start(supervise(product_parts(settings), Status(_tell), stop))
        try:
            async with asyncio.timeout(_WAITING_S):
                code = await _send_sample(settings)
        except TimeoutError:
            _say(f"The sample was not read within {_WAITING_S:.0f} s: this machine is too slow, or too busy.")
            code = _NOT_READ
        finally:
            stop.set()
            await supervising
    if code:
        raise typer.Exit(code)


async def _send_sample(settings: Settings) -> int:
    server = EmbeddedRedis(settings.data_dir)
    while not await server.is_up():
        await asyncio.sleep(0.05)
    async with open_services(settings) as services, terminal_chat(services, _say) as chat:
        return await send_all(chat, [SAMPLE], "arena", is_fresh=True)


def _tell(part: str, state: State, detail: str) -> None:
    _say(f"{part}: {state} {detail}".rstrip())


def _say(line: str) -> None:
    typer.echo(line, err=True)
