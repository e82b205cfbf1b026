"""``screen2deck link``: sign in on the chat page."""

from datetime import timedelta
from typing import Annotated

import typer

from bot.addresses import database_url
from bot.commands.running import prepared, run
from bot.web.limits import LINK_LIFE
from bot.web.linking import make_link
from chatops.own_http import public_address_of
from config.clock import utcnow
from config.settings import Settings
from storage import schema
from storage.database import open_database


def link(
    user: Annotated[
        str, typer.Argument(help="A web account, as ops.yaml names it; yourself where none is given.")
    ] = "",
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="How long it is good.")] = (
        LINK_LIFE // timedelta(minutes=1)
    ),
) -> None:
    """Print a link that signs its first visitor in on the chat page."""
    run(_print(prepared(), user, timedelta(minutes=minutes)))


async def _print(settings: Settings, user: str, life: timedelta) -> None:
    typer.echo(await fresh_link(settings, user, life))


async def fresh_link(settings: Settings, user: str = "", life: timedelta = LINK_LIFE) -> str:
    """A link for an account of the page; raises StorageError, SettingsError."""
    url = database_url(settings)
    (await schema.status(url)).check()
    async with open_database(url):
        return await make_link(public_address_of(settings), user, life=life, now=utcnow())
