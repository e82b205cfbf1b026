"""A little worker: starts a stub child, prints its process id, and has it read for ever; run as a program."""

import asyncio
import sys

from ocr_worker.child import ReaderProcess
from tests.fakes.child import COMMAND


async def main(picture: bytes) -> None:
    reader = ReaderProcess(COMMAND)
    await reader.start()

    async def say(stage: str) -> None:
        """The child is in the middle of the picture when its reading has begun."""
        if stage == "reading":
            print(reader.pid, flush=True)  # noqa: T201

    await reader.read(picture, say)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].encode()))
