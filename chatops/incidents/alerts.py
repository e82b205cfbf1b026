"""Which alerts of an incident still fire, as Alertmanager says, or else as was last told."""

from uuid import UUID

from chatops.alerting.alertmanager import ALERTMANAGER, AlertmanagerError
from chatops.incidents.of_card import label_of
from chatops.parts import Parts
from storage import alerts, cards
from storage.alert_records import AlertRecord


async def linked_alerts(incident: UUID) -> list[AlertRecord]:
    """All alerts on its cards."""
    found: dict[UUID, AlertRecord] = {}
    for card in await cards.cards_of_incident(incident):
        for group in await alerts.groups_of_card(card.id):
            found |= {member.alert.id: member.alert for member in group.members.values()}
    return list(found.values())


async def still_firing(parts: Parts, incident: UUID) -> list[str]:
    """Names of those that fire now; silenced ones fire too."""
    linked = await linked_alerts(incident)
    open_ = [one for one in linked if one.is_open]
    if open_ and parts.has(ALERTMANAGER):
        try:
            live = {one.fingerprint for one in await parts.get(ALERTMANAGER).alerts()}
        except AlertmanagerError:
            return [label_of(one) for one in open_]
        return [label_of(one) for one in linked if one.fingerprint in live]
    return [label_of(one) for one in open_]
