"""Calling people: pages, their acknowledgement, escalation."""

from datetime import datetime, timedelta
from typing import Annotated, cast

from chatops.actions.oncall import people
from chatops.incidents.names import Incident, incident_named
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Place, Plan, Risk, Suggestion, Table
from chatops.on_call import handing_over, paging
from chatops.on_call.duty import PRIMARY, Known, known, person
from chatops.on_call.emergency import EMERGENCY
from chatops.on_call.escalation import called
from chatops.on_call.rotation import back_at, is_there
from chatops.parameters import Name, Text, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import moment, span
from config.ops import Role
from config.ops_oncall import Target
from storage import incidents, oncall, pages, values
from storage.errors import DatabaseUnreachable
from storage.incidents import IncidentRecord
from storage.oncall import Kind
from storage.pages import Fate, NewPage, PageRecord
from storage.timeline import NewEvent

GROUPS = {"oncall": "Who is on call, and calling them."}

_SIGNS = {Fate.DELIVERED: "arrived", Fate.FAILED: "refused", Fate.LATE: "late", Fate.WAITING: "on its way"}


async def _open(parts: Parts, typed: str) -> list[str]:
    return [one.name for one in await pages.open_pages()]


TargetName = Annotated[str, Word(("primary", "secondary", "security", "infrastructure"))]
PageName = Annotated[str, Name("an id of oncall pages", _open)]


@action("oncall page", role=Role.RESPONDER, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="oncall pages")
async def page(
    run: Run,
    reason: Annotated[str, Text(3, 200), "what they are called for"],
    target: TargetName = "primary",
    incident: Annotated[str, Incident()] = "",
) -> Answer:
    """Call somebody until they acknowledge: directly on every platform of theirs, and in the channels."""
    found = await _pageable(run, incident)
    new = NewPage(
        key=f"request:{run.request}",
        target=target,
        title=f"{found.name} {found.title}" if found else reason,
        reason=reason if found else "",
        asked_by=run.human,
        severity=found.severity.value if found else "",
        incident=found.id if found else None,
    )
    made = await pages.open_page(new, now=run.now)
    if made is None:
        raise NotPossible("This page was made already.", Suggestion("Pages", "oncall pages"))
    await paging.say_due(run.parts)
    return await _told(run, await pages.page(made.id))


@page.plan
async def plan_page(run: Run, reason: str, target: str = "primary", incident: str = "") -> Plan:
    """Who is called, how, and what follows."""
    await _pageable(run, incident)
    which, rota = cast(Target, target), await known(run.parts)
    humans, level = called(rota, which, 0, run.now)
    if not humans:
        raise NotPossible("Nobody can be called: nobody is on call, and no admin stands under people in ops.yaml.")
    ways = {one.platform for human in humans for one in _accounts(run.parts, human)}
    on = f" on {' and '.join(sorted(one.title() for one in ways))}" if ways else ", by name in the channels only"
    instead = f"Nobody is there as {target}, so " if level else ""
    times = run.parts.policy.on_call.paging
    text = (
        f"{instead}{' and '.join(humans)} {'is' if len(humans) == 1 else 'are'} called{on}, every {span(times.repeat)} "
        f"until somebody acknowledges; others after {span(times.secondary_after)}, all admins after "
        f"{span(times.admins_after)}.{_closed(run, which)}"
    )
    return Plan(text, tuple(humans), target)


@action("oncall ack", role=Role.RESPONDER, risk=Risk.WRITE, check="oncall pages")
async def ack(run: Run, page: PageName = "") -> Answer:
    """Acknowledge a page, and the incident that it is for; the newest where none is named."""
    found = await _page(run, page)
    is_first = await paging.acknowledge(run.parts, found, run.human, request=str(run.request))
    after = await pages.page(found.id)
    took = span((after.ended_at or run.now) - after.opened_at)
    suggestions: tuple[Suggestion, ...] = ()
    if after.incident is not None:
        incident = await incidents.incident(after.incident)
        suggestions = (Suggestion("Show incident", "incident show", {"id": incident.name}),)
    said = (
        f"You acknowledged {after.title}, {took} after the page began."
        if is_first
        else (f"{after.title}: {after.outcome}, {took} after the page began.")
    )
    return Answer(said, data={"page": after.name, "by": after.acknowledged_by}, suggestions=suggestions)


