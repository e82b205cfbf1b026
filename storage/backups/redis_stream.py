"""A snapshot of a Redis server over its connection, as a replica gets it: for who does not see the server's folder.

The server forks, writes a snapshot beside its files and sends it (https://valkey.io/topics/replication/, SYNC). Some
managed servers refuse that.
"""

import asyncio
from pathlib import Path
from typing import Any

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from storage.errors import BackupError, QueueUnreachable

_CHUNK = 1 << 20


class StreamRefused(BackupError):
    """The server gives nobody its snapshot."""


async def receive(redis: ArqRedis, to: Path, *, within_s: float) -> None:
    """Write a snapshot of now to a file; raises BackupError, QueueUnreachable, StreamRefused."""
    connection: Any = None
    try:
        async with asyncio.timeout(within_s):
            connection = await redis.connection_pool.get_connection()
            await connection.send_command("SYNC")
            # The library knows no answers of this kind, so that its reader is read here.
            await _written(connection._reader, to)
    except TimeoutError as error:
        raise BackupError(f"The Redis server has not sent its snapshot within {within_s:.0f} s.") from error
    except (RedisError, ConnectionError, asyncio.IncompleteReadError) as error:
        raise QueueUnreachable(f"The Redis server does not answer ({type(error).__name__}).") from error
    finally:
        if connection is not None:
            # It goes on sending what changes.
            await connection.disconnect(nowait=True)
            await redis.connection_pool.release(connection)


async def _written(reader: asyncio.StreamReader, to: Path) -> None:
    left = await _size(reader)
    with to.open("wb") as file:
        while left:
            chunk = await reader.read(min(left, _CHUNK))
            if not chunk:
                raise ConnectionError("the server hung up")
            await asyncio.to_thread(file.write, chunk)
            left -= len(chunk)


async def _size(reader: asyncio.StreamReader) -> int:
    """Bytes of the snapshot; empty lines come while it is made."""
    while not (line := (await reader.readline()).rstrip(b"\r\n")):
        if reader.at_eof():
            raise ConnectionError("the server hung up")
    if line.startswith(b"$") and line[1:].isdigit():
        return int(line[1:])
    raise StreamRefused(f"The Redis server does not send its snapshot ({line[:120].decode('utf-8', 'replace')}).")
