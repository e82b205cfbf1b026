"""``screen2deck db``: where the database is, forward and back, and what it says when that cannot be."""

import asyncio
from pathlib import Path

import pytest

from storage import migrations, schema
from storage.backups.catalogue import Catalogue
from storage.backups.sqlite import SqliteBackups
from storage.data_dir import DataDirLock
from storage.database import default_url
from tests.bot.commands.clean import Run, run
from tests.making import NOW

__all__ = ["run"]


ALL = sorted(path.stem for path in Path(migrations.__path__[0]).glob("0*.py"))
"""Names of all migrations."""


def told(state: str) -> str:
    """A line for each migration."""
    return "".join(f"{state}  {name}\n" for name in ALL)


def later_release(tmp_path: Path) -> None:
    """A later release changes the database."""

    async def change() -> None:
        async with schema._executor(default_url(tmp_path / "data")) as executor:
            await executor.recorder.record_applied("storage", "0999_later")

    asyncio.run(change())


@pytest.mark.slow
def test_forward_and_back_with_its_state(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade").stdout == f"applied: {', '.join(ALL)}\n"
    assert run("db", "upgrade").stdout == "The database is up to date.\n"
    status = run("db", "status")
    assert (status.exit_code, status.stdout) == (0, told("applied"))

    assert run("db", "downgrade", "zero", "--yes").stdout == f"undone: {', '.join(reversed(ALL))}\n"
    assert run("db", "downgrade", "zero", "--yes").stdout == "There was nothing to undo.\n"
    status = run("db", "status")
    assert (status.exit_code, status.stdout) == (1, told("missing"))
    [backup] = (tmp_path / "data" / "backups").glob("*.json")
    assert backup.stem.endswith("-before-migration")


def test_going_back_is_asked_for_twice(run: Run) -> None:
    run("db", "upgrade")
    asked = run("db", "downgrade", "zero", input="n\n")

    assert asked.exit_code == 1
    assert "Undo every migration after zero? What they added is lost [y/N]" in asked.stdout
    assert run("db", "status").exit_code == 0


def test_a_target_that_does_not_exist_is_wrong_use(run: Run) -> None:
    run("db", "upgrade")
    result = run("db", "downgrade", "0999", "--yes")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"There is no migration 0999; applied are {', '.join(ALL)}.\n"


def test_a_newer_database_is_named_and_left_alone(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    later_release(tmp_path)

    for words in (("db", "upgrade"), ("db", "downgrade", "zero", "--yes"), ("keys", "list"), ("up",), ("bot",)):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "The database was changed by a newer release of Screen2Deck (0999_later)" in result.stderr
    status = run("db", "status")
    assert (status.exit_code, status.stdout) == (2, f"{told('applied')}unknown  0999_later\n")


def test_a_data_folder_that_is_not_there_yet_has_no_database(run: Run) -> None:
    result = run("db", "status")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "screen2deck.db cannot be opened" in result.stderr


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://host/name", "DATABASE_URL must begin with postgres:// or sqlite://, not with mysql:."),
        ("postgres://user:secret@host:port/name", "DATABASE_URL is no address of a database: Port is not an integer."),
        ("postgres://user:secret@127.0.0.1:1/name", "The database does not answer ("),
    ],
)
@pytest.mark.parametrize("command", [("db", "status"), ("db", "upgrade"), ("keys", "list")])
def test_a_wrong_address_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], address: str, sentence: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    result = run(*command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr


def test_a_lost_database_comes_back_from_the_newest_backup(run: Run, empty_sqlite: Path, tmp_path: Path) -> None:
    backups, catalogue = SqliteBackups(empty_sqlite), Catalogue(tmp_path / "data" / "backups")
    asyncio.run(catalogue.make(backups.kind, backups.suffix, backups.dump, at=NOW))

    result = run("db", "restore")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("The database is that of sqlite-20261101T120000Z: ")
    assert run("db", "status").exit_code == 0


def test_without_a_backup_nothing_comes_back(run: Run) -> None:
    result = run("db", "restore")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "There is no backup yet; make one with backup db or backup redis.\n"


def test_a_running_product_is_not_restored(run: Run, tmp_path: Path) -> None:
    with DataDirLock(tmp_path / "data"):
        result = run("db", "restore")
    assert "Screen2Deck is already running on the data folder" in result.stderr
