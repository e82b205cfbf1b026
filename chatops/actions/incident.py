"""Incidents: opened, acknowledged, given to somebody, brought through their stages, opened again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from chatops.incidents import sla
from chatops.incidents.names import Incident, incident_named
from chatops.incidents.posts import post_incident
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Suggestion
from chatops.parameters import Name, Text, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import moment
from config.ops import Role
from config.ops_oncall import Severity
from storage import alerts, cards, incidents
from storage.incidents import STAGES, IncidentRecord, IncidentState, Moved, NewIncident
from storage.timeline import NewEvent

GROUPS = {"incident": "Incidents: from the first alert to what was learnt."}


async def people(parts: Parts, typed: str) -> Sequence[str]:
    """Those whom ``ops.yaml`` names."""
    return [one.name for one in parts.policy.people]


async def services(parts: Parts, typed: str) -> Sequence[str]:
    """Those that are declared."""
    return [one.name for one in parts.policy.services]


IncidentName = Annotated[str, Incident()]
SeverityName = Annotated[str, Word(tuple(one.value for one in Severity))]
Reason = Annotated[str, Text(longest=200)]


@action("incident open", role=Role.RESPONDER, risk=Risk.WRITE, check="incident list")
async def open_(
    run: Run,
    title: Annotated[str, Text(3, 200), "what is wrong, in a few words"],
    sev: SeverityName,
    service: Annotated[str, Name("a service", services, 64)] = "",
    from_alert: Annotated[str, Name("a fingerprint of alerts list", longest=64)] = "",
) -> Answer:
    """Open an incident: its times begin to run, and people are called as its severity says."""
    card = None
    if from_alert:
        found = await alerts.find_alerts(from_alert)
        if len(found) != 1:
            raise BadArgument("from-alert: no alert, or more than one, has such a fingerprint; see alerts list.")
        on = (await alerts.cards_of_alerts([found[0].id])).get(found[0].id, set())
        card = await cards.card(max(on)) if on else None
        service = service or found[0].labels.get("service", "")
    if card is not None and card.incident_id is not None:
        known = await incidents.incident(card.incident_id)
        if not known.is_resolved:
            raise NotPossible(f"This alert belongs to {known.name} already.", shown(known))
    new = NewIncident(title, Severity(sev), service)
    made = await incidents.open_incident(new, by=run.human, now=run.now, request=str(run.request))
    if card is not None:
        await cards.give_incident(card.id, made.id, now=run.now)
    await post_incident(run.parts, made)
    return answer_on(run, made, f"{made.name} is open")


@action("incident ack", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def ack(run: Run, id_: IncidentName) -> Answer:
    """Say that you have seen it and work on it: nobody else is called."""
    found = await incident_named(id_)
    moved = await incidents.acknowledge(found.id, by=run.human, now=run.now, request=str(run.request))
    return answer_on(run, moved.incident, acknowledged(moved))


@action("incident unack", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def unack(run: Run, id_: IncidentName, reason: Reason = "") -> Answer:
    """Say that nobody works on it after all: people are called again."""
    found = await incident_named(id_)
    by, now = run.human, run.now
    moved = await incidents.unacknowledge(found.id, by=by, now=now, reason=reason, request=str(run.request))
    return answer_on(run, moved.incident, f"{found.name} waits for somebody" + _unless(moved, "already"))


@action("incident assign", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def assign(run: Run, id_: IncidentName, user: Annotated[str, Name("somebody of ops.yaml", people)]) -> Answer:
    """Give it to somebody, who is told in its message."""
    found = _unresolved(await incident_named(id_))
    human = _human(run, user)
    moved = await incidents.assign(found.id, human, by=run.human, now=run.now, request=str(run.request))
    return answer_on(run, moved.incident, f"{found.name} is assigned to {human}" + _unless(moved, "already"))


@action("incident severity", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def severity(run: Run, id_: IncidentName, sev: SeverityName, reason: Reason = "") -> Answer:
    """Change how bad it is; its times are counted anew from when it was opened."""
    found, wanted = _unresolved(await incident_named(id_)), Severity(sev)
    by, now = run.human, run.now
    moved = await incidents.set_severity(found.id, wanted, by=by, now=now, reason=reason, request=str(run.request))
    return answer_on(run, moved.incident, f"{found.name} is {wanted.value}" + _unless(moved, "already"))


@severity.plan
async def plan_severity(run: Run, id_: str, sev: str, reason: str = "") -> Plan:
    """From what to what, and what that changes."""
    found, wanted = _unresolved(await incident_named(id_)), Severity(sev)
    if found.severity is wanted:
        raise NotPossible(f"{found.name} is {wanted.value} already.")
    entries = run.parts.policy.on_call.severities
    before, after = entries[found.severity], entries[wanted]
    calls = ""
    if before.pages != after.pages:
        calls = " People are called from now on." if after.pages else " Nobody is called any more; it gets a ticket."
    due = "; ".join(sla.lines(replace(found, severity=wanted), entries))
    is_less = before.pages and wanted.rank > found.severity.rank
    return Plan(
        f"{found.name} {found.title}: {found.severity.value} becomes {wanted.value}.{calls} Then: {due}.",
        confirmation=Confirmation.BUTTON if is_less else None,
    )


@action("incident note", role=Role.RESPONDER, risk=Risk.WRITE, check="incident timeline")
async def note(run: Run, id_: IncidentName, text: Annotated[str, Text(1, 2000)]) -> Answer:
    """Write something into its timeline."""
    found = await incident_named(id_)
    await incidents.note(found.id, NewEvent("note", text, run.human, None, str(run.request)), now=run.now)
    return Answer(f"Noted in {found.name}.", suggestions=(shown(found),), data={"incident": found.name})


@action("incident stage", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def stage(
    run: Run,
    id_: IncidentName,
    stage: Annotated[str, Word(tuple(one.value for one in STAGES))],
    text: Annotated[str, Text(longest=2000)] = "",
) -> Answer:
    """Say where the work on it is: assessing, mitigating or verifying."""
    found, wanted = _unresolved(await incident_named(id_)), IncidentState(stage)
    moved = await incidents.set_stage(found.id, wanted, by=run.human, now=run.now, text=text, request=str(run.request))
    return answer_on(run, moved.incident, f"{found.name}: {wanted.value}" + _unless(moved, "already"))


@action("incident reopen", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def reopen(run: Run, id_: IncidentName, reason: Annotated[str, Text(3, 200), "why it is not over"]) -> Answer:
    """Say that it is not over."""
    found = await incident_named(id_)
    moved = await incidents.reopen(found.id, reason, by=run.human, now=run.now, request=str(run.request))
    return answer_on(run, moved.incident, f"{found.name} is open" + (" again" if moved.happened else " already"))


@action("incident ticket", role=Role.RESPONDER, risk=Risk.WRITE, check="incident show")
async def ticket(
    run: Run,
    id_: IncidentName,
    tracker: Annotated[str, Word(("internal",))] = "internal",
    reference: Annotated[str, Text(longest=100), "where it is tracked, if elsewhere"] = "",
) -> Answer:
    """Track it, as those that call nobody are: with the time by which it is due."""
    found = await incident_named(id_)
    due = sla.timers(found, run.parts.policy.on_call.severities)[-1].due_at
    name = reference or f"{tracker} {found.name}, due {moment(due)}"
    moved = await incidents.set_ticket(found.id, name, by=run.human, now=run.now, request=str(run.request))
    text = f"{found.name} is tracked as {moved.incident.ticket}"
    return answer_on(run, moved.incident, text + _unless(moved, "already"))


def answer_on(run: Run, incident: IncidentRecord, text: str) -> Answer:
    """What was done, what is due, what may come next."""
    due = [] if incident.is_resolved else sla.lines(incident, run.parts.policy.on_call.severities)
    times = "; ".join(due)
    told = f"{text}." + (f" {times[:1].upper()}{times[1:]}." if due else "")
    return Answer(told, suggestions=tuple(_next(incident)), data=data_of(incident))


def data_of(incident: IncidentRecord) -> dict[str, object]:
    """An incident for programs."""
    times = {
        name: None if (at := getattr(incident, f"{name}_at")) is None else at.isoformat()
        for name in ("opened", "acknowledged", "assessing", "mitigating", "verifying", "resolved")
    }
    return {
        "incident": incident.name,
        "title": incident.title,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "service": incident.service,
        "source": incident.source,
        "assignee": incident.assignee,
        "acknowledged_by": incident.acknowledged_by,
        "resolved_by": incident.resolved_by,
        "ticket": incident.ticket,
        "reopened": incident.reopened,
        "summary": incident.summary,
        "at": times,
    }


def acknowledged(moved: Moved) -> str:
    """Who has it, and since when."""
    incident = moved.incident
    if incident.is_resolved:
        return f"{incident.name} was resolved by {incident.resolved_by}; there is nothing to acknowledge"
    if moved.happened:
        return f"{incident.name} is acknowledged by {incident.acknowledged_by}"
    return f"{incident.name} was acknowledged by {incident.acknowledged_by} {moment(incident.acknowledged_at)} already"


def shown(incident: IncidentRecord) -> Suggestion:
    """A look at it."""
    return Suggestion("Show", "incident show", {"id": incident.name})


def _next(incident: IncidentRecord) -> list[Suggestion]:
    given = {"id": incident.name}
    if incident.is_resolved:
        return [shown(incident), Suggestion("Timeline", "incident timeline", given)]
    if incident.state is IncidentState.OPEN:
        return [Suggestion("Acknowledge", "incident ack", given), shown(incident)]
    following = {
        IncidentState.ACKNOWLEDGED: IncidentState.ASSESSING,
        IncidentState.ASSESSING: IncidentState.MITIGATING,
        IncidentState.MITIGATING: IncidentState.VERIFYING,
    }.get(incident.state)
    if following is None:
        return [Suggestion("Verify", "incident verify", given), shown(incident)]
    return [
        Suggestion(following.value.capitalize(), "incident stage", {**given, "stage": following.value}),
        shown(incident),
    ]


def _unless(moved: Moved, word: str) -> str:
    return "" if moved.happened else f" {word}"


def _unresolved(incident: IncidentRecord) -> IncidentRecord:
    if incident.is_resolved:
        raise NotPossible(
            f"{incident.name} was resolved by {incident.resolved_by}.",
            Suggestion("Reopen", "incident reopen", {"id": incident.name}),
        )
    return incident


def _human(run: Run, user: str) -> str:
    entry = run.parts.policy.person_named(user)
    if entry is None and user != run.human:
        raise BadArgument(f"user: nobody under people in ops.yaml is called {user}.")
    return user if entry is None else entry.name
