"""Cards of alerts on Discord: posted once, edited, acted on with their buttons, harmless whatever they quote."""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.alerting import Alerting
from chatops.alerting.alert_reading import digest_of
from config.clock import utcnow
from storage import alerts, incidents, timeline
from storage.incidents import IncidentState
from tests.bot.discord.operations import Scene
from tests.bot.operator import operating
from tests.chatops.pipeline import alert, body, captured
from tests.fakes.discord_world import BOT, Message
from tests.making import NOW

BAD = alert("worker-1", at=NOW, severity="critical", alertname="QueueStalled")
ENDED = alert("worker-1", at=NOW, ended=utcnow(), severity="critical", alertname="QueueStalled")


async def delivered(scene: Scene, *bodies: Mapping[str, Any]) -> None:
    """As the ingress stores it and the bot process follows it."""
    async with operating(scene.product.settings) as parts:
        for one in bodies:
            await alerts.store_delivery(dict(one), tenant="", sender="am", digest=digest_of(one), now=utcnow())
        await Alerting(parts).round()


async def card_of(scene: Scene) -> Message:
    return await scene.discord.reply_in(scene.channel, "A1")


async def test_a_card_is_posted_once_and_edited(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)

    since = int(NOW.timestamp())
    assert card.content.startswith("🟠 P1 · A1 · QueueStalled\n1 alert firing.")
    assert f"since <t:{since}:f>: QueueStalled is high" in card.content
    assert "INC-1 P1, nobody has acknowledged it" in card.content.replace("\\", "")
    assert "Graph: <http://prometheus.example.org/graph>" in card.content
    assert card.labels == ["Acknowledge", "Escalate", "Resolve", "Silence 1 h", "Show all"] or "Diagnose" in card.labels

    await delivered(ops, body(ENDED))
    await ops.says(card, "🟢 P1", "No longer reported since <t:", "resolved by Alertmanager")
    assert [one for one in ops.discord.visible(ops.channel) if "A1" in one.content] == [card]
    assert "Reopen" in card.labels


async def test_a_button_acknowledges_for_whoever_may(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)

    refused = await ops.discord.press(ops.vera, card, "Acknowledge")
    await ops.says(await ops.discord.answer(refused), "needs the role responder; you are viewer")
    await ops.discord.press(ops.olga, card, "Acknowledge")
    await ops.says(card, "acknowledged by Olga <t:")

    async with operating(ops.product.settings):
        found = await incidents.incident_numbered(1)
    assert (found.state, found.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "Olga")
    assert "Take it" in card.labels


async def test_resolving_asks_what_helped(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)

    form = await ops.discord.press(ops.olga, card, "Resolve")
    await ops.discord.until(lambda: form.modal is not None)
    told = await ops.discord.submit(form, "The queue was cleared by hand, it is fine now.")
    await ops.says(await ops.discord.answer(told), "1 alert of INC", "still firing")


async def test_show_all_lists_what_the_card_leaves_out(ops: Scene) -> None:
    await delivered(ops, captured("22"))
    card = await card_of(ops)
    assert "… and 110 more: instance ×120" in card.content
    assert len(card.content) <= 2000

    await ops.discord.press(ops.olga, card, "Show all")
    answer = await ops.discord.reply_in(ops.channel, "120 alerts firing", count=2)
    assert [one["filename"] for one in answer.attachments] == ["A1.txt"]


async def test_the_runbook_is_a_press_away(ops: Scene) -> None:
    told = BAD | {"annotations": {"summary": "QueueStalled is high", "action": "queue inspect"}}
    await delivered(ops, body(told))
    card = await card_of(ops)
    assert "To do: queue inspect" in card.content
    assert "Runbook section: Reading pictures fails" in card.content

    await ops.discord.press(ops.olga, card, "Runbook")
    answer = await ops.discord.reply_in(ops.channel, "Reading pictures fails", count=2)
    assert "1. " in answer.content


async def test_hostile_text_is_inert(ops: Scene) -> None:
    await delivered(ops, captured("29"))
    card = await card_of(ops)

    assert card.called == []
    assert "@everyone" not in card.content
    assert not re.search(r"(?<!\\)<@", card.content)
    assert not re.search(r"(?<!\\)\[x\]\(", card.content)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\ue000-\ue00f]", card.content)
    assert not re.search(r"<https?://[^>]*@", card.content)


