"""How much time an incident has, and how much of it is over. Pure.

A severity gives a time to acknowledge and a time to respond: until somebody works on a fix (the stage ``mitigating``
or one after it), or until it is resolved. Both count from when it was opened, or opened again; a changed severity
changes both from that same beginning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops.times import moment, span
from config.ops_oncall import Severity, SeverityEntry
from storage.deadlines import Kind
from storage.incidents import IncidentRecord

WARNINGS = (50, 80, 100)
"""Shares of a time, in percent, at which it is said that they are over."""

Entries = Mapping[Severity, SeverityEntry]
_DEED = {Kind.ACKNOWLEDGE: "acknowledge", Kind.RESPONSE: "respond"}
_DONE = {Kind.ACKNOWLEDGE: "acknowledged", Kind.RESPONSE: "responded"}


@dataclass(frozen=True, slots=True)
class Timer:
    """One of an incident's times; ``met_at`` is when what it is for was done."""

    kind: Kind
    since: datetime
    length: timedelta
    met_at: datetime | None

    @property
    def due_at(self) -> datetime:
        """When all of it is over."""
        return self.since + self.length

    @property
    def is_kept(self) -> bool:
        """It was done in time."""
        return self.met_at is not None and self.met_at <= self.due_at

    def at(self, percent: int) -> datetime:
        """When that share is over."""
        return self.since + self.length * percent / 100

    def line(self) -> str:
        """``acknowledge by 2026-11-01 12:15 UTC``, or what became of it."""
        if self.met_at is None:
            return f"{_DEED[self.kind]} by {moment(self.due_at)}"
        late = "" if self.is_kept else ", too late"
        return f"{_DONE[self.kind]} after {span(self.met_at - self.since)} of {span(self.length)}{late}"

    def warning(self, percent: int) -> str:
        """What is said when a share is over."""
        if percent >= 100:
            return f"The time to {_DEED[self.kind]} is over: {span(self.length)}, until {moment(self.due_at)}."
        gone = span(self.length * percent / 100)
        return f"{percent} % of the time to {_DEED[self.kind]} is over ({gone} of {span(self.length)}); it ends at " + (
            f"{moment(self.due_at)}."
        )


def timers(incident: IncidentRecord, entries: Entries) -> list[Timer]:
    """The times of an incident."""
    entry = entries[incident.severity]
    since = incident.reopened_at or incident.opened_at
    found = []
    if entry.acknowledge is not None:
        found.append(Timer(Kind.ACKNOWLEDGE, since, entry.acknowledge, _first(incident, "acknowledged", "resolved")))
    found.append(Timer(Kind.RESPONSE, since, entry.response, _first(incident, "mitigating", "verifying", "resolved")))
    return found


def wanted(incident: IncidentRecord, entries: Entries) -> dict[tuple[Kind, int], datetime]:
    """The deadlines that still count."""
    running = [one for one in timers(incident, entries) if one.met_at is None]
    return {(one.kind, percent): one.at(percent) for one in running for percent in WARNINGS}


def lines(incident: IncidentRecord, entries: Entries) -> list[str]:
    """For cards: what is due when, or was done how soon."""
    return [one.line() for one in timers(incident, entries)]


def is_kept(incident: IncidentRecord, entries: Entries) -> bool:
    """Whether all of a resolved incident's times were kept."""
    return all(one.is_kept for one in timers(incident, entries))


def durations(incident: IncidentRecord) -> Iterator[tuple[str, timedelta]]:
    """How long it took until each state, from when it was opened, or opened again."""
    since = incident.reopened_at or incident.opened_at
    for name in ("acknowledged", "mitigating", "resolved"):
        at = getattr(incident, f"{name}_at")
        if at is not None:
            yield name, at - since


def _first(incident: IncidentRecord, *states: str) -> datetime | None:
    reached = [at for one in states if (at := getattr(incident, f"{one}_at")) is not None]
    return min(reached, default=None)
