"""The gateway of the Discord of the tests: one session after another, which can be dropped and taken up again."""

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Ready = Callable[[], tuple[dict[str, Any], list[dict[str, Any]]]]


@dataclass(slots=True)
class Connection:
    """One web socket, compressed as it was asked for."""

    socket: web.WebSocketResponse
    compress: Callable[[bytes], bytes]

    async def send(self, payload: dict[str, Any]) -> None:
        """One payload."""
        if not self.socket.closed:
            await self.socket.send_bytes(self.compress(json.dumps(payload).encode()))


@dataclass(slots=True)
class Gateway:
    """``ready`` gives what a new session is told; ``accepts`` whether a token is good."""

    ready: Ready
    accepts: Callable[[str], bool]
    intents: int = 0
    identified: int = 0
    resumed: int = 0
    forbids_intents: bool = False
    _events: list[dict[str, Any]] = field(default_factory=list)
    _connection: Connection | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a bot listens."""
        return self._connection is not None and not self._connection.socket.closed

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Tell the bot; it hears of it when it takes the session up again, if it is away."""
        payload = {"op": 0, "t": event, "s": len(self._events) + 1, "d": data}
        self._events.append(payload)
        if self._connection is not None and self.is_connected:
            await self._connection.send(payload)

    async def drop(self, code: int = 4000) -> None:
        """Cut the connection."""
        if self._connection is not None:
            await self._connection.socket.close(code=code)
            self._connection = None

    async def repeat_last(self) -> None:
        """Tell the last event again."""
        if self._connection is not None:
            await self._connection.send(self._events[-1])

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """The route."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        connection = Connection(socket, _compressor(request.query.get("compress", "")))
        await connection.send({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(connection, json.loads(message.data))
        return socket

    async def _take(self, connection: Connection, payload: dict[str, Any]) -> None:
        if payload["op"] == 1:
            await connection.send({"op": 11, "d": None, "s": None, "t": None})
        elif payload["op"] == 2:
            await self._identify(connection, payload["d"])
        elif payload["op"] == 6:
            await self._resume(connection, payload["d"]["seq"])

    async def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        if not self.accepts(data["token"]):
            await connection.socket.close(code=4004)
            return
        self.intents = data["intents"]
        if self.forbids_intents and self.intents & (1 << 15):
            await connection.socket.close(code=4014)
            return
        self._events.clear()
        self._connection = connection
        ready, guilds = self.ready()
        await self.dispatch("READY", ready)
        for guild in guilds:
            await self.dispatch("GUILD_CREATE", guild)
        self.identified += 1

    async def _resume(self, connection: Connection, seen: int) -> None:
        self._connection = connection
        for event in self._events[seen:]:
            await connection.send(event)
        await self.dispatch("RESUMED", {})
        self.resumed += 1

    async def wait(self, within_s: float = 30.0) -> None:
        """Return when a bot listens."""
        async with asyncio.timeout(within_s):
            while not self.is_connected:
                await asyncio.sleep(0.01)


def _compressor(kind: str) -> Callable[[bytes], bytes]:
    if kind == "zstd-stream":
        import zstandard

        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda data: zstd.compress(data) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    stream = zlib.compressobj()
    return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
