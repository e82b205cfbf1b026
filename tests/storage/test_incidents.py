"""Incidents: what changes them does so once, with its line of the timeline, and their messages follow."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from config.ops_oncall import Severity
from storage import incidents, outbox, timeline
from storage.errors import NotStored
from storage.incidents import SUBJECT, IncidentRecord, IncidentState, Moved, NewIncident
from storage.records import MessageRecord, NewMessage
from storage.timeline import NewEvent
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")


async def opened(title: str = "Workers are down", severity: Severity = Severity.P1) -> IncidentRecord:
    return await incidents.open_incident(NewIncident(title, severity, "worker"), by="Olga", now=NOW)


async def kinds(incident: IncidentRecord) -> list[str]:
    return [one.kind for one in await timeline.events(incident.id)]


async def shown(incident: IncidentRecord) -> MessageRecord:
    """A message that shows an incident."""
    found = await outbox.messages_of(SUBJECT, str(incident.id))
    if found:
        return found[0]
    await outbox.post(NewMessage("fake", "chat", SUBJECT, str(incident.id)), now=NOW)
    return await shown(incident)


async def test_incidents_are_numbered_from_one() -> None:
    first, second = await opened(), await opened("Slow")

    assert (first.name, second.name) == ("INC-1", "INC-2")
    assert (first.state, first.opened_by, first.service) == (IncidentState.OPEN, "Olga", "worker")
    assert await incidents.incident_numbered(2) == second
    assert [one.number for one in await incidents.unresolved()] == [2, 1]
    with pytest.raises(NotStored, match="There is no incident INC-3"):
        await incidents.incident_numbered(3)


async def test_of_many_that_are_opened_at_once_each_has_its_own_number() -> None:
    found = await asyncio.gather(*(opened(str(number)) for number in range(8)))

    assert sorted(one.number for one in found) == list(range(1, 9))


async def test_of_many_who_acknowledge_one_is_the_first_and_the_others_learn_who() -> None:
    incident = await opened()

    moves = await asyncio.gather(
        *(incidents.acknowledge(incident.id, by=f"human {number}", now=seconds(60)) for number in range(8))
    )

    assert sorted(one.happened for one in moves) == [False] * 7 + [True]
    assert len({one.incident.acknowledged_by for one in moves}) == 1
    assert await kinds(incident) == ["opened", "acknowledged"]


async def test_the_whole_way() -> None:
    incident = await opened()
    message = await shown(incident)

    await incidents.acknowledge(incident.id, by="Rita", now=seconds(60))
    await incidents.assign(incident.id, "Olga", by="Rita", now=seconds(61))
    for number, stage in enumerate(incidents.STAGES):
        await incidents.set_stage(incident.id, stage, by="Olga", now=seconds(100 + number))
    moved = await incidents.resolve(incident.id, "Restarted the workers.", by="Olga", now=seconds(200))

    found = moved.incident
    assert (found.acknowledged_at, found.mitigating_at, found.resolved_at) == (seconds(60), seconds(101), seconds(200))
    assert (found.acknowledged_by, found.resolved_by, found.assignee) == ("Rita", "Olga", "Olga")
    assert found.is_resolved
    assert await incidents.unresolved() == []
    assert await kinds(incident) == ["opened", "acknowledged", "assigned", "stage", "stage", "stage", "resolved"]
    assert (await shown(incident)).wanted == message.wanted + 6


async def test_whoever_begins_to_work_on_it_has_acknowledged_it() -> None:
    incident = await opened()

    moved = await incidents.set_stage(incident.id, IncidentState.MITIGATING, by="Olga", now=seconds(5), text="restart")

    assert (moved.incident.acknowledged_by, moved.incident.state) == ("Olga", IncidentState.MITIGATING)
    assert await kinds(incident) == ["opened", "acknowledged", "stage"]


async def test_what_is_acknowledged_no_longer_is_open_again() -> None:
    incident = await opened()
    await incidents.acknowledge(incident.id, by="Rita", now=seconds(60))

    moved = await incidents.unacknowledge(incident.id, by="Rita", now=seconds(90), reason="wrong one")

    assert (moved.happened, moved.incident.state, moved.incident.acknowledged_at) == (True, IncidentState.OPEN, None)
    assert (await incidents.acknowledge(incident.id, by="Olga", now=seconds(99))).incident.acknowledged_by == "Olga"


async def test_a_severity_keeps_its_history() -> None:
    incident = await opened(severity=Severity.P2)

    assert (await incidents.set_severity(incident.id, Severity.P0, by="Rita", now=NOW, reason="all down")).happened
    assert not (await incidents.set_severity(incident.id, Severity.P0, by="Olga", now=NOW)).happened

    [line] = await timeline.events(incident.id, kinds=["severity"])
    assert (line.text, line.details) == ("P2 to P0: all down", {"from": "P2", "to": "P0"})


async def test_what_is_opened_again_counts_how_often_and_waits_for_somebody_anew() -> None:
    incident = await opened()
    await incidents.acknowledge(incident.id, by="Rita", now=seconds(60))
    await incidents.resolve(incident.id, "Gone by itself.", by="Rita", now=seconds(120))

    moved = await incidents.reopen(incident.id, "It is back", by="Alertmanager", now=seconds(180))

    found = moved.incident
    assert (found.state, found.reopened, found.reopened_at) == (IncidentState.OPEN, 1, seconds(180))
    assert (found.opened_at, found.acknowledged_at, found.resolved_at) == (NOW, None, None)
    assert not (await incidents.reopen(incident.id, "", by="Rita", now=seconds(181))).happened


Change = Callable[[UUID], Awaitable[Moved]]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: incidents.acknowledge(one, by="Rita", now=NOW),
        lambda one: incidents.unacknowledge(one, by="Rita", now=NOW),
        lambda one: incidents.assign(one, "Olga", by="Rita", now=NOW),
        lambda one: incidents.set_stage(one, IncidentState.VERIFYING, by="Rita", now=NOW),
        lambda one: incidents.set_severity(one, Severity.P3, by="Rita", now=NOW),
        lambda one: incidents.resolve(one, "again", by="Rita", now=NOW),
    ],
)
async def test_what_is_resolved_is_changed_by_reopening_only(change: Change) -> None:
    incident = await opened()
    await incidents.resolve(incident.id, "Gone by itself.", by="Rita", now=NOW)

    moved = await change(incident.id)

    assert not moved.happened
    assert await kinds(incident) == ["opened", "resolved"]


async def test_what_is_told_twice_stands_in_the_timeline_once() -> None:
    incident = await opened()
    said = NewEvent("message", "looks bad", "Rita", key="message:discord:7:1")

    assert await incidents.note(incident.id, said, now=seconds(1))
    assert not await incidents.note(incident.id, said, now=seconds(2))

    first = await timeline.event_with("message:discord:7:1")
    assert first is not None
    edit = NewEvent("edited", "looks fine", "Rita", replaces=first.id)
    assert await incidents.note(incident.id, edit, now=seconds(3))
    assert [(one.kind, one.text) for one in await timeline.events(incident.id, limit=2)] == [
        ("message", "looks bad"),
        ("edited", "looks fine"),
    ]


async def test_a_talk_belongs_to_one_incident() -> None:
    one, other = await opened(), await opened()

    assert await timeline.talk_in(one.id, "discord", "900")
    assert not await timeline.talk_in(other.id, "discord", "900")

    assert await timeline.incident_of_talk("discord", "900") == one.id
    assert await timeline.incident_of_talk("telegram", "900") is None
    assert await timeline.talks_of(one.id) == [("discord", "900")]


@pytest.mark.parametrize("at", [NOW, seconds(5)])
async def test_incidents_are_found_by_state_severity_and_time(at: datetime) -> None:
    incident = await opened(severity=Severity.P3)

    assert await incidents.incidents(severities=[Severity.P3], since=NOW) == [incident]
    assert await incidents.incidents(severities=[Severity.P0, Severity.P1]) == []
    assert await incidents.incidents(since=seconds(1)) == []
    with pytest.raises(NotStored):
        await incidents.acknowledge(uuid4(), by="Rita", now=at)
