"""A test of the way of alerts: one that is none is sent, and followed until a chat shows it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chatops.alerting.alert_reading import digest_of, fingerprint_of
from chatops.alerting.alertmanager import ALERTMANAGER
from chatops.parts import Parts
from storage import alerts, cards, outbox
from storage.alert_records import AlertRecord
from storage.incidents import CARD

NAME = "Screen2DeckTest"
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.25
_LIFE = timedelta(minutes=10)

Arrival = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class TestAlert:
    """An alert that stands for nothing; ``nonce`` tells it from others."""

    __test__ = False

    nonce: str
    severity: str
    at: datetime

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return {"alertname": NAME, "severity": self.severity, "instance": self.nonce, "service": "screen2deck"}


async def send_test_alert(parts: Parts, one: TestAlert, *, is_over: bool = False) -> str:
    """Send it, or its end; returns by what way. Raises AlertmanagerError."""
    now = parts.clock()
    told: dict[str, Any] = {
        "labels": dict(one.labels),
        "annotations": {"summary": "A test of the way of alerts; nothing is wrong."},
        "startsAt": one.at.isoformat(),
        "endsAt": (now if is_over else now + _LIFE).isoformat(),
    }
    if parts.has(ALERTMANAGER):
        await parts.get(ALERTMANAGER).post_alerts([told])
        return "Alertmanager"
    status = "resolved" if is_over else "firing"
    told |= {"status": status, "fingerprint": fingerprint_of(one.labels), "generatorURL": ""}
    body = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{NAME}", instance="{one.nonce}"}}',
        "receiver": "test",
        "status": status,
        "groupLabels": {"alertname": NAME},
        "alerts": [told],
    }
    await alerts.store_delivery(body, tenant="", sender="test", digest=digest_of(body), now=now)
    return "this product alone (ALERTMANAGER_URL is not set)"


async def arrival_of(parts: Parts, one: TestAlert, tell: Callable[[str], Awaitable[None]]) -> Arrival | None:
    """How long each part took, in milliseconds; None where it does not arrive."""
    loop = asyncio.get_running_loop()
    end, found = loop.time() + _PATIENCE_S, None
    while found is None and loop.time() < end:
        found = await _found(one)
        if found is None:
            await asyncio.sleep(_LOOK_EVERY_S)
    if found is None or found.opened_at is None:
        return None
    await tell("it is known; waiting for a chat to show it")
    parts_: Arrival = [("until it was known", _ms(found.opened_at - one.at))]
    while loop.time() < end:
        on = (await alerts.cards_of_alerts([found.id])).get(found.id, set())
        shown = [message for card in on for message in await outbox.messages_of(CARD, str(card))]
        if any(message.delivered for message in shown):
            return [*parts_, ("until a chat showed it", _ms(parts.clock() - found.opened_at))]
        posted = [await cards.card(card) for card in on]
        if posted and all(card.posted_at is not None for card in posted) and not shown:
            return [*parts_, ("posted to no chat: none is configured", 0.0)]
        await asyncio.sleep(_LOOK_EVERY_S)
    return [*parts_, ("no chat has shown it yet", _ms(parts.clock() - found.opened_at))]


async def _found(one: TestAlert) -> AlertRecord | None:
    named = await alerts.alerts_named(None, NAME)
    return next((alert for alert in named if alert.labels.get("instance") == one.nonce and alert.opened_at), None)


def _ms(span: timedelta) -> float:
    return max(0.0, span.total_seconds() * 1000)
