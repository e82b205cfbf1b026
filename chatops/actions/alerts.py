"""Alerts: what fires, what is known of one, the rules behind them, and a test of the whole way."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

from chatops.alerting.alert_path import TestAlert, arrival_of, send_test_alert
from chatops.alerting.alert_rules import known_rules
from chatops.alerting.alertmanager import ALERTMANAGER, AlertmanagerError, LiveAlert
from chatops.incidents.card_view import CardView, alert_line, card_lines, card_view
from chatops.inert import one_line
from chatops.model import Answer, BadArgument, File, Risk, Suggestion, Table
from chatops.parameters import Name, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, counted, moment, span
from config.ops import Role
from storage import alerts, cards
from storage.alert_records import AlertRecord, AlertState, EpisodeRecord
from storage.errors import NotStored

GROUPS = {"alerts": "Alerts of Alertmanager, and silences."}

_STATES = ("firing", "silenced", "inhibited", "all")
_OURS = {"firing": [AlertState.FIRING, AlertState.SUSPECT, AlertState.STALE], "all": list(AlertState)}
_MOST_ROWS = 20


async def _cards(parts: Parts, typed: str) -> Sequence[str]:
    return [one.name for one in await cards.open_cards(25)]


Target = Annotated[str, Name("a card (A7) or a fingerprint", _cards, 64)]


@action("alerts list", role=Role.VIEWER)
async def list_(
    run: Run,
    state: Annotated[str, Word(_STATES)] = "firing",
    sev: Annotated[str, Name("a severity, as its label says", longest=32)] = "",
) -> Answer:
    """List alerts, as Alertmanager has them; without it, as they were last told."""
    try:
        if run.parts.has(ALERTMANAGER):
            live = await run.parts.get(ALERTMANAGER).alerts()
            return _listed([_live_row(one, run) for one in live if _is_wanted(one, state, sev)], "")
        why = "ALERTMANAGER_URL is not set"
    except AlertmanagerError as error:
        why = str(error).rstrip(".")
    ours = await alerts.alerts_in(_OURS.get(state, _OURS["all"]))
    wanted = [
        one
        for one in ours
        if (not sev or one.labels.get("severity") == sev) and (state != "silenced" or one.silenced_by)
    ]
    last = await alerts.last_delivery_at()
    age = "nothing was ever delivered" if last is None else f"the last delivery came {ago(last, run.now)}"
    return _listed([_own_row(one, run) for one in wanted], f" As last told ({why}); {age}.")


@action("alerts show", role=Role.VIEWER)
async def show(run: Run, target: Target) -> Answer:
    """Show all alerts of a card, or all that is known of one alert."""
    if target[:1] in "aA" and target[1:].isdigit():
        return await _card(run, int(target[1:]))
    return await _alert(run, await _one(target))


@action("alerts history", role=Role.VIEWER)
async def history(run: Run, target: Target) -> Answer:
    """List when an alert fired, newest first."""
    found = await _one(target)
    past = await alerts.episodes(found.id)
    rows = tuple(
        (
            f"{one.number}",
            moment(one.starts_at or one.opened_at),
            "still"
            if one.closed_at is None
            else span((one.ends_at or one.closed_at) - (one.starts_at or one.opened_at)),
            one.outcome or "firing",
        )
        for one in past
    )
    if not rows:
        return Answer(f"{one_line(found.name)} was only ever told to have ended.", data=[])
    data = [{"number": one.number, "opened": one.opened_at.isoformat(), "outcome": one.outcome} for one in past]
    return Answer(
        f"{one_line(found.name)} fired {counted(found.episode, 'time')}.",
        table=Table(("time", "since", "for", "ended"), rows),
        data=data,
    )


@action("alerts rules", role=Role.VIEWER)
async def rules(run: Run) -> Answer:
    """List the rules that alert, with their conditions, and which are pending or firing now."""
    found, source = await known_rules(run.parts)
    if not found:
        return Answer(f"There are no rules: {source}.", ok=False)
    rows = tuple((one.name, one.severity, one.state, one.for_, one_line(one.expression, 160)) for one in found)
    table = Table(("rule", "severity", "state", "for", "condition"), rows)
    return Answer(f"{counted(len(found), 'rule')}, {source}.", table=table, data=[one.to_json() for one in found])


@action("alerts test", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(minutes=3), check="alerts list")
async def send_test(run: Run, sev: Annotated[str, Word(("info", "warning", "critical"))] = "info") -> Answer:
    """Send an alert that is none through the whole way, and tell how long each part took."""
    one = TestAlert(uuid4().hex[:12], sev, run.now)
    began = time.monotonic()
    way = await send_test_alert(run.parts, one)
    await run.step(f"sent by way of {way}")
    arrival = await arrival_of(run.parts, one, run.step)
    await send_test_alert(run.parts, one, is_over=True)
    if arrival is None:
        return Answer(
            f"Nothing arrived within {span(time.monotonic() - began)}, sent by way of {way}: look at Alertmanager's "
            "receiver, and at ALERTMANAGER_WEBHOOK_TOKEN.",
            ok=False,
            suggestions=(Suggestion("health ready", "health ready"),),
        )
    rows = tuple((name, f"{milliseconds:.0f} ms") for name, milliseconds in arrival)
    total = sum(milliseconds for _, milliseconds in arrival)
    table = Table(("part", "took"), rows)
    return Answer(f"It arrived after {total / 1000:.1f} s, sent by way of {way}.", table=table, data=dict(arrival))


async def _card(run: Run, number: int) -> Answer:
    view = await card_view((await cards.card_numbered(number)).id)
    lines = [alert_line(one, moment) for one in view.alerts]
    text = "\n".join(card_lines(view, moment, str))
    files = (File(f"{view.card.name}.txt", "\n".join(lines).encode()),) if len(lines) > _MOST_ROWS else ()
    given = {"target": view.card.name}
    return Answer(
        text,
        log=() if files else tuple(line for line in lines[10:]),
        files=files,
        suggestions=(
            Suggestion("Silence 1 h", "alerts silence", {**given, "comment": f"Silenced from {view.card.name}"}),
        )
        if view.firing and run.parts.has(ALERTMANAGER)
        else (),
        data=_card_data(view),
    )


async def _alert(run: Run, found: AlertRecord) -> Answer:
    rows = [("state", found.state.value), ("fired", counted(found.episode, "time"))]
    rows += [("since", moment(found.starts_at))] if found.starts_at else []
    rows += [("first heard", moment(found.first_heard_at)), ("last heard", moment(found.last_heard_at))]
    rows += [(one_line(name, 60), one_line(value, 300)) for name, value in sorted(found.labels.items())]
    rows += [(one_line(name, 60), one_line(value, 300)) for name, value in sorted(found.annotations.items())]
    if run.parts.has(ALERTMANAGER):
        try:
            live = [one for one in await run.parts.get(ALERTMANAGER).alerts() if one.fingerprint == found.fingerprint]
            rows += [("in Alertmanager", live[0].state if live else "no longer")]
            rows += [("silenced by", ", ".join(live[0].silenced_by))] if live and live[0].silenced_by else []
        except AlertmanagerError as error:
            rows += [("in Alertmanager", str(error))]
    given = {"target": found.fingerprint}
    return Answer(
        f"{one_line(found.name)} {found.fingerprint}",
        table=Table(("what", "is"), tuple(rows)),
        suggestions=(Suggestion("History", "alerts history", given),),
        data=_alert_data(found),
    )


async def _one(target: str) -> AlertRecord:
    """Raises BadArgument."""
    try:
        if target[:1] in "aA" and target[1:].isdigit():
            view = await card_view((await cards.card_numbered(int(target[1:]))).id)
            return view.alerts[0].alert
    except NotStored as error:
        raise BadArgument(f"target: {error}") from None
    found = await alerts.find_alerts(target)
    if len(found) != 1:
        raise BadArgument("target: no alert, or more than one, has such a fingerprint; see alerts list.")
    return found[0]


def _length(one: EpisodeRecord) -> str:
    began, ended = one.starts_at or one.opened_at, one.ends_at or one.closed_at
    return "still" if one.closed_at is None or ended is None else span(ended - began)


def _is_wanted(one: LiveAlert, state: str, sev: str) -> bool:
    if sev and one.labels.get("severity") != sev:
        return False
    kinds = {"firing": not one.silenced_by and not one.inhibited_by, "silenced": bool(one.silenced_by)}
    return kinds.get(state, bool(one.inhibited_by) if state == "inhibited" else True)


def _listed(rows: Sequence[tuple[str, ...]], remark: str) -> Answer:
    if not rows:
        return Answer(f"No such alert.{remark}" if remark else "No alert fires.", data=[])
    ordered = sorted(rows)
    table = Table(("alert", "where", "severity", "state", "since", "fingerprint"), tuple(ordered))
    data = [dict(zip(table.columns, row, strict=True)) for row in ordered]
    return Answer(f"{counted(len(rows), 'alert')}.{remark}", table=table, data=data)


def _live_row(one: LiveAlert, run: Run) -> tuple[str, ...]:
    state = "silenced" if one.silenced_by else "inhibited" if one.inhibited_by else "firing"
    since = "" if one.starts_at is None else ago(one.starts_at, run.now)
    return (*_names(one.labels), state, since, one.fingerprint)


def _own_row(one: AlertRecord, run: Run) -> tuple[str, ...]:
    since = one.starts_at or one.opened_at
    return (*_names(one.labels), one.state.value, "" if since is None else ago(since, run.now), one.fingerprint)


def _names(labels: Any) -> tuple[str, str, str]:
    where = ", ".join(f"{value}" for name, value in sorted(labels.items()) if name not in ("alertname", "severity"))
    return (
        one_line(labels.get("alertname", "(no name)"), 60),
        one_line(where, 80),
        one_line(labels.get("severity", ""), 20),
    )


def _card_data(view: CardView) -> dict[str, object]:
    return {
        "card": view.card.name,
        "severity": view.card.severity.value,
        "incident": None if view.incident is None else view.incident.name,
        "alerts": [_alert_data(one.alert) for one in view.alerts],
    }


def _alert_data(one: AlertRecord) -> dict[str, object]:
    return {
        "fingerprint": one.fingerprint,
        "name": one.name,
        "state": one.state.value,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "starts_at": None if one.starts_at is None else one.starts_at.isoformat(),
        "episode": one.episode,
    }