@action("oncall escalate", role=Role.RESPONDER, risk=Risk.WRITE, check="oncall pages")
async def escalate(run: Run, page: PageName = "", incident: Annotated[str, Incident()] = "") -> Answer:
    """Call the next ones now: the secondary, then all admins."""
    found = await _escalatable(run, page, incident)
    if found.ended_at is not None:
        raise NotPossible(f"This page has ended: {found.outcome}. Page anew with oncall page.")
    level = max(found.level, paging.reached(found, run.parts.policy, run.now)) + 1
    if level > 2:
        raise NotPossible("All admins are called already.", Suggestion("Pages", "oncall pages"))
    await pages.escalate(found.id, level, now=run.now)
    if found.incident is not None:
        event = NewEvent("escalated", f"Level {level}.", run.human, {"page": found.name}, str(run.request))
        await incidents.note(found.incident, event, now=run.now)
    await paging.say_due(run.parts)
    return await _told(run, await pages.page(found.id))


@action("oncall pages", role=Role.VIEWER)
async def list_(run: Run, page: PageName = "") -> Answer:
    """List pages that nobody has acknowledged, or show what became of each message of one."""
    if page:
        return await _told(run, await _page(run, page))
    found = await pages.open_pages()
    if not found:
        return Answer("Nobody is being called.", data=[])
    rows = [
        (one.name, one.severity, one.title, one.target, f"{one.round}", moment(one.opened_at), _next(one))
        for one in found
    ]
    names = ("page", "sev", "what", "target", "rounds", "since", "next")
    return Answer(
        f"{len(found)} pages are not acknowledged.",
        ok=False,
        table=Table(names, tuple(rows)),
        data=[dict(zip(names, row, strict=True)) for row in rows],
        suggestions=(Suggestion("Acknowledge the newest", "oncall ack", {"page": found[0].name}),),
    )


@action("oncall alarm", role=Role.RESPONDER, needs=(EMERGENCY,))
async def alarm(run: Run, reason: Annotated[str, Text(3, 200), "what they are called for"]) -> Answer:
    """Call the primary directly while the database is away; oncall page is for all other times."""
    try:
        await run.parts.database.ping()
    except DatabaseUnreachable:
        run.parts.get(EMERGENCY).cry(f"asked:{reason}"[:64], f"{run.human}: {reason}")
        return Answer("People are called directly in a few seconds, until somebody says oncall quiet.")
    raise NotPossible("The database answers, so that a page can be kept.", Suggestion("Page", "oncall page"))


@action("oncall quiet", role=Role.RESPONDER, needs=(EMERGENCY,))
async def quiet(run: Run) -> Answer:
    """Stop the direct calls that are made while the database is away: you have heard of it."""
    titles = run.parts.get(EMERGENCY).quiet(run.human)
    if not titles:
        return Answer("Nobody is being called directly.")
    return Answer(f"Nobody is called any more for: {'; '.join(titles[:10])}.", data=titles)


@action("oncall handover", role=Role.OPERATOR, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="oncall who")
async def handover(run: Run, user: Annotated[str, Name("a name under people in ops.yaml", people)] = "") -> Answer:
    """Hand the duty over now, to whoever comes next or to somebody else, with all that stands."""
    rota, human, until = await _successor(run, user)
    before = rota.shift("primary", run.now).human or "nobody"
    await oncall.add(Kind.OVERRIDE, human, run.now, until, duty="primary", by=run.human, now=run.now)
    await values.set_value(PRIMARY, human, by=run.human, now=run.now)
    rota = await known(run.parts)
    await handing_over.tell(run.parts, rota, human, before, run.now)
    return await handing_over.briefing(run.parts, rota, human, before)


