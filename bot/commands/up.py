"""``screen2deck up``: the whole product on one machine."""

import asyncio
import sys
from contextlib import suppress

import typer

from bot.addresses import database_url, redis_url
from bot.commands.link import fresh_link
from bot.commands.running import prepared, run
from bot.migrating import bring_up_to_date
from bot.product import product_parts, worker_part
from bot.supervision.control import controlled
from bot.supervision.keeper import Surroundings
from bot.supervision.part import Part
from bot.supervision.recent import Recent
from bot.supervision.signals import StopRequest, stop_requests
from bot.supervision.status import Status, shown_status
from bot.supervision.supervisor import Scaling, Supervisor
from chatops.own_http import address_of
from config.settings import Settings
from storage.data_dir import DataDirLock
from storage.database import configuration
from storage.embedded import EmbeddedRedis
from storage.queue import redis_settings
from storage.sockets import control_socket


def up() -> None:
    """Start the whole product on this machine; Ctrl-C stops it in order.

    Redis and the database are embedded ones where REDIS_URL and DATABASE_URL are not set.
    """
    settings = prepared()
    run(_up(settings))


async def _up(settings: Settings) -> None:
    with DataDirLock(settings.data_dir), shown_status(sys.stderr) as status, stop_requests() as request:
        await prepare(settings)
        typer.echo(f"Screen2Deck: {address_of(settings)} (Ctrl-C stops it)")
        if settings.web_page and settings.database_url is None:
            typer.echo(f"With the operations channel, good once for 30 minutes: {await fresh_link(settings)}")
        code = await keep_up(settings, product_parts(settings), status, request)
    if code:
        raise typer.Exit(code)


async def keep_up(settings: Settings, parts: list[Part], status: Status, request: StopRequest) -> int:
    """Run parts until they are to stop, and take the console's orders on them; the exit code."""
    recent = Recent(status.output or _written)
    command = next(part.command for part in parts if part.name.startswith("worker-"))
    scaling = Scaling("worker", lambda number: worker_part(settings, number, command))
    supervisor = Supervisor(parts, Surroundings(report=status.report, output=recent.write), scaling)
    async with controlled(supervisor, recent, control_socket(settings.data_dir), settings.data_dir):
        return await supervisor.run(request.stop, request.now)


async def prepare(settings: Settings) -> None:
    """See that addresses are some and the embedded server can start; bring an embedded database up to date."""
    redis_settings(redis_url(settings), patience=1)
    configuration(database_url(settings))
    if settings.redis_url is None:
        await EmbeddedRedis(settings.data_dir).prepare()
    if settings.database_url is None:
        await bring_up_to_date(settings)


async def supervise(parts: list[Part], status: Status, stop: asyncio.Event) -> int:
    """Run parts until ``stop``; they write where ``status`` shows."""
    return await Supervisor(parts, Surroundings(report=status.report, output=status.output)).run(stop)


def _written(_: str, line: str) -> None:
    """As the part would have written it itself; whoever reads it may be gone."""
    with suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
