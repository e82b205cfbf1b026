"""The document that is left of an incident: everything with its date in UTC, in Markdown. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chatops.incidents import sla
from chatops.incidents.sla import Entries
from chatops.inert import one_line
from chatops.times import span
from storage.audit import AuditRecord
from storage.deadlines import Kind
from storage.incidents import IncidentRecord
from storage.pages import AttemptRecord, PageRecord
from storage.timeline import EventRecord

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!$&])")
_MEANT = {Kind.ACKNOWLEDGE: "Acknowledged", Kind.RESPONSE: "Worked on (mitigation begun, or resolved)"}


@dataclass(frozen=True, slots=True)
class Fired:
    """One time that an alert fired; ``ended_at`` is None where that was never told."""

    name: str
    severity: str
    began_at: datetime | None
    ended_at: datetime | None
    outcome: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class FigureLine:
    """What a figure came to in the window, in letters."""

    title: str
    worst: str
    typical: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is known of an incident. ``actions`` are lines of the audit trail, ``plots`` names of files."""

    incident: IncidentRecord
    environment: str
    entries: Entries
    written_at: datetime
    written_by: str
    events: Sequence[EventRecord] = ()
    fired: Sequence[Fired] = ()
    actions: Sequence[AuditRecord] = ()
    pages: Sequence[PageRecord] = ()
    attempts: Mapping[str, Sequence[AttemptRecord]] = field(default_factory=dict)
    figures: Sequence[FigureLine] = ()
    plots: Sequence[str] = ()
    notes: Sequence[str] = ()
    checklist: Sequence[tuple[bool, str]] = ()

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From an hour before it was opened, or its first alert fired, until a quarter of an hour after its end."""
        begun = [one.began_at for one in self.fired if one.began_at is not None]
        first = min([self.incident.opened_at, *begun])
        first = max(first, self.incident.opened_at - timedelta(days=1))
        last = self.incident.resolved_at or self.written_at
        return first - timedelta(hours=1), min(last + timedelta(minutes=15), self.written_at)


def document(found: Findings) -> str:
    """The whole document."""
    parts = (
        _head(found),
        ("## Summary", _summary(found)),
        ("## Impact", _impact(found)),
        ("## Times against their targets", _times(found)),
        ("## Timeline (UTC)", _timeline(found)),
        ("## Alerts", _alerts(found)),
        ("## People who were called", _pages(found)),
        ("## Actions taken", _actions(found)),
        ("## Figures in the window", _figures(found)),
        ("## What to fix", _fixes()),
        ("## Follow-up", _checklist(found)),
    )
    lines = [line for part in parts for line in _section(part)]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str, most: int = 500) -> str:
    """A text from outside as one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", one_line(text, most))


def _section(part: "Iterable[str] | tuple[str, Iterable[str]]") -> Iterator[str]:
    if isinstance(part, tuple):
        heading, lines = part
        yield from ("", heading, "", *lines)
    else:
        yield from part


def _head(found: Findings) -> Iterator[str]:
    incident = found.incident
    yield f"# Post-mortem of {incident.name}: {escaped(incident.title)}"
    yield ""
    ended = "not resolved yet"
    if incident.resolved_at is not None:
        ended = f"resolved {_time(incident.resolved_at)} UTC by {escaped(incident.resolved_by)}"
    opened = f"opened {_time(incident.opened_at)} UTC by {escaped(incident.opened_by)}"
    yield f"{incident.severity.value} in {escaped(found.environment)}, {opened}, {ended}."
    yield ""
    yield f"Written from the records {_time(found.written_at)} UTC for {escaped(found.written_by)}."


def _summary(found: Findings) -> Iterator[str]:
    incident = found.incident
    yield escaped(incident.summary, 4000) or "_Not written yet: say what was wrong and what helped._"
    if incident.reopened:
        yield ""
        yield f"It was opened again {incident.reopened} times."


