"""Pictures of what was read, drawn in a process of their own: the bot itself opens no picture that somebody sent."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_worker.child.starting import child_environment

_LONGEST_S = 30.0


class CannotDraw(Exception):  # noqa: N818
    """The picture could not be drawn in time."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws for one bot process, a few at a time."""

    data_dir: Path
    turn: asyncio.Semaphore

    async def annotated(self, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        """The picture with what was read, as JPEG; raises CannotDraw."""
        return await self._draw("annotated", picture, deck)

    async def crops(self, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        """The doubtful lines cut out, one below the other with their numbers, as PNG; raises CannotDraw."""
        return await self._draw("crops", picture, deck)

    async def _draw(self, what: str, picture: bytes, deck: Mapping[str, Any]) -> bytes:
        head = json.dumps({"deck": dict(deck), "data_dir": str(self.data_dir)}).encode()
        request = len(head).to_bytes(4, "big") + head + picture
        async with self.turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "ocr_worker.drawing",
                what,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=child_environment(os.environ),
            )
            try:
                async with asyncio.timeout(_LONGEST_S):
                    drawn, _ = await process.communicate(request)
            except TimeoutError as error:
                raise CannotDraw("the picture could not be drawn in time") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode or not drawn:
            raise CannotDraw("the picture could not be drawn")
        return drawn
