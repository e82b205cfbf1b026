"""Maintenance: begun, prolonged, ended and planned in chat."""

import asyncio
import re
from datetime import timedelta

import pytest

from chatops.alerting.alertmanager import Alertmanager
from chatops.alerting.muting import Muting
from chatops.queueing import maintaining
from chatops.queueing.maintaining import SILENCING, Wish
from config.ops import parse_policy
from config.ops_maintenance import MaintenanceEntry
from config.settings import Settings, SettingsError
from storage import conversions, maintenance, outbox
from storage.database import Database
from storage.maintenance import Mode
from storage.queue import Queue
from storage.records import ConversionRecord, State
from tests.chatops.acting import OLGA, PEOPLE, RITA, VERA, Ops, parts_of
from tests.fakes.alertmanager import FakeAlertmanager
from tests.making import NOW, accepted, finished, seconds, somebody

CHANNEL = """
announcements:
  - {platform: discord, chat: "100"}
"""


@pytest.fixture
def ops(settings: Settings, database: Database, queue: Queue) -> Ops:
    return Ops(parts_of(settings, database, queue, policy=PEOPLE + CHANNEL))


@pytest.fixture
def muting(settings: Settings, database: Database, queue: Queue, fake: FakeAlertmanager) -> Ops:
    """With an Alertmanager, whose clock is the console's."""
    alertmanager = Alertmanager.of(fake.address)
    fake.now = lambda: ops.now
    muted = Muting(alertmanager, MaintenanceEntry(), lambda: ops.now)
    ops = Ops(parts_of(settings, database, queue, provided={SILENCING.name: muted}))
    return ops


async def said(chat: str) -> list[str]:
    due = await outbox.due_messages(["discord", "telegram"], now=seconds(90 * 86400))
    return [one.payload["text"] for one in due if one.chat == chat and one.payload]


async def state(one: ConversionRecord) -> State:
    return (await conversions.conversion(one.id)).state


class TestOnAndOff:
    async def test_the_plan_says_who_will_notice(self, ops: Ops) -> None:
        await accepted(await somebody())
        for number in range(4):
            await finished(await somebody(f"p{number}"), f"p{number}")

        plan = await ops.planned(OLGA, "maintenance on", reason="a new disk", for_="2h")

        assert plan.summary == (
            "Maintenance (soft) for 2 h, until 2026-11-01 14:00 UTC. What is in the queue goes on to its end (1 "
            "picture); new ones wait, about 10 at the pace of the last hour. Players are told in 1 chat, and when they "
            "send a picture. Alerts are not muted: ALERTMANAGER_URL is not set, so that no alert can be muted."
        )
        hard = await ops.planned(OLGA, "maintenance on", reason="a new disk", mode="hard")
        assert "Lists cannot be copied or corrected meanwhile." in hard.summary

    async def test_new_pictures_wait_and_go_on_when_it_is_over(self, ops: Ops, queue: Queue) -> None:
        person = await somebody()
        before = await accepted(person, "before")
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        meanwhile = await accepted(person, "meanwhile", at=seconds(60))
        assert (await state(before), await state(meanwhile)) == (State.QUEUED, State.HELD)

        ops.later(minutes=10)
        over = await ops.done(OLGA, "maintenance off")

        assert over.text.startswith("Maintenance is over after 10 min. 1 picture that had to wait: in the queue now.")
        assert await state(meanwhile) is State.QUEUED
        assert str(meanwhile.id) in await queue.all_ids()

    async def test_off_says_what_is_not_well(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        over = await ops.done(OLGA, "maintenance off")
        assert over.data["troubles"] == ["No worker is running."]
        assert [one.action for one in over.suggestions] == ["health check"]

    async def test_players_are_told_in_both_languages(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk", mode="hard")
        ops.later(minutes=1)
        await ops.done(OLGA, "maintenance off")
        begun, over = await said("100")
        assert begun.splitlines() == [
            "Maintenance until about 2026-11-01 12:30 UTC. Send pictures as usual: they are kept, and read afterwards. "
            "Lists cannot be copied until then.",
            "Maintenance jusque vers 2026-11-01 12:30 UTC. Envoyez vos images comme d'habitude : elles sont gardées et "
            "seront lues ensuite. Les listes ne peuvent pas être copiées d'ici là.",
        ]
        assert over == "Maintenance is over.\nLa maintenance est terminée."

    async def test_nothing_is_told_when_nobody_wants_that(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk", announce="no")
        await ops.done(OLGA, "maintenance off")
        assert await said("100") == []

    async def test_a_harder_mode_and_a_later_end_win(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk", for_="1h")
        again = await ops.done(OLGA, "maintenance on", reason="the tables too", mode="hard", for_="10m")
        assert again.text == "Maintenance (hard) is on until 2026-11-01 13:00 UTC."
        shown = await ops.done(VERA, "maintenance status")
        assert "Maintenance (hard) is on since 2026-11-01 12:00 UTC by Olga" in shown.text

    async def test_what_is_off_cannot_be_ended_or_extended(self, ops: Ops) -> None:
        assert await ops.refused(OLGA, "maintenance off") == "Maintenance is off already."
        assert await ops.refused(OLGA, "maintenance extend") == "Maintenance is off."

    async def test_who_may(self, ops: Ops) -> None:
        assert "needs the role operator" in await ops.refused(RITA, "maintenance on", reason="a new disk")
        assert (await ops.done(VERA, "maintenance status")).text == "Maintenance is off."

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"for_": "9h"}, "for: must be 1m to 8h."),
            ({"for_": "soon"}, "for: must be a time such as 90s, 5m, 1h30m or 2d, 1m to 8h."),
            ({"mode": "herd"}, "mode: did you mean hard?"),
            ({"reason": "x"}, "reason: must have 3 to 200 letters."),
        ],
    )
    async def test_bad_arguments_are_told(self, ops: Ops, given: dict[str, str], said: str) -> None:
        assert await ops.refused(OLGA, "maintenance on", **{"reason": "a new disk", **given}) == said


