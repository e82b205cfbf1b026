"""The message of an incident that has no card of alerts, and the chats to which word of incidents goes."""

import contextlib
from collections.abc import Sequence

from chatops import notices
from chatops.inert import one_line
from chatops.model import NotConfigured, Place
from chatops.parts import Parts
from chatops.places import alert_places
from config.ops import PlaceEntry
from storage.errors import QueueUnreachable
from storage.incidents import SUBJECT, IncidentRecord
from storage.queue import Signal

OPERATIONS, STAKEHOLDERS, PLAYERS = "operations", "stakeholders", "players"
_LINE = 200
AUDIENCES = (OPERATIONS, STAKEHOLDERS, PLAYERS)


async def post_incident(parts: Parts, incident: IncidentRecord) -> None:
    """Have one message of it in each operations channel, which follows it."""
    await notices.show(
        alert_places(parts),
        SUBJECT,
        str(incident.id),
        origin=f"incident-{incident.id}",
        now=parts.clock(),
        within=notices.urgent(parts),
        line=one_line(f"{incident.severity.value} {incident.name} {incident.title}", _LINE),
    )
    with contextlib.suppress(QueueUnreachable):
        await parts.queue.signal(Signal("outbox", str(incident.id)))


def audience(parts: Parts, name: str) -> list[Place]:
    """The chats of an audience; raises NotConfigured where it has none."""
    configured: dict[str, Sequence[PlaceEntry]] = {
        STAKEHOLDERS: parts.policy.stakeholders,
        PLAYERS: parts.policy.announcements,
    }
    if name == OPERATIONS:
        return alert_places(parts)
    found = [Place(one.platform, one.chat) for one in configured[name]]
    if not found:
        setting = "stakeholders" if name == STAKEHOLDERS else "announcements"
        raise NotConfigured(f"Nobody hears the audience {name}: list chats under {setting} in ops.yaml.")
    return found
