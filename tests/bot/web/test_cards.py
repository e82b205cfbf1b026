"""Cards of alerts on the page's operations channel: posted once, edited, acted on with their buttons."""

from collections.abc import Mapping
from typing import Any

from bot.alerting import Alerting
from chatops.alerting.alert_reading import digest_of
from config.clock import utcnow
from storage import alerts
from tests.bot.operator import operating
from tests.bot.web.conftest import House
from tests.chatops.pipeline import alert, body, captured
from tests.making import NOW

BAD = alert("worker-1", at=NOW, severity="critical", alertname="QueueStalled")
ENDED = alert("worker-1", at=NOW, ended=utcnow(), severity="critical", alertname="QueueStalled")


async def delivered(house: House, *bodies: Mapping[str, Any]) -> None:
    """As the ingress stores it and the bot process follows it."""
    async with operating(house.product.settings, house.product.clock) as parts:
        for one in bodies:
            now = house.product.clock()
            await alerts.store_delivery(dict(one), tenant="", sender="am", digest=digest_of(one), now=now)
        await Alerting(parts).round()


async def test_a_card_is_posted_once_acknowledged_and_edited(house: House) -> None:
    alice = await house.named("alice")
    await delivered(house, body(BAD))
    card = await alice.shows("P1 · A1 · QueueStalled", "1 alert firing", "Runbook section", chat="ops")
    labels = [one["label"] for row in card["choices"] for one in row]
    assert labels[:3] == ["Acknowledge", "Escalate", "Resolve"]
    assert labels[-2:] == ["Runbook", "Show all"]

    await alice.press(card, "Acknowledge")
    await alice.shows("A1 · QueueStalled", "acknowledged by Alice", chat="ops")
    await delivered(house, body(ENDED))
    again = await alice.shows("🟢 P1 · A1", "No longer reported", chat="ops")
    assert again["id"] == card["id"]


async def test_120_alerts_fit_and_all_are_shown(house: House) -> None:
    alice = await house.named("alice")
    await delivered(house, captured("22"))
    card = await alice.shows("120 alerts firing", "and 110 more: instance ×120", chat="ops")
    await alice.press(card, "Show all")
    answer = await alice.shows("alerts show", "120 alerts firing", chat="ops")
    assert [one["name"] for one in answer["files"]] == ["A1.txt"]
