"""``screen2deck health``: whether the process beside which it runs works, for what restarts processes."""

import asyncio
import platform
from enum import StrEnum
from typing import Annotated

import aiohttp
import typer

from bot.addresses import redis_url
from bot.commands.running import prepared
from chatops.own_http import address_of
from config.settings import Settings
from storage.errors import QueueUnreachable
from storage.queue import open_queue

_ILL = 1
_ANSWER = aiohttp.ClientTimeout(total=3)


class Process(StrEnum):
    """What can be asked."""

    BOT = "bot"
    WORKER = "worker"


def health(process: Annotated[Process, typer.Argument(help="bot or worker, of this machine or container.")]) -> None:
    """Say whether the bot process or a worker of this machine works.

    Exit code 1: it does not. A worker that cannot reach Redis waits for it, which is no reason to restart it.
    """
    look = _bot if process is Process.BOT else _worker
    if problem := asyncio.run(look(prepared())):
        typer.echo(problem, err=True)
        raise typer.Exit(_ILL)
    typer.echo("ok")


async def _bot(settings: Settings) -> str:
    address = address_of(settings)
    try:
        async with aiohttp.ClientSession(timeout=_ANSWER) as session, session.get(f"{address}/health") as response:
            return "" if response.ok else f"{address}/health answers {response.status}."
    except (aiohttp.ClientError, TimeoutError):
        return f"Nothing answers on {address}."


async def _worker(settings: Settings) -> str:
    """By its name; without one, any of this machine, which a container has to itself."""
    own, slots = settings.worker_name, f"{platform.node()}/"
    try:
        async with open_queue(redis_url(settings)) as queue:
            alive = [one.name for one in await queue.workers()]
    except QueueUnreachable:
        return ""
    if own is not None:
        return "" if own in alive else f"The worker {own} does not say that it lives."
    return "" if any(name.startswith(slots) for name in alive) else "No worker of this machine says that it lives."
