"""Incidents looked at: one, all, their timelines, what severities mean, whether the fix holds."""

from datetime import timedelta
from typing import Annotated, Any

from chatops.actions.incident import IncidentName, SeverityName, data_of
from chatops.incidents import sla
from chatops.incidents.alerts import still_firing
from chatops.incidents.diagnosing import pack_for
from chatops.incidents.names import incident_named
from chatops.inert import one_line
from chatops.model import Answer, OpsError, Suggestion, Table
from chatops.parameters import Duration, Integer, Word
from chatops.registry import Action, action
from chatops.run import Run
from chatops.times import ago, counted, moment, span
from config.ops import Role
from config.ops_oncall import Severity
from storage import alerts, cards, incidents, timeline
from storage.incidents import UNRESOLVED, IncidentRecord, IncidentState

_STATES = ("unresolved", "all", *(one.value for one in IncidentState))


@action("incident severities", role=Role.VIEWER)
async def severities(run: Run) -> Answer:
    """Show what P0 to P3 mean, and how soon something must happen."""
    rows = []
    for name, entry in run.parts.policy.on_call.severities.items():
        within = "" if entry.acknowledge is None else span(entry.acknowledge)
        calls = "calls" if entry.pages else "ticket"
        rows.append((name.value, entry.means, entry.examples, within, span(entry.response), calls))
    table = Table(("severity", "means", "such as", "acknowledge", "respond", ""), tuple(sorted(rows)))
    return Answer("How bad it is, and how soon something must happen.", table=table, data=[list(row) for row in rows])


@action("incident list", role=Role.VIEWER)
async def list_(
    run: Run,
    state: Annotated[str, Word(_STATES)] = "unresolved",
    sev: SeverityName = "",
    since: Annotated[timedelta, Duration("1m", "365d")] = timedelta(days=365),
    n: Annotated[int, Integer(1, 100)] = 20,
) -> Answer:
    """List incidents, newest first."""
    wanted = (
        {"unresolved": UNRESOLVED, "all": ()}.get(state) if state in ("unresolved", "all") else (IncidentState(state),)
    )
    found = await incidents.incidents(
        states=wanted or (), severities=[Severity(sev)] if sev else [], since=run.now - since, limit=n
    )
    if not found:
        return Answer("No such incident." if sev or state != "unresolved" else "No incident is open.", data=[])
    rows = tuple(
        (one.name, one.severity.value, one.state.value, ago(one.opened_at, run.now), _who(one), one_line(one.title, 60))
        for one in found
    )
    columns = ("incident", "severity", "state", "opened", "who", "title")
    first = next((one for one in found if not one.is_resolved), found[0])
    return Answer(
        f"{counted(len(found), 'incident')}.",
        table=Table(columns, rows),
        suggestions=(Suggestion(first.name, "incident show", {"id": first.name}),),
        data=[data_of(one) for one in found],
    )


@action("incident show", role=Role.VIEWER)
async def show(run: Run, id_: IncidentName) -> Answer:
    """Show one incident: who has it, its times, its alerts."""
    found = await incident_named(id_)
    firing = await still_firing(run.parts, found.id)
    rows = [
        ("state", found.state.value),
        ("opened", f"{moment(found.opened_at)} by {found.opened_by}"),
        *(
            (name, _reached(found, name))
            for name in ("acknowledged", "assessing", "mitigating", "verifying", "resolved")
        ),
        ("assignee", found.assignee),
        ("service", found.service),
        ("ticket", found.ticket),
        ("reopened", counted(found.reopened, "time") if found.reopened else ""),
        ("times", "; ".join(sla.lines(found, run.parts.policy.on_call.severities))),
        ("alerts", ", ".join(one.name for one in await cards.cards_of_incident(found.id))),
        ("still firing", ", ".join(one_line(one, 60) for one in firing[:10])),
        ("summary", found.summary),
    ]
    table = Table(("what", "is"), tuple((what, is_) for what, is_ in rows if is_))
    return Answer(
        f"{found.severity.value} {found.name} {one_line(found.title)}",
        table=table,
        suggestions=_suggested(found),
        data=data_of(found),
    )


