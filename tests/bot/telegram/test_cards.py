"""Cards of alerts on Telegram: posted once, edited, with times in UTC, harmless whatever they quote."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from bot.alerting import Alerting
from chatops.alerting.alert_reading import digest_of
from config.clock import utcnow
from storage import alerts, incidents, timeline
from tests.bot.operator import operating
from tests.bot.telegram.operations import Scene
from tests.bot.telegram.seeing import sees
from tests.chatops.pipeline import alert, body, captured
from tests.fakes.telegram_rooms import Said
from tests.making import NOW

BAD = alert("worker-1", at=NOW, severity="critical", alertname="QueueStalled")
ENDED = alert("worker-1", at=NOW, ended=NOW, severity="critical", alertname="QueueStalled")


async def delivered(scene: Scene, *bodies: Mapping[str, Any]) -> None:
    """As the ingress stores it and the bot process follows it."""
    async with operating(scene.product.settings) as parts:
        for one in bodies:
            await alerts.store_delivery(dict(one), tenant="", sender="am", digest=digest_of(one), now=utcnow())
        await Alerting(parts).round()


async def card_of(scene: Scene, *words: str) -> Said:
    return await sees(scene.room, "A1 · ", *words)


async def test_a_card_is_posted_once_and_edited(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops, "🟠 P1 · A1 · QueueStalled", "since 2026-11-01 12:00 UTC: QueueStalled is high")
    assert "Graph: http://prometheus.example.org/graph" in card.text

    await ops.press(ops.olga, card, "Acknowledge")
    await card_of(ops, "acknowledged by Olga")
    await delivered(ops, body(ENDED))
    again = await card_of(ops, "🟢 P1", "No longer reported since")
    assert again.id == card.id


async def test_hostile_text_is_inert(ops: Scene) -> None:
    await delivered(ops, captured("29"))
    card = await card_of(ops)

    assert "<b>html</b>" in card.text
    kinds = {one["type"] for one in card.raw.get("entities", [])}
    assert kinds <= {"url"}
    assert not re.search("@(?!\u2060)", re.sub(r"https?://\S+", "", card.text))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\ue000-\ue00f]", card.text)


async def test_120_alerts_fit(ops: Scene) -> None:
    await delivered(ops, captured("22"))

    card = await card_of(ops, "120 alerts firing", "… and 110 more: instance ×120")
    assert len(card.text) <= 4096


async def test_answers_to_a_card_belong_to_its_timeline(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    ops.room.text(ops.olga, "I look at the workers", reply_to=card.id)

    lines: list[tuple[str, str, str]] = []
    async with operating(ops.product.settings):
        for _ in range(200):
            found = await incidents.incident_numbered(1)
            lines = [(one.kind, one.human, one.text) for one in await timeline.events(found.id)]
            if lines[-1][0] == "message":
                break
            await asyncio.sleep(0.05)
    assert lines[-1] == ("message", "Olga", "I look at the workers")
