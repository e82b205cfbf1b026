"""The queue repaired: what is stuck, what was given up, what was taken out."""

from collections import Counter
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Integer, Name, Text, Word
from chatops.parts import Parts
from chatops.queueing.jobs import conversion_named, short
from chatops.queueing.reviving import Revival, revivable_letters, revivable_purge, revive
from chatops.queueing.stuck import Kind, Stuck, find_stuck, least_age, mend
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, counted, moment, span
from config.ops import Role
from storage import conversions, purges
from storage.dead_letters import dead_letter_count, dead_letters
from storage.records import State

_LOCK = "queue"
_QUARTER = timedelta(minutes=15)
_MANY = 20
"""Beyond so many the phrase is to be typed."""
_ALL = "all"
_NAMED = 10


@action(
    "queue clear-stuck",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    check="queue inspect",
    lock=_LOCK,
    timeout=timedelta(minutes=2),
)
async def clear_stuck(
    run: Run,
    older_than: Annotated[timedelta, Duration("1m", "7d")] = _QUARTER,
    action: Annotated[str, Word(("requeue", "dead-letter"))] = "requeue",
    limit: Annotated[int, Integer(1, 1000)] = 100,
) -> Answer:
    """Queue again what lost its worker, body or answer; what was stuck before is given up and told."""
    found = await _stuck(run, older_than, limit)
    if not found:
        return Answer("Nothing is stuck; healthy jobs were not touched.", data={"mended": {}})
    mended = await mend(run.parts, found, requeues=action == "requeue")
    table = Table(("what", "queued again", "given up"), tuple(mended.rows()))
    lines = [f"{counted(mended.requeued, 'job').capitalize()} queued again, {mended.buried} given up."]
    if mended.healed:
        lines.append(f"{mended.healed} had gone on by themselves meanwhile.")
    undo = (suggestion("queue dead"),) if mended.buried else ()
    data = {"requeued": mended.requeued, "given_up": mended.buried, "ids": [one.id for one in found[:_NAMED]]}
    return Answer(" ".join(lines), table=table, suggestions=undo, data=data)


@clear_stuck.plan
async def plan_clear_stuck(
    run: Run, older_than: timedelta = _QUARTER, action: str = "requeue", limit: int = 100
) -> Plan:
    """What is stuck, by how it got so."""
    found = await _stuck(run, older_than, limit)
    if not found:
        raise NotPossible(f"Nothing is stuck for more than {span(older_than)}.", suggestion("queue inspect"))
    by_kind = Counter(one.kind for one in found)
    again = sum(one.was_stuck for one in found)
    deed = "queued again" if action == "requeue" else "given up, and their owners told"
    lines = [f"{counted(len(found), 'job').capitalize()} stuck for more than {span(older_than)} would be {deed}."]
    if again and action == "requeue":
        lines.append(f"{again} of them were stuck before, and are given up instead.")
    return Plan(
        " ".join(lines),
        items=tuple(one.id for one in found),
        target=f"{len(found)} jobs" if len(found) > _MANY else "",
        confirmation=Confirmation.PHRASE if len(found) > _MANY else None,
        table=Table(("what", "jobs", "such as"), tuple(_line(kind, found, count) for kind, count in by_kind.items())),
    )


def _line(kind: Kind, found: list[Stuck], count: int) -> tuple[str, str, str]:
    return kind.value, str(count), ", ".join(short(one.id) for one in found if one.kind is kind)[:40]


async def _stuck(run: Run, older_than: timedelta, limit: int) -> list[Stuck]:
    least = least_age(run.parts)
    if older_than < least:
        raise BadArgument(f"older-than: must be at least {span(least)}, the time of a reading and a minute.")
    return await find_stuck(run.parts, older_than, limit)


@action("queue dead", role=Role.RESPONDER)
async def dead(run: Run, n: Annotated[int, Integer(1, 50)] = 10) -> Answer:
    """List pictures that were given up, and what was taken out of the queue."""
    letters, count = await dead_letters(limit=n), await dead_letter_count()
    taken = [one for one in await purges.purges(limit=5) if one.undone_at is None and one.expires_at > run.now]
    lines = [f"{counted(count, 'picture').capitalize()} given up."]
    lines += [
        f"Purge {one.id} took {one.count} jobs out {ago(one.created_at, run.now)}; it can be undone until "
        f"{moment(one.expires_at)}."
        for one in taken
    ]
    rows = tuple(
        (short(one.conversion), ago(one.created_at, run.now), one.reason, str(one.attempts), one.detail[:60])
        for one in letters
    )
    again = [suggestion("queue revive", what=_ALL)] if letters else []
    again += [suggestion("queue revive", f"undo {one.id}", purge=one.id) for one in taken]
    data = {
        "count": count,
        "letters": [{"id": str(one.conversion), "reason": one.reason, "detail": one.detail} for one in letters],
        "purges": [{"id": one.id, "count": one.count} for one in taken],
    }
    table = Table(("job", "when", "reason", "tries", "detail"), rows) if rows else None
    return Answer(" ".join(lines), table=table, suggestions=tuple(again), data=data)