@action("incident timeline", role=Role.VIEWER)
async def timeline_(run: Run, id_: IncidentName, n: Annotated[int, Integer(1, 500)] = 50) -> Answer:
    """List what happened, in order, in UTC with dates; audit ids where the console did it."""
    found = await incident_named(id_)
    events = await timeline.events(found.id, limit=n)
    log = tuple(
        f"{one.at:%Y-%m-%d %H:%M:%S} {one_line(one.human, 40) or '-'} {one.kind}"
        + (f" {one_line(one.text, 400)}" if one.text else "")
        + (f" (replaces line {one.replaces})" if one.replaces else "")
        + (f" [{one.request[:8]}]" if one.request else "")
        for one in events
    )
    data = [
        {
            "at": one.at.isoformat(),
            "kind": one.kind,
            "human": one.human,
            "text": one.text,
            "request": one.request,
            "line": one.id,
        }
        for one in events
    ]
    return Answer(f"{found.name}: the last {counted(len(events), 'line')}, UTC.", log=log, data=data)


@action("incident verify", role=Role.RESPONDER, timeout=timedelta(minutes=2))
async def verify(run: Run, id_: IncidentName) -> Answer:
    """Check whether the fix holds: health, the diagnose pack, and whether its alerts still fire."""
    found = await incident_named(id_)
    firing = await still_firing(run.parts, found.id)
    rows = [("alerts", "ok" if not firing else "firing", ", ".join(one_line(one, 60) for one in firing[:5]))]
    await run.step("asking for health")
    rows.append(await _part(run, "health check", {}))
    if pack := await _pack(found):
        await run.step(f"running diagnose {pack}")
        rows.append(await _part(run, f"diagnose {pack}", {}))
    is_good = all(state in ("ok", "not here") for _, state, _ in rows)
    given = {"id": found.name}
    following = (
        Suggestion("Resolve", "incident resolve", given) if is_good else Suggestion("Show", "incident show", given)
    )
    text = f"{found.name}: " + ("all is well; it can be resolved." if is_good else "not yet.")
    return Answer(
        text,
        ok=is_good,
        table=Table(("what", "state", "says"), tuple(rows)),
        suggestions=(following,),
        data=[list(row) for row in rows],
    )


async def _part(run: Run, name: str, arguments: dict[str, str]) -> tuple[str, str, str]:
    """Another action's answer as a line."""
    from chatops.actions import registry

    one: Action | None = registry().actions.get(name)
    if one is None or one.missing(run.parts):
        return name, "not here", "" if one is None else one.missing(run.parts)
    values: dict[str, Any] = one.read(arguments)
    try:
        answer = await one.function(run, **values)
    except OpsError as error:
        return name, "failed", one_line(str(error), 160)
    return name, "ok" if answer.ok else "failed", one_line(answer.text, 160)


async def _pack(incident: IncidentRecord) -> str:
    for card in await cards.cards_of_incident(incident.id):
        for group in await alerts.groups_of_card(card.id):
            for member in group.members.values():
                if pack := pack_for(member.alert):
                    return pack
    return ""


def _who(incident: IncidentRecord) -> str:
    return incident.assignee or incident.acknowledged_by or "nobody"


def _reached(incident: IncidentRecord, state: str) -> str:
    at, by = getattr(incident, f"{state}_at"), getattr(incident, f"{state}_by")
    return "" if at is None else f"{moment(at)} by {by}"


def _suggested(incident: IncidentRecord) -> tuple[Suggestion, ...]:
    given = {"id": incident.name}
    named = [("Timeline", "incident timeline")]
    if incident.is_resolved:
        named.append(("Reopen", "incident reopen"))
    else:
        named += [("Acknowledge", "incident ack")] if incident.state is IncidentState.OPEN else []
        named += [("Verify", "incident verify"), ("Resolve", "incident resolve")]
    return tuple(Suggestion(label, name, given) for label, name in named)
