"""What a card says of its alerts and their incident, whoever shows it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatops.incidents.diagnosing import next_action, section_for
from chatops.inert import one_line, safe_link
from chatops.times import counted
from config.ops_oncall import Severity
from storage import alerts, cards, incidents
from storage.alert_records import AlertRecord, AlertState, CardRecord, GroupRecord
from storage.incidents import IncidentRecord, IncidentState

COLOURS = {Severity.P0: "🔴", Severity.P1: "🟠", Severity.P2: "🟡", Severity.P3: "🔵"}
OVER = "🟢"
MOST_SHOWN = 10
_SUMMARY = 120
_GENERIC = frozenset(("alertname", "severity"))

Times = Callable[[datetime], str]
Links = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert on a card; ``missing_since`` where no group's update names it any more."""

    alert: AlertRecord
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with all that it shows, alerts worst and oldest first."""

    card: CardRecord
    incident: IncidentRecord | None
    groups: tuple[GroupRecord, ...]
    alerts: tuple[Shown, ...]

    @property
    def firing(self) -> list[Shown]:
        """What fires, or may."""
        return [one for one in self.alerts if one.alert.state is not AlertState.RESOLVED]

    @property
    def truncated(self) -> int:
        """How many alerts Alertmanager left off."""
        return max((one.truncated for one in self.groups), default=0)

    @property
    def colour(self) -> str:
        """By severity while something fires."""
        return COLOURS[self.card.severity] if self.firing else OVER


async def card_view(card_id: UUID) -> CardView:
    """Raises NotStored."""
    card = await cards.card(card_id)
    groups = tuple(await alerts.groups_of_card(card_id))
    incident = None if card.incident_id is None else await incidents.incident(card.incident_id)
    found: dict[UUID, Shown] = {}
    for group in groups:
        for member in group.members.values():
            before = found.get(member.alert.id)
            missing = member.missing_since if before is None or before.missing_since is not None else None
            found[member.alert.id] = Shown(member.alert, missing)
    ordered = sorted(found.values(), key=_order)
    return CardView(card, incident, groups, tuple(ordered))


def headline(view: CardView) -> str:
    """``🟠 P1 · A7 · HighErrorRate (prod)``."""
    names = sorted({one_line(one.alert.name, 80) for one in view.alerts})
    labels = {name: value for group in view.groups for name, value in group.labels.items() if name not in _GENERIC}
    where = ", ".join(one_line(str(value), 40) for _, value in sorted(labels.items()) if value)
    what = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return f"{view.colour} {view.card.severity.value} · {view.card.name} · {what}" + (f" ({where})" if where else "")


def summary_line(view: CardView, at: Times) -> str:
    """How many fire, since when."""
    firing, ended = view.firing, len(view.alerts) - len(view.firing)
    if not firing:
        when = f" since {at(view.card.closed_at)}" if view.card.closed_at is not None else ""
        state = f"No longer reported{when}: {counted(ended, 'alert')}"
    else:
        state = f"{counted(len(firing), 'alert')} firing" + (f", {ended} no longer reported" if ended else "")
    more = f"; {view.truncated} more not listed by Alertmanager" if view.truncated else ""
    again = f"; fired {view.card.fired}×" if view.card.fired > 1 else ""
    flaps = "; flapping" if view.card.flapping_since is not None else ""
    return f"{state}{more}{again}{flaps}."


def incident_line(incident: IncidentRecord | None, at: Times) -> str:
    """Where its incident is, and who has it."""
    if incident is None:
        return ""
    who = f", assigned to {incident.assignee}" if incident.assignee else ""
    if incident.is_resolved and incident.resolved_at is not None:
        return f"{incident.name} resolved by {incident.resolved_by} {at(incident.resolved_at)}"
    if incident.acknowledged_at is None:
        again = f", opened again {at(incident.reopened_at)}" if incident.reopened_at else ""
        return f"{incident.name} {incident.severity.value}, nobody has acknowledged it{again}{who}"
    stage = "" if incident.state is IncidentState.ACKNOWLEDGED else f", {incident.state.value}"
    by = f"acknowledged by {incident.acknowledged_by} {at(incident.acknowledged_at)}"
    return f"{incident.name} {incident.severity.value}, {by}{stage}{who}"


def alert_line(one: Shown, at: Times, common: frozenset[tuple[str, str]] = frozenset()) -> str:
    """What fires where since when, in one line."""
    alert = one.alert
    since = alert.starts_at or alert.opened_at
    labels = [
        f"{one_line(name, 40)}={one_line(value, 60)}"
        for name, value in sorted(alert.labels.items())
        if name not in _GENERIC and (name, value) not in common
    ]
    where = one_line(", ".join(labels), 160) or one_line(alert.name, 80)
    times = f" (firing {alert.episode}×)" if alert.episode > 1 else ""
    when = f" since {at(since)}" if since is not None else ""
    said = one_line(alert.annotations.get("summary") or alert.annotations.get("description") or "", _SUMMARY)
    return f"• {where}{when}{times}{_doubt(one)}" + (f": {said}" if said else "")


def common_labels(shown: Sequence[Shown]) -> frozenset[tuple[str, str]]:
    """Labels that all have."""
    sets = [frozenset(one.alert.labels.items()) for one in shown]
    return frozenset.intersection(*sets) if len(sets) > 1 else frozenset()


def by_label(shown: Sequence[Shown]) -> str:
    """``instance ×120, zone ×3``: in what many alerts differ."""
    values: dict[str, Counter[str]] = {}
    for one in shown:
        for name, value in one.alert.labels.items():
            values.setdefault(name, Counter())[value] += 1
    several = {name: len(found) for name, found in values.items() if len(found) > 1 and name not in _GENERIC}
    return ", ".join(
        f"{one_line(name, 40)} ×{count}" for name, count in sorted(several.items(), key=lambda one: -one[1])[:4]
    )


def card_lines(view: CardView, at: Times, link: Links) -> list[str]:
    """The whole card."""
    firing = view.firing
    shown = firing or list(view.alerts)
    common = common_labels(shown)
    lines = [headline(view), summary_line(view, at), incident_line(view.incident, at)]
    lines += [alert_line(one, at, common) for one in shown[:MOST_SHOWN]]
    if len(shown) > MOST_SHOWN:
        lines.append(f"… and {len(shown) - MOST_SHOWN} more: {by_label(shown)}")
    lines += links(view, link)
    return [line for line in lines if line]


def links(view: CardView, link: Links) -> list[str]:
    """Alertmanager, the graph, and what to do; only what is surely an address of the web."""
    first = view.alerts[0].alert if view.alerts else None
    annotations = {} if first is None else first.annotations
    wanted = [
        ("Runbook", annotations.get("runbook_url", "")),
        ("Dashboard", annotations.get("dashboard_url", "")),
        ("Graph", "" if first is None else first.generator),
        ("Alertmanager", view.groups[0].sender if view.groups else ""),
    ]
    found = [f"{name}: {link(safe)}" for name, address in wanted if (safe := safe_link(address))]
    if first is None:
        return found
    todo = one_line(next_action(first), 80)
    section = [f"Runbook section: {section_for(first).title}"] if view.firing else []
    return ([f"To do: {todo}"] if todo else []) + section + found


def _doubt(one: Shown) -> str:
    if one.alert.state is AlertState.SUSPECT:
        return " (possibly stale: told after its end)"
    if one.alert.state is AlertState.STALE:
        return " (lost sight of: nobody said that it ended)"
    if one.alert.state is AlertState.RESOLVED:
        return " (no longer reported)"
    if one.alert.silenced_by:
        return " (silenced)"
    return " (not in the last update)" if one.missing_since is not None else ""


def _order(one: Shown) -> tuple[int, datetime, str]:
    alert = one.alert
    return alert.severity.rank, alert.starts_at or alert.first_heard_at, alert.fingerprint
