"""``screen2deck keys``: API keys for programs."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from bot.addresses import database_url
from bot.commands.running import BAD_INPUT, prepared, run
from bot.http.tokens import ROLES
from bot.migrating import bring_up_to_date
from config.clock import utcnow
from config.settings import Settings
from storage import access, people
from storage.database import open_database

app = typer.Typer(no_args_is_help=True, help="API keys: make, list, revoke.")

_LONGEST_NAME = 64


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "player",
) -> None:
    """Make a key and print it, once."""
    if role not in ROLES:
        raise typer.BadParameter(f"there is no role {role!r}; choose one of {', '.join(ROLES)}.")
    if len(name) > _LONGEST_NAME:
        raise typer.BadParameter(f"a name has {_LONGEST_NAME} characters at most.")

    async def work() -> None:
        person = await people.person_with_account("api", name, name=name, now=utcnow())
        key, _ = await access.make_key(person.id, name, role, now=utcnow())
        typer.echo(key)

    _with_database(prepared(), work)


@app.command(name="list")
def list_keys() -> None:
    """List keys, without the keys."""

    async def work() -> None:
        for key in await access.keys():
            state = "revoked" if key.revoked_at else f"used {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
            typer.echo(f"{key.prefix}…  {key.role:10} {key.name}  ({state})")

    _with_database(prepared(), work)


@app.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The beginning of the key, as `keys list` shows it.")]) -> None:
    """Make a key useless."""

    async def work() -> None:
        if not await access.revoke_key(prefix.rstrip("…"), now=utcnow()):
            typer.echo(f"No key in use begins with {prefix}.", err=True)
            raise typer.Exit(BAD_INPUT)
        typer.echo("The key is revoked.")

    _with_database(prepared(), work)


def _with_database(settings: Settings, work: Callable[[], Awaitable[None]]) -> None:
    async def connected() -> None:
        await bring_up_to_date(settings)
        async with open_database(database_url(settings), connections=1):
            await work()

    run(connected())
