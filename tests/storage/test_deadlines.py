"""Deadlines of incidents: planned, changed with the severity, told once."""

from uuid import uuid4

import pytest

from storage import deadlines
from storage.deadlines import Kind
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")
HALF, WHOLE = (Kind.RESPONSE, 50), (Kind.RESPONSE, 100)


async def test_a_deadline_is_told_once_when_its_time_has_come() -> None:
    incident = uuid4()
    await deadlines.plan(incident, 0, "P0", {HALF: seconds(450), WHOLE: seconds(900)})
    assert await deadlines.due(seconds(449)) == []
    [found] = await deadlines.due(seconds(450))
    assert (found.incident, found.kind, found.percent) == (incident, Kind.RESPONSE, 50)
    assert await deadlines.tell(found.id, now=seconds(450))
    assert not await deadlines.tell(found.id, now=seconds(451))
    assert await deadlines.due(seconds(899)) == []


async def test_planned_again_what_was_told_stays_told() -> None:
    incident = uuid4()
    times = {HALF: seconds(450), WHOLE: seconds(900)}
    await deadlines.plan(incident, 0, "P0", times)
    await deadlines.tell((await deadlines.due(seconds(450)))[0].id, now=seconds(450))
    await deadlines.plan(incident, 0, "P0", times)
    assert [one.percent for one in await deadlines.due(seconds(900))] == [100]


async def test_another_severity_has_deadlines_of_its_own() -> None:
    incident = uuid4()
    await deadlines.plan(incident, 0, "P2", {HALF: seconds(3600)})
    await deadlines.plan(incident, 0, "P0", {HALF: seconds(450)})
    assert [(one.severity, one.due_at) for one in await deadlines.of([incident])] == [("P0", seconds(450))]
    await deadlines.plan(incident, 0, "P2", {HALF: seconds(3600)})
    assert [one.severity for one in await deadlines.of([incident])] == ["P2"]


async def test_what_is_met_waits_no_more() -> None:
    incident = uuid4()
    await deadlines.plan(incident, 0, "P0", {HALF: NOW, WHOLE: NOW})
    await deadlines.plan(incident, 0, "P0", {})
    assert await deadlines.due(seconds(1)) == []
