"""Edge cases that the receiver of an Alertmanager must survive, each a test by its number: 13 to 24.

Case 20 (a card that was deleted) is with delivery, case 25 (what is no delivery at all) with the ingress.
"""

from datetime import timedelta
from uuid import UUID

import pytest

from chatops.alerting.alerts import severity_of
from chatops.alerting.watchdog_alert import is_blind
from chatops.parts import Parts
from config.ops_alerts import AlertRules
from config.ops_oncall import Severity
from storage import alerts, cards, incidents, outbox, timeline
from storage.budget import DIGEST
from storage.incidents import IncidentState
from tests.chatops.acting import PEOPLE, Ops, parts_of
from tests.chatops.pipeline import Counted, Pipeline, alert, body, captured, group_of
from tests.making import NOW, seconds

WATCHED = PEOPLE + "on_call:\n  watchdog: {alert: Watchdog, within: 15m}\n"


FIRING = body(alert("a", at=NOW))
ENDED = body(alert("a", at=NOW, ended=seconds(60)))


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
    for number in range(5):
        await pipeline.deliver(body(alert("a", at=NOW, alertname=f"Alert{number}")))
    assert (await pipeline.counted()).posts == 5

    pipeline.ops.later(minutes=31)
    await pipeline.deliver(body(alert("a", at=NOW, alertname="Later")))
    await pipeline.post()

    [message] = await pipeline.messages()
    digest = await cards.digest(UUID(message.subject_id))
    assert (message.subject, digest.reason, len(digest.cards)) == (DIGEST, "outage", 6)


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
        assert len(first) == 18

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
    monkeypatch.setattr("chatops.alerting.folding.step", lambda *_: 1 / 0)
    await pipeline.deliver(FIRING)

    assert await alerts.failed_count() == 1
    due = await outbox.due_messages(["discord"], now=pipeline.ops.now)
    assert "could not be understood" in (due[0].payload or {})["text"]
