"""Databases are dumped at one moment and restored whole, SQLite and Postgres alike."""

import asyncio
import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from config.settings import Settings
from storage import schema
from storage.backups.catalogue import Backup, Catalogue
from storage.backups.kinds import DatabaseBackups, backups_of, catalogue_of
from storage.backups.postgres import PostgresBackups
from storage.backups.postgres_programs import Programs
from storage.backups.verifying import verify
from storage.database import Database
from storage.errors import BackupDamaged, BackupError
from storage.postgres_address import PostgresAddress
from tests.making import NOW, finished, somebody
from tests.parts import postgres_bin, run_sql


@pytest.fixture
def backups(database: Database, settings: Settings) -> DatabaseBackups:
    return backups_of(database.url, settings)


@pytest.fixture
def catalogue(settings: Settings) -> Catalogue:
    return catalogue_of(settings)


async def backed_up(catalogue: Catalogue, backups: DatabaseBackups) -> Backup:
    return await catalogue.make(backups.kind, backups.suffix, backups.dump, at=NOW)


async def test_a_backup_is_restored_and_counted(url: str, catalogue: Catalogue, backups: DatabaseBackups) -> None:
    await finished(await somebody())

    backup = await backed_up(catalogue, backups)
    assert backup.rows["decks"] == backup.rows["people"] == 1
    assert backup.schema == (await schema.status(url)).applied[-1]
    await finished(await somebody("another"), "another")

    checked = await verify(catalogue, backups, backup, now=NOW)
    assert checked.is_verified, checked.problem
    assert checked == catalogue.find("latest")


async def test_what_is_restored_is_a_whole_database_that_is_gone_afterwards(
    catalogue: Catalogue, backups: DatabaseBackups
) -> None:
    await finished(await somebody())
    backup = await backed_up(catalogue, backups)

    async with backups.scratch(catalogue.path(backup)) as scratch:
        assert (await schema.status(scratch.url)).is_current
        assert scratch.rows == backup.rows
        address = scratch.url
    with pytest.raises(Exception, match=r"cannot be opened|does not exist|does not answer"):
        await schema.status(address)


