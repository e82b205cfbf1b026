"""People are called until one acknowledges, whatever a platform refuses, once however many processes look."""

import asyncio
from datetime import timedelta

import pytest

from chatops.jobs.oncall import keep
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import incidents, pages, timeline
from storage.budget import SUMMARY
from storage.database import Database
from storage.incidents import IncidentState
from storage.queue import Queue
from tests.chatops.acting import ALICE, OLGA, PEOPLE, RITA, VERA, Ops
from tests.chatops.calling import Calling, calling_parts

CHANNELS = ["discord:7", "telegram:-70"]
TO_OLGA, TO_RITA = ["discord:3", "telegram:13"], ["discord:4", "telegram:14"]
TO_ADMINS = ["discord:1", "discord:2", "telegram:11", "telegram:12"]


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue)


@pytest.fixture
def calling(ops: Ops) -> Calling:
    return Calling(ops)


class TestAnIncident:
    async def test_the_primary_is_called_on_both_platforms_and_by_name_in_both_channels(self, calling: Calling) -> None:
        await calling.incident()
        assert await calling.after() == sorted(TO_OLGA + CHANNELS)

        [channel] = [one for one in calling.new if one.chat == "7"]
        assert channel.payload is not None
        assert channel.payload["mentions"] == [{"name": "Olga", "user": "3"}]
        [direct] = [one for one in calling.new if one.chat == "13"]
        assert direct.address == {"unasked": True, "direct": True}

    async def test_it_is_repeated_every_five_minutes_then_the_secondary_then_admins(self, calling: Calling) -> None:
        await calling.incident()
        said = {}
        for half in range(0, 72, 5):
            if sent := await calling.after(seconds=150 if half else 0):
                said[half / 2] = sorted(set(sent) - set(CHANNELS))
        second, third = sorted(TO_OLGA + TO_RITA), sorted(TO_OLGA + TO_RITA + TO_ADMINS)
        assert said == {0: TO_OLGA, 5: TO_OLGA, 10: TO_OLGA, 15: second, 20: second, 25: second, 30: third, 35: third}

    async def test_whoever_acknowledges_the_page_acknowledges_the_incident_and_nobody_is_called_any_more(
        self, calling: Calling
    ) -> None:
        opened = await calling.incident()
        await calling.after()
        calling.ops.later(minutes=3)
        answer = await calling.ops.done(RITA, "oncall ack")

        assert answer.text == "You acknowledged INC-1 OCR is down, 3 min after the page began."
        found = await incidents.incident(opened.id)
        assert (found.state, found.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "Rita")
        again = await calling.ops.done(OLGA, "oncall ack", page=answer.data["page"])
        assert again.text == "INC-1 OCR is down: acknowledged by Rita, 3 min after the page began."
        assert await calling.after(minutes=60) == []

    async def test_an_acknowledged_incident_ends_its_page_and_a_withdrawn_one_begins_another(
        self, calling: Calling
    ) -> None:
        opened = await calling.incident()
        await calling.after()
        await incidents.acknowledge(opened.id, by="Rita", now=calling.ops.now)
        assert await calling.after(minutes=6) == []
        [page] = await pages.pages_of(opened.id)
        assert (page.acknowledged_by, page.outcome) == ("Rita", "acknowledged by Rita")

        await incidents.unacknowledge(opened.id, by="Rita", now=calling.ops.now)
        assert await calling.after(seconds=2) == sorted(TO_OLGA + CHANNELS)

    async def test_a_resolved_incident_calls_nobody(self, calling: Calling) -> None:
        opened = await calling.incident()
        await calling.after()
        await incidents.resolve(opened.id, "It was the cable.", by="Rita", now=calling.ops.now)
        assert await calling.after(minutes=6) == []
        [page] = await pages.pages_of(opened.id)
        assert page.outcome == "resolved by Rita"

    async def test_p2_and_p3_have_tickets_and_call_nobody(self, calling: Calling) -> None:
        opened = await calling.incident(Severity.P2)
        assert await calling.after() == []
        found = await incidents.incident(opened.id)
        assert found.ticket == "internal INC-1, due 2026-11-01 14:00 UTC"
        assert "INC-1 is P2, for which nobody is called: it has a ticket." in await calling.ops.refused(
            OLGA, "oncall page", reason="please look", incident="1"
        )

    async def test_a_severity_that_rises_calls_and_one_that_falls_stops(self, calling: Calling) -> None:
        opened = await calling.incident(Severity.P2)
        await calling.after()
        await incidents.set_severity(opened.id, Severity.P1, by="Rita", now=calling.ops.now)
        assert await calling.after(seconds=2) == sorted(TO_OLGA + CHANNELS)
        await incidents.set_severity(opened.id, Severity.P3, by="Rita", now=calling.ops.now)
        assert await calling.after(minutes=6) == []
        assert [one.outcome for one in await pages.pages_of(opened.id)] == ["P3 pages nobody"]

    async def test_at_the_handover_the_next_one_is_called(self, calling: Calling) -> None:
        calling.ops.later(hours=19, minutes=58)
        await calling.incident()
        assert set(await calling.after()) >= set(TO_OLGA)
        assert await calling.after(minutes=5) == sorted(TO_RITA + CHANNELS)

    async def test_everything_is_on_the_timeline(self, calling: Calling) -> None:
        opened = await calling.incident()
        await calling.after()
        await calling.after(minutes=15)
        told = await timeline.events(opened.id, kinds=["page"])
        assert [one.text for one in told] == ["Olga called, round 1.", "Olga and Rita called, round 2."]


