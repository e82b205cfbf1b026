"""What is left of an incident: its post-mortem."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated

from chatops.checking import checklists
from chatops.checking.evidence import DONE
from chatops.figures import FIGURES, Series, figure, histories, thresholds
from chatops.incidents.alerts import linked_alerts
from chatops.incidents.names import Incident, incident_named
from chatops.incidents.postmortem import FigureLine, Findings, Fired, document
from chatops.model import Answer, File, Risk, Suggestion
from chatops.observing.plotting import plotted
from chatops.parameters import Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from config.ops import Role, Threshold
from storage import alerts, audit, incidents, pages, timeline
from storage import checklists as stored
from storage.audit import AuditRecord
from storage.errors import StorageError
from storage.incidents import IncidentRecord
from storage.timeline import EventRecord, NewEvent

GROUPS = {"incident": "Incidents: from the first alert to what was learnt."}

_SHOWN = ("queue_length", "oldest_waiting", "error_rate", "api_latency_p95", "failure_rate", "cpu", "memory", "workers")
_ENDS = frozenset(("ended", "denied", "cancelled", "expired"))
_MOST_REQUESTS = 500
_MOST_LINES = 5000
_DRAWN_WITHIN_S = 60.0
"""Eight figures, on a machine that may be busy with what the incident was."""


@action(
    "incident postmortem",
    role=Role.RESPONDER,
    risk=Risk.WRITE,
    timeout=timedelta(minutes=2),
    check="incident timeline",
)
async def postmortem(
    run: Run, id_: Annotated[str, Incident()], format_: Annotated[str, Word(("md",))] = "md"
) -> Answer:
    """Write the post-mortem from the records: times, timeline, alerts, actions, plots, what to follow up."""
    found = await incident_named(id_)
    await run.step("gathering records")
    gathered = await gather(run.parts, found, run.human)
    await run.step("drawing figures")
    whole, files = await _with_figures(run.parts, gathered)
    body = document(whole).encode()
    name = f"post-mortem-{found.name}.{format_}"
    await _note(run, found)
    missing = [] if found.summary else ["a summary (incident resolve writes it)"]
    missing += ["who was affected", "what to fix"]
    counts = f"{len(whole.events)} lines of timeline, {len(whole.fired)} alerts, {len(whole.actions)} actions"
    return Answer(
        f"{found.name}: {counts}. Still to be written by people: {', '.join(missing)}.",
        files=(File(name, body, "text/markdown"), *files),
        suggestions=(Suggestion("Checklist", "checklist incident", {"id": found.name}),),
        data={"incident": found.name, "files": [name, *(one.name for one in files)]},
    )


async def gather(parts: Parts, incident: IncidentRecord, by: str) -> Findings:
    """All records of an incident but figures."""
    events = await timeline.events(incident.id)
    called = await pages.pages_of(incident.id)
    return Findings(
        incident=incident,
        environment=parts.policy.environment,
        entries=parts.policy.on_call.severities,
        written_at=parts.clock(),
        written_by=by,
        events=events,
        fired=await _fired(incident),
        actions=await _actions(incident, events, parts.clock()),
        pages=called,
        attempts={one.name: await pages.attempts(one.id) for one in called},
        checklist=await _checklist(parts, incident),
    )


async def _with_figures(parts: Parts, found: Findings) -> tuple[Findings, tuple[File, ...]]:
    """The same with figures, and the files that show them."""
    since, until = found.window
    names = [name for name in _SHOWN if name in FIGURES]
    try:
        series = await histories(parts, names, since, until)
    except StorageError as error:
        return replace(found, notes=(str(error),)), ()
    limits = await thresholds(parts)
    how = {"title": f"{found.incident.name}, UTC", "since": since, "until": until, "thresholds": limits}
    name, cache = f"post-mortem-{found.incident.name}.png", parts.settings.data_dir
    files, note = await plotted(name, series, **how, cache=cache, within_s=_DRAWN_WITHIN_S)
    lines = tuple(_line(one, limits.get(one.name)) for one in series if one.points)
    notes = (note,) if note else ()
    return replace(found, figures=lines, plots=tuple(one.name for one in files), notes=notes), files


def _line(series: Series, threshold: Threshold | None) -> FigureLine:
    known, values = figure(series.name), [value for _, value in series.points]
    limit = "" if threshold is None else known.shown(threshold.alert)
    return FigureLine(known.title, known.shown(known.worst(values)), known.shown(median(values)), limit)


async def _fired(incident: IncidentRecord) -> list[Fired]:
    """Times of firing of its alerts, in order, from a day before it was opened."""
    found = []
    for alert in await linked_alerts(incident.id):
        for one in await alerts.episodes(alert.id):
            began = one.starts_at or one.opened_at
            if (one.closed_at or began) < incident.opened_at - timedelta(days=1):
                continue
            ended = one.ends_at or one.closed_at
            summary = alert.annotations.get("summary", "")
            found.append(Fired(alert.name, alert.severity.value, began, ended, one.outcome, summary))
    return sorted(found, key=lambda one: (one.began_at is None, one.began_at, one.name))


async def _actions(incident: IncidentRecord, events: Sequence[EventRecord], now: datetime) -> list[AuditRecord]:
    """How each request of the timeline ended, and whatever else was changed meanwhile, as the audit trail has it."""
    requests = list(dict.fromkeys(one.request for one in events if one.request))[:_MOST_REQUESTS]
    found = []
    for request in requests:
        lines = await audit.lines(20, request=request)
        found += [one for one in lines if one.line.kind in _ENDS][:1] or lines[:1]
    found += [one for one in await _meanwhile(incident, now) if one.line.request not in requests]
    return sorted(found, key=lambda one: one.number)


async def _meanwhile(incident: IncidentRecord, now: datetime) -> list[AuditRecord]:
    """Ends of actions that changed something while the incident was open, wherever they were ordered."""
    from chatops.actions import registry

    harmless = {one.name for one in registry() if one.risk is Risk.READ}
    until = incident.resolved_at or now
    lines = await audit.lines(_MOST_LINES, since=incident.opened_at)
    return [
        one for one in lines if one.line.kind == "ended" and one.line.action not in harmless and one.line.at <= until
    ]


async def _checklist(parts: Parts, incident: IncidentRecord) -> list[tuple[bool, str]]:
    """The runbook's list for afterwards, begun where it was not, with what is done."""
    record = await checklists.start(parts, checklists.INCIDENT, incident.name, checklists.SCHEDULE)
    entry = checklists.entry_of(parts, checklists.INCIDENT)
    left = {one.name for one in checklists.left(entry, record, mandatory=False)}
    return [(one.name not in left, one.text) for one in checklists.items_of(entry, record)]


async def _note(run: Run, incident: IncidentRecord) -> None:
    """That it was written, on the timeline and on the list."""
    event = NewEvent("postmortem", "", run.human, None, str(run.request))
    await incidents.note(incident.id, event, now=run.now)
    record = await stored.begin(checklists.INCIDENT, incident.name, by=run.human, now=run.now)
    await stored.mark(record.id, "postmortem", DONE, who=run.human, evidence=str(run.request)[:8], now=run.now)
    await checklists.settled(run.parts, record.id)
