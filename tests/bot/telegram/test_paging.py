"""Somebody is called on Telegram: in person, and by name in the group."""

from pathlib import Path

import pytest

from chatops.jobs.oncall import keep
from config.clock import utcnow
from config.ops_oncall import Severity
from config.settings import Settings
from storage import incidents
from storage.incidents import NewIncident
from tests.bot.operator import operating
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import sees
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

POLICY = """
people:
  - {{name: "Anna <b>", role: operator, accounts: {{telegram: "{anna}"}}}}
places:
  - {{platform: telegram, chat: "{group}"}}
on_call: {{rotations: {{primary: {{members: ["Anna <b>"]}}}}}}
"""


@pytest.fixture
def group(telegram: TelegramServer) -> Room:
    return telegram.group()


@pytest.fixture
def settings(settings: Settings, group: Room, anna: Player, tmp_path: Path) -> Settings:
    policy = tmp_path / "ops.yaml"
    policy.write_text(POLICY.format(anna=anna.id, group=group.id))
    return settings.model_copy(update={"ops_file": policy})


async def test_the_primary_is_called_in_person_and_by_name(
    product: Product, settings: Settings, group: Room, room: Room, anna: Player
) -> None:
    async with operating(settings) as parts:
        await incidents.open_incident(NewIncident("OCR is <down>", Severity.P0), by="Vera", now=utcnow())
        await keep(parts)

    direct = await sees(room, "P0 INC-1 OCR is <down>", "you are called")
    called = await sees(group, "Anna <b>\nP0 INC-1")
    [mention] = [one for one in called.raw["entities"] if one["type"] == "text_mention"]
    assert mention["user"]["id"] == anna.id
    assert direct.labels == called.labels == ["Acknowledge", "Escalate"]

    room.press(anna, direct, "Acknowledge")
    await sees(room, "You acknowledged INC-1")
    for one in (direct, called):
        assert await eventually(lambda one=one: "acknowledged by Anna" in one.text)
