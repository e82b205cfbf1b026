"""Silences of Alertmanager: made with a preview of what they mute, prolonged, ended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager, LiveSilence, Matcher, NewSilence
from chatops.alerting.silencing import Preview, Target, check_matchers, needed_role, preview, target_of
from chatops.inert import one_line
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Suggestion, Table
from chatops.parameters import Duration, Name, Text
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, moment, span
from config.ops import Role
from storage import cards, incidents, silences
from storage.timeline import NewEvent

_SHORT = 8


async def _targets(parts: Parts, typed: str) -> Sequence[str]:
    return [one.name for one in await cards.open_cards(25)]


async def _running(parts: Parts, typed: str) -> Sequence[str]:
    if not parts.has(ALERTMANAGER):
        return []
    return [one.id[:_SHORT] for one in await parts.get(ALERTMANAGER).silences() if one.state != "expired"]


TargetName = Annotated[str, Name("a card (A7), a fingerprint, or alertname=X,instance=Y", _targets, 1000)]
SilenceName = Annotated[str, Name("an id of alerts silences", _running, 64)]
Length = Annotated[timedelta, Duration("1m", "7d")]
_HOUR = timedelta(hours=1)


@action(
    "alerts silence",
    role=Role.RESPONDER,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    needs=(ALERTMANAGER,),
    check="alerts silences",
)
async def silence(
    run: Run,
    target: TargetName,
    comment: Annotated[str, Text(10, 500), "why, for who finds it later"],
    for_: Length = _HOUR,
) -> Answer:
    """Mute alerts for a time: they go on firing, and nobody is told."""
    meant = await _checked(target)
    ends_at = run.now + for_
    incident = None if meant.incident is None else await incidents.incident(meant.incident)
    told = f"{comment} ({'' if incident is None else incident.name + ', '}audit {run.request})"
    kept = await silences.ask(
        [one.to_json() for one in meant.matchers],
        told,
        by=run.human,
        incident=meant.incident,
        now=run.now,
        ends_at=ends_at,
    )
    new = NewSilence(meant.matchers, run.now, ends_at, _creator(run), told)
    identity = await run.parts.get(ALERTMANAGER).make_silence(new)
    await silences.made(kept, identity, ends_at=ends_at)
    if incident is not None:
        details = {"silence": identity, "until": ends_at.isoformat()}
        event = NewEvent(
            "silenced", f"{meant.name} until {moment(ends_at)}: {comment}", run.human, details, str(run.request)
        )
        await incidents.note(incident.id, event, now=run.now)
    return Answer(
        f"Muted until {moment(ends_at)}: {_shown(meant.matchers)}. Silence {identity[:_SHORT]}.",
        suggestions=_buttons(identity),
        data={"silence": identity, "until": ends_at.isoformat(), "matchers": [str(one) for one in meant.matchers]},
    )


@silence.plan
async def plan_silence(run: Run, target: str, comment: str, for_: timedelta = _HOUR) -> Plan:
    """What would be muted of what fires now."""
    meant = await _checked(target)
    found = await preview(run.parts, meant.matchers)
    role = needed_role(run.parts, meant, found, for_)
    return Plan(
        f"Mutes {counted(len(found.muted), 'alert')} of {found.firing} firing now, for {span(for_)}: "
        f"{_shown(meant.matchers)}{_named(found)}",
        items=tuple(sorted(one.fingerprint for one in found.muted)),
        target=meant.name,
        role=role.value,
        table=Table(("would be muted",), tuple((one,) for one in found.names[:15])) if found.muted else None,
    )


@action("alerts unsilence", role=Role.RESPONDER, risk=Risk.WRITE, needs=(ALERTMANAGER,), check="alerts silences")
async def unsilence(run: Run, id_: SilenceName) -> Answer:
    """End a silence now."""
    client = run.parts.get(ALERTMANAGER)
    found = await _found(client, id_)
    if found.state == "expired":
        raise NotPossible(f"Silence {found.id[:_SHORT]} is over already.")
    await client.expire(found.id)
    await silences.end(found.id, now=run.now)
    await _note(run, found, "unsilenced", f"{_shown(found.matchers)} is told again")
    return Answer(
        f"Silence {found.id[:_SHORT]} is over: {_shown(found.matchers)} is told again.", data={"silence": found.id}
    )


@action("alerts silences", role=Role.RESPONDER, needs=(ALERTMANAGER,))
async def list_(run: Run) -> Answer:
    """List the silences that hold, or will."""
    found = [one for one in await run.parts.get(ALERTMANAGER).silences() if one.state != "expired"]
    if not found:
        return Answer("Nothing is muted.", data=[])
    rows = tuple(
        (
            one.id[:_SHORT],
            one.state,
            "" if one.ends_at is None else f"{span(one.ends_at - run.now)} left",
            one_line(_shown(one.matchers), 80),
            one_line(one.created_by, 40),
            one_line(one.comment, 60),
        )
        for one in found
    )
    columns = ("id", "state", "ends", "mutes", "by", "why")
    return Answer(f"{counted(len(found), 'silence')}.", table=Table(columns, rows), data=[_data(one) for one in found])


@action(
    "alerts extend",
    role=Role.RESPONDER,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    needs=(ALERTMANAGER,),
    check="alerts silences",
)
async def extend(run: Run, id_: SilenceName, for_: Length = _HOUR) -> Answer:
    """Let a silence last longer."""
    client = run.parts.get(ALERTMANAGER)
    found = await _found(client, id_)
    ends_at = max(found.ends_at or run.now, run.now) + for_
    starts_at = run.now if found.starts_at is None else found.starts_at
    same_id = found.id if found.state != "expired" else ""
    changed = NewSilence(found.matchers, starts_at, ends_at, found.created_by, found.comment, same_id)
    identity = await client.make_silence(changed)
    kept = await silences.with_id(found.id)
    if kept is not None:
        await silences.made(kept.id, identity, ends_at=ends_at)
    await _note(run, found, "silenced", f"{_shown(found.matchers)} until {moment(ends_at)}")
    text = f"Silence {identity[:_SHORT]} lasts until {moment(ends_at)}."
    return Answer(text, suggestions=_buttons(identity), data={"silence": identity, "until": ends_at.isoformat()})


@extend.plan
async def plan_extend(run: Run, id_: str, for_: timedelta = _HOUR) -> Plan:
    """Until when, and what it mutes now."""
    found = await _found(run.parts.get(ALERTMANAGER), id_)
    ends_at = max(found.ends_at or run.now, run.now) + for_
    muted = await preview(run.parts, found.matchers)
    role = needed_role(run.parts, Target(found.matchers, found.id, is_own=True), muted, ends_at - run.now)
    return Plan(
        f"Mutes {_shown(found.matchers)} until {moment(ends_at)}, now {counted(len(muted.muted), 'alert')}.",
        target=found.id[:_SHORT],
        role=role.value,
    )


async def _checked(target: str) -> Target:
    meant = await target_of(target)
    check_matchers(meant.matchers)
    return meant


async def _found(client: Alertmanager, prefix: str) -> LiveSilence:
    """A silence by the beginning of its id; raises BadArgument."""
    found = [one for one in await client.silences() if one.id.startswith(prefix.strip().lower())]
    running = [one for one in found if one.state != "expired"]
    if len(running or found) != 1:
        raise BadArgument(f"id: {counted(len(found), 'silence')} begins with {prefix}; alerts silences lists them.")
    return (running or found)[0]


async def _note(run: Run, found: LiveSilence, kind: str, text: str) -> None:
    kept = await silences.with_id(found.id)
    if kept is not None and kept.incident_id is not None:
        event = NewEvent(kind, text, run.human, {"silence": found.id}, str(run.request))
        await incidents.note(kept.incident_id, event, now=run.now)


def _buttons(identity: str) -> tuple[Suggestion, ...]:
    given = {"id": identity[:_SHORT]}
    return (
        Suggestion("Undo", "alerts unsilence", given),
        Suggestion("1 h longer", "alerts extend", {**given, "for": "1h"}),
    )


def _creator(run: Run) -> str:
    return f"{run.actor.platform}:{run.actor.user} via screen2deck-bot"


def _shown(matchers: Sequence[Matcher]) -> str:
    return one_line(", ".join(str(one) for one in matchers), 300)


def _named(found: Preview) -> str:
    return "." if found.muted else ". Nothing that fires now matches: it would mute what fires later."


def _data(one: LiveSilence) -> dict[str, object]:
    return {
        "silence": one.id,
        "state": one.state,
        "until": None if one.ends_at is None else one.ends_at.isoformat(),
        "matchers": [str(matcher) for matcher in one.matchers],
        "by": one.created_by,
        "comment": one.comment,
    }
