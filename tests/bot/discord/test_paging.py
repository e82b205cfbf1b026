"""Somebody is called on Discord: in person, and by name in the channel."""

from pathlib import Path

from chatops.jobs.oncall import keep
from config.clock import utcnow
from config.ops_oncall import Severity
from storage import incidents
from storage.incidents import IncidentState, NewIncident
from tests.bot.discord.operations import Scene, scene_of
from tests.bot.operator import operating
from tests.bot.product import Product
from tests.fakes.discord_server import FakeDiscord

ROTA = "on_call: {rotations: {primary: {members: [Olga]}}}\n"


async def paged(scene: Scene, title: str) -> None:
    async with operating(scene.product.settings) as parts:
        await incidents.open_incident(NewIncident(title, Severity.P0), by="Vera", now=utcnow())
        await keep(parts)


async def test_the_primary_is_called_in_person_and_by_name_and_acknowledges_with_a_button(
    discord: FakeDiscord, stopped: Product, tmp_path: Path
) -> None:
    scene = scene_of(discord, stopped, tmp_path, ROTA)
    await stopped.start()
    await discord.until(lambda: discord.gateway.is_connected)

    await paged(scene, "@everyone look: <@&5> OCR is down")

    direct = await discord.reply_in(discord.direct(scene.olga), "P0 INC-1")
    channel = await discord.reply_in(scene.channel, f"<@{scene.olga.id}>\nP0 INC-1")
    assert (channel.called, direct.called) == ([scene.olga.id], [])
    assert "@everyone" not in channel.content
    assert direct.labels == channel.labels == ["Acknowledge", "Escalate"]

    await discord.press(scene.olga, direct, "Acknowledge")
    await discord.reply_in(discord.direct(scene.olga), "You acknowledged INC-1", count=2)
    await scene.says(direct, "acknowledged by Olga")
    await scene.says(channel, "acknowledged by Olga")
    assert direct.labels == channel.labels == []
    async with operating(stopped.settings):
        assert (await incidents.incident_numbered(1)).state is IncidentState.ACKNOWLEDGED
