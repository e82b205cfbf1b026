"""A year on call, with the clock moved from handover to handover: who is told and called, in three zones."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chatops.jobs.oncall import hand_over
from chatops.parts import Parts
from chatops.times import moment
from config.settings import Settings
from storage import incidents, oncall
from storage.database import Database
from storage.oncall import Kind
from storage.queue import Queue
from tests.chatops.acting import PEOPLE, Ops
from tests.chatops.calling import Calling, calling_parts

MEMBERS = ("Rita", "Olga", "Alice")
ACCOUNTS = {"Rita": "discord:4", "Olga": "discord:3", "Alice": "discord:1"}
FIRST = date(2026, 1, 5)
ROTA = """
on_call:
  rotations:
    primary:
      members: [Rita, Olga, Alice]
      every: {every}
      since: 2026-01-05
      handover: {{{day}at: "{at}", zone: {zone}}}
"""
#: With the Sundays on which the clock is changed there.
ZONES = {
    "Europe/Paris": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[("week", time(8, 30)), ("day", time(17))], ids=["weekly", "daily"])
def turns(request: pytest.FixtureRequest) -> tuple[str, time]:
    """How often, and at which hour."""
    every, at = request.param
    return str(every), at


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue, zone: str, turns: tuple[str, time]) -> Parts:
    every, at = turns
    day = "day: mon, " if every == "week" else ""
    policy = PEOPLE + ROTA.format(every=every, day=day, at=f"{at:%H:%M}", zone=zone)
    return calling_parts(settings, database, queue, policy)


async def test_over_a_year_each_handover_is_told_at_its_local_hour_and_whoever_has_the_duty_is_called(
    ops: Ops, zone: str, turns: tuple[str, time]
) -> None:
    every, hour = turns
    calling, step = Calling(ops), timedelta(days=7 if every == "week" else 1)

    def local(day: date, at: time = hour) -> datetime:
        return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)

    # Olga is away for three weeks in summer; Alice stands in for a night in which the clock is changed.
    away = (local(date(2026, 7, 6)), local(date(2026, 7, 27)))
    await oncall.add(Kind.VACATION, "Olga", *away, by="Alice", now=local(FIRST))
    changed = ZONES[zone][0]
    night = (local(changed - timedelta(days=1), time(22)), local(changed, time(7)))
    await oncall.add(Kind.OVERRIDE, "Alice", *night, duty="primary", by="Alice", now=local(FIRST))

    def in_turn(at: datetime) -> str:
        """By the wall clock: the days since the first, less one before the hour."""
        wall = at.astimezone(ZoneInfo(zone))
        days = (wall.date() - FIRST).days - (wall.time() < hour)
        turn = days // step.days
        human = MEMBERS[turn % 3]
        return MEMBERS[(turn + 1) % 3] if human == "Olga" and away[0] <= at < away[1] else human

    def expected(at: datetime) -> str:
        return "Alice" if night[0] <= at < night[1] else in_turn(at)

    turns_of_year = [local(FIRST + step * n) for n in range(1, 365 // step.days)]
    # Between the weeks nothing changes but there; of the days a month around each changed clock is looked at.
    near = [local(one) for one in ZONES[zone]]
    looked_at = [one for one in turns_of_year if every == "week" or min(abs(one - at) for at in near).days < 9]
    edges = sorted({*night, *away, *looked_at})
    ops.now = edges[0] - timedelta(minutes=2)
    await hand_over(ops.parts)
    for at in edges:
        ops.now = at - timedelta(minutes=1)
        await hand_over(ops.parts)
        await calling.called()
        ops.now = at
        before = expected(at - timedelta(minutes=1))
        await hand_over(ops.parts)
        await calling.called()
        told = calling.said("discord:7", f"{expected(at)} is on call, until ")
        assert len(told) == (expected(at) != before), (at, told)
        if told:
            until = next(one for one in _later(local, at, step, (*night, *away)) if expected(one) != expected(at))
            assert told[0].startswith(f"{expected(at)} is on call, until {moment(until)}, after {before}. "), at
    for at in (night[0] + timedelta(hours=4), away[0] + timedelta(days=8), near[1], near[1] + timedelta(hours=12)):
        ops.now = at
        opened = await calling.incident()
        called = await calling.after()
        assert {one for one in called if one in ACCOUNTS.values()} == {ACCOUNTS[expected(at)]}, at
        await incidents.resolve(opened.id, "It was a test.", by="Vera", now=at)
        await calling.after(seconds=1)


def _later(
    local: Callable[[date], datetime], at: datetime, step: timedelta, fixed: Iterable[datetime]
) -> list[datetime]:
    """Times at which the duty may go over, after one."""
    first = (at.date() - FIRST).days // step.days
    regular = [local(FIRST + step * n) for n in range(first - 1, first + 12)]
    return sorted(one for one in (*regular, *fixed) if one > at)
