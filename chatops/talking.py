"""What the console does where people talk about an incident is part of its timeline."""

import contextlib
from datetime import datetime

from chatops.model import Answer
from storage import incidents, timeline
from storage.errors import StorageError
from storage.requests import RequestRecord
from storage.timeline import NewEvent

_LONGEST = 500


async def note_action(record: RequestRecord, answer: Answer, outcome: str, *, now: datetime) -> None:
    """Note how a request ended that was asked for in a talk; never raises for storage that is away."""
    with contextlib.suppress(StorageError):
        incident = await timeline.incident_of_talk(record.place["platform"], record.place["chat"])
        if incident is None:
            return
        options = " ".join(f"{name}={value}" for name, value in record.arguments.items())
        text = f"{record.action} {options}".strip() + f": {outcome}. {answer.text[:_LONGEST]}"
        key = f"action:{record.id}"
        event = NewEvent("action", text, record.human, {"action": record.action}, str(record.id), key)
        await incidents.note(incident, event, now=now)
