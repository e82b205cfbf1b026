"""Incidents resolved, and said to others."""

from typing import Annotated

from chatops import notices
from chatops.actions.incident import IncidentName, answer_on, data_of
from chatops.incidents import sla
from chatops.incidents.alerts import still_firing
from chatops.incidents.names import incident_named
from chatops.incidents.posts import AUDIENCES, STAKEHOLDERS, audience
from chatops.inert import one_line
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Suggestion
from chatops.parameters import Text, Word
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, span
from config.ops import Role
from storage import checklists, incidents
from storage.incidents import IncidentRecord
from storage.timeline import NewEvent

_CHECKLIST = "incident"


@action("incident resolve", role=Role.RESPONDER, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="incident show")
async def resolve(
    run: Run,
    id_: IncidentName,
    summary: Annotated[str, Text(20, 2000), "what was wrong and what helped"],
    although: Annotated[str, Text(longest=200), "why, while its alerts still fire"] = "",
) -> Answer:
    """Say that it is over: times stop, stakeholders hear of it, the checklist for afterwards begins."""
    found = await _resolvable(run, id_, although)
    text = f"{summary} (Resolved although alerts fire: {although})" if although else summary
    moved = await incidents.resolve(found.id, text, by=run.human, now=run.now, request=str(run.request))
    if not moved.happened:
        return answer_on(run, moved.incident, f"{found.name} was resolved by {moved.incident.resolved_by} already")
    told = await _tell_stakeholders(run, moved.incident, text)
    await checklists.begin(_CHECKLIST, found.name, by=run.human, now=run.now)
    entries = run.parts.policy.on_call.severities
    took = ", ".join(f"{name} after {span(length)}" for name, length in sla.durations(moved.incident))
    kept = "Its times were kept." if sla.is_kept(moved.incident, entries) else "Its times were not kept."
    return Answer(
        f"{found.name} is resolved: {took}. {kept} {told}",
        suggestions=(
            Suggestion("Checklist", "checklist incident", {"id": found.name}),
            Suggestion("Post-mortem", "incident postmortem", {"id": found.name}),
        ),
        data=data_of(moved.incident),
    )


@resolve.plan
async def plan_resolve(run: Run, id_: str, summary: str, although: str = "") -> Plan:
    """What ends, and who hears of it."""
    found = await _resolvable(run, id_, although)
    chats = counted(len(run.parts.policy.stakeholders), "chat").capitalize()
    told = f"{chats} of stakeholders: {one_line(summary)}"
    return Plan(f"{found.name} {one_line(found.title)} is resolved. {told}")


@action(
    "incident announce", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="incident timeline"
)
async def announce(
    run: Run,
    id_: IncidentName,
    text: Annotated[str, Text(10, 1500)],
    to: Annotated[str, Word(AUDIENCES)] = STAKEHOLDERS,
) -> Answer:
    """Say something about an incident to others; nobody is called by what it says."""
    found = await incident_named(id_)
    places = audience(run.parts, to)
    said = Answer(f"{found.name} {one_line(found.title)}\n{text}")
    made = await notices.say(places, said, origin=f"announce:{run.request}", now=run.now)
    event = NewEvent("announced", f"to {to}: {text}", run.human, {"audience": to}, str(run.request))
    await incidents.note(found.id, event, now=run.now)
    return Answer(f"Said in {counted(len(made), 'chat')}.", data={"incident": found.name, "chats": len(made)})


@announce.plan
async def plan_announce(run: Run, id_: str, text: str, to: str = STAKEHOLDERS) -> Plan:
    """Where it is said, and what."""
    found = await incident_named(id_)
    places = audience(run.parts, to)
    listed = tuple(f"{one.platform} {one.chat}" for one in places)
    return Plan(f"Says in {counted(len(places), 'chat')} of {to}, about {found.name}: {one_line(text, 400)}", listed)


async def _tell_stakeholders(run: Run, incident: IncidentRecord, text: str) -> str:
    if not run.parts.policy.stakeholders:
        return "Nobody else was told: stakeholders in ops.yaml names no chat."
    said = Answer(f"{incident.name} {one_line(incident.title)} is resolved.\n{text}")
    places = audience(run.parts, STAKEHOLDERS)
    made = await notices.say(places, said, origin=f"resolved:{run.request}", now=run.now)
    return f"Told in {counted(len(made), 'chat')} of stakeholders."


async def _resolvable(run: Run, id_: str, although: str) -> IncidentRecord:
    """Raises NotPossible while alerts fire and nobody says why that does not matter, or where it is over."""
    found = await incident_named(id_)
    if found.is_resolved:
        raise NotPossible(f"{found.name} was resolved by {found.resolved_by} already.")
    firing = await still_firing(run.parts, found.id)
    if firing and not although:
        raise NotPossible(
            f"{counted(len(firing), 'alert')} of {found.name} still firing: {', '.join(firing[:5])}. Give although=… "
            "with the reason if it is over all the same.",
            Suggestion("Verify", "incident verify", {"id": found.name}),
        )
    return found
