"""A new release changes the tables when it starts: after a backup that was restored and counted, or not at all."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.migrating import bring_up_to_date
from config.settings import Settings
from storage import schema
from storage.backups.kinds import catalogue_of
from storage.database import default_url
from storage.errors import BackupError, SchemaOutdated, SchemaTooNew
from tests.making import NOW
from tests.releases import LATER, MIGRATIONS, later_release


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]


@pytest.fixture
def filled(settings: Settings, empty_sqlite: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this release, in a process of the next one."""
    shutil.copy(empty_sqlite, tmp_path / "screen2deck.db")
    folder = tmp_path / "migrations"
    folder.mkdir()
    with later_release(folder):
        yield default_url(tmp_path)


async def test_a_filled_one_is_backed_up_verified_and_changed(settings: Settings, filled: str) -> None:
    assert await bring_up_to_date(settings, lambda: NOW) == (LATER,)
    assert await bring_up_to_date(settings, lambda: NOW) == ()

    [backup] = catalogue_of(settings).all()
    assert backup.id == "sqlite-20261101T120000Z-before-migration"
    assert backup.is_verified
    assert backup.keep_until is not None
    assert backup.schema == MIGRATIONS[-1]


async def test_without_a_backup_nothing_is_changed(settings: Settings, filled: str) -> None:
    (settings.data_dir / "backups").write_text("in the way")

    with pytest.raises(BackupError, match=r"not changed, since it cannot be backed up.*BACKUP_BEFORE_MIGRATION=false"):
        await bring_up_to_date(settings)
    assert (await schema.status(filled)).missing == (LATER,)


async def test_the_backup_can_be_done_without(settings: Settings, filled: str) -> None:
    without = settings.model_copy(update={"backup_before_migration": False})

    assert await bring_up_to_date(without) == (LATER,)

    assert catalogue_of(settings).all() == []
    [copy] = settings.data_dir.glob("*.bak")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


async def test_left_to_operators_it_only_looks(settings: Settings, filled: str) -> None:
    left = settings.model_copy(update={"migrate_at_start": False})

    assert await bring_up_to_date(left) == ()

    assert (await schema.status(filled)).missing == (LATER,)
    async with schema._executor(filled) as executor:
        await executor.recorder.record_applied("storage", "0999_much_later")
    with pytest.raises(SchemaTooNew):
        await bring_up_to_date(left)


async def test_left_to_operators_a_database_without_tables_is_waited_for(settings: Settings) -> None:
    with pytest.raises(SchemaOutdated):
        await bring_up_to_date(settings.model_copy(update={"migrate_at_start": False}))
