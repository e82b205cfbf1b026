"""``screen2deck worker``: one OCR worker process."""

from typing import Annotated

import typer

from bot.addresses import database_url, redis_url
from bot.commands.running import begin_logging, failure, prepared, run
from config.settings import Settings
from ocr_worker.child import reader_command
from ocr_worker.slots import worker_name
from storage.errors import EmbeddedError


def worker(
    name: Annotated[
        str | None, typer.Option(help="Stable name, also WORKER_NAME. Default: this machine and a free slot.")
    ] = None,
) -> None:
    """Read pictures of the queue until stopped.

    The picture at hand is finished first.
    """
    settings = prepared()
    try:
        with worker_name(name or settings.worker_name, settings.data_dir) as own:
            begin_logging(settings, f"worker-{own.rpartition('/')[2]}")
            run(_work(settings, own))
    except EmbeddedError as error:
        raise failure(error) from error


async def _work(settings: Settings, name: str) -> None:
    from ocr_worker.worker import WorkerOptions, run_worker

    command = reader_command(settings.ocr_engine.value, settings.data_dir)
    await run_worker(WorkerOptions(name, database_url(settings), redis_url(settings), settings, command))
