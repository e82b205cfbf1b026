"""Answers to presses and commands: panels for one person, forms, remarks, always within Discord's three seconds."""

import logging
from collections.abc import Coroutine
from enum import Enum, auto
from typing import Any

import aiohttp
import discord
from discord.enums import InteractionResponseType

from bot.conversation.model import Answer, Reply
from bot.discord.components import Surface, modal_of
from bot.discord.limits import FIRST_RESPONSE_S
from bot.discord.rendering import Rendered, render
from config.tasks import with_word

log = logging.getLogger(__name__)


class Origin(Enum):
    """What was pressed. A private deck is reached by tokens alone, so that its presses are acknowledged on it."""

    COMMAND = auto()
    DECK = auto()
    PRIVATE_DECK = auto()
    PANEL = auto()


def origin_of(interaction: discord.Interaction[Any], surface: Surface) -> Origin:
    """What the pressed component, or the form that it opened, stands on."""
    if interaction.message is None:
        return Origin.COMMAND
    if surface is Surface.PANEL:
        return Origin.PANEL
    return Origin.PRIVATE_DECK if interaction.message.flags.ephemeral else Origin.DECK


async def answer(interaction: discord.Interaction[Any], work: Coroutine[Any, Any, Answer], origin: Origin) -> None:
    """Do the work and show what it answers; what takes long is acknowledged first."""
    try:
        found = await with_word(work, FIRST_RESPONSE_S, lambda: acknowledge(interaction, origin))
        await _show(interaction, found, origin)
    except (discord.HTTPException, aiohttp.ClientError) as error:
        log.info("interaction %s could not be answered: %s", interaction.id, error)


async def acknowledge(interaction: discord.Interaction[Any], origin: Origin) -> None:
    """Tell Discord that an answer will come: beside what was pressed, or on it."""
    if interaction.response.is_done():
        return
    if origin in (Origin.PANEL, Origin.PRIVATE_DECK):
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def _show(interaction: discord.Interaction[Any], found: Answer, origin: Origin) -> None:
    surface = Surface.DECK if origin in (Origin.DECK, Origin.PRIVATE_DECK) else Surface.PANEL
    if found.form is not None:
        if interaction.response.is_done():
            log.warning("interaction %s: a form came too late", interaction.id)
            await _remove_thinking(interaction)
        else:
            await interaction.response.send_modal(modal_of(found.form, surface))
    elif origin is Origin.PANEL:
        await _on_panel(interaction, found)
    elif found.panel is not None or found.notice:
        await tell(interaction, _rendered(found))
    elif not found.is_coming:
        await acknowledge(interaction, origin)
        await _remove_thinking(interaction)


async def _on_panel(interaction: discord.Interaction[Any], found: Answer) -> None:
    """A panel becomes the next one, or its last word, or goes."""
    if found.panel is not None or (found.closes_panel and found.notice):
        await _replace(interaction, _rendered(found))
    elif found.closes_panel:
        await acknowledge(interaction, Origin.PANEL)
        await interaction.delete_original_response()
    elif found.notice:
        await tell(interaction, _rendered(found))
    else:
        await acknowledge(interaction, Origin.PANEL)


def _rendered(found: Answer) -> Rendered:
    if found.panel is None:
        return render(Reply(found.notice), Surface.PANEL)
    return render(found.panel, Surface.PANEL, found.notice)


async def tell(interaction: discord.Interaction[Any], rendered: Rendered) -> None:
    """Show something new to who pressed, and to nobody else."""
    response = interaction.response
    view, files = rendered.view(), rendered.uploads()
    if not response.is_done():
        await response.send_message(rendered.content, view=view, files=files, ephemeral=True, suppress_embeds=True)
    elif response.type is InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=rendered.content, view=view, attachments=files)
    else:
        await interaction.followup.send(
            rendered.content, view=view, files=files, ephemeral=True, suppress_embeds=True, wait=True
        )


async def _replace(interaction: discord.Interaction[Any], rendered: Rendered) -> None:
    view, files = rendered.view(), rendered.uploads()
    if interaction.response.is_done():
        await interaction.edit_original_response(content=rendered.content, view=view, attachments=files)
    else:
        await interaction.response.edit_message(content=rendered.content, view=view, attachments=files)


async def _remove_thinking(interaction: discord.Interaction[Any]) -> None:
    if interaction.response.type is InteractionResponseType.deferred_channel_message:
        await interaction.delete_original_response()
