"""The rules by which deliveries change what is known of alerts. Pure: the clock is given, nothing is read or written.

State is kept for each fingerprint, never for a group: a message of a group tells only of the alerts that it names.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from chatops.alerting.alert_reading import Told
from config.ops_alerts import AlertRules
from config.ops_oncall import Severity
from storage.alert_records import AlertChange, AlertRecord, AlertState, CardRecord

FLAPPING_TRANSITIONS = 4
FLAPPING_WITHIN = timedelta(minutes=30)
_MOST_TRANSITIONS = 400
RESOLVED, GONE = "resolved", "stale"


class Outcome(StrEnum):
    """What one message means for one alert.

    ``opened``, ``refired`` and ``revived`` are new to people, ``suspected`` may be. ``repeated`` says what is known,
    ``late`` what has been overtaken, ``unknown`` the end of what was never told to fire.
    """

    OPENED = "opened"
    REFIRED = "refired"
    REVIVED = "revived"
    SUSPECTED = "suspected"
    REPEATED = "repeated"
    CLOSED = "closed"
    SETTLED = "settled"
    LATE = "late"
    UNKNOWN = "unknown"


FRESH = frozenset((Outcome.OPENED, Outcome.REFIRED, Outcome.REVIVED))
TRANSITIONS = frozenset((*FRESH, Outcome.CLOSED))


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one alert."""

    change: AlertChange
    outcome: Outcome

    @property
    def alert(self) -> AlertRecord:
        """As it is now."""
        return self.change.after


def severity_of(labels: Mapping[str, str], annotations: Mapping[str, str], rules: AlertRules) -> Severity:
    """How bad an alert is, by its annotation, its label, or else as the policy says."""
    said = annotations.get("incident_severity", "").strip().upper()
    if said in Severity.__members__:
        return Severity(said)
    return rules.severities.get(labels.get("severity", "").strip().lower(), rules.otherwise)


def step(before: AlertRecord | None, told: Told, tenant: str, rules: AlertRules, now: datetime) -> Step:
    """What a message means for an alert."""
    if before is None:
        return _first(told, tenant, rules, now)
    heard = replace(
        before,
        name=told.name,
        severity=severity_of(told.labels, told.annotations, rules),
        labels=told.labels,
        annotations=told.annotations,
        generator=told.generator or before.generator,
        last_heard_at=max(now, before.last_heard_at),
    )
    return _fires(before, heard, told, rules, now) if told.is_firing else _ends(before, heard, told, now)


def _first(told: Told, tenant: str, rules: AlertRules, now: datetime) -> Step:
    alert = AlertRecord(
        id=uuid4(),
        tenant=tenant,
        fingerprint=told.fingerprint,
        name=told.name,
        severity=severity_of(told.labels, told.annotations, rules),
        labels=told.labels,
        annotations=told.annotations,
        generator=told.generator,
        state=AlertState.RESOLVED,
        first_heard_at=now,
        last_heard_at=now,
        last_starts_at=told.starts_at,
    )
    if told.is_firing:
        return _begun(None, alert, told, now, Outcome.OPENED)
    return Step(AlertChange(replace(alert, ends_at=told.ends_at, closed_at=now)), Outcome.UNKNOWN)


def _fires(before: AlertRecord, heard: AlertRecord, told: Told, rules: AlertRules, now: datetime) -> Step:
    newest = _later(before.last_starts_at, told.starts_at)
    if before.state is AlertState.FIRING:
        return Step(AlertChange(replace(heard, last_starts_at=newest, silenced_by=""), before), Outcome.REPEATED)
    if before.state is AlertState.SUSPECT:
        return Step(AlertChange(replace(heard, last_starts_at=newest), before), Outcome.REPEATED)
    if before.state is AlertState.STALE:
        if is_newer(told.starts_at, before.last_starts_at):
            return _begun(before, heard, told, now, Outcome.REFIRED, ends=GONE)
        return Step(AlertChange(replace(heard, state=AlertState.FIRING), before), Outcome.REVIVED)
    if may_be_late(before, told, rules, now):
        until = now + 2 * rules.group_interval
        suspect = replace(heard, state=AlertState.SUSPECT, suspect_until=until)
        return Step(AlertChange(suspect, before), Outcome.SUSPECTED)
    return _begun(before, heard, told, now, Outcome.REFIRED)


