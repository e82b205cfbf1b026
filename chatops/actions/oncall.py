"""On call: contacts, who it is, overrides, vacations."""

from datetime import datetime, timedelta
from typing import Annotated

from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Suggestion, Table
from chatops.on_call.duty import Known, known, person
from chatops.on_call.rotation import Duty, Rota, back_at, is_there, local_time
from chatops.parameters import Moment, Name, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import moment, span
from config.ops import Role
from config.ops_oncall import TARGETS, Target
from storage import oncall
from storage.oncall import ExceptionRecord, Kind

GROUPS = {"oncall": "Who is on call, and calling them."}

_LONGEST = timedelta(days=92)


async def people(parts: Parts, typed: str) -> list[str]:
    """Names that may be meant."""
    return sorted(one.name for one in parts.policy.people)


async def _exceptions(parts: Parts, typed: str) -> list[str]:
    return [_name(one) for one in await oncall.exceptions(parts.clock())]


Human = Annotated[str, Name("a name under people in ops.yaml", people)]
When = Annotated[datetime | timedelta, Moment()]
DutyName = Annotated[str, Word(("primary", "secondary"))]


@action("oncall contacts", role=Role.VIEWER)
async def contacts(run: Run) -> Answer:
    """Show the contacts, and whether each is there now."""
    rota = await known(run.parts)
    entries = run.parts.policy.on_call.contacts
    rows = [(target, *_contact(rota, target, run.now)) for target in TARGETS if target in entries]
    if not rows:
        return Answer("No contacts are set; they stand under on_call: contacts in ops.yaml.", data=[])
    names = ("contact", "who", "address", "there now")
    data = [dict(zip(names, row, strict=True)) for row in rows]
    text = f"{moment(run.now)}.{_stale(rota)}"
    return Answer(text, table=Table(names, tuple(rows)), data=data)


@action("oncall who", role=Role.VIEWER)
async def who(run: Run, at: When | None = None) -> Answer:
    """Tell who is on call, until when, and who follows."""
    rota, when = await known(run.parts), _time(run, at)
    rows, data = [], []
    for duty in ("primary", "secondary"):
        shift, change = rota.shift(duty, when), rota.rota.change(duty, when)
        until = "" if change is None else f"{moment(change.at)} ({_zoned(run.parts, change.at)})"
        then = "" if change is None else change.human or "nobody"
        human = f"{shift.human or 'nobody'}{f' ({shift.why})' if shift.why else ''}"
        rows.append((duty, human, until or "further notice", then))
        data.append(
            {
                "duty": duty,
                "human": shift.human,
                "why": shift.why,
                "until": None if change is None else change.at.isoformat(),
                "next": None if change is None else change.human,
            }
        )
    text = f"On call at {moment(when)}.{_stale(rota)}"
    return Answer(
        text,
        ok=rows[0][1] != "nobody",
        table=Table(("duty", "who", "until", "then"), tuple(rows)),
        data=data,
        suggestions=(Suggestion("Contacts", "oncall contacts"),),
    )


@action("oncall override", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="oncall exceptions")
async def override(run: Run, user: Human, until: When, from_: When | None = None, duty: DutyName = "primary") -> Answer:
    """Let somebody be on call instead of whoever's turn it is, for a time."""
    human, since, end = _span(run, user, from_, until)
    made = await oncall.add(Kind.OVERRIDE, human, since, end, duty=duty, by=run.human, now=run.now)
    await known(run.parts)
    return Answer(
        f"{human} is {duty} from {moment(since)} until {moment(end)}.",
        data={"id": _name(made)},
        suggestions=(Suggestion("Take back", "oncall cancel", {"id": _name(made)}),),
    )


@override.plan
async def plan_override(
    run: Run, user: str, until: datetime | timedelta, from_: datetime | timedelta | None = None, duty: str = "primary"
) -> Plan:
    """What the rota becomes."""
    human, since, end = _span(run, user, from_, until)
    rota = await known(run.parts)
    which: Duty = "secondary" if duty == "secondary" else "primary"
    before = rota.shift(which, since).human or "nobody"
    away = f" {human} is on vacation then." if rota.rota.is_away(human, since) else ""
    summary = f"{duty} from {moment(since)} until {moment(end)} ({span(end - since)}): {before} becomes {human}.{away}"
    return Plan(summary, (), human)


@action("oncall vacation", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="oncall exceptions")
async def vacation(run: Run, user: Human, until: When, from_: When | None = None) -> Answer:
    """Note that somebody is away; whoever comes next has their turns."""
    human, since, end = _span(run, user, from_, until)
    made = await oncall.add(Kind.VACATION, human, since, end, by=run.human, now=run.now)
    await known(run.parts)
    return Answer(
        f"{human} is away from {moment(since)} until {moment(end)}.",
        data={"id": _name(made)},
        suggestions=(Suggestion("Take back", "oncall cancel", {"id": _name(made)}),),
    )


