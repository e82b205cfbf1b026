"""Deliveries of Alertmanager from their storage to the outbox, with what came of them counted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chatops.alerting.alert_reading import digest_of, fingerprint_of
from chatops.alerting.alertmanager import Alertmanager
from chatops.alerting.folding import Folding
from chatops.alerting.posting import Posting
from chatops.alerting.settling import Settling
from chatops.incidents.of_card import BY
from storage import alerts, cards, incidents, outbox
from storage.alert_records import AlertRecord, AlertState, CardRecord
from storage.budget import DIGEST
from storage.incidents import CARD, IncidentRecord
from storage.records import MessageRecord
from tests.chatops.acting import Ops
from tests.shared import SHARED

__all__ = ["BY", "Alertmanager"]

CAPTURES = SHARED / "alertmanager-captures"
ZERO = "0001-01-01T00:00:00Z"


def captured(number: str) -> dict[str, Any]:
    """The body of a recorded delivery, by the number of its file."""
    found = sorted(CAPTURES.glob(f"{number}-*.json"))
    if not found:
        pytest.skip("the recorded deliveries are not here")
    body: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
    return body


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of all deliveries so far: posts and edits in one chat, episodes that are open."""

    posts: int
    edits: int
    open: int


@dataclass
class Pipeline:
    """What one process does with deliveries; the clock is that of ``ops``."""

    ops: Ops
    _shown: dict[UUID, int] = field(default_factory=dict)
    _edits: int = 0

    async def deliver(self, *bodies: Mapping[str, Any], tenant: str = "", post: bool = True) -> None:
        """Store, fold, post."""
        for body in bodies:
            await self.store(body, tenant=tenant)
        await self.fold(post=post)

    async def store(self, body: Mapping[str, Any], *, tenant: str = "") -> int:
        """As the ingress does."""
        return await alerts.store_delivery(
            dict(body), tenant=tenant, sender="am", digest=digest_of(body), now=self.ops.now
        )

    async def fold(self, *, post: bool = True) -> None:
        """What waits."""
        await Folding(self.ops.parts).fold_waiting()
        if post:
            await self.post()

    async def post(self) -> None:
        """What is to be posted, also what waits for more urgent things."""
        self.ops.later(seconds=2)
        await Posting(self.ops.parts).post()
        self.ops.later(seconds=-2)

    async def settle(self) -> int:
        """What is uncertain."""
        return await Settling(self.ops.parts).settle()

    async def counted(self) -> Counted:
        """So far, in a chat that was brought what was due whenever this was called."""
        shown = await self.messages()
        self._edits += sum(1 for one in shown if self._shown.get(one.id, one.wanted) != one.wanted)
        self._shown = {one.id: one.wanted for one in shown}
        return Counted(len(shown), self._edits, await alerts.open_episode_count())

    async def messages(self, chat: str = "7") -> list[MessageRecord]:
        """Cards and digests in a chat."""
        due = await outbox.due_messages(["discord", "telegram"], now=self.ops.now + timedelta(days=99), limit=10_000)
        return [one for one in due if one.subject in (CARD, DIGEST) and one.chat == chat]

    async def cards(self) -> list[CardRecord]:
        """All of them, oldest first."""
        found = []
        number = 1
        while True:
            try:
                found.append(await cards.card_numbered(number))
            except Exception:
                return found
            number += 1

    async def card(self) -> CardRecord:
        """The only one."""
        [card] = await self.cards()
        return card

    async def incident(self) -> IncidentRecord:
        """The only one."""
        [incident] = await incidents.incidents()
        return incident

    async def states(self) -> dict[str, AlertState]:
        """Of all alerts, by instance or name."""
        found = await alerts.alerts_in(list(AlertState))
        return {one.labels.get("instance", one.name): one.state for one in found}

    async def alert(self, name: str = "") -> AlertRecord:
        """The only one, or that of an instance or name."""
        found = await alerts.alerts_in(list(AlertState))
        [alert] = [one for one in found if not name or name in (one.labels.get("instance"), one.name)]
        return alert


def alert(instance: str = "", *, at: datetime, ended: datetime | None = None, **labels: str) -> dict[str, Any]:
    """One alert of a delivery; with ``ended`` one that no longer fires."""
    named = {"alertname": "HighLatency", "severity": "warning"} | ({"instance": instance} if instance else {}) | labels
    return {
        "status": "firing" if ended is None else "resolved",
        "labels": named,
        "annotations": {"summary": f"{named['alertname']} is high"},
        "startsAt": at.isoformat().replace("+00:00", "Z"),
        "endsAt": ZERO if ended is None else ended.isoformat().replace("+00:00", "Z"),
        "generatorURL": "http://prometheus.example.org/graph",
        "fingerprint": fingerprint_of(named),
    }


def body(*alerts_: Mapping[str, Any], key: str = "", receiver: str = "bot", **changes: Any) -> dict[str, Any]:
    """A delivery of some alerts as one group."""
    name = (alerts_[0]["labels"] or {}).get("alertname", "") if alerts_ else ""
    is_firing = any(one["status"] == "firing" for one in alerts_)
    told: dict[str, Any] = {
        "version": "4",
        "groupKey": key or f'{{}}:{{alertname="{name}"}}',
        "truncatedAlerts": 0,
        "status": "firing" if is_firing else "resolved",
        "receiver": receiver,
        "groupLabels": {"alertname": name},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://am-a:9093",
        "alerts": list(alerts_),
    }
    return told | changes


def group_of(*instances: str, at: datetime, ended: Sequence[str] = (), end: datetime | None = None) -> dict[str, Any]:
    """A delivery that names some instances; of these ``ended`` have ended."""
    return body(*(alert(one, at=at, ended=end if one in ended else None) for one in instances))