async def test_a_damaged_file_is_a_problem_of_the_backup(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    backup = await backed_up(catalogue, backups)
    with catalogue.path(backup).open("r+b") as file:
        file.truncate(backup.size // 2)

    checked = await verify(catalogue, backups, backup, now=NOW)
    assert "has changed since it was written" in checked.problem
    with pytest.raises(BackupDamaged):
        async with backups.scratch(catalogue.path(backup)):
            pass


async def test_rows_that_are_missing_are_named(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    await finished(await somebody())
    backup = await backed_up(catalogue, backups)
    told = catalogue.note(backup, rows={**backup.rows, "decks": 2})

    checked = await verify(catalogue, backups, told, now=NOW)

    assert checked.problem == "1 tables have other rows than were backed up, decks first."


async def test_a_backup_is_of_one_moment_while_others_write(catalogue: Catalogue, backups: DatabaseBackups) -> None:
    async def write() -> None:
        for number in range(12):
            await somebody(f"player{number}")

    writing = asyncio.create_task(write())
    made = [await catalogue.make(backups.kind, backups.suffix, backups.dump, at=NOW) for _ in range(3)]
    await writing

    for backup in made:
        checked = await verify(catalogue, backups, backup, now=NOW)
        assert checked.is_verified, checked.problem
        assert backup.rows["people"] == backup.rows["accounts"]


class TestSqlite:
    """What only its file has."""

    async def test_rows_that_refer_to_nothing_are_damage(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "bad.db")) as connection:
            connection.executescript(
                "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id));"
                "INSERT INTO b VALUES (7);"
            )
        packed = tmp_path / "bad.db.gz"
        packed.write_bytes(gzip.compress((tmp_path / "bad.db").read_bytes()))
        backups = backups_of(f"sqlite://{tmp_path / 'live.db'}", Settings(_env_file=None))  # type: ignore[call-arg]
        with pytest.raises(BackupDamaged, match="1 rows refer to rows that are gone"):
            async with backups.scratch(packed):
                pass


@pytest.mark.slow
class TestPostgres:
    """What only a server has."""

    @pytest.fixture
    def weak(self, filled_postgres: str) -> Iterator[str]:
        """The address of a role that may read and nothing else, with a password."""
        grants = (
            "CREATE ROLE weak LOGIN PASSWORD 'correct-horse-battery'",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak",
            "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO weak",
            "GRANT CREATE ON SCHEMA public TO weak",
        )
        asyncio.run(run_sql(filled_postgres, *grants))
        yield filled_postgres.replace("postgres@/", "weak:correct-horse-battery@/")
        asyncio.run(run_sql(filled_postgres, "DROP OWNED BY weak", "DROP ROLE weak"))

    async def test_a_role_that_may_make_no_databases_is_told_what_it_lacks(self, weak: str, tmp_path: Path) -> None:
        backups, catalogue = (
            PostgresBackups(PostgresAddress.parsed(weak), Programs(postgres_bin())),
            Catalogue(tmp_path),
        )
        backup = await backed_up(catalogue, backups)
        with pytest.raises(BackupError, match=r'weak may not make databases.*ALTER ROLE "weak" CREATEDB'):
            await verify(catalogue, backups, backup, now=NOW)
        assert catalogue.find(backup.id).problem == ""

    async def test_the_password_is_in_no_argument(self, weak: str, tmp_path: Path) -> None:
        """The real program behind one that writes down how it was called."""
        log, real = tmp_path / "called", postgres_bin()
        assert real is not None
        program = tmp_path / "pg_dump"
        program.write_text(f'#!/bin/sh\necho "$@ [$PGPASSWORD]" >> {log}\nexec {real}/pg_dump "$@"\n')
        program.chmod(0o755)
        backups = PostgresBackups(PostgresAddress.parsed(weak), Programs(tmp_path))

        await backed_up(Catalogue(tmp_path / "backups"), backups)

        arguments, environment = log.read_text().splitlines()[-1].rsplit(" ", 1)
        assert "--format=custom" in arguments
        assert "correct-horse-battery" not in arguments
        assert environment == "[correct-horse-battery]"
        assert "correct-horse-battery" not in repr(backups)

    async def test_scratch_databases_are_gone_after_a_cancelled_restore(
        self, catalogue: Catalogue, backups: DatabaseBackups, settings: Settings, postgres_server: str
    ) -> None:
        backup = await backed_up(catalogue, backups)

        async def hold() -> None:
            async with backups.scratch(catalogue.path(backup)):
                started.set()
                await asyncio.Event().wait()

        started = asyncio.Event()
        task = asyncio.create_task(hold())
        await started.wait()
        task.cancel()
        await asyncio.wait({task})

        connection = await asyncpg.connect(postgres_server)
        names = [row[0] for row in await connection.fetch("SELECT datname FROM pg_database")]
        await connection.close()
        assert [name for name in names if "_scratch_" in name] == []


class TestPrograms:
    """pg_dump of the server's release, or a newer one."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        program = tmp_path / "pg_dump"
        program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)'\n")
        program.chmod(0o755)
        return tmp_path

    async def test_one_that_fits_is_taken(self, folder: Path) -> None:
        assert await Programs(folder).find("pg_dump", 14) == folder / "pg_dump"

    async def test_an_old_one_is_refused_with_what_to_install(self, folder: Path) -> None:
        with pytest.raises(BackupError, match=r"there is only pg_dump 15 here: install postgresql-client-18"):
            await Programs(folder).find("pg_dump", 18)

    async def test_a_missing_one_is_told(self, folder: Path) -> None:
        with pytest.raises(BackupError, match=r"there is no pg_restore here"):
            await Programs(folder).find("pg_restore", 15)