def may_be_late(before: AlertRecord, told: Told, rules: AlertRules, now: datetime) -> bool:
    """Whether a firing may have been overtaken by the end of what it tells.

    Another member of the cluster, which was held up, sends it with the start of an episode that has ended. So does a
    real new firing: Alertmanager merges intervals that overlap, and keeps the earlier start.
    """
    if before.closed_at is None or now - before.closed_at >= 2 * rules.group_interval:
        return False
    return not is_newer(told.starts_at, before.last_starts_at)


def _ends(before: AlertRecord, heard: AlertRecord, told: Told, now: datetime) -> Step:
    newest = _later(before.last_starts_at, told.starts_at)
    ended = replace(heard, state=AlertState.RESOLVED, last_starts_at=newest, ends_at=told.ends_at, suspect_until=None)
    if before.state is AlertState.SUSPECT:
        return Step(AlertChange(ended, before), Outcome.SETTLED)
    if before.state is AlertState.RESOLVED:
        unchanged = replace(before, last_heard_at=heard.last_heard_at, last_starts_at=newest)
        return Step(AlertChange(unchanged, before), Outcome.REPEATED)
    if _was_overtaken(before, told):
        return Step(AlertChange(replace(before, last_heard_at=heard.last_heard_at), before), Outcome.LATE)
    closed = replace(ended, closed_at=now, silenced_by="")
    return Step(AlertChange(closed, before, ends=RESOLVED), Outcome.CLOSED)


def _was_overtaken(before: AlertRecord, told: Told) -> bool:
    """The end of an earlier episode: it began before the present one, and ended before it began.

    An end is otherwise never matched by its start: one that follows an unseen flap has another.
    """
    if before.starts_at is None or told.starts_at is None or told.ends_at is None:
        return False
    return told.starts_at < before.starts_at and told.ends_at <= before.starts_at


def promote(before: AlertRecord, now: datetime) -> Step:
    """A suspect does fire."""
    told = Told(before.fingerprint, True, before.labels, before.annotations, before.last_starts_at, None)
    return _begun(before, before, told, now, Outcome.REFIRED)


def dismiss(before: AlertRecord) -> Step:
    """A suspect does not fire: the message had come late."""
    resolved = replace(before, state=AlertState.RESOLVED, suspect_until=None)
    return Step(AlertChange(resolved, before), Outcome.SETTLED)


def lose_sight(before: AlertRecord) -> Step:
    """Nothing was heard of what fires, or Alertmanager no longer knows it. Its episode stays open: nobody said end."""
    return Step(AlertChange(replace(before, state=AlertState.STALE), before), Outcome.LATE)


def _begun(
    before: AlertRecord | None, heard: AlertRecord, told: Told, now: datetime, outcome: Outcome, ends: str = ""
) -> Step:
    alert = replace(
        heard,
        state=AlertState.FIRING,
        episode=heard.episode + 1,
        starts_at=told.starts_at,
        last_starts_at=_later(heard.last_starts_at, told.starts_at),
        ends_at=None,
        opened_at=now,
        closed_at=None,
        suspect_until=None,
        silenced_by="",
    )
    return Step(AlertChange(alert, before, begins=True, ends=ends), outcome)


def with_transitions(card: CardRecord, steps: Iterable[Step], now: datetime) -> CardRecord:
    """The card with what began and ended, and whether that makes it flap."""
    new = [(one.alert.fingerprint, now.timestamp()) for one in steps if one.outcome in TRANSITIONS]
    since = (now - FLAPPING_WITHIN).timestamp()
    kept = [one for one in (*card.transitions, *new) if one[1] > since][-_MOST_TRANSITIONS:]
    if not flaps(kept):
        return replace(card, transitions=tuple(kept), flapping_since=None)
    return replace(card, transitions=tuple(kept), flapping_since=card.flapping_since or now)


def flaps(transitions: Sequence[tuple[str, float]]) -> bool:
    """Whether one alert began or ended too often."""
    counted = Counter(name for name, _ in transitions)
    return any(count >= FLAPPING_TRANSITIONS for count in counted.values())


def worst(severities: Collection[Severity], otherwise: Severity) -> Severity:
    """The worst of some."""
    return min(severities, key=lambda one: one.rank, default=otherwise)


def is_newer(at: datetime | None, than: datetime | None) -> bool:
    """Whether a start is certainly later than another."""
    return at is not None and (than is None or at > than)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
