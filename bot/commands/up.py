"""``screen2deck up``: the whole product on one machine."""

import asyncio
import sys

import typer

from bot.addresses import database_url, redis_url
from bot.commands.running import prepared, run
from bot.product import product_parts
from bot.supervision.keeper import Surroundings
from bot.supervision.part import Part
from bot.supervision.signals import stop_requests
from bot.supervision.status import Status, shown_status
from bot.supervision.supervisor import Supervisor
from config.settings import Settings
from storage import schema
from storage.data_dir import DataDirLock
from storage.database import configuration
from storage.embedded import EmbeddedRedis
from storage.queue import redis_settings


def up() -> None:
    """Start the whole product on this machine; Ctrl-C stops it in order.

    Redis and the database are embedded ones where REDIS_URL and DATABASE_URL are not set.
    """
    settings = prepared()
    run(_up(settings))


async def _up(settings: Settings) -> None:
    with DataDirLock(settings.data_dir), shown_status(sys.stderr) as status, stop_requests() as request:
        await prepare(settings)
        typer.echo(f"Screen2Deck: http://{settings.http_host}:{settings.http_port} (Ctrl-C stops it)")
        supervisor = Supervisor(product_parts(settings), surroundings(status))
        code = await supervisor.run(request.stop, request.now)
    if code:
        raise typer.Exit(code)


async def prepare(settings: Settings) -> None:
    """See that addresses are some and the embedded server can start; bring an embedded database up to date."""
    redis_settings(redis_url(settings), patience=1)
    configuration(database_url(settings))
    if settings.redis_url is None:
        await EmbeddedRedis(settings.data_dir).prepare()
    if settings.database_url is None:
        await schema.upgrade(database_url(settings))


def surroundings(status: Status) -> Surroundings:
    """Parts write where ``status`` shows."""
    return Surroundings(report=status.report, output=status.output)


async def supervise(parts: list[Part], status: Status, stop: asyncio.Event) -> int:
    """Run parts until ``stop``."""
    return await Supervisor(parts, surroundings(status)).run(stop)
