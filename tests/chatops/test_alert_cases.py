"""Edge cases that the receiver of an Alertmanager must survive, each a test by its number: 1 to 12."""

import asyncio

import pytest

from storage import alerts, incidents
from storage.alert_records import AlertState
from storage.incidents import IncidentState
from tests.chatops.acting import Ops
from tests.chatops.pipeline import Counted, Pipeline, alert, body, captured, group_of
from tests.fakes.alertmanager import FakeAlertmanager
from tests.making import NOW, seconds

FIRING = body(alert("a", at=NOW))
ENDED = body(alert("a", at=NOW, ended=seconds(60)))


async def test_01_an_exact_duplicate_posts_nothing(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    for after in (1, 60, 14 * 60, 4 * 3600):
        pipeline.ops.now = seconds(after)
        await pipeline.deliver(FIRING | {"externalURL": "http://am-b:9093"})

    assert await pipeline.counted() == Counted(1, 0, 1)
    assert (await pipeline.alert()).last_heard_at == seconds(4 * 3600)


async def test_02_two_members_in_the_same_instant_make_one_post(pipeline: Pipeline) -> None:
    one, two = Pipeline(Ops(pipeline.ops.parts)), Pipeline(Ops(pipeline.ops.parts))
    await one.store(captured("30"))
    await two.store(captured("31"))

    await asyncio.gather(one.fold(), two.fold(), one.fold(), two.fold())

    assert await pipeline.counted() == Counted(1, 0, 1)
    assert len(await incidents.incidents()) == 1


class TestCase03OutOfOrder:
    STALE = FIRING | {"externalURL": "http://am-b:9093"}

    async def fired_and_ended(self, pipeline: Pipeline) -> None:
        await pipeline.deliver(FIRING)
        pipeline.ops.later(seconds=60)
        await pipeline.deliver(ENDED)
        pipeline.ops.later(seconds=4)

    async def test_the_late_firing_is_no_news_and_its_end_settles_it(self, pipeline: Pipeline) -> None:
        await self.fired_and_ended(pipeline)
        await pipeline.deliver(self.STALE)
        assert (await pipeline.alert()).state is AlertState.SUSPECT
        assert (await pipeline.incident()).is_resolved

        pipeline.ops.later(seconds=12)
        await pipeline.deliver(body(alert("a", at=NOW, ended=seconds(74))))

        assert (await pipeline.alert()).state is AlertState.RESOLVED
        assert (await pipeline.incident()).reopened == 0

    async def test_alertmanager_is_asked_and_does_not_have_it(self, asking: Pipeline, fake: FakeAlertmanager) -> None:
        await self.fired_and_ended(asking)
        await asking.deliver(self.STALE)

        assert await asking.settle() == 1
        assert (await asking.alert()).state is AlertState.RESOLVED
        assert (await asking.incident()).reopened == 0

    async def test_alertmanager_is_asked_and_has_it(self, asking: Pipeline, fake: FakeAlertmanager) -> None:
        await self.fired_and_ended(asking)
        await asking.deliver(self.STALE)
        fake.fire(FIRING["alerts"][0]["labels"])

        assert await asking.settle() == 1
        found = await asking.alert()
        assert (found.state, found.episode) == (AlertState.FIRING, 2)
        assert (await asking.incident()).reopened == 1

    async def test_without_an_answer_it_counts_as_firing_again_after_two_intervals(self, pipeline: Pipeline) -> None:
        await self.fired_and_ended(pipeline)
        await pipeline.deliver(self.STALE)

        pipeline.ops.later(minutes=9)
        assert await pipeline.settle() == 0
        pipeline.ops.later(minutes=1)
        assert await pipeline.settle() == 1

        assert (await pipeline.alert()).state is AlertState.FIRING
        assert (await pipeline.card()).closed_at is None

    async def test_what_would_be_bad_is_shown_at_once(self, pipeline: Pipeline) -> None:
        bad = alert("a", at=NOW, severity="critical")
        await pipeline.deliver(body(bad))
        pipeline.ops.later(seconds=60)
        await pipeline.deliver(body(alert("a", at=NOW, ended=seconds(60), severity="critical")))
        pipeline.ops.later(seconds=4)
        await pipeline.deliver(body(bad, externalURL="http://am-b:9093"))

        assert (await pipeline.alert()).state is AlertState.SUSPECT
        assert (await pipeline.card()).closed_at is None
        assert (await pipeline.incident()).state is IncidentState.OPEN

    async def test_after_two_intervals_it_simply_fires_again(self, pipeline: Pipeline) -> None:
        await self.fired_and_ended(pipeline)
        pipeline.ops.later(minutes=10)
        await pipeline.deliver(self.STALE)

        assert (await pipeline.alert()).state is AlertState.FIRING

    async def test_the_late_end_of_an_earlier_episode_does_not_end_the_present_one(self, pipeline: Pipeline) -> None:
        await self.fired_and_ended(pipeline)
        await pipeline.deliver(body(alert("a", at=seconds(62))))
        await pipeline.deliver(ENDED | {"externalURL": "http://am-b:9093"})

        assert (await pipeline.alert()).state is AlertState.FIRING


async def test_04_an_end_without_a_beginning_posts_nothing(pipeline: Pipeline) -> None:
    await pipeline.deliver(ENDED)

    assert await pipeline.counted() == Counted(0, 0, 0)
    assert (await pipeline.alert()).state is AlertState.RESOLVED
    assert await incidents.incidents() == []


async def test_05_what_fires_again_is_the_same_card_and_the_same_incident(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    pipeline.ops.later(seconds=60)
    await pipeline.deliver(ENDED)
    assert (await pipeline.incident()).is_resolved

    pipeline.ops.later(minutes=29)
    await pipeline.deliver(body(alert("a", at=seconds(1700))))

    found, card, incident = await pipeline.alert(), await pipeline.card(), await pipeline.incident()
    assert (found.episode, card.fired, card.closed_at) == (2, 2, None)
    assert (incident.state, incident.reopened) == (IncidentState.OPEN, 1)
    assert (await pipeline.counted()).posts == 1


async def test_05_much_later_it_is_a_new_card_and_a_new_incident(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    pipeline.ops.later(seconds=60)
    await pipeline.deliver(ENDED)
    pipeline.ops.later(minutes=31)
    await pipeline.deliver(body(alert("a", at=seconds(1900))))

    assert [one.number for one in await incidents.incidents()] == [2, 1]
    assert (await pipeline.counted()).posts == 2


async def test_06_an_end_with_another_start_ends_the_episode(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("10"))
    pipeline.ops.later(seconds=12)
    await pipeline.deliver(captured("11"))

    assert (await pipeline.alert()).state is AlertState.RESOLVED
    assert (await pipeline.incident()).is_resolved


async def test_07_a_group_that_ends_leaves_its_silenced_member_open(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("24"), captured("25"))

    assert await pipeline.states() == {"db-1": AlertState.FIRING, "db-2": AlertState.RESOLVED}
    assert (await pipeline.card()).closed_at is None
    assert not (await pipeline.incident()).is_resolved


async def test_08_a_silence_that_ends_brings_no_new_episode(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("24"), captured("25"), captured("26"))

    found = await pipeline.alert("db-1")
    assert (found.state, found.episode) == (AlertState.FIRING, 1)


class TestCase09Vanished:
    async def vanished(self, pipeline: Pipeline) -> None:
        await pipeline.deliver(captured("19"), captured("20"))

    async def test_it_is_not_in_the_last_update_and_goes_on_firing(self, pipeline: Pipeline) -> None:
        await self.vanished(pipeline)

        [missing] = await alerts.missing_alerts()
        assert (missing.labels["instance"], missing.state) == ("db-1", AlertState.FIRING)

    async def test_alertmanager_says_that_it_is_silenced(self, asking: Pipeline, fake: FakeAlertmanager) -> None:
        await self.vanished(asking)
        labels = dict((await asking.alert("db-1")).labels)
        fake.fire(labels, silenced_by="5e7ad1f2-1")
        fake.alerts[0]["fingerprint"] = (await asking.alert("db-1")).fingerprint

        await asking.settle()

        found = await asking.alert("db-1")
        assert (found.state, found.silenced_by) == (AlertState.FIRING, "5e7ad1f2-1")

    async def test_alertmanager_no_longer_knows_it(self, asking: Pipeline, fake: FakeAlertmanager) -> None:
        await self.vanished(asking)
        await asking.settle()

        assert (await asking.alert("db-1")).state is AlertState.STALE
        assert (await asking.card()).closed_at is None

    async def test_without_news_for_a_day_it_is_stale_and_never_resolved(self, pipeline: Pipeline) -> None:
        await self.vanished(pipeline)
        pipeline.ops.later(hours=23)
        await pipeline.settle()
        assert (await pipeline.alert("db-1")).state is AlertState.FIRING

        pipeline.ops.later(hours=2)
        await pipeline.settle()
        assert (await pipeline.alert("db-1")).state is AlertState.STALE
        assert not (await pipeline.incident()).is_resolved

    async def test_heard_of_again_it_fires_on(self, pipeline: Pipeline) -> None:
        await self.vanished(pipeline)
        pipeline.ops.later(hours=25)
        await pipeline.settle()
        await pipeline.deliver(captured("19"))

        found = await pipeline.alert("db-1")
        assert (found.state, found.episode) == (AlertState.FIRING, 1)


async def test_10_a_flapping_alert_is_one_post_and_one_incident(pipeline: Pipeline) -> None:
    for number in range(6):
        start = seconds(240 * number)
        pipeline.ops.now = start
        await pipeline.deliver(body(alert("a", at=start)))
        pipeline.ops.later(seconds=120)
        await pipeline.deliver(body(alert("a", at=start, ended=pipeline.ops.now)))

    card, incident = await pipeline.card(), await pipeline.incident()
    assert (await pipeline.counted()).posts == 1
    assert card.flapping_since is not None
    assert incident.reopened == 1
    assert not incident.is_resolved

    pipeline.ops.later(minutes=31)
    await pipeline.settle()
    assert (await pipeline.card()).flapping_since is None
    assert (await pipeline.incident()).is_resolved


async def test_10_a_hundred_alerts_that_fire_at_once_do_not_flap(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("22"))

    assert (await pipeline.card()).flapping_since is None


async def test_11_a_hundred_and_twenty_alerts_are_one_card(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("22"))

    assert await pipeline.counted() == Counted(1, 0, 120)


async def test_12_what_was_left_off_has_not_vanished(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("23"))
    fewer = captured("23")
    fewer["alerts"] = fewer["alerts"][:50]
    fewer["truncatedAlerts"] = 70
    await pipeline.deliver(fewer)

    assert await alerts.missing_alerts() == []
    [group] = await alerts.groups_of_card((await pipeline.card()).id)
    assert group.truncated == 70


async def test_12_an_alert_that_was_never_told_may_end(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("23"))
    unseen = alert("worker-777:9000", at=NOW, ended=seconds(5), alertname="WorkerDown")
    await pipeline.deliver(captured("23") | {"alerts": [unseen]})

    assert (await pipeline.alert("worker-777:9000")).state is AlertState.RESOLVED


@pytest.mark.slow
async def test_11_five_thousand_alerts_are_one_card_too(pipeline: Pipeline) -> None:
    names = [f"host-{number}" for number in range(5000)]
    await pipeline.deliver(group_of(*names, at=NOW))
    assert await pipeline.counted() == Counted(1, 0, 5000)

    await pipeline.deliver(group_of(*names, at=NOW, ended=names, end=seconds(60)))
    assert (await pipeline.counted()).open == 0
    assert (await pipeline.incident()).is_resolved
