"""What the product consists of on one machine, for the supervisor."""

import os
import platform
from collections.abc import Sequence

import aiohttp

from bot.addresses import database_url, redis_url
from bot.supervision.part import Part, foreign_command, python_command
from chatops.own_http import address_of
from config.settings import Settings
from storage.embedded import EmbeddedRedis
from storage.errors import QueueUnreachable
from storage.queue import open_queue

_MOST_WORKERS = 4
_WORKERS_STOP, _BOT_STOPS, _REDIS_STOPS = range(3)


def product_parts(settings: Settings, worker_command: Sequence[str] | None = None) -> list[Part]:
    """Redis where none is set, the bot process, and workers; ``worker_command`` replaces the reader's own."""
    embedded = None if settings.redis_url else EmbeddedRedis(settings.data_dir)
    parts = [] if embedded is None else [_redis(embedded)]
    parts.append(_bot(settings))
    command = worker_command or python_command("bot.cli", "worker")
    return parts + [worker_part(settings, number, command) for number in range(1, worker_count(settings) + 1)]


def worker_count(settings: Settings) -> int:
    """Workers that ``up`` starts."""
    return settings.workers or min(_MOST_WORKERS, len(os.sched_getaffinity(0)) if _can_count() else os.cpu_count() or 1)


def _can_count() -> bool:
    return hasattr(os, "sched_getaffinity")


def environment(settings: Settings) -> dict[str, str]:
    """What all parts must agree on, whatever folder they start in."""
    return {
        "DATA_DIR": str(settings.data_dir.resolve()),
        "DATABASE_URL": database_url(settings),
        "REDIS_URL": redis_url(settings),
        "HTTP_HOST": settings.http_host,
        "HTTP_PORT": str(settings.http_port),
        "PICTURE_STORE": settings.picture_store.value,
        "OCR_ENGINE": settings.ocr_engine.value,
    }


def _redis(server: EmbeddedRedis) -> Part:
    return Part(
        "redis",
        foreign_command(server.command()),
        is_ready=server.is_up,
        stop_within_s=10,
        stop_order=_REDIS_STOPS,
    )


def _bot(settings: Settings) -> Part:
    async def is_ready() -> bool:
        url = f"{address_of(settings)}/health"
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.status == 200

    return Part(
        "bot",
        python_command("bot.cli", "bot"),
        environment=environment(settings),
        is_ready=is_ready if settings.http_port else None,
        others_wait=False,
        stop_within_s=15,
        stop_order=_BOT_STOPS,
    )


def worker_part(settings: Settings, number: int, command: Sequence[str]) -> Part:
    """The worker of a number; its name stays, so that its successor frees what a killed one held."""
    name = f"{platform.node() or 'localhost'}/{number}"

    async def is_ready() -> bool:
        try:
            async with open_queue(redis_url(settings)) as queue:
                return name in {worker.name for worker in await queue.workers()}
        except QueueUnreachable:
            return False

    return Part(
        f"worker-{number}",
        command,
        environment={**environment(settings), "WORKER_NAME": name},
        is_ready=is_ready,
        others_wait=False,
        stop_within_s=settings.reading_seconds + 10,
        stop_order=_WORKERS_STOP,
    )