@vacation.plan
async def plan_vacation(
    run: Run, user: str, until: datetime | timedelta, from_: datetime | timedelta | None = None
) -> Plan:
    """Whose turns go to whom."""
    human, since, end = _span(run, user, from_, until)
    rota = (await known(run.parts)).rota
    turns = _turns(rota, human, since, end)
    taken = f"; {turns} of their time on call go to others" if turns else ""
    return Plan(f"{human} is away from {moment(since)} until {moment(end)}{taken}.", (), human)


@action("oncall exceptions", role=Role.VIEWER)
async def exceptions(run: Run) -> Answer:
    """List overrides and vacations that hold, or will."""
    found = await oncall.exceptions(run.now)
    if not found:
        return Answer("All goes by the rotations.", data=[])
    rows = [(_name(one), _what(one), moment(one.since), moment(one.until), one.made_by) for one in found]
    names = ("id", "what", "from", "until", "by")
    return Answer(
        f"{len(found)} exceptions.",
        table=Table(names, tuple(rows)),
        data=[dict(zip(names, row, strict=True)) for row in rows],
    )


@action("oncall cancel", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="oncall exceptions")
async def cancel(run: Run, id: Annotated[str, Name("an id of oncall exceptions", _exceptions)]) -> Answer:
    """Take an override or a vacation back."""
    found = await _exception(run, id)
    if not await oncall.cancel(found.id, now=run.now):
        raise NotPossible("It was taken back already.")
    await known(run.parts)
    return Answer(f"Taken back: {_what(found)} until {moment(found.until)}.")


@cancel.plan
async def plan_cancel(run: Run, id: str) -> Plan:
    """Which."""
    found = await _exception(run, id)
    return Plan(
        f"{_what(found)} from {moment(found.since)} until {moment(found.until)} is taken back.", (_name(found),)
    )


def _contact(rota: Known, target: Target, now: datetime) -> tuple[str, str, str]:
    """Who, how to reach them, and whether they are there."""
    contact = rota.policy.on_call.contacts[target]
    people = ", ".join(rota.humans(target, now)) or "nobody"
    address = contact.address
    if contact.hours is None:
        return people, address, "yes, day and night"
    zone = local_time(now, contact.hours.zone)
    if is_there(contact, now):
        return people, address, f"yes ({zone})"
    back = back_at(contact.hours, now)
    return people, address, f"no ({zone})" + (f", from {moment(back)}" if back else "")


def _stale(rota: Known) -> str:
    return "" if rota.as_of is None else f" The database is away: as of {moment(rota.as_of)}."


def _zoned(parts: Parts, at: datetime) -> str:
    rotation = parts.policy.on_call.rotations.get("primary")
    return local_time(at, rotation.handover.zone if rotation else "UTC")


def _time(run: Run, when: datetime | timedelta | None) -> datetime:
    if when is None:
        return run.now
    return run.now + when if isinstance(when, timedelta) else when


def _span(
    run: Run, user: str, from_: datetime | timedelta | None, until: datetime | timedelta
) -> tuple[str, datetime, datetime]:
    """Who, from when, until when; ``+8h`` as an end counts from the beginning."""
    since = _time(run, from_)
    end = since + until if isinstance(until, timedelta) else until
    if end <= max(since, run.now):
        raise BadArgument("until: must be after its beginning, and not over yet.")
    if end - since > _LONGEST:
        raise BadArgument(f"until: at most {_LONGEST.days} days after its beginning.")
    return person(run.parts.policy, user).name, since, end


def _turns(rota: Rota, human: str, since: datetime, end: datetime) -> str:
    """How long somebody would have been on call in a time, in words."""
    held, at = timedelta(), since
    while at < end:
        changes = [one.at for duty in ("primary", "secondary") if (one := rota.change(duty, at)) is not None]
        after = min([end, *changes])
        if human in (rota.who("primary", at).human, rota.who("secondary", at).human):
            held += after - at
        at = after
    return span(held) if held else ""


async def _exception(run: Run, name: str) -> ExceptionRecord:
    found = [one for one in await oncall.exceptions(run.now) if _name(one) == name]
    if not found:
        raise NotPossible(f"Nothing that holds is called {name}.", Suggestion("List", "oncall exceptions"))
    return found[0]


def _name(one: ExceptionRecord) -> str:
    return one.id.hex[:8]


def _what(one: ExceptionRecord) -> str:
    return f"{one.human} away" if one.kind is Kind.VACATION else f"{one.human} {one.duty}"
