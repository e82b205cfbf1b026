"""Registers commands with Discord, and only when they differ from what is registered."""

import logging
from collections.abc import Mapping
from typing import Any

from discord import app_commands
from discord.http import Route

log = logging.getLogger(__name__)

_OPTION = ("type", "name", "description", "name_localizations", "description_localizations", "required", "autocomplete")
_COMMAND = ("name", "description", "name_localizations", "description_localizations", "default_member_permissions")


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


def _command(command: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_filled(command, _COMMAND),
        "contexts": sorted(command.get("contexts") or ()),
        "integration_types": sorted(command.get("integration_types") or ()),
        "options": [_filled(one, _OPTION) for one in command.get("options") or ()],
    }


def _filled(found: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Discord leaves out what is empty or false, and so does this."""
    return {name: found[name] for name in names if found.get(name)}