async def _offered_letters(parts: Parts, typed: str) -> list[str]:
    return [_ALL, *(str(one.conversion) for one in await dead_letters(limit=20))]


async def _offered_purges(parts: Parts, typed: str) -> list[str]:
    return [one.id for one in await purges.purges() if one.undone_at is None and one.expires_at > parts.clock()]


What = Annotated[str, Name("an id of queue dead, its beginning, or all", _offered_letters)]
PurgeId = Annotated[str, Name("the id of a purge", _offered_purges, longest=8)]


@action(
    "queue revive",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    check="queue dead",
    lock=_LOCK,
    timeout=timedelta(minutes=5),
)
async def revive_(
    run: Run, what: What = "", limit: Annotated[int, Integer(1, 1000)] = 100, purge: PurgeId = ""
) -> Answer:
    """Queue again what was given up, or what a purge took out."""
    revival = await _revival(run, what, limit, purge)
    revived = await revive(run.parts, revival, f"revived by {run.human}")
    lines = [f"{counted(revived.queued, 'picture').capitalize()} queued again."]
    if revived.held:
        lines.append(f"{revived.held} wait for the end of maintenance.")
    if revival.lost:
        lines.append(f"{revival.lost} cannot be read any more: their pictures are gone.")
    return Answer(" ".join(lines), data={"queued": revived.queued, "held": revived.held, "lost": revival.lost})


@revive_.plan
async def plan_revive(run: Run, what: str = "", limit: int = 100, purge: str = "") -> Plan:
    """What would be read, and what cannot be."""
    revival = await _revival(run, what, limit, purge)
    lines = [f"{counted(len(revival.rows), 'picture').capitalize()} of {revival.source} would be queued again."]
    if revival.lost:
        lines.append(f"{revival.lost} cannot be: their pictures are gone.")
    if revival.left:
        lines.append(f"{revival.left} more are left for another time.")
    # A purge is one thing, whatever of it expires meanwhile.
    items = (revival.purge,) if revival.purge else tuple(str(row.id) for row in revival.rows)
    return Plan(" ".join(lines), items=items)


async def _revival(run: Run, what: str, limit: int, purge: str) -> Revival:
    if bool(what) == bool(purge):
        raise BadArgument("Say what: an id of queue dead or all, or purge with the id of a purge.")
    if purge:
        return await revivable_purge(run.parts, purge)
    only = None if what.casefold() == _ALL else (await conversion_named(what)).id
    return await revivable_letters(run.parts, only, limit)


@action(
    "queue purge",
    role=Role.ADMIN,
    risk=Risk.DESTRUCTIVE,
    confirm=Confirmation.TWO_PERSONS,
    check="queue dead",
    lock=_LOCK,
    timeout=timedelta(minutes=5),
)
async def purge(run: Run, count: Annotated[int, Integer(1, 1_000_000)], reason: Annotated[str, Text(3, 200)]) -> Answer:
    """Take everything that waits out of the queue, tell its owners, and keep it for 7 days to undo that."""
    await _check_count(count)
    identity = uuid4().hex[:8]
    sentence = "Your picture was taken out of the queue and not read: send it again, please."
    taken = await purges.purge(identity, sentence, reason=reason, by=run.human, now=run.now)
    await run.parts.queue.remove(taken)
    undo = suggestion("queue revive", "undo", purge=identity)
    text = f"Purge {identity} took {counted(len(taken), 'job')} out of the queue; it can be undone for 7 days."
    return Answer(text, suggestions=(undo,), data={"purge": identity, "count": len(taken)})


@purge.plan
async def plan_purge(run: Run, count: int, reason: str) -> Plan:
    """Whose pictures would not be read."""
    await _check_count(count)
    people = counted(await conversions.people_waiting(), "person", "people")
    return Plan(
        f"{counted(count, 'job').capitalize()} of {people} would be taken out of the queue unread, and their owners "
        f"told. What is being read goes on. It can be undone for {span(purges.KEPT)}, in which the pictures are kept.",
        target=f"{count} jobs",
    )


async def _check_count(count: int) -> None:
    waiting = (await conversions.counts())[State.QUEUED]
    if not waiting:
        raise NotPossible("Nothing waits in the queue.")
    if count != waiting:
        raise BadArgument(
            f"count: {waiting:,} wait now, not {count:,}; give the number that is to be purged. queue pause keeps "
            "workers from changing it."
        )