class TestWhatDoesNotArrive:
    async def test_what_one_platform_refuses_goes_by_the_other_and_is_said(self, calling: Calling) -> None:
        calling.refusing["telegram:13"] = "Forbidden: bot was blocked by the user"
        opened = await calling.incident()
        await calling.after()
        assert await calling.after(seconds=2) == []
        sentence = (
            "Telegram refused the page to Olga for INC-1 OCR is down: Forbidden: bot was blocked by the user. It is on "
            "its way by Discord."
        )
        assert (calling.said("discord:7"), calling.said("telegram:-70")) == ([sentence], [sentence])
        assert [one.text for one in await timeline.events(opened.id, kinds=["page"])][1:] == [
            sentence.partition(" It is on")[0]
        ]

        await calling.after(minutes=5)
        await calling.after(seconds=2)
        assert calling.said("discord:7") == [], "it is said once"

    async def test_when_nothing_reaches_somebody_the_next_is_called_at_once(self, calling: Calling) -> None:
        calling.refusing |= {"telegram:13": "blocked", "discord:3": "takes no direct messages"}
        await calling.incident()
        await calling.after()
        await calling.after(seconds=2)
        assert "Olga cannot be reached, so the next are called now." in " ".join(calling.said("discord:7"))
        assert set(await calling.after(seconds=2)) >= set(TO_OLGA + TO_RITA)

    async def test_a_platform_that_is_away_is_said_on_the_other_when_it_is_late(self, calling: Calling) -> None:
        calling.away.add("discord")
        await calling.incident()
        await calling.after()
        await calling.after(seconds=44)
        assert calling.new == []
        await calling.after(seconds=2)
        assert [one.split(":")[0] for one in calling.said("telegram:-70")] == [
            "Discord has not taken the page in the channel 7 for INC-1 OCR is down",
            "Discord has not taken the page to Olga for INC-1 OCR is down",
        ]

    async def test_without_anybody_on_call_admins_are_called(
        self, settings: Settings, database: Database, queue: Queue
    ) -> None:
        calling = Calling(Ops(calling_parts(settings, database, queue, PEOPLE)))
        await calling.incident()
        assert await calling.after() == sorted(TO_ADMINS + CHANNELS)


class TestByHand:
    async def test_somebody_is_called_with_a_plan_that_says_who_and_how(self, calling: Calling) -> None:
        plan = await calling.ops.planned(RITA, "oncall page", reason="the office is on fire")
        assert plan.summary == (
            "Olga is called on Discord and Telegram, every 5 min until somebody acknowledges; others after 15 min, all "
            "admins after 30 min."
        )
        answer = await calling.ops.done(RITA, "oncall page", reason="the office is on fire")
        assert answer.text.startswith("the office is on fire: said 1 times, next 2026-11-01 12:05 UTC")
        assert answer.table is not None
        assert {row[:2] for row in answer.table.rows} == {
            ("Olga", "discord"),
            ("Olga", "telegram"),
            ("channel 7", "discord"),
            ("channel -70", "telegram"),
        }

    async def test_an_escalation_calls_the_next_now(self, calling: Calling) -> None:
        await calling.incident()
        await calling.after()
        await calling.ops.done(OLGA, "oncall escalate", incident="INC-1")
        assert await calling.called() == sorted(TO_OLGA + TO_RITA + CHANNELS)
        await calling.ops.done(OLGA, "oncall escalate")
        assert set(await calling.called()) >= set(TO_ADMINS)
        assert "All admins are called already." in await calling.ops.refused(OLGA, "oncall escalate")

    async def test_a_viewer_calls_nobody(self, calling: Calling) -> None:
        assert "needs the role responder" in await calling.ops.refused(VERA, "oncall page", reason="hello there")

    async def test_pages_are_listed(self, calling: Calling) -> None:
        assert (await calling.ops.done(VERA, "oncall pages")).text == "Nobody is being called."
        await calling.incident()
        await calling.after()
        listed = await calling.ops.answer(VERA, "oncall pages")
        assert listed.text == "1 pages are not acknowledged."
        shown = await calling.ops.done(VERA, "oncall pages", page=listed.data[0]["page"])
        assert shown.table is not None
        assert shown.table.rows[0][3] == "on its way"


