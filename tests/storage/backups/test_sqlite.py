"""What can be wrong with files of SQLite is said in a sentence, and nothing of a killed process stays for ever."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.backups.sqlite import SqliteBackups, _carry, _copy, check, unpacked
from storage.errors import BackupDamaged, BackupError
from tests.making import NOW


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A file that is no database."""
    path = tmp_path / "broken.db"
    path.write_bytes(b"no database at all, but long enough to have been one" * 100)
    return path


def test_what_is_no_database_is_said(broken: Path) -> None:
    assert "not a database" in check(broken)
    assert "not a database" in check(broken, is_quick=True)


def test_rows_that_refer_to_nothing_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "torn.db"
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "CREATE TABLE decks (id INTEGER PRIMARY KEY);"
            "CREATE TABLE rows (deck INTEGER REFERENCES decks (id)); INSERT INTO rows VALUES (7), (8);"
        )
    assert check(path) == "2 rows refer to rows that are gone"


async def test_a_database_that_cannot_be_read_is_not_backed_up(broken: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be copied"):
        _copy(broken, tmp_path / "copy.db")
    with pytest.raises(BackupError, match="cannot be counted"):
        await SqliteBackups(broken).rows()


def test_what_must_stay_is_not_lost_for_a_database_that_is_none(broken: Path, empty_sqlite: Path) -> None:
    before = broken.read_bytes()
    with pytest.raises(BackupError, match="cannot be kept"):
        _carry(empty_sqlite, broken)
    assert broken.read_bytes() == before


def test_a_backup_that_is_not_packed_is_damaged(broken: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupDamaged, match=r"broken\.db cannot be unpacked"):
        unpacked(broken, tmp_path / "new.db")


async def test_leftovers_of_killed_processes_go_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    now = NOW.timestamp()
    for name, age in ((".scratch-old", 2), (".dump-old", 2), (".scratch-new", 0.5), ("backup", 9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "copy.db").touch()
        os.utime(tmp_path / name, (now - timedelta(days=age).total_seconds(),) * 2)
    await SqliteBackups(tmp_path / "live.db").tidy(tmp_path, now=NOW)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".scratch-new", "backup"]