def _impact(found: Findings) -> Iterator[str]:
    incident = found.incident
    entry = found.entries[incident.severity]
    examples = f" (such as {escaped(entry.examples)})" if entry.examples else ""
    yield f"- Severity {incident.severity.value}: {escaped(entry.means)}{examples}."
    if incident.service:
        yield f"- Service: {escaped(incident.service)}."
    begun = [one.began_at for one in found.fired if one.began_at is not None]
    first = min([incident.opened_at, *begun])
    until = incident.resolved_at or found.written_at
    so_far = "" if incident.resolved_at else " so far"
    yield f"- From the first sign ({_time(first)} UTC) to the end: {span(until - first)}{so_far}."
    for one in found.figures:
        yield f"- {escaped(one.title)}: {escaped(one.worst)} at worst, {escaped(one.typical)} typically" + (
            f" (alert at {escaped(one.threshold)})." if one.threshold else "."
        )
    yield "- Who was affected, and how: _to be written._"


def _times(found: Findings) -> Iterator[str]:
    incident = found.incident
    yield from _table("What", "Target", "Took", "At (UTC)", "Kept")
    for timer in sla.timers(incident, found.entries):
        took = "not yet" if timer.met_at is None else span(timer.met_at - timer.since)
        kept = "yes" if timer.is_kept else "no" if timer.met_at or timer.due_at < found.written_at else "runs"
        yield _row(_MEANT[timer.kind], span(timer.length), took, _time(timer.met_at), kept)
    lasted = [one for one in sla.durations(incident) if one[0] == "resolved"]
    yield _row("Resolved", "", span(lasted[0][1]) if lasted else "not yet", _time(incident.resolved_at), "")
    if incident.reopened_at is not None:
        yield ""
        yield f"Times count from {_time(incident.reopened_at)} UTC, when it was opened again."


def _timeline(found: Findings) -> Iterator[str]:
    if not found.events:
        yield "Nothing is recorded."
        return
    yield from _table("When", "Who", "What")
    for one in found.events:
        words = one.kind + (f": {one.text}" if one.text else "")
        if one.replaces is not None:
            words += f" (replaces line {one.replaces})"
        audit = f" [request {one.request[:8]}]" if one.request else ""
        yield _row(_time(one.at), one.human or "–", words + audit)


def _alerts(found: Findings) -> Iterator[str]:
    if not found.fired:
        yield "No alert belongs to it."
        return
    yield from _table("Alert", "Severity", "Fired (UTC)", "No longer reported (UTC)", "Said")
    for one in found.fired:
        ended = _time(one.ended_at) or one.outcome or "fires"
        yield _row(one.name, one.severity, _time(one.began_at), ended, one.summary)


def _pages(found: Findings) -> Iterator[str]:
    if not found.pages:
        yield "Nobody was called."
        return
    yield from _table("Page", "Began (UTC)", "Rounds", "Whom, and what became of it", "Outcome")
    for page in found.pages:
        sent = [one for one in found.attempts.get(page.name, ()) if one.human]
        ways = sorted({f"{one.human} on {one.platform.title()}: {one.fate.value}" for one in sent})
        yield _row(page.name, _time(page.opened_at), str(page.round), "; ".join(ways), page.outcome or "goes on")


def _actions(found: Findings) -> Iterator[str]:
    if not found.actions:
        yield "No action of the console was taken for it."
        return
    yield from _table("When", "Who", "Action", "Outcome", "Audit line", "Request")
    for one in found.actions:
        details = one.line.details or {}
        given = details.get("arguments") or {}
        words = " ".join([one.line.action, *(f"{name}={value}" for name, value in given.items())])
        outcome = str(details.get("outcome") or one.line.kind)
        yield _row(_time(one.line.at), one.line.human, words, outcome, str(one.number), one.line.request[:8])


def _figures(found: Findings) -> Iterator[str]:
    since, until = found.window
    yield f"From {_time(since)} to {_time(until)} UTC."
    yield ""
    yield from (f"![{escaped(name)}]({name})" for name in found.plots)
    yield from (f"{escaped(note)}" for note in found.notes)
    if found.figures:
        yield ""
        yield from _table("Figure", "Worst", "Typical", "Alert")
        yield from (_row(one.title, one.worst, one.typical, one.threshold) for one in found.figures)


def _fixes() -> Iterator[str]:
    yield "_What would have prevented it, made it known earlier, or ended it sooner; an owner and a date for each._"
    yield ""
    yield from _table("What", "Owner", "By")
    yield _row("", "", "")


def _checklist(found: Findings) -> Iterator[str]:
    for is_done, text in found.checklist:
        yield f"- [{'x' if is_done else ' '}] {escaped(text)}"


def _table(*headings: str) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _time(at: datetime | None) -> str:
    """``2026-11-01 12:00:05``: with the date always."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