async def test_case_20_a_card_that_somebody_deleted_comes_back_once(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    card.is_deleted = True

    await delivered(ops, body(BAD, alert("worker-2", at=NOW, severity="critical", alertname="QueueStalled")))
    again = await ops.discord.reply_in(ops.channel, "2 alerts firing")
    assert again.id != card.id


async def test_an_incident_without_alerts_has_a_message_of_its_own(ops: Scene) -> None:
    await ops.operate(ops.alice, "incident open", title="Players cannot log in", sev="P0")
    await ops.discord.until(lambda: len(ops.discord.visible(ops.channel)) == 2)
    [message] = [one for one in ops.discord.visible(ops.channel) if one.content.startswith("🔴 P0")]

    assert message.labels == ["Acknowledge", "Escalate", "Resolve"]
    await ops.discord.press(ops.alice, message, "Acknowledge")
    await ops.says(message, "acknowledged by Alice", "acknowledged")


async def test_a_thread_hangs_on_the_card_and_the_timeline_keeps_the_talk(ops: Scene) -> None:
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    await ops.discord.until(lambda: card.id in ops.discord.world.channels)
    thread = ops.discord.world.channels[card.id]
    assert (thread.name, thread.parent) == ("INC-1 QueueStalled: QueueStalled is high", ops.channel.id)

    await ops.operate(ops.olga, "incident note", thread, id="1", text="It began with the deployment.")
    said = await ops.discord.say(ops.olga, thread, f"<@{BOT}> the token is s2d_abcdefghijklmnopqrst")
    await ops.discord.edit(said, text=f"<@{BOT}> I was wrong")
    await ops.discord.press(ops.olga, card, "Acknowledge")
    await ops.says(card, "acknowledged by Olga")

    lines: list[str] = []
    async with operating(ops.product.settings):
        for _ in range(200):
            found = await incidents.incident_numbered(1)
            lines = [f"{one.kind} {one.text}".strip() for one in await timeline.events(found.id)]
            if "edited I was wrong" in lines and any(one.startswith("action incident note") for one in lines):
                break
            await asyncio.sleep(0.05)
    assert "message the token is [redacted]" in lines
    assert "edited I was wrong" in lines
    assert "note It began with the deployment." in lines
    assert any(one.startswith("action incident note") and "done. Noted in INC-1." in one for one in lines)


async def test_diagnose_answers_in_the_thread_and_beside_the_card_when_somebody_deleted_that(ops: Scene) -> None:
    await delivered(ops, body(alert("a", at=NOW, severity="critical", alertname="OcrErrors", service="ocr")))
    card = await card_of(ops)
    await ops.discord.until(lambda: card.id in ops.discord.world.channels)
    thread = ops.discord.world.channels[card.id]
    await ops.discord.press(ops.olga, card, "Diagnose")
    await ops.discord.reply_in(thread, "diagnose ocr")
    async with operating(ops.product.settings):
        await kept(lambda found: any(one.startswith("action diagnose ocr: ") for one in found))

    told = {"id": str(thread.id), "guild_id": str(ops.discord.guild), "parent_id": str(ops.channel.id), "type": 11}
    await ops.discord.gateway.dispatch("THREAD_DELETE", told)
    async with operating(ops.product.settings):
        found = await incidents.incident_numbered(1)
        async with asyncio.timeout(30):
            while await timeline.talks_of(found.id):
                await asyncio.sleep(0.02)
        await ops.discord.press(ops.olga, card, "Diagnose")
        await ops.discord.reply_in(ops.channel, "diagnose ocr", count=2)
        await kept(lambda found: sum(one.startswith("action diagnose ocr: ") for one in found) == 2)


async def kept(holds: Callable[[list[str]], object]) -> None:
    """Wait until something holds of the first incident's timeline."""
    lines: list[str] = []
    for _ in range(400):
        found = await incidents.incident_numbered(1)
        lines = [f"{one.kind} {one.text}" for one in await timeline.events(found.id)]
        if holds(lines):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(lines)


async def test_without_the_permission_there_is_no_thread_and_the_card_goes_on(ops: Scene) -> None:
    ops.channel.denied.add("create_public_threads")
    await delivered(ops, body(BAD))
    card = await card_of(ops)
    await delivered(ops, body(ENDED))

    await ops.says(card, "🟢 P1")
    assert card.id not in ops.discord.world.channels
    assert len([one for one in ops.discord.world.requests if one.endswith("/threads")]) == 1