@handover.plan
async def plan_handover(run: Run, user: str = "") -> Plan:
    """Who hands over to whom, until when."""
    rota, human, until = await _successor(run, user)
    before = rota.shift("primary", run.now).human or "nobody"
    return Plan(f"{before} hands over to {human} now, until {moment(until)}.", (), human)


async def _successor(run: Run, user: str) -> tuple[Known, str, datetime]:
    """Who comes, and until when: the end of the present shift, or a week where there is none in sight."""
    rota = await known(run.parts)
    change = rota.rota.change("primary", run.now)
    if user:
        human = person(run.parts.policy, user).name
    elif change is not None and change.human is not None:
        human = change.human
    else:
        raise NotPossible("Nobody comes next; name somebody with user.")
    if human == rota.shift("primary", run.now).human:
        raise NotPossible(f"{human} is on call already.")
    until = change.at if change is not None else run.now + timedelta(days=7)
    return rota, human, until


async def _told(run: Run, found: PageRecord) -> Answer:
    """A page with its messages."""
    attempts = await pages.attempts(found.id)
    rows = [
        (
            one.human or f"channel {one.chat}",
            one.platform,
            str(one.round),
            _SIGNS[one.fate] + (f": {one.problem}" if one.problem else ""),
        )
        for one in attempts[-20:]
    ]
    state = found.outcome if found.ended_at else f"said {found.round} times, next {_next(found)}"
    return Answer(
        f"{found.title}: {state}.",
        ok=found.ended_at is not None or bool(attempts),
        table=Table(("whom", "by", "round", "message"), tuple(rows)) if rows else None,
        data={"page": found.name, "rounds": found.round, "attempts": [list(row) for row in rows]},
        suggestions=tuple(paging.buttons(found)),
    )


async def _pageable(run: Run, name: str) -> IncidentRecord | None:
    """The incident to page for; raises NotPossible where its severity pages nobody, or it is over."""
    if not name:
        return None
    found = await incident_named(name)
    if found.is_resolved:
        raise NotPossible(f"{found.name} is resolved.")
    if not run.parts.policy.on_call.severities[found.severity].pages:
        raise NotPossible(
            f"{found.name} is {found.severity.value}, for which nobody is called: it has a ticket. "
            "Raise its severity first if it is worse.",
            Suggestion("Make it P1", "incident severity", {"id": found.name, "sev": "P1"}),
        )
    return found


async def _page(run: Run, name: str) -> PageRecord:
    """By its id, or the newest that nobody acknowledged."""
    found = await pages.open_pages() if not name else await pages.pages_named(name)
    if not found:
        raise NotPossible(f"There is no page {name}." if name else "Nobody is being called.")
    return found[0]


async def _escalatable(run: Run, page: str, incident: str) -> PageRecord:
    if not incident:
        return await _page(run, page)
    if page:
        raise BadArgument("Give a page or an incident, not both.")
    found = await _pageable(run, incident)
    of = [] if found is None else await pages.pages_of(found.id)
    if not of:
        raise NotPossible(f"Nobody was called for {incident} yet.", Suggestion("Page", "oncall page"))
    return of[-1]


def _closed(run: Run, target: Target) -> str:
    contact = run.parts.policy.on_call.contacts.get(target)
    if contact is None or contact.hours is None or is_there(contact, run.now):
        return ""
    back = back_at(contact.hours, run.now)
    return f" They are not there now{f', but from {moment(back)}' if back else ''}."


def _accounts(parts: Parts, human: str) -> list[Place]:
    return paging.accounts(parts.policy, human, paging.connected_platforms(parts))


def _next(one: PageRecord) -> str:
    return "never" if one.next_at is None else moment(one.next_at)