class TestSeveralProcesses:
    async def test_each_thing_is_done_once(self, calling: Calling) -> None:
        await calling.incident()
        others = [Ops(calling.ops.parts) for _ in range(3)]
        called = []
        for minutes in (0, 5, 10, 15):
            calling.ops.later(minutes=minutes)
            for one in others:
                one.now = calling.ops.now
            await asyncio.gather(*(keep(one.parts) for one in (calling.ops, *others)))
            called += await calling.called()
            assert len({(one.platform, one.chat, one.origin) for one in calling.new}) == len(calling.new)
        assert called.count("discord:3") == 4
        [page] = await pages.open_pages()
        assert page.round == 4

    async def test_what_was_missed_is_said_once_by_whoever_comes_back(self, calling: Calling) -> None:
        await calling.incident()
        await calling.after()
        assert await calling.after(minutes=17) == sorted(TO_OLGA + TO_RITA + CHANNELS)
        [page] = await pages.open_pages()
        assert page.next_at == page.opened_at + timedelta(minutes=20)


async def test_a_storm_becomes_a_few_messages(calling: Calling) -> None:
    for number in range(60):
        await calling.incident(Severity.P1, f"alert {number}")
    sent = await calling.after()
    assert sent.count("discord:3") == 6
    assert len(await pages.open_pages()) == 60
    assert len(sent) == 18
    assert sent.count("discord:7") == 3
    summary = next(one for one in calling.new if one.subject == SUMMARY and one.chat == "7")
    assert summary.payload is not None
    assert summary.payload["count"] == 3
    assert summary.payload["lines"][-1]["line"].startswith("Olga called: P1 INC-")

    for number in range(20):
        await calling.incident(Severity.P0, f"another {number}")
        assert await calling.after(seconds=0.5) == []
    sent = await calling.after(seconds=10)
    assert sent.count("discord:3") == 1
    [message] = [one for one in calling.new if one.chat == "3" and one.subject == "page"]
    assert message.payload is not None
    assert len(message.payload["more"]) == 20
    assert len(await pages.open_pages()) == 80
    assert ALICE.user == "1"


class TestWhatCannotBe:
    async def test_a_page_that_is_none(self, calling: Calling) -> None:
        assert await calling.ops.refused(RITA, "oncall ack") == "Nobody is being called."
        assert "There is no page" in await calling.ops.refused(RITA, "oncall ack", page="PAGE-9")

    async def test_nobody_is_called_for_what_is_over_or_waits_for_the_morning(self, calling: Calling) -> None:
        await calling.incident(severity=Severity.P3)
        said = await calling.ops.refused(RITA, "oncall page", reason="now", incident="INC-1")
        assert said.startswith("INC-1 is P3, for which nobody is called: it has a ticket.")
        [opened] = await incidents.incidents()
        await incidents.acknowledge(opened.id, by="Rita", now=calling.ops.now)
        await incidents.resolve(opened.id, "gone", by="Rita", now=calling.ops.now)
        assert "INC-1 is resolved." in await calling.ops.refused(RITA, "oncall page", reason="now", incident="INC-1")

    async def test_an_escalation_beyond_all(self, calling: Calling) -> None:
        await calling.incident()
        assert "Nobody was called for INC-1 yet" in await calling.ops.refused(RITA, "oncall escalate", incident="INC-1")
        await calling.after()
        await calling.ops.done(RITA, "oncall escalate", incident="INC-1")
        await calling.ops.done(RITA, "oncall escalate", incident="INC-1")
        assert "All admins are called already." in await calling.ops.refused(RITA, "oncall escalate", incident="INC-1")
        [page] = await pages.open_pages()
        both = await calling.ops.refused(RITA, "oncall escalate", incident="INC-1", page=page.name)
        assert both == "Give a page or an incident, not both."
        await calling.ops.done(OLGA, "oncall ack")
        assert "This page has ended" in await calling.ops.refused(RITA, "oncall escalate", page=page.name)
