"""Registers commands with Discord, and only when they differ from what is registered."""

import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

log = logging.getLogger(__name__)

_OPTION = (
    *("type", "name", "description", "name_localizations", "description_localizations", "required", "autocomplete"),
    *("choices", "min_value", "max_value", "min_length", "max_length"),
)
_COMMAND = ("name", "description", "name_localizations", "description_localizations", "default_member_permissions")


async def register_in_server(client: discord.Client, server: int, wanted: list[dict[str, Any]]) -> bool:
    """Bring the commands of one server up to date; return whether anything had to be changed."""
    application = client.application_id
    if application is None:
        raise RuntimeError("commands are registered after logging in")
    registered = await client.http.get_guild_commands(application, server)
    if _of_server(wanted) == _of_server(list(registered)):
        return False
    await client.http.bulk_upsert_guild_commands(application, server, wanted)
    log.info("%d commands registered with server %d", len(wanted), server)
    return True


async def register(tree: app_commands.CommandTree[Any]) -> bool:
    """Bring Discord's menus up to date; return whether anything had to be changed."""
    application = tree.client.application_id
    translator = tree.translator
    if application is None or translator is None:
        raise RuntimeError("commands are registered after logging in, with their translations")
    wanted = [await one.get_translated_payload(tree, translator) for one in tree.get_commands()]
    # The library's own method does not ask for the translations.
    route = Route("GET", "/applications/{application_id}/commands", application_id=application)
    registered = await tree.client.http.request(route, params={"with_localizations": "true"})
    if _essence(wanted) == _essence(registered):
        return False
    await tree.sync()
    log.info("%d commands registered with Discord", len(wanted))
    return True


def _essence(commands: list[Any]) -> dict[tuple[int, str], Any]:
    """What matters of commands, whether Discord tells them or we."""
    return {(int(one.get("type", 1)), one["name"]): _command(one) for one in commands}


def _of_server(commands: list[Any]) -> dict[tuple[int, str], Any]:
    """The same of commands that have only one place, of which Discord may tell."""
    return _essence([{**one, "contexts": None, "integration_types": None} for one in commands])


def _command(command: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_filled(command, _COMMAND),
        "contexts": sorted(command.get("contexts") or ()),
        "integration_types": sorted(command.get("integration_types") or ()),
        "options": _options(command),
    }


def _options(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of a command or of a subcommand, in their order."""
    return [{**_filled(one, _OPTION), "options": _options(one)} for one in holder.get("options") or ()]


def _filled(found: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Discord leaves out what is empty or false, and so does this."""
    essence = {name: found[name] for name in names if found.get(name)}
    if "choices" in essence:
        essence["choices"] = [(one["name"], one["value"]) for one in essence["choices"]]
    return essence
