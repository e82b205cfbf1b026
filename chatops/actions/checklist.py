"""Checklists: every day, before a deployment, after an incident."""

from collections.abc import Sequence
from typing import Annotated

from chatops.checking.checklists import DAILY, DEPLOY, INCIDENT, answer_of, entries, entry_of, items_of, settled, start
from chatops.checking.evidence import BY, DONE, SKIPPED
from chatops.incidents.names import Incident, incident_named
from chatops.model import Answer, BadArgument, NotPossible, Risk, Table
from chatops.parameters import Integer, Name, Text, Word, one_of
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import moment
from config.ops import Role
from storage import checklists
from storage.checklists import ChecklistRecord

GROUPS = {"checklist": "What is looked at every day, before a deployment and after an incident."}

_LATELY = 50


async def _names(parts: Parts, typed: str) -> Sequence[str]:
    return list(entries(parts))


async def _open_ids(parts: Parts, typed: str) -> Sequence[str]:
    return [one.short for one in await checklists.latest(limit=_LATELY) if one.closed_at is None]


async def _items(parts: Parts, typed: str) -> Sequence[str]:
    return sorted({item.name for entry in entries(parts).values() for item in entry.items})


ListName = Annotated[str, Name("the name of a checklist", _names, longest=32)]
ListId = Annotated[str, Name("a checklist's short name", _open_ids, longest=32)]
Item = Annotated[str, Name("an item", _items, longest=48)]


@action("checklist daily", role=Role.VIEWER)
async def daily(run: Run) -> Answer:
    """Show today's checks; what can be looked at is ticked by what is found."""
    return await _shown(run, DAILY, f"{run.now:%Y-%m-%d}")


@action("checklist deploy", role=Role.OPERATOR)
async def deploy(run: Run, of: Annotated[str, Name("a version, such as v2.1.0", longest=40)] = "") -> Answer:
    """Show what has to be done before a deployment, with evidence as it is now."""
    return await _shown(run, DEPLOY, of or f"{run.now:%Y-%m-%d}")


@action("checklist incident", role=Role.RESPONDER)
async def incident(run: Run, id_: Annotated[str, Incident()]) -> Answer:
    """Show what has to be done after an incident; it is reminded of every day until all is ticked."""
    return await _shown(run, INCIDENT, (await incident_named(id_)).name)


async def _shown(run: Run, name: str, subject: str) -> Answer:
    record = await start(run.parts, name, subject, run.human)
    return answer_of(entry_of(run.parts, name), record, run.now)


@action("checklist tick", role=Role.RESPONDER, risk=Risk.WRITE, lock="checklist", check="checklist history")
async def tick(
    run: Run,
    id_: ListId,
    item: Item,
    state: Annotated[str, Word((DONE, SKIPPED))] = DONE,
    note: Annotated[str, Text(longest=200)] = "",
) -> Answer:
    """Tick an item by hand; who did it and when is kept."""
    record = await _of(id_)
    entry = entry_of(run.parts, record.name)
    names = [one.name for one in items_of(entry, record)]
    try:
        name = one_of(item, names)
    except BadArgument as error:
        raise BadArgument(f"item: {error}") from None
    before = record.marks.get(name)
    if before is not None and before.state == state and before.who != BY:
        return Answer(f"{name} was ticked by {before.who} at {moment(before.at)} already.", data={"by": before.who})
    await checklists.mark(record.id, name, state, who=run.human, evidence=note, now=run.now)
    return answer_of(entry, await settled(run.parts, record.id), run.now)


async def _of(short: str) -> ChecklistRecord:
    found = [one for one in await checklists.latest(limit=_LATELY) if one.short == short.strip().lower()]
    if not found:
        raise NotPossible(f"No checklist of late is called {short[:20]}; checklist history lists them.")
    return found[0]


@action("checklist show", role=Role.VIEWER)
async def show(run: Run, name: ListName) -> Answer:
    """Show what a checklist asks for, and how its last use stands."""
    try:
        wanted = one_of(name, list(entries(run.parts)))
    except BadArgument as error:
        raise BadArgument(f"name: {error}") from None
    entry, last = entry_of(run.parts, wanted), await checklists.latest(wanted, limit=1)
    if last:
        return answer_of(entry, last[0], run.now)
    rows = tuple((one.name, one.text, one.evidence or "by hand", one.only or "always") for one in entry.items)
    when = f", posted at {entry.post} (UTC)" if entry.post else ""
    text = f"Checklist {wanted}: {len(rows)} items{when}. It was never used."
    return Answer(text, table=Table(("item", "what", "ticked by", "when"), rows), data=[row[0] for row in rows])


@action("checklist history", role=Role.VIEWER)
async def history(run: Run, name: ListName = "", n: Annotated[int, Integer(1, 50)] = 10) -> Answer:
    """List the last checklists, with what was done and what failed."""
    found = await checklists.latest(name or None, limit=n)
    if not found:
        return Answer("No checklist was used yet.", data=[])
    rows = tuple(_line(one) for one in found)
    data = [dict(zip(("id", "name", "subject", "begun", "done", "closed"), row, strict=True)) for row in rows]
    open_ = sum(one.closed_at is None for one in found)
    table = Table(("list", "name", "about", "begun", "done", "closed"), rows)
    return Answer(f"{len(found)} checklists, {open_} of them open.", table=table, data=data)


def _line(one: ChecklistRecord) -> tuple[str, ...]:
    done = sum(mark.state != "failed" for mark in one.marks.values())
    closed = "open" if one.closed_at is None else moment(one.closed_at)
    return one.short, one.name, one.subject, moment(one.opened_at), f"{done}/{len(one.marks)}", closed
