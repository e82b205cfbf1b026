"""What docs/disasters.md says about a lost database, a lost Redis and a lost disk, step by step."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from config.settings import Settings
from storage import decks, schema
from storage.backups.catalogue import Backup
from storage.backups.kinds import backups_of, catalogue_of
from storage.backups.lost import bring_back
from storage.database import Database, default_url, open_database
from storage.errors import BackupDamaged, BackupError
from storage.queue import Queue
from storage.reconciler import Reconciler
from tests.making import NOW, accepted, finished, seconds, somebody
from tests.parts import EXECUTORS, run_sql


async def backed_up(url: str, settings: Settings) -> Backup:
    backups = backups_of(url, settings)
    return await catalogue_of(settings).make(backups.kind, backups.suffix, backups.dump, at=NOW)


class TestLostDatabase:
    """``screen2deck db restore``."""

    @pytest.fixture
    async def filled(self, empty_sqlite: Path, tmp_path: Path) -> str:
        EXECUTORS.clear()
        shutil.copy(empty_sqlite, tmp_path / "screen2deck.db")
        return default_url(tmp_path)

    @pytest.fixture
    def mine(self, tmp_path: Path) -> Settings:
        return Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]

    @pytest.mark.parametrize("what", ["gone", "damaged"])
    async def test_a_file_comes_back_and_what_was_there_is_moved_aside(
        self, filled: str, mine: Settings, tmp_path: Path, what: str
    ) -> None:
        async with open_database(filled):
            done = await finished(await somebody())
        backup = await backed_up(filled, mine)
        path = tmp_path / "screen2deck.db"
        if what == "gone":
            path.unlink()
        else:
            path.write_bytes(b"\0" * 100_000)
            Path(f"{path}-wal").write_bytes(b"of another database")

        assert await bring_back(filled, mine, "latest", now=NOW) == backup

        async with open_database(filled):
            assert (await decks.deck_of(done.id)).deck
        assert (await schema.status(filled)).is_current
        aside = sorted(one.name for one in tmp_path.glob("*.lost-*"))
        names = ["screen2deck.db-wal.lost-20261101T120000Z", "screen2deck.db.lost-20261101T120000Z"]
        assert aside == ([] if what == "gone" else names)
        assert path.stat().st_mode & 0o777 == 0o600

    async def test_a_damaged_backup_changes_nothing(self, filled: str, mine: Settings, tmp_path: Path) -> None:
        backup = await backed_up(filled, mine)
        before = (tmp_path / "screen2deck.db").read_bytes()
        catalogue_of(mine).path(backup).write_bytes(b"something else")
        with pytest.raises(BackupDamaged, match="has changed since it was written"):
            await bring_back(filled, mine, backup.id, now=NOW)
        assert (tmp_path / "screen2deck.db").read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
class TestLostPostgres:
    """The server lost its databases, or is a new one."""

    @pytest.fixture
    def elsewhere(self, url: str, postgres_server: str) -> Iterator[str]:
        name = f"new_{uuid4().hex[:8]}"
        yield f"{url[: url.index('@/') + 2]}{name}{url[url.index('?') :]}"
        asyncio.run(run_sql(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    async def test_it_is_made_anew_and_never_written_over(
        self, database: Database, settings: Settings, elsewhere: str
    ) -> None:
        await finished(await somebody())
        backup = await backed_up(database.url, settings)

        assert await bring_back(elsewhere, settings, "latest", now=NOW) == backup

        assert (await schema.status(elsewhere)).is_current
        assert (await backups_of(elsewhere, settings).rows())["decks"] == 1
        with pytest.raises(BackupError, match="has tables: nothing is lost that this could bring back"):
            await bring_back(elsewhere, settings, "latest", now=NOW)


class TestLostRedis:
    """Nothing is to be done: the database is the truth."""

    async def test_an_empty_server_gets_all_jobs_that_are_open(self, database: Database, queue: Queue) -> None:
        person = await somebody()
        waiting = [await accepted(person, f"{number}") for number in range(3)]
        await finished(person, "done")
        await queue.enqueue_all((one.id, NOW, 0) for one in waiting)
        await queue.redis.flushall()  # what no action of the product does: the server's disk is gone

        await Reconciler(queue).reconcile(now=seconds(120))

        assert set(await queue.all_ids()) == {str(one.id) for one in waiting}


class TestLostDisk:
    """The folder of backups lay on another one; the machine is new."""

    async def test_the_backups_make_a_new_machine(self, empty_sqlite: Path, tmp_path: Path) -> None:
        EXECUTORS.clear()
        old, new, other_disk = tmp_path / "old", tmp_path / "new", tmp_path / "other-disk"
        old.mkdir()
        shutil.copy(empty_sqlite, old / "screen2deck.db")
        machine = Settings(_env_file=None, data_dir=old, backup_dir=other_disk)  # type: ignore[call-arg]
        async with open_database(default_url(old)):
            done = await finished(await somebody())
        await backed_up(default_url(old), machine)
        shutil.rmtree(old)

        machine = Settings(_env_file=None, data_dir=new, backup_dir=other_disk)  # type: ignore[call-arg]
        await bring_back(default_url(new), machine, "latest", now=NOW)

        async with open_database(default_url(new)):
            assert (await decks.deck_of(done.id)).deck
        assert new.stat().st_mode & 0o777 == 0o700
