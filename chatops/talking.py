"""What the console does for an incident is part of its timeline: asked for where people talk about it, or by its id."""

from uuid import UUID

from chatops.incidents.names import Incident, incident_named
from chatops.model import Answer, BadArgument, Risk
from chatops.registry import Action
from storage import incidents, timeline
from storage.errors import NotStored
from storage.requests import RequestRecord
from storage.timeline import NewEvent

_LONGEST = 500


async def event_of(record: RequestRecord, action: Action, answer: Answer, outcome: str) -> tuple[UUID, NewEvent] | None:
    """How a request ended, as a line of the timeline that it belongs to; None where it belongs to none.

    All that is asked for in its thread or topic is; of what is asked for elsewhere, with a button of its card or by its
    id, what the timeline does not tell of already. Reading by its id is not.
    """
    incident = await timeline.incident_of_talk(record.place["platform"], record.place["chat"])
    if incident is None:
        incident = await _meant(record, action)
        if incident is None or await timeline.has_request(incident, str(record.id)):
            return None
    options = " ".join(f"{name}={value}" for name, value in record.arguments.items())
    text = f"{record.action} {options}".strip() + f": {outcome}. {answer.text[:_LONGEST]}"
    details = {"action": record.action}
    return incident, NewEvent("action", text, record.human, details, str(record.id), f"action:{record.id}")


async def _meant(record: RequestRecord, action: Action) -> UUID | None:
    names = [one.option for one in action.parameters if isinstance(one.kind, Incident)]
    name = next((record.arguments[one] for one in names if record.arguments.get(one)), "")
    try:
        if record.place.get("incident"):
            return (await incidents.incident(UUID(record.place["incident"]))).id
        if name and action.risk is not Risk.READ:
            return (await incident_named(Incident().read(name))).id
    except (BadArgument, NotStored):
        pass
    return None