class TestItsEnd:
    async def test_it_is_warned_of_and_comes_by_itself(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        held = await accepted(await somebody(), at=seconds(60))
        for _ in range(2):
            ops.later(minutes=13)
            await maintaining.look(ops.parts)
        ops.later(minutes=4)
        await maintaining.look(ops.parts)

        warned, ended = await said("7")
        assert warned == "Maintenance ends by itself in 4 min, at 2026-11-01 12:30 UTC."
        assert ended == "Maintenance is over: its time has come. 1 picture that had to wait: in the queue now."
        assert await state(held) is State.QUEUED

    async def test_nothing_is_held_after_its_end_even_if_nobody_noticed_it(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        late = await accepted(await somebody(), at=NOW + timedelta(minutes=30))
        assert late.state is State.QUEUED

    async def test_it_can_be_extended_but_not_for_ever(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk", for_="7h")
        assert (await ops.done(OLGA, "maintenance extend", for_="1h")).text.startswith(
            "Maintenance (soft) is on until 2026-11-01 20:00 UTC."
        )
        refused = await ops.refused(OLGA, "maintenance extend", for_="1m")
        assert refused == "It would end at 2026-11-01 20:01 UTC; 8 h from now is the most."

    async def test_messages_of_those_who_wait_show_the_new_end(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        held = await accepted(await somebody(), chat="chat", at=seconds(60))
        [before] = await outbox.messages_of(conversions.SUBJECT, str(held.id))
        await ops.done(OLGA, "maintenance extend")
        [after] = await outbox.messages_of(conversions.SUBJECT, str(held.id))
        assert after.wanted == before.wanted + 1


class TestMuting:
    async def test_alerts_are_muted_as_long_as_it_lasts(self, muting: Ops, fake: FakeAlertmanager) -> None:
        plan = await muting.planned(OLGA, "maintenance on", reason="a new disk")
        assert plan.summary.endswith("Alerts are muted meanwhile.")
        on = await muting.done(OLGA, "maintenance on", reason="a new disk")
        [(identity, made)] = fake.made.items()
        assert on.text.endswith(f"Alerts are muted by silence {identity}.")
        assert made["matchers"] == [
            {"name": "service", "value": "backend|bot|worker|postgres|redis", "isRegex": True, "isEqual": True}
        ]
        assert made["createdBy"] == "Olga via screen2deck-bot"
        assert made["endsAt"] == (NOW + timedelta(minutes=30)).isoformat()

        await muting.done(OLGA, "maintenance extend", for_="10m")
        assert [(one, two["endsAt"]) for one, two in fake.made.items()] == [
            (identity, (NOW + timedelta(minutes=40)).isoformat())
        ]
        await muting.done(OLGA, "maintenance off")
        assert fake.made[identity]["endsAt"] == NOW.isoformat()

    async def test_a_silence_that_somebody_ended_is_made_again(self, muting: Ops, fake: FakeAlertmanager) -> None:
        await muting.done(OLGA, "maintenance on", reason="a new disk")
        [first] = fake.made
        fake.made[first]["endsAt"] = NOW.isoformat()
        extended = await muting.done(OLGA, "maintenance extend")
        assert len(fake.made) == 2
        assert extended.data["silence"] not in (first, None)
        fake.made.clear()
        await muting.done(OLGA, "maintenance extend")
        fake.made.clear()
        assert (await muting.done(OLGA, "maintenance off")).text.startswith("Maintenance is over")

    async def test_maintenance_begins_and_ends_though_alertmanager_is_away(
        self, muting: Ops, fake: FakeAlertmanager
    ) -> None:
        fake.is_down = True
        on = await muting.done(OLGA, "maintenance on", reason="a new disk")
        assert "Alerts are not muted: " in on.text
        await muting.done(OLGA, "maintenance off")
        fake.is_down = False
        await muting.done(OLGA, "maintenance on", reason="a new disk")
        fake.is_down = True
        extended = await muting.done(OLGA, "maintenance extend")
        assert "Alerts are muted until 2026-11-01 12:30 UTC only: " in extended.text
        assert "stays until" in (await muting.done(OLGA, "maintenance off")).text

    async def test_alerts_are_not_muted_when_nobody_wants_that(self, muting: Ops, fake: FakeAlertmanager) -> None:
        await muting.done(OLGA, "maintenance on", reason="a new disk", silence="no")
        assert fake.made == {}

    @pytest.mark.parametrize(
        ("mutes", "said"),
        [
            ("{}", "maintenance.mutes: at least one label must say which alerts are this product's."),
            ('{service: ".*"}', "maintenance.mutes: service: .* would mute everything."),
            ('{service: "("}', "service is no regular expression"),
        ],
    )
    def test_what_would_mute_everything_is_refused_at_start(self, mutes: str, said: str) -> None:
        with pytest.raises(SettingsError, match=re.escape(said)):
            parse_policy(f"maintenance:\n  mutes: {mutes}\n")


class TestWindows:
    async def test_a_window_is_announced_begins_and_ends(self, ops: Ops) -> None:
        planned = await ops.done(OLGA, "maintenance schedule", at="2026-11-03T12:00", reason="a new disk", for_="1h")
        window = planned.data["id"]
        assert planned.text == f"Window {window} is planned from 2026-11-03 12:00 UTC to 2026-11-03 13:00 UTC."

        told = []
        for hours in (23, 1, 22, 1, 0.94, 0.1, 0.95):
            ops.later(hours=hours)
            await maintaining.look(ops.parts)
            told.append((len(await said("7")), len(await said("100"))))

        assert told == [(0, 0), (1, 1), (1, 1), (2, 2), (3, 3), (4, 4), (5, 4)]
        assert [one.split(":")[0] for one in await said("7")] == [
            "Maintenance (soft) begins in 1 d",
            "Maintenance (soft) begins in 1 h",
            "Maintenance (soft) begins in 3 min 36 s",
            "Maintenance (soft) has begun as planned, until 2026-11-03 13",
            "Maintenance ends by itself in 36 s, at 2026-11-03 13",
        ]
        assert (await said("100"))[2].startswith("Maintenance begins in 4 min, at 2026-11-03 12:00 UTC, and takes")
        assert await maintenance.windows() == []

    async def test_what_was_missed_is_told(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance schedule", at="+1h", reason="a new disk")
        ops.later(hours=3)
        await maintaining.look(ops.parts)
        assert await said("7") == [
            "The maintenance planned for 2026-11-01 13:00 UTC was missed: nobody was here to begin it."
        ]

    async def test_windows_do_not_overlap_and_are_taken_back(self, ops: Ops) -> None:
        first = await ops.done(OLGA, "maintenance schedule", at="+1h", reason="a new disk")
        refused = await ops.refused(OLGA, "maintenance schedule", at="+80m", reason="the tables")
        window = first.data["id"]
        assert refused == f"Window {window} is planned from 2026-11-01 13:00 UTC to 2026-11-01 13:30 UTC."

        assert await ops.refused(OLGA, "maintenance unschedule", window="nope") == (
            f"window: nope is not planned; planned are: {window}."
        )
        await ops.done(OLGA, "maintenance unschedule", window=window)
        assert (await ops.done(VERA, "maintenance status")).data["windows"] == []

    @pytest.mark.parametrize("at", ["2026-11-01T11:00", "+100d"])
    async def test_it_begins_in_the_near_future(self, ops: Ops, at: str) -> None:
        refused = await ops.refused(OLGA, "maintenance schedule", at=at, reason="a new disk")
        assert refused == "at: must lie ahead, within 60 d; it is 2026-11-01 12:00 UTC now."


class TestOthers:
    async def test_those_who_need_quiet_leave_what_somebody_else_began(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        begun = await maintaining.begin(ops.parts, Wish(Mode.HARD, "new tables", timedelta(minutes=5), "Alice"))
        assert (begun.is_new, begun.record.mode, begun.record.by) == (False, Mode.HARD, "Olga")

    async def test_two_that_end_it_at_once_end_it_once(self, ops: Ops) -> None:
        await ops.done(OLGA, "maintenance on", reason="a new disk")
        ended = await asyncio.gather(maintaining.end(ops.parts), maintaining.end(ops.parts))
        assert sorted(one is None for one in ended) == [False, True]
        assert len(await said("100")) == 2
