"""A small product to be killed: the real server and two parts in Python, supervised until a signal comes."""

import asyncio
import sys
from pathlib import Path

from bot.supervision.keeper import Surroundings
from bot.supervision.part import Part, State, foreign_command
from bot.supervision.signals import stop_requests
from bot.supervision.supervisor import Supervisor
from storage.data_dir import DataDirLock
from storage.embedded import EmbeddedRedis

#: Has a child of its own, as a worker has.
WORKER = """
import os, subprocess, sys, time
from config.parent import die_with_parent
die_with_parent()
child = "from config.parent import die_with_parent; die_with_parent(parent=int(__import__('sys').argv[1]))\\n"
subprocess.Popen([sys.executable, "-c", child + "__import__('time').sleep(600)", str(os.getpid())])
time.sleep(600)
"""


def _tell(part: str, state: State, detail: str) -> None:
    sys.stdout.write(f"{part} {state} {detail}".rstrip() + "\n")
    sys.stdout.flush()


async def run(data_dir: Path) -> int:
    server = EmbeddedRedis(data_dir)
    with DataDirLock(data_dir), stop_requests() as request:
        await server.prepare()
        parts = [Part("redis", foreign_command(server.command()), is_ready=server.is_up, stop_order=2)]
        parts += [Part(f"worker-{number}", [sys.executable, "-c", WORKER]) for number in (1, 2)]
        return await Supervisor(parts, Surroundings(report=_tell)).run(request.stop, request.now)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(Path(sys.argv[1]))))
