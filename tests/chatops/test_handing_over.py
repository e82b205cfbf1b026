"""The duty goes over: by the calendar, or by hand, with all that stands; and a pipeline that has gone silent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chatops.alerting import watchdog
from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager, Matcher, NewSilence
from chatops.jobs.oncall import hand_over, keep
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import incidents, outbox
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import OLGA, PEOPLE, Ops
from tests.chatops.calling import ROTA, Calling, calling_parts
from tests.chatops.pipeline import Pipeline, captured
from tests.fakes.alertmanager import FakeAlertmanager, served
from tests.making import NOW


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue, PEOPLE + ROTA + "  watchdog: {within: 15m}\n")


@pytest.fixture
def calling(ops: Ops) -> Calling:
    return Calling(ops)


async def told(calling: Calling, chat: str) -> list[str]:
    await calling.called()
    return calling.said(chat)


class TestTheDuty:
    async def test_at_the_handover_the_next_one_is_told_what_stands_in_person_and_in_the_channels(
        self, calling: Calling
    ) -> None:
        await hand_over(calling.ops.parts)
        await calling.incident(Severity.P2, "exports are slow")
        calling.ops.later(hours=19)
        await hand_over(calling.ops.parts)
        assert await told(calling, "discord:7") == []

        calling.ops.later(hours=1)
        await hand_over(calling.ops.parts)
        sentence = (
            "Rita is on call, until 2026-11-09 08:00 UTC, after Olga. 1 incidents are open; 0 pages are not "
            "acknowledged."
        )
        assert await told(calling, "discord:7") == [sentence]
        assert calling.said("telegram:14") == calling.said("discord:4") == [sentence]
        [notice] = [one for one in calling.new if one.chat == "7"]
        assert notice.payload is not None
        assert notice.payload["table"][1] == [["INC-1", "P2 open", "20 h ago", "exports are slow"]]

        await hand_over(calling.ops.parts)
        assert await told(calling, "discord:7") == []

    async def test_it_is_handed_over_by_hand_until_the_shift_ends(self, calling: Calling) -> None:
        await hand_over(calling.ops.parts)
        plan = await calling.ops.planned(OLGA, "oncall handover")
        assert plan.summary == "Olga hands over to Rita now, until 2026-11-02 08:00 UTC."
        answer = await calling.ops.done(OLGA, "oncall handover")
        assert answer.text.startswith("Rita is on call, until ")
        assert len(await told(calling, "telegram:14")) == 1
        await hand_over(calling.ops.parts)
        assert await told(calling, "telegram:14") == []
        assert await calling.ops.refused(OLGA, "oncall handover", user="Rita") == "Rita is on call already."

    async def test_silences_that_hold_are_told(self, calling: Calling) -> None:
        async with served(FakeAlertmanager(now=lambda: NOW)) as server:
            client = Alertmanager.of(server.address)
            matcher = Matcher("alertname", "HighCpu")
            ends = NOW + timedelta(hours=2)
            await client.make_silence(NewSilence((matcher,), NOW, ends, "olga", "while we look at it"))
            calling.ops.parts = replace(calling.ops.parts, provided={ALERTMANAGER.name: client})
            ops = Ops(calling.ops.parts)
            answer = await ops.done(OLGA, "oncall handover")
        assert answer.text.endswith("1 silences hold.")
        assert answer.table is not None
        assert answer.table.rows[0][3] == 'alertname="HighCpu"'


class TestTheWatchdog:
    async def test_a_silent_pipeline_is_an_incident_p1_that_pages(self, calling: Calling) -> None:
        parts = calling.ops.parts
        await watchdog.look(parts)
        calling.ops.later(minutes=14)
        await watchdog.look(parts)
        assert await incidents.unresolved() == []

        calling.ops.later(minutes=1)
        await watchdog.look(parts)
        await watchdog.look(parts)
        [opened] = await incidents.unresolved()
        assert (opened.severity, opened.source) == (Severity.P1, "watchdog")
        assert opened.title == "Alert pipeline silent: Watchdog was not heard of at all"
        await keep(parts)
        assert "discord:3" in await calling.called()
        assert len(calling.said("telegram:-70")) == 1

    async def test_it_ends_when_the_watchdog_is_heard_of_and_begins_again_after_it(self, calling: Calling) -> None:
        parts, pipeline = calling.ops.parts, Pipeline(calling.ops)
        await watchdog.look(parts)
        calling.ops.later(minutes=20)
        await watchdog.look(parts)
        await pipeline.deliver(captured("37"))
        await watchdog.look(parts)
        assert await incidents.unresolved() == []
        [ended] = await incidents.incidents()
        assert ended.summary == "The watchdog is heard of again."

        calling.ops.later(minutes=14)
        await watchdog.look(parts)
        assert await incidents.unresolved() == []
        calling.ops.later(minutes=2)
        await watchdog.look(parts)
        [opened] = await incidents.unresolved()
        assert opened.title == "Alert pipeline silent: Watchdog was not heard of for 16 min"

    async def test_without_a_watchdog_in_the_policy_silence_says_nothing(
        self, settings: Settings, database: Database, queue: Queue
    ) -> None:
        ops = Ops(calling_parts(settings, database, queue))
        await watchdog.look(ops.parts)
        ops.later(hours=3)
        await watchdog.look(ops.parts)
        assert await incidents.unresolved() == []
        assert await outbox.pending_count() == 0
