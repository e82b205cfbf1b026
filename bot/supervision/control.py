"""Takes orders on a socket file that only the owner of the data folder can open: one JSON line in, one out.

Orders are ``{"do": "status"}``, ``{"do": "start" | "stop", "part": NAME}``, ``{"do": "scale", "count": N}``,
``{"do": "restart", "part": NAME, "at_once": BOOL}`` and ``{"do": "logs", "part": NAME, "lines": N}``. An answer is
``{"ok": true, …}``, or ``{"ok": false, "error": SENTENCE}``. An order that was begun is carried out whoever goes away
meanwhile: that may be the part that gave it.
"""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from bot.supervision.keeper import Keeper
from bot.supervision.recent import Recent
from bot.supervision.supervisor import OrderRefusedError, Supervisor
from config.tasks import Tasks
from storage.sockets import make_socket_folder

_LONGEST_ORDER = 64 * 1024
_ORDER_S = 5.0
_BACKLOG = 16
_MOST_LINES = 2000


@asynccontextmanager
async def controlled(supervisor: Supervisor, recent: Recent, path: Path, folder: Path) -> AsyncIterator[None]:
    """Take orders at ``path``, the socket of ``folder``, which this process must hold; raises EmbeddedError."""
    make_socket_folder(path, folder)
    control = _Control(supervisor, recent)
    server = await asyncio.start_unix_server(control.serve, sock=_listening(path), limit=_LONGEST_ORDER)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)
        await control.end()


def _listening(path: Path) -> socket.socket:
    """A socket file for its owner alone, from its first moment on."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except BaseException:
        made.close()
        raise
    finally:
        os.umask(before)
    made.listen(_BACKLOG)
    return made


class _Control:
    def __init__(self, supervisor: Supervisor, recent: Recent) -> None:
        self._supervisor = supervisor
        self._recent = recent
        self._serving = Tasks()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow one order."""
        task = asyncio.current_task()
        if task is not None:
            self._serving.own(task)
        try:
            answer = await self._answer(reader)
            with suppress(OSError):
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()

    async def end(self) -> None:
        """Nobody is answered any more."""
        await self._serving.close()

    async def _answer(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_ORDER_S):
                order = json.loads(await reader.readline())
            return {"ok": True, **await self._follow(order)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {"ok": False, "error": "This is no order that the supervisor knows."}
        except OrderRefusedError as error:
            return {"ok": False, "error": str(error)}

    async def _follow(self, order: Mapping[str, Any]) -> dict[str, Any]:
        do = order["do"]
        if do == "status":
            return {"pid": os.getpid(), "parts": [_described(one) for one in self._supervisor.keepers]}
        if do == "scale":
            await self._supervisor.scale(int(order["count"]))
            return {}
        part = str(order["part"])
        if do == "logs":
            return {"lines": self._recent.lines(part, min(int(order["lines"]), _MOST_LINES))}
        if do == "start":
            await self._supervisor.start_part(part)
        elif do == "stop":
            await self._supervisor.stop_part(part)
        elif do == "restart":
            await self._supervisor.restart_part(part, at_once=bool(order.get("at_once")))
        else:
            raise ValueError(do)
        return {}


def _described(keeper: Keeper) -> dict[str, Any]:
    told = keeper.told
    return {
        "name": keeper.part.name,
        "state": str(told.state),
        "detail": told.detail,
        "since": told.since,
        "starts": told.starts,
        "pid": keeper.pid,
        "wanted": keeper.is_wanted,
        "stop_within": keeper.part.stop_within_s,
    }
