"""The 25 edge cases that the receiver of an Alertmanager must survive, each a test by its number.

Case 25 (what is no delivery at all) is with the ingress, case 18 with a real process (tests/chaos).
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chatops.alertmanager import ALERTMANAGER, Alertmanager
from chatops.alerts import severity_of
from chatops.parts import Parts
from chatops.watchdog_alert import is_blind
from config.ops_alerts import AlertRules
from config.ops_oncall import Severity
from storage import alerts, cards, incidents, outbox, timeline
from storage.alert_records import AlertState
from storage.cards import DIGEST
from storage.incidents import IncidentState
from tests.chatops.acting import PEOPLE, Ops, parts_of
from tests.chatops.pipeline import Counted, Pipeline, alert, body, captured, group_of
from tests.fakes.alertmanager import FakeAlertmanager, served
from tests.making import NOW, seconds

WATCHED = PEOPLE + "on_call:\n  watchdog: {alert: Watchdog, within: 15m}\n"


@pytest.fixture
def pipeline(ops: Ops) -> Pipeline:
    return Pipeline(ops)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAlertmanager]:
    async with served(FakeAlertmanager()) as found:
        yield found


@pytest.fixture
def asking(parts: Parts, fake: FakeAlertmanager) -> Pipeline:
    """With an Alertmanager that can be asked."""
    return Pipeline(Ops(replace(parts, provided={ALERTMANAGER.name: Alertmanager.of(fake.address)})))


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


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-01T12:00:00.970763673Z", "0001-01-01T00:00:00Z"),
        ("2026-11-01T12:00:00Z", "0001-01-01T00:00:00-08:00"),
        ("2026-11-01T20:00:00.5+08:00", "0001-01-01T00:00:00+14:00"),
        ("2036-01-01T00:00:00Z", "2026-11-01T11:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"),
        ("", "nonsense"),
    ],
)
async def test_13_odd_times_are_no_fault(pipeline: Pipeline, start: str, end: str) -> None:
    await pipeline.deliver(body({**alert("a", at=NOW), "startsAt": start, "endsAt": end}))
    assert await pipeline.counted() == Counted(1, 0, 1)

    ended = {**alert("a", at=NOW), "startsAt": start, "endsAt": end, "status": "resolved"}
    await pipeline.deliver(body(ended))
    assert (await pipeline.counted()).open == 0
    assert await alerts.failed_count() == 0


async def test_13_a_start_with_nanoseconds_is_the_same_start(pipeline: Pipeline) -> None:
    exact = "2026-11-01T12:00:00.970763673Z"
    await pipeline.deliver(body({**alert("a", at=NOW), "startsAt": exact}))

    assert (await pipeline.alert()).starts_at == NOW + timedelta(microseconds=970763)


async def test_14_hostile_text_is_kept_as_it_is(pipeline: Pipeline) -> None:
    await pipeline.deliver(captured("29"))

    assert (await pipeline.alert()).name == "@everyone <@&123> [x](http://evil.example)"
    assert await pipeline.counted() == Counted(1, 0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": None, "annotations": None},
        {"labels": {"instance": "a"}, "annotations": {}},
        {"labels": {"alertname": 7, "severity": None, "up": True, "list": [1]}, "annotations": []},
        {"labels": {}, "fingerprint": None},
        {"status": "on fire", "generatorURL": 5},
        {"something": {"new": 1}},
    ],
)
async def test_15_whatever_is_missing_or_odd(pipeline: Pipeline, changes: dict[str, object]) -> None:
    await pipeline.deliver(body({**alert("a", at=NOW), **changes}))

    assert await pipeline.counted() == Counted(1, 0, 1)


def test_15_severities() -> None:
    rules = AlertRules()
    assert severity_of({}, {}, rules) is Severity.P2
    assert severity_of({"severity": "Critical"}, {}, rules) is Severity.P1
    assert severity_of({"severity": "page"}, {}, rules) is Severity.P0
    assert severity_of({"severity": "whatever"}, {}, rules) is Severity.P2
    assert severity_of({"severity": "info"}, {"incident_severity": "p0"}, rules) is Severity.P0
    assert severity_of({"severity": "info"}, {"incident_severity": "P9"}, rules) is Severity.P3


async def test_16_a_group_whose_key_has_changed_keeps_its_card(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of("a", "b", at=NOW))
    pipeline.ops.later(minutes=5)
    await pipeline.deliver(group_of("a", "b", at=NOW) | {"groupKey": '{}/{team="ops"}:{alertname="HighLatency"}'})

    assert (await pipeline.counted()).posts == 1
    assert len(await incidents.incidents()) == 1

    ended = body(alert("a", at=NOW, ended=seconds(400)), alert("b", at=NOW, ended=seconds(400)))
    await pipeline.deliver(ended | {"groupKey": '{}/{team="ops"}:{alertname="HighLatency"}'})
    assert (await pipeline.card()).closed_at is not None
    assert (await pipeline.incident()).is_resolved


async def test_17_an_alert_by_two_routes_is_one_incident(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING, FIRING | {"groupKey": "{}/{continued}:{}", "receiver": "audit"})

    assert (await pipeline.counted()).posts == 1
    assert (await pipeline.counted()).open == 1
    assert len(await incidents.incidents()) == 1
    assert len(await alerts.groups_of_card((await pipeline.card()).id)) == 2


async def test_17_two_clusters_with_the_same_labels_are_told_apart(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING, tenant="prod")
    await pipeline.deliver(FIRING, tenant="staging")

    assert len(await incidents.incidents()) == 2


async def test_18_what_was_stored_before_the_end_is_posted_at_the_next_start(pipeline: Pipeline) -> None:
    await pipeline.store(FIRING)
    again = Pipeline(Ops(pipeline.ops.parts))
    await again.fold(post=False)
    assert (await pipeline.counted()).posts == 0

    third = Pipeline(Ops(pipeline.ops.parts))
    await third.post()
    await third.post()
    assert (await pipeline.counted()).posts == 1


async def test_19_a_chat_that_was_away_for_long_gets_one_digest(pipeline: Pipeline) -> None:
    for number in range(8):
        await pipeline.deliver(body(alert("a", at=NOW, alertname=f"Alert{number}")))
    assert (await pipeline.counted()).posts == 8

    pipeline.ops.later(minutes=31)
    await pipeline.deliver(body(alert("a", at=NOW, alertname="Later")))
    await pipeline.post()

    [message] = await pipeline.messages()
    digest = await cards.digest(UUID(message.subject_id))
    assert (message.subject, digest.reason, len(digest.cards)) == (DIGEST, "outage", 9)


async def test_19_a_newer_state_takes_the_place_of_an_older_one(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    [before] = await pipeline.messages()
    await pipeline.deliver(ENDED)

    [message] = await pipeline.messages()
    assert message.id == before.id


async def test_21_an_alert_about_the_bot_comes_by_every_platform(pipeline: Pipeline) -> None:
    await pipeline.deliver(body(alert("a", at=NOW, alertname="BotGatewayDown", severity="critical")))

    assert len(await pipeline.messages("7")) == len(await pipeline.messages("-70")) == 1


class TestCase22Watchdog:
    @pytest.fixture
    def watched(self, parts: Parts) -> Pipeline:
        return Pipeline(Ops(parts_of(parts.settings, parts.database, parts.queue, policy=WATCHED)))

    async def test_it_gets_no_card(self, watched: Pipeline) -> None:
        await watched.deliver(captured("37"))

        assert (await watched.counted()).posts == 0
        assert not await is_blind(watched.ops.parts.policy, None, now=watched.ops.now)

    async def test_not_heard_of_for_long_it_is_missing(self, watched: Pipeline) -> None:
        await watched.deliver(captured("37"))
        watched.ops.later(minutes=16)

        assert await is_blind(watched.ops.parts.policy, None, now=watched.ops.now)

    async def test_an_incident_does_not_end_with_it(self, watched: Pipeline) -> None:
        await watched.deliver(captured("37"), captured("38"), captured("40"), captured("39"))

        incident = await watched.incident()
        assert not incident.is_resolved
        assert (await watched.card()).closed_at is not None
        assert [one.kind for one in await timeline.events(incident.id)][-1] == "blind"


class TestCase23Storm:
    async def storm(self, pipeline: Pipeline, bad: int, others: int) -> None:
        for number in range(others):
            await pipeline.store(body(alert("a", at=NOW, alertname=f"Warning{number}")))
        for number in range(bad):
            await pipeline.store(body(alert("a", at=NOW, alertname=f"Bad{number}", severity="critical")))
        await pipeline.fold()

    async def test_the_bad_are_posted_and_the_rest_is_one_digest(self, pipeline: Pipeline) -> None:
        await self.storm(pipeline, bad=12, others=188)

        shown = await pipeline.messages()
        found = [one for one in shown if one.subject != DIGEST]
        posted = [await cards.card(UUID(one.subject_id)) for one in found]
        assert len(shown) <= 20
        assert [one.severity for one in posted] == [Severity.P1] * 12
        [digest] = [await cards.digest(UUID(one.subject_id)) for one in shown if one.subject == DIGEST]
        assert len(digest.cards) == 188

    async def test_more_bad_ones_than_fit_follow_later(self, pipeline: Pipeline) -> None:
        await self.storm(pipeline, bad=30, others=5)
        first = await pipeline.messages()
        assert len(first) == 20

        for _ in range(2):
            pipeline.ops.later(seconds=61)
            await pipeline.post()
        shown = [one for one in await pipeline.messages() if one.subject != DIGEST]
        assert len(shown) == 30

    async def test_what_trickles_in_never_exceeds_twenty_posts_a_minute(self, pipeline: Pipeline) -> None:
        for number in range(60):
            severity = "critical" if number % 3 == 0 else "warning"
            pipeline.ops.now = seconds(number)
            await pipeline.deliver(body(alert("a", at=NOW, alertname=f"Alert{number}", severity=severity)))

        shown = await pipeline.messages()
        assert len(shown) <= 20
        digests = [await cards.digest(UUID(one.subject_id)) for one in shown if one.subject == DIGEST]
        in_digests = {card.id for one in digests for card in one.cards}
        posted = {UUID(one.subject_id) for one in shown if one.subject != DIGEST}
        assert len(in_digests | posted) == 60


async def test_24_an_old_repeat_is_not_new(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    pipeline.ops.later(days=3)
    await pipeline.deliver(FIRING)

    assert await pipeline.counted() == Counted(1, 0, 1)
    assert (await pipeline.alert()).episode == 1


async def test_24_what_is_heard_of_late_has_its_own_start(pipeline: Pipeline) -> None:
    pipeline.ops.later(days=3)
    await pipeline.deliver(FIRING)

    assert (await pipeline.alert()).starts_at == NOW
    assert (await pipeline.counted()).posts == 1


async def test_a_worse_alert_raises_card_and_incident(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    worse = alert("b", at=NOW, severity="critical")
    await pipeline.deliver(body(alert("a", at=NOW), worse))

    assert (await pipeline.card()).severity is Severity.P1
    assert (await pipeline.incident()).severity is Severity.P1


async def test_a_resolved_incident_is_reopened_by_a_new_member(pipeline: Pipeline) -> None:
    await pipeline.deliver(FIRING)
    incident = await pipeline.incident()
    await incidents.resolve(incident.id, "Somebody was sure.", by="Olga", now=pipeline.ops.now)
    await pipeline.deliver(group_of("a", "b", at=NOW))

    assert (await pipeline.incident()).state is IncidentState.OPEN


async def test_a_fault_of_ours_loses_nothing_and_is_told(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatops.folding.step", lambda *_: 1 / 0)
    await pipeline.deliver(FIRING)

    assert await alerts.failed_count() == 1
    due = await outbox.due_messages(["discord"], now=pipeline.ops.now)
    assert "could not be understood" in (due[0].payload or {})["text"]
