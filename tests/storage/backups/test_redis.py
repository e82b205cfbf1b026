"""Snapshots of the real server: written by it, copied when whole, loaded into another to be looked at."""

import asyncio
import shutil
from pathlib import Path

import pytest
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

from config.settings import Settings
from storage import redis_server
from storage.backups import redis as redis_backups
from storage.backups import redis_stream
from storage.backups.catalogue import Backup, Catalogue, Kind
from storage.backups.kinds import catalogue_of
from storage.backups.redis import RedisBackups, scratch, verify_snapshot
from storage.backups.redis_stream import StreamRefused
from storage.errors import BackupDamaged, BackupError
from storage.queue import Queue
from tests.making import NOW, accepted, somebody

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def backups(queue: Queue) -> RedisBackups:
    return RedisBackups(queue.redis)


@pytest.fixture
def catalogue(settings: Settings) -> Catalogue:
    return catalogue_of(settings)


async def backed_up(catalogue: Catalogue, backups: RedisBackups) -> Backup:
    return await catalogue.make(Kind.REDIS, backups.suffix, backups.dump, at=NOW)


async def test_a_snapshot_holds_what_was_there_when_it_was_asked_for(
    catalogue: Catalogue, backups: RedisBackups, queue: Queue
) -> None:
    person = await somebody()
    for number in range(3):
        await queue.enqueue((await accepted(person, f"{number}")).id, since=NOW)

    backup = await backed_up(catalogue, backups)
    await queue.redis.flushall()

    assert (backup.rows["waiting"], backup.rows["jobs"]) == (3, 3)
    async with scratch(catalogue.path(backup)) as redis:
        assert await Queue(redis).depth() == 3
    assert (await verify_snapshot(catalogue, backup, now=NOW)).is_verified


async def test_it_comes_over_the_connection_or_out_of_the_servers_folder(
    catalogue: Catalogue, queue: Queue, backups: RedisBackups
) -> None:
    await queue.enqueue((await accepted(await somebody())).id, since=NOW)
    folder = (await backups.snapshot_path()).parent
    for one in (backups, RedisBackups(queue.redis, folder)):
        backup = await backed_up(catalogue, one)
        assert (await verify_snapshot(catalogue, backup, now=NOW)).is_verified
        assert backup.rows["waiting"] == 1
    assert await queue.depth() == 1, "the connection is another one afterwards"


async def test_a_server_that_sends_nobody_its_snapshot_has_it_taken_from_its_folder(
    catalogue: Catalogue, queue: Queue
) -> None:
    rules = ["reset", "on", ">right", "~*", "&*", "+@all", "-sync", "-psync"]
    await queue.redis.execute_command("ACL", "SETUSER", "careful", *rules)
    given = {**queue.redis.connection_pool.connection_kwargs, "username": "careful", "password": "right"}
    careful = ArqRedis(ConnectionPool(queue.redis.connection_pool.connection_class, **given))
    try:
        with pytest.raises(StreamRefused, match=r"does not send its snapshot .*no permissions to run the 'sync'"):
            await redis_stream.receive(careful, catalogue.folder / "refused", within_s=10)
        assert (await backed_up(catalogue, RedisBackups(careful))).rows["waiting"] == 0
    finally:
        await careful.aclose(close_connection_pool=True)
        await queue.redis.execute_command("ACL", "DELUSER", "careful")


async def test_two_snapshots_within_a_second_are_two(backups: RedisBackups, queue: Queue) -> None:
    before = await redis_server.persistence(queue.redis)
    await asyncio.gather(backups.save(), backups.save())
    await backups.save()
    assert (await redis_server.persistence(queue.redis)).saves >= before.saves + 2


async def test_a_server_whose_folder_is_not_here_is_told(queue: Queue, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="where this process does not see them; set REDIS_DIR"):
        await RedisBackups(queue.redis, tmp_path / "nowhere").snapshot_path()


async def test_a_snapshot_that_cannot_be_written_is_told(backups: RedisBackups) -> None:
    snapshot = await backups.snapshot_path()
    snapshot.unlink(missing_ok=True)
    (snapshot / "in the way").mkdir(parents=True)
    try:
        with pytest.raises(BackupError, match="failed to write its snapshot"):
            await backups.save()
    finally:
        shutil.rmtree(snapshot)
        await backups.save()


async def test_a_snapshot_that_takes_too_long_is_told(queue: Queue) -> None:
    with pytest.raises(BackupError, match=r"has not written its snapshot within 0 s; check with redis lastsave"):
        await RedisBackups(queue.redis, within_s=0.0).save()


async def test_damage_is_found(catalogue: Catalogue, backups: RedisBackups, queue: Queue) -> None:
    await queue.redis.set("s2d:x", "y" * 100)
    backup = await backed_up(catalogue, backups)
    path = catalogue.path(backup)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)

    assert "has changed" in (await verify_snapshot(catalogue, backup, now=NOW)).problem
    with pytest.raises(BackupDamaged, match="no server loads it"):
        async with scratch(path):
            pass


async def test_jobs_that_are_missing_are_counted(catalogue: Catalogue, backups: RedisBackups) -> None:
    backup = await backed_up(catalogue, backups)
    told = catalogue.note(backup, rows={"waiting": 2})
    assert (await verify_snapshot(catalogue, told, now=NOW)).problem == "It holds 0 jobs, and 2 were backed up."


async def test_without_a_server_to_load_it_the_snapshot_is_kept_unverified(
    catalogue: Catalogue, backups: RedisBackups, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.errors import EmbeddedError

    def missing(_: Path) -> None:
        raise EmbeddedError("The embedded Redis server is not installed.")

    monkeypatch.setattr(redis_backups, "scratch_server", missing)
    backup = await backed_up(catalogue, backups)
    with pytest.raises(BackupError, match="looked at through the embedded server: The embedded Redis server is not"):
        await verify_snapshot(catalogue, backup, now=NOW)
    assert not catalogue.find(backup.id).is_verified
