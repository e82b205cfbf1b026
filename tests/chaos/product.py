"""The product's own processes with a reader of known cost and a chat that remembers: ``... product supervisor``."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from config.parent import PARENT_VARIABLE
from tests.chaos import moving_clock

SEEN = "CHAOS_SEEN"
CLOCK = "CHAOS_CLOCK"
READER = "CHAOS_READER"


def main() -> None:
    """Be one of the processes."""
    if CLOCK in os.environ:
        moving_clock.put_in(Path(os.environ[CLOCK]))
    from bot.commands.running import prepared, run

    role = {"supervisor": _supervise, "bot": _talk, "worker": _work}[sys.argv[1]]
    settings = prepared()
    run(role(settings))


async def _supervise(settings):  # noqa: ANN001, ANN202
    """As ``screen2deck up``."""
    from bot.commands.up import keep_up, prepare
    from bot.product import product_parts
    from bot.supervision.part import python_command
    from bot.supervision.signals import stop_requests
    from bot.supervision.status import Status, log_state
    from storage.data_dir import DataDirLock

    parts = product_parts(settings, python_command("tests.chaos.product", "worker"))
    bot = python_command("tests.chaos.product", "bot")
    parts = [replace(part, command=bot) if part.name == "bot" else part for part in parts]
    with DataDirLock(settings.data_dir), stop_requests() as request:
        await prepare(settings)
        await keep_up(settings, parts, Status(log_state), request)


async def _talk(settings):  # noqa: ANN001, ANN202
    """As ``screen2deck bot``."""
    from bot.app import run_bot
    from tests.chaos.recorder import NAME, Recorder

    await run_bot(settings, lambda services: {NAME: Recorder(services.queue, Path(os.environ[SEEN]))})


async def _work(settings):  # noqa: ANN001, ANN202
    """As ``screen2deck worker``."""
    from bot.addresses import database_url, redis_url
    from ocr_worker.child import reader_command
    from ocr_worker.slots import worker_name
    from ocr_worker.worker import WorkerOptions, run_worker
    from tests.chaos.reader import COMMAND

    command = COMMAND
    if os.environ.get(READER) == "real":
        command = reader_command("rapidocr", settings.data_dir, 1)
    with worker_name(settings.worker_name, settings.data_dir) as name:
        await run_worker(WorkerOptions(name, database_url(settings), redis_url(settings), settings, command))


if __name__ == "__main__":
    assert PARENT_VARIABLE in os.environ or sys.argv[1] == "supervisor"
    main()
