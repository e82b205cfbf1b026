"""Times of incidents: warned of at 50, 80 and 100 %, counted from the opening whatever the severity becomes."""

from datetime import timedelta

import pytest

from chatops.incidents import sla
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import deadlines, incidents, timeline
from storage.database import Database
from storage.incidents import IncidentState
from storage.queue import Queue
from tests.chatops.acting import Ops
from tests.chatops.calling import Calling, calling_parts
from tests.making import NOW

HEAD = "INC-1 OCR is down: "


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue)


@pytest.fixture
def calling(ops: Ops) -> Calling:
    return Calling(ops)


async def warnings(calling: Calling, *, minutes: float, step: float = 1.5) -> dict[float, list[str]]:
    """What is said of times in the channel, by minutes since ``NOW``, while so many pass."""
    said = {}
    for _ in range(int(minutes / step)):
        await calling.after(minutes=step)
        if found := [text.partition(HEAD)[2] for text in calling.said("discord:7", "P") if HEAD in text]:
            said[(calling.ops.now - NOW).total_seconds() / 60] = found
    return said


async def test_shares_of_both_times_are_told_when_they_are_over(calling: Calling) -> None:
    await calling.incident(Severity.P1)
    said = await warnings(calling, minutes=31)

    acknowledge, respond = "of the time to acknowledge is over", "of the time to respond is over"
    assert said == {
        7.5: [f"50 % {acknowledge} (7 min 30 s of 15 min); it ends at 2026-11-01 12:15 UTC."],
        12.0: [f"80 % {acknowledge} (12 min of 15 min); it ends at 2026-11-01 12:15 UTC."],
        15.0: [
            f"50 % {respond} (15 min of 30 min); it ends at 2026-11-01 12:30 UTC.",
            "The time to acknowledge is over: 15 min, until 2026-11-01 12:15 UTC.",
        ],
        24.0: [f"80 % {respond} (24 min of 30 min); it ends at 2026-11-01 12:30 UTC."],
        30.0: ["The time to respond is over: 30 min, until 2026-11-01 12:30 UTC."],
    }


async def test_what_was_done_is_not_warned_of(calling: Calling) -> None:
    opened = await calling.incident(Severity.P1)
    await calling.after(seconds=2)
    await incidents.acknowledge(opened.id, by="Olga", now=calling.ops.now)
    said = await warnings(calling, minutes=16.5)
    assert [text[:4] for texts in said.values() for text in texts] == ["50 %"], "of the time to respond"
    await incidents.set_stage(opened.id, IncidentState.MITIGATING, by="Olga", now=calling.ops.now)
    assert await warnings(calling, minutes=30, step=5) == {}


async def test_a_raised_severity_counts_from_the_opening(calling: Calling) -> None:
    opened = await calling.incident(Severity.P2)
    assert await warnings(calling, minutes=20, step=5) == {}
    await incidents.set_severity(opened.id, Severity.P0, by="Olga", now=calling.ops.now)
    [said] = (await warnings(calling, minutes=1, step=1)).values()
    assert said == [
        "The time to acknowledge is over: 15 min, until 2026-11-01 12:15 UTC.",
        "The time to respond is over: 15 min, until 2026-11-01 12:15 UTC.",
    ]
    assert await warnings(calling, minutes=30, step=5) == {}


async def test_a_lowered_severity_has_the_longer_time_and_the_history_stays(calling: Calling) -> None:
    opened = await calling.incident(Severity.P1)
    await warnings(calling, minutes=10, step=5)
    await incidents.set_severity(opened.id, Severity.P2, by="Olga", now=calling.ops.now)
    said = await warnings(calling, minutes=51, step=2)
    assert list(said) == [60.0]
    assert said[60.0][0].startswith("50 % of the time to respond is over (1 h of 2 h)")
    told = [one.text for one in await timeline.events(opened.id, kinds=["deadline"])]
    assert [one[:4] for one in told] == ["50 %", "50 %"]


async def test_opened_again_the_times_begin_anew(calling: Calling) -> None:
    opened = await calling.incident(Severity.P1)
    await incidents.resolve(opened.id, "It came back by itself.", by="Olga", now=calling.ops.now)
    assert await warnings(calling, minutes=20, step=5) == {}
    await incidents.reopen(opened.id, "It did not.", by="Olga", now=calling.ops.now)
    said = await warnings(calling, minutes=9)
    assert {at - 20: text[0][:4] for at, text in said.items()} == {7.5: "50 %"}


async def test_after_a_long_silence_only_the_last_share_is_told(calling: Calling) -> None:
    await calling.incident(Severity.P0)
    await calling.after()
    await calling.after(minutes=60)
    assert [one.partition(HEAD)[2] for one in calling.said("discord:7", "P0")] == [
        "The time to acknowledge is over: 15 min, until 2026-11-01 12:15 UTC.",
        "The time to respond is over: 15 min, until 2026-11-01 12:15 UTC.",
    ]
    assert await deadlines.due(calling.ops.now) == []


async def test_the_one_it_is_assigned_to_is_told_when_a_time_is_over(calling: Calling) -> None:
    opened = await calling.incident(Severity.P2)
    await incidents.assign(opened.id, "Rita", by="Olga", now=calling.ops.now)
    await calling.after()
    await calling.after(minutes=120)
    assert len(calling.said("telegram:14")) == len(calling.said("discord:4")) == 1


async def test_cards_say_what_is_due_and_what_was_kept(calling: Calling) -> None:
    entries = calling.ops.parts.policy.on_call.severities
    opened = await calling.incident(Severity.P1)
    assert sla.lines(opened, entries) == ["acknowledge by 2026-11-01 12:15 UTC", "respond by 2026-11-01 12:30 UTC"]
    await incidents.acknowledge(opened.id, by="Olga", now=NOW + timedelta(minutes=3))
    await incidents.resolve(opened.id, "Done.", by="Olga", now=NOW + timedelta(minutes=40))
    ended = await incidents.incident(opened.id)
    assert sla.lines(ended, entries) == [
        "acknowledged after 3 min of 15 min",
        "responded after 40 min of 30 min, too late",
    ]
    assert not sla.is_kept(ended, entries)
    assert list(sla.durations(ended)) == [
        ("acknowledged", timedelta(minutes=3)),
        ("resolved", timedelta(minutes=40)),
    ]
