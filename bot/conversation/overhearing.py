"""What people say where they talk about an incident: it becomes part of the timeline, edits and deletions too."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from bot.conversation.model import Author
from bot.conversation.operations.ordering import actor_of
from chatops.console import Console
from storage import cards, incidents, timeline
from storage.errors import NotStored
from storage.incidents import CARD
from storage.records import MessageRecord
from storage.timeline import NewEvent


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was said; ``talk`` is the platform's name of where, ``origin`` its id of the message."""

    author: Author
    talk: str
    origin: str
    text: str
    is_edit: bool = False


async def overhear(remark: Remark, console: Console) -> bool:
    """Keep it, if it belongs to an incident; whether it does."""
    platform = remark.author.platform
    incident = await timeline.incident_of_talk(platform, remark.talk)
    if incident is None:
        return False
    now = console.parts.clock()
    human = (await console.authorisation.identify(actor_of(remark.author), now=now)).human
    text, key = console.redactor.text(remark.text), _key(platform, remark.talk, remark.origin)
    if await incidents.note(incident, NewEvent("message", text, human, key=key), now=now) or not remark.is_edit:
        return True
    before = await timeline.event_with(key)
    if before is not None and before.text != text:
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        edit = NewEvent("edited", text, human, key=f"{key}:{digest}", replaces=before.id)
        await incidents.note(incident, edit, now=now)
    return True


async def miss(platform: str, talk: str, origin: str, console: Console) -> None:
    """A message was deleted: the timeline keeps what it said, and that it is gone."""
    key = _key(platform, talk, origin)
    before = await timeline.event_with(key)
    if before is not None:
        gone = NewEvent("deleted", "", before.human, key=f"{key}:deleted", replaces=before.id)
        await incidents.note(before.incident, gone, now=console.parts.clock())


async def begin_talk(message: MessageRecord, talk: str) -> None:
    """What is said there is about what a message shows."""
    try:
        identity = UUID(message.subject_id)
        incident = (await cards.card(identity)).incident_id if message.subject == CARD else identity
    except (ValueError, NotStored):
        return
    if incident is not None:
        await timeline.talk_in(incident, message.platform, talk)


def _key(platform: str, talk: str, origin: str) -> str:
    return f"message:{platform}:{talk}:{origin}"
