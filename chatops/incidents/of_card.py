"""The incident behind a card: opened with the first alert, raised with a worse one, ended with the last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chatops.alerting.alerts import TRANSITIONS, Outcome, Step, worst
from chatops.alerting.watchdog_alert import is_blind
from config.ops import Policy
from storage import alerts, cards, incidents
from storage.alert_records import AlertRecord, CardRecord, GroupRecord
from storage.incidents import IncidentRecord, NewIncident
from storage.timeline import NewEvent, add_event

BY = "Alertmanager"
_NOTED = frozenset((*TRANSITIONS, Outcome.SUSPECTED, Outcome.SETTLED))
_NAMED = 10
_ENDED = "All alerts of this incident are no longer reported."
_BLIND = "All its alerts are no longer reported, but neither is the watchdog: look before you resolve it."


@dataclass(frozen=True, slots=True)
class IncidentOfCard:
    """Follows one card; all within the transaction of a fold."""

    policy: Policy

    async def follow_firing(
        self, card: CardRecord, fresh: Sequence[Step], group: GroupRecord, now: datetime
    ) -> CardRecord:
        """The card with an incident that is open."""
        found = None if card.incident_id is None else await incidents.incident(card.incident_id)
        if found is not None and found.is_resolved:
            found = await self._reopened(found, now)
        if found is None:
            found = await self._shared(card, fresh) or await self._opened(card, fresh, group, now)
        if card.severity.rank < found.severity.rank:
            reason = f"{fresh[0].alert.name} is {card.severity.value}"
            await incidents.set_severity_within(found, card.severity, by=BY, now=now, reason=reason)
        return replace(card, incident_id=found.id)

    async def note(self, card: CardRecord, steps: Sequence[Step], now: datetime) -> None:
        """What changed, in the timeline."""
        told = [one for one in steps if one.outcome in _NOTED]
        if not told or card.incident_id is None:
            return
        details = {
            "card": card.number,
            "alerts": [
                {"fingerprint": one.alert.fingerprint, "name": one.alert.name, "outcome": one.outcome.value}
                for one in told[:100]
            ],
        }
        await add_event(card.incident_id, NewEvent("alert", sentence(told), BY, details), now=now)

    async def follow_end(self, card: CardRecord, now: datetime) -> None:
        """The incident ends with its last card, unless an end may mean that nothing is watched any more."""
        if card.incident_id is None or not self.policy.alerts.resolves:
            return
        found = await incidents.incident(card.incident_id)
        others = await cards.cards_of_incident(found.id)
        if found.is_resolved or any(one.closed_at is None for one in others if one.id != card.id):
            return
        if await is_blind(self.policy, None, now=now):
            await add_event(found.id, NewEvent("blind", _BLIND, BY), now=now)
            await incidents.follow(found.id, now=now)
            return
        await incidents.resolve_within(found.id, _ENDED, by=BY, now=now)

    async def _reopened(self, found: IncidentRecord, now: datetime) -> IncidentRecord | None:
        """The incident again, or None where it ended too long ago to be the same."""
        if found.resolved_at is None or now - found.resolved_at > self.policy.alerts.reopen_within:
            return None
        return (await incidents.reopen_within(found.id, "The alert fires again.", by=BY, now=now)).incident

    async def _shared(self, card: CardRecord, fresh: Sequence[Step]) -> IncidentRecord | None:
        """That of another card on which one of the alerts fires."""
        on = await alerts.cards_of_alerts([one.alert.id for one in fresh if one.outcome is not Outcome.OPENED])
        for other in sorted({one for some in on.values() for one in some} - {card.id}):
            record = await cards.card(other)
            if record.closed_at is None and record.incident_id is not None:
                found = await incidents.incident(record.incident_id)
                if not found.is_resolved:
                    return found
        return None

    async def _opened(
        self, card: CardRecord, fresh: Sequence[Step], group: GroupRecord, now: datetime
    ) -> IncidentRecord:
        first = min((one.alert for one in fresh), key=lambda one: one.severity.rank)
        severity = worst([card.severity, *(one.alert.severity for one in fresh)], card.severity)
        new = NewIncident(title_of(first, group), severity, first.labels.get("service", ""), "alert")
        return await incidents.add_incident(new, by=BY, now=now)


def title_of(alert: AlertRecord, group: GroupRecord) -> str:
    """``HighErrorRate (prod): 5xx rate is 7.2%``."""
    others = [value for name, value in sorted(group.labels.items()) if name != "alertname" and value]
    where = f" ({', '.join(others)})" if others else ""
    summary = alert.annotations.get("summary", "")
    return f"{alert.name}{where}: {summary}"[:200] if summary else f"{alert.name}{where}"[:200]


def sentence(steps: Sequence[Step]) -> str:
    """``2 fire: A, B; 1 is no longer reported: C``."""
    words = {
        Outcome.OPENED: "firing",
        Outcome.REFIRED: "firing again",
        Outcome.REVIVED: "heard of again",
        Outcome.SUSPECTED: "firing again, or told too late",
        Outcome.CLOSED: "no longer reported",
        Outcome.SETTLED: "not firing after all",
    }
    parts = []
    for outcome, word in words.items():
        names = [label_of(one.alert) for one in steps if one.outcome is outcome]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            parts.append(f"{len(names)} {word}: {', '.join(names[:_NAMED])}{more}")
    return "; ".join(parts)


def label_of(alert: AlertRecord) -> str:
    """An alert by what tells it from others of its name."""
    instance = next((alert.labels[name] for name in ("instance", "pod", "host", "job") if alert.labels.get(name)), "")
    return f"{alert.name} {instance}".strip()
