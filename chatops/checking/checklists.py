"""Checklists: begun for a day, a release or an incident, ticked by evidence and by people, posted and reminded of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from apscheduler.triggers.cron import CronTrigger

from chatops import notices
from chatops.authorisation import Authorisation
from chatops.checking.evidence import BY, DONE, FAILED, SKIPPED, evidence_for
from chatops.model import Answer, NotConfigured, Suggestion, Table
from chatops.parts import Parts
from chatops.times import ago
from config.ops import load_policy
from config.ops_checklists import DAYS, ChecklistEntry, ItemEntry
from storage import checklists, values
from storage.checklists import SUBJECT, ChecklistRecord

DAILY, DEPLOY, INCIDENT = "daily", "deploy", "incident"
SCHEDULE = "the schedule"
_POSTED = "checklist.posted."
_SIGNS = {DONE: "✓", FAILED: "✗", SKIPPED: "–"}
_MOST_BUTTONS = 9


@lru_cache(maxsize=1)
def _shipped() -> dict[str, ChecklistEntry]:
    return dict(load_policy().checklists)


def entries(parts: Parts) -> dict[str, ChecklistEntry]:
    """The lists of ``ops.yaml``, and those that ship with the product where it has none of a name."""
    return {**_shipped(), **parts.policy.checklists}


def entry_of(parts: Parts, name: str) -> ChecklistEntry:
    """Raises NotConfigured."""
    found = entries(parts).get(name)
    if found is None:
        raise NotConfigured(f"There is no checklist {name[:40]}: checklists in ops.yaml has them.")
    return found


def items_of(entry: ChecklistEntry, record: ChecklistRecord) -> list[ItemEntry]:
    """What is asked: some is for one day of the week, that on which the list was begun."""
    day = DAYS[record.opened_at.astimezone(UTC).weekday()]
    return [one for one in entry.items if one.only in (None, day) or one.name in record.marks]


async def start(parts: Parts, name: str, subject: str, by: str) -> ChecklistRecord:
    """Begin a list, or find it begun, and look for evidence of what is not ticked by hand."""
    entry = entry_of(parts, name)
    record = await checklists.begin(name, subject, by=by, now=parts.clock())
    for one in items_of(entry, record):
        mark = record.marks.get(one.name)
        if one.evidence is None or (mark is not None and mark.who != BY):
            continue
        found = await evidence_for(one.evidence, parts)
        if mark is None or (mark.state, mark.evidence) != (found.state, found.words[:300]):
            await checklists.mark(record.id, one.name, found.state, who=BY, evidence=found.words, now=parts.clock())
    return await settled(parts, record.id)


async def settled(parts: Parts, run_id: UUID) -> ChecklistRecord:
    """The list as it is now, closed when nothing is left."""
    record = await checklists.checklist_of(run_id)
    entry = entries(parts).get(record.name)
    if entry is not None and record.closed_at is None and not left(entry, record, mandatory=False):
        await checklists.close(record.id, now=parts.clock())
        record = await checklists.checklist_of(run_id)
    return record


def left(entry: ChecklistEntry, record: ChecklistRecord, *, mandatory: bool = True) -> list[ItemEntry]:
    """What is not done; what nobody can tell here counts as done only where it is not mandatory."""
    found = []
    for one in items_of(entry, record):
        mark = record.marks.get(one.name)
        is_done = mark is not None and (mark.state == DONE or (mark.state == SKIPPED and mark.who != BY))
        if not is_done and (one.is_mandatory or not mandatory):
            found.append(one)
    return found


async def open_mandatory(parts: Parts, name: str, subject: str) -> list[str]:
    """What must still be done before something may begin, with evidence as it is now: the gate of a deployment."""
    record = await start(parts, name, subject, SCHEDULE)
    return [one.text for one in left(entry_of(parts, name), record)]


def answer_of(entry: ChecklistEntry | None, record: ChecklistRecord, now: datetime) -> Answer:
    """The list with what was found, and buttons for what is left."""
    if entry is None:
        return Answer(f"The checklist {record.name} is not in ops.yaml any more.", ok=False)
    items = items_of(entry, record)
    open_ = left(entry, record, mandatory=False)
    rows = tuple(_row(one, record, now) for one in items)
    text = f"Checklist {record.name}, {record.subject}: {len(items) - len(open_)} of {len(items)} done."
    if open_:
        text += f" Left: {', '.join(one.text for one in open_)}."
    data = {
        "id": record.short,
        "name": record.name,
        "subject": record.subject,
        "left": [one.name for one in open_],
        "items": [_item(one, record) for one in items],
    }
    table = Table(("", "item", "found"), rows)
    return Answer(text, ok=not _failed(items, record), table=table, suggestions=_buttons(open_, record), data=data)


def _failed(items: Sequence[ItemEntry], record: ChecklistRecord) -> bool:
    return any((mark := record.marks.get(one.name)) is not None and mark.state == FAILED for one in items)


def _row(one: ItemEntry, record: ChecklistRecord, now: datetime) -> tuple[str, str, str]:
    mark = record.marks.get(one.name)
    if mark is None:
        return "·", one.text, "open"
    who = "" if mark.who == BY else f"{mark.who}, {ago(mark.at, now)}: "
    return _SIGNS[mark.state], one.text, f"{who}{mark.evidence or 'ticked'}"


def _item(one: ItemEntry, record: ChecklistRecord) -> dict[str, object]:
    mark = record.marks.get(one.name)
    if mark is None:
        return {"item": one.name, "state": "open"}
    return {
        "item": one.name,
        "state": mark.state,
        "who": mark.who,
        "at": mark.at.isoformat(),
        "evidence": mark.evidence,
    }


def _buttons(open_: Sequence[ItemEntry], record: ChecklistRecord) -> tuple[Suggestion, ...]:
    """A tick for each, then what helps with it."""
    ticks = [Suggestion(f"✓ {one.name}", "checklist tick", {"id": record.short, "item": one.name}) for one in open_]
    helping = [Suggestion(one.action, one.action) for one in open_ if one.action]
    return tuple((ticks + helping)[:_MOST_BUTTONS])


async def post_what_is_due(parts: Parts) -> None:
    """Post lists whose time has come since it was last looked, and remind of those that stay open."""
    now = parts.clock()
    for name, entry in entries(parts).items():
        if entry.post and await _is_due(name, entry.post, now):
            await post(parts, name, f"{now:%Y-%m-%d}")
        if entry.remind:
            await _remind(parts, name, entry)


async def _is_due(name: str, crontab: str, now: datetime) -> bool:
    """Nothing is posted for a time in which no process looked at all, but for the last."""
    key = _POSTED + name
    kept = await values.value(key)
    await values.set_value(key, {"at": now.isoformat()}, by=SCHEDULE, now=now)
    if kept is None:
        return False
    due = CronTrigger.from_crontab(crontab, timezone=UTC).get_next_fire_time(None, datetime.fromisoformat(kept["at"]))
    return due is not None and due <= now


async def post(parts: Parts, name: str, subject: str) -> None:
    """Show a list in the console's chats, where it follows what is ticked."""
    record = await start(parts, name, subject, SCHEDULE)
    places = Authorisation(parts.policy, parts.settings).places()
    origin = f"checklist-{record.name}-{record.short}"
    now, line, within = parts.clock(), f"Checklist {record.name} {record.short} is open.", notices.routine(parts)
    await notices.show(places, SUBJECT, str(record.id), origin=origin, now=now, within=within, line=line)


async def _remind(parts: Parts, name: str, entry: ChecklistEntry) -> None:
    now = parts.clock()
    for record in await checklists.open_checklists(name):
        since = record.reminded_at or record.opened_at
        if entry.remind is None or now - since < entry.remind:
            continue
        if await checklists.note_reminder(record.id, record.reminded_at, now=now):
            places = Authorisation(parts.policy, parts.settings).places()
            origin = f"checklist-{record.short}-{now:%Y%m%d%H%M}"
            answer = answer_of(entry, record, now)
            await notices.say(places, answer, origin=origin, now=now, within=notices.routine(parts))
