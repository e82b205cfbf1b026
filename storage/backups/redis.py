"""Redis: a snapshot that the server makes itself, got over its connection; looked at through a server of its own.

Servers that give nobody their snapshot that way have it copied from their folder, when it is whole.
"""

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from arq.connections import ArqRedis
from redis.exceptions import RedisError, ResponseError

from config.programs import end_process
from storage import redis_server
from storage.backups import redis_stream
from storage.backups.catalogue import Backup, Catalogue, Dumped, Kind
from storage.backups.redis_stream import StreamRefused
from storage.embedded import scratch_server
from storage.errors import BackupDamaged, BackupError, EmbeddedError, QueueUnreachable
from storage.queue import QUEUE, connect

log = logging.getLogger(__name__)

WITHIN_S = 120.0
"""How long a snapshot may take."""
WAITING = "waiting"
"""The row of a manifest that says how many jobs the queue had."""
_POLL_S = 0.1
_START_S = 20.0
_TOO_NEW = b"Can't handle RDB format version"
_MAGIC = (b"REDIS", b"VALKEY")


@dataclass(frozen=True, slots=True)
class RedisBackups:
    """Snapshots of one server; ``folder`` is where this machine sees them, None for over its connection."""

    redis: ArqRedis
    folder: Path | None = None
    within_s: float = WITHIN_S
    kind: Kind = Kind.REDIS
    suffix: str = ".rdb"

    async def dump(self, to: Path) -> Dumped:
        """Have the server make a snapshot, and get it; raises BackupError, QueueUnreachable."""
        if self.folder is not None or not await self._received(to):
            path = await self.snapshot_path()
            await self.save()
            await asyncio.to_thread(_copy, path, to)
        return Dumped(await self._counted(to))

    async def _received(self, to: Path) -> bool:
        """Over its connection; False where the server refuses that."""
        try:
            await redis_stream.receive(self.redis, to, within_s=self.within_s)
        except StreamRefused as refusal:
            log.info("%s Its folder is looked into instead.", refusal)
            return False
        return True

    async def _counted(self, file: Path) -> Mapping[str, int]:
        """What the copy holds, or about what the server does where nothing here can load it."""
        try:
            async with scratch(file) as copy:
                return await counted(copy)
        except BackupDamaged:
            raise
        except BackupError:
            return await counted(self.redis)

    async def save(self) -> float:
        """Have the server write a snapshot; the seconds that it took. Raises BackupError, QueueUnreachable."""
        began = time.monotonic()
        before = await self._begun(began)
        while not _moved(before, now := await redis_server.persistence(self.redis)):
            if not now.is_saving and not now.save_ok:
                break
            await self._pause(began)
        if not now.save_ok:
            raise BackupError("The Redis server failed to write its snapshot; its log says why, mostly a full disk.")
        return time.monotonic() - began

    async def snapshot_path(self) -> Path:
        """The file of its snapshots, as this machine sees it; raises BackupError where it does not."""
        folder = self.folder or await redis_server.configured(self.redis, "dir")
        name = await redis_server.configured(self.redis, "dbfilename") or "dump.rdb"
        if folder is None or not Path(folder).is_dir():
            raise BackupError(
                "The Redis server does not send its snapshots, and writes them where this process does not see them; "
                "set REDIS_DIR to that folder."
            )
        return Path(folder) / Path(name).name

    async def _begun(self, began: float) -> redis_server.Persistence:
        """Have one begun, after the end of any that somebody else asked for: that may be of before now."""
        while True:
            while (before := await redis_server.persistence(self.redis)).is_saving:
                await self._pause(began)
            try:
                await self.redis.bgsave(schedule=True)
            except ResponseError as error:
                if "in progress" not in str(error):
                    raise BackupError(f"The Redis server refuses to write a snapshot ({error}).") from error
                await self._pause(began)
            else:
                return before

    async def _pause(self, began: float) -> None:
        if time.monotonic() - began > self.within_s:
            raise BackupError(
                f"The Redis server has not written its snapshot within {self.within_s:.0f} s; "
                "check with redis lastsave."
            )
        await asyncio.sleep(_POLL_S)


def _moved(before: redis_server.Persistence, now: redis_server.Persistence) -> bool:
    """Whether a snapshot was written since; the time of the last one has whole seconds only."""
    if now.is_saving:
        return False
    return now.saves > before.saves if now.saves >= 0 else now.saved_at > before.saved_at


def _copy(path: Path, to: Path) -> None:
    """The server replaces the file by another whole one: what is open here stays what it was."""
    try:
        with path.open("rb") as source, to.open("wb") as target:
            if not source.read(6).startswith(_MAGIC):
                raise BackupError(f"{path} is no snapshot of a Redis server.")
            source.seek(0)
            shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        raise BackupError(
            f"The snapshot {path} cannot be copied ({error.strerror}); set REDIS_DIR to where this process sees it."
        ) from error


async def counted(redis: ArqRedis) -> Mapping[str, int]:
    """Jobs of the queue, and keys by family."""
    return {WAITING: await waiting(redis), **(await redis_server.held(redis, budget_s=WITHIN_S)).keys}


async def waiting(redis: ArqRedis) -> int:
    """Jobs in the queue; raises QueueUnreachable."""
    try:
        return int(await redis.zcard(QUEUE))
    except (RedisError, OSError) as error:
        raise QueueUnreachable(f"The Redis server does not answer ({type(error).__name__}).") from error


@asynccontextmanager
async def scratch(file: Path) -> AsyncIterator[ArqRedis]:
    """A snapshot in a server of its own, which is gone afterwards; raises BackupError, BackupDamaged."""
    with tempfile.TemporaryDirectory(prefix="s2d-redis-") as name:
        folder = Path(name)
        await asyncio.to_thread(shutil.copyfile, file, folder / "dump.rdb")
        try:
            command, url = scratch_server(folder)
        except EmbeddedError as error:
            raise BackupError(f"A snapshot is looked at through the embedded server: {error}") from error
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            redis = await _answering(process, url, file.name)
            try:
                yield redis
            finally:
                await redis.aclose()
        finally:
            await end_process(process)


async def _answering(process: asyncio.subprocess.Process, url: str, name: str) -> ArqRedis:
    end = time.monotonic() + _START_S
    while process.returncode is None and time.monotonic() < end:
        try:
            redis = await connect(url, patience=0)
            await redis.ping()
        except (QueueUnreachable, RedisError, OSError):
            await asyncio.sleep(_POLL_S)
            continue
        return redis
    said = b"" if process.stdout is None or process.returncode is None else await process.stdout.read()
    if _TOO_NEW in said:
        raise BackupError(f"The snapshot {name} is of a server that the embedded one is too old for.")
    raise BackupDamaged(f"The snapshot {name} is damaged: no server loads it.")


async def verify_snapshot(catalogue: Catalogue, backup: Backup, *, now: datetime) -> Backup:
    """Check the sum, load it into a server of its own, count the jobs; what is found stands in the manifest.

    Other keys have their time, so that there are fewer of them later. Raises BackupError where it cannot be tried.
    """
    try:
        await catalogue.check_sum(backup)
        async with scratch(catalogue.path(backup)) as redis:
            found = await waiting(redis)
    except BackupDamaged as error:
        return catalogue.note(backup, problem=str(error), verified_at=now)
    told = backup.rows.get(WAITING, 0)
    problem = "" if found == told else f"It holds {found} jobs, and {told} were backed up."
    return catalogue.note(backup, problem=problem, verified_at=now)
