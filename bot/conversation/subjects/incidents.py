"""Incidents that have no card of alerts: opened by somebody, or because nothing was heard."""

from uuid import UUID

from bot.conversation.marks import time_mark
from bot.conversation.model import Reply
from bot.conversation.subjects import Window
from bot.conversation.subjects.alert_cards import buttons, shortened, talk_of
from chatops.incidents.card_view import COLOURS, OVER, incident_line
from chatops.inert import one_line
from storage import incidents, timeline
from storage.records import MessageRecord

SUBJECT = incidents.SUBJECT
_LATEST = 5


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The present state of an incident, with what happened last; raises NotStored."""
    found = await incidents.incident(UUID(message.subject_id))
    colour = OVER if found.is_resolved else COLOURS[found.severity]
    service = f" · {one_line(found.service, 60)}" if found.service else ""
    lines = [
        f"{colour} {found.severity.value} · {found.name} · {one_line(found.title)}{service}",
        f"Opened by {one_line(found.opened_by, 60)} {time_mark(found.opened_at)}.",
        incident_line(found, time_mark),
    ]
    for event in await timeline.events(found.id, limit=_LATEST):
        who = f"{one_line(event.human, 60)}, " if event.human else ""
        lines.append(f"• {time_mark(event.at)} {who}{event.kind}: {one_line(event.text, 160)}".rstrip(": "))
    text = window.console.redactor.text(shortened(lines))
    return Reply(text, choices=buttons(found.id, found, None, window), talk=talk_of(found))
