"""``screen2deck db``: the tables and their version."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from bot.addresses import database_url
from bot.commands.running import failure, prepared
from config.clock import utcnow
from config.settings import Settings, SettingsError
from storage import schema
from storage.backups.before_migration import keeping
from storage.backups.catalogue import Backup
from storage.backups.lost import bring_back
from storage.data_dir import DataDirLock
from storage.errors import StorageError

app = typer.Typer(no_args_is_help=True, help="The database: bring it up to date, or back.")

_OUTDATED = 1
_T = TypeVar("_T")


@app.command()
def upgrade() -> None:
    """Apply what is missing, after a backup of a database that is not empty."""
    settings = prepared()
    url = database_url(settings)
    done = _run(schema.upgrade(url, keep=keeping(url, settings, utcnow)))
    typer.echo(f"applied: {', '.join(done)}" if done else "The database is up to date.")


@app.command()
def downgrade(
    target: Annotated[str, typer.Argument(help="The last migration to keep, such as 0001, or zero for none.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: columns and tables are dropped.")] = False,
) -> None:
    """Undo migrations, newest first, after a backup."""
    settings = prepared()
    url = database_url(settings)
    if not yes:
        typer.confirm(f"Undo every migration after {target}? What they added is lost", abort=True)
    undone = _run(schema.downgrade(url, target, keep=keeping(url, settings, utcnow)))
    typer.echo(f"undone: {', '.join(undone)}" if undone else "There was nothing to undo.")


@app.command()
def restore(
    backup: Annotated[str, typer.Argument(help="The id of a backup, or latest.")] = "latest",
) -> None:
    """Bring a lost database back from a backup, while nothing runs. What is there is moved aside, or refused."""
    settings = prepared()
    done = _run(_restored(settings, backup))
    typer.echo(f"The database is that of {done.id}: {sum(done.rows.values())} rows.")


async def _restored(settings: Settings, identity: str) -> Backup:
    with DataDirLock(settings.data_dir):
        return await bring_back(database_url(settings), settings, identity, now=utcnow())


@app.command()
def status() -> None:
    """Say which version the database has. Exit code 1: it lacks something, 2: it is newer than this release."""
    found = _run(schema.status(database_url(prepared())))
    for word, names in (("applied", found.applied), ("missing", found.missing), ("unknown", found.unknown)):
        for name in names:
            typer.echo(f"{word:8} {name}")
    if found.unknown:
        raise typer.Exit(2)
    if found.missing:
        raise typer.Exit(_OUTDATED)


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    try:
        return asyncio.run(work)
    except (SettingsError, StorageError) as error:
        raise failure(error) from error
