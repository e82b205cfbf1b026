"""Alerts and silences as people handle them, with a small Alertmanager that answers as several releases do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager, Matcher, NoSuchSilence
from chatops.alerting.silencing import read_matchers
from chatops.jobs.alerts import tell_ends
from chatops.parts import Parts
from storage import incidents, outbox, silences, timeline
from tests.chatops.acting import ALICE, OLGA, OPS, RITA, VERA, Ops
from tests.chatops.pipeline import Pipeline, alert, body, group_of
from tests.fakes.alertmanager import FakeAlertmanager, served
from tests.making import NOW

WHY = "The disk is being replaced"


@pytest.fixture
def asked(asking: Pipeline, fake: FakeAlertmanager) -> Ops:
    """A console that asks the small Alertmanager, whose clock is its own."""
    fake.now = lambda: asking.ops.now
    return asking.ops


@pytest.fixture
async def cluster(fake: FakeAlertmanager) -> AsyncIterator[FakeAlertmanager]:
    """A second member."""
    async with served(FakeAlertmanager()) as other:
        yield other


async def fires(pipeline: Pipeline, fake: FakeAlertmanager, *instances: str, severity: str = "warning") -> None:
    """Alerts that were delivered and that Alertmanager has."""
    told = [alert(one, at=NOW, severity=severity) for one in instances]
    await pipeline.deliver(body(*told))
    for one in told:
        fake.fire(one["labels"])


class TestLooking:
    async def test_alertmanager_is_asked(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await fires(asking, fake, "a", "b")
        fake.fire({"alertname": "Muted"}, silenced_by="x")

        answer = await asked.done(VERA, "alerts list")
        assert answer.text == "2 alerts."
        assert [row["where"] for row in answer.data] == ["a", "b"]
        assert (await asked.done(VERA, "alerts list", state="silenced")).data[0]["alert"] == "Muted"
        assert (await asked.done(VERA, "alerts list", sev="critical")).text == "No alert fires."

    async def test_while_it_is_away_it_is_what_was_told_last(
        self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager
    ) -> None:
        await fires(asking, fake, "a")
        asked.later(minutes=5)
        fake.is_down = True

        answer = await asked.done(VERA, "alerts list")
        assert answer.text.startswith("1 alert. As last told (Alertmanager does not answer at ALERTMANAGER_URL); ")
        assert answer.text.endswith("the last delivery came 5 min ago.")

    async def test_a_card_and_an_alert(self, pipeline: Pipeline) -> None:
        ops = pipeline.ops
        await pipeline.deliver(group_of("a", "b", at=NOW))

        card = await ops.done(VERA, "alerts show", target="A1")
        assert card.text.splitlines()[:2] == ["🟡 P2 · A1 · HighLatency", "2 alerts firing."]
        one = await ops.done(VERA, "alerts show", target=(await pipeline.alert("a")).fingerprint[:8])
        assert one.data["labels"]["instance"] == "a"
        past = await ops.done(VERA, "alerts history", target=(await pipeline.alert("a")).fingerprint)
        assert past.text == "HighLatency fired 1 time."
        assert "no alert, or more than one" in await ops.refused(VERA, "alerts show", target="ffffffff")

    async def test_rules_that_ship(self, ops: Ops) -> None:
        answer = await ops.answer(VERA, "alerts rules")
        assert "set PROMETHEUS_URL to see which are firing" in answer.text

    async def test_the_whole_way_is_tried(self, pipeline: Pipeline) -> None:
        ops = pipeline.ops
        running = asyncio.create_task(ops.done(OLGA, "alerts test"))
        for _ in range(200):
            await asyncio.sleep(0.01)
            await pipeline.fold()
            for message in await pipeline.messages() + await pipeline.messages("-70"):
                await outbox.mark_delivered(message.id, message.wanted, {"id": 1}, now=ops.now)
            if running.done():
                break
        answer = await running

        assert "sent by way of this product alone" in answer.text
        assert [row[0] for row in (answer.table.rows if answer.table else ())] == [
            "until it was known",
            "until a chat showed it",
        ]
        assert await incidents.incidents() == []


class TestSilencing:
    async def test_a_card_is_muted_for_an_hour(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await fires(asking, fake, "a", "b")
        fake.fire({"alertname": "Other"})

        plan = await asked.planned(RITA, "alerts silence", target="A1", comment=WHY)
        assert plan.summary == 'Mutes 2 alerts of 3 firing now, for 1 h: alertname="HighLatency".'
        answer = await asked.done(RITA, "alerts silence", target="A1", comment=WHY)

        [made] = fake.made.values()
        assert made["matchers"] == [{"name": "alertname", "value": "HighLatency", "isRegex": False, "isEqual": True}]
        assert made["createdBy"] == "discord:4 via screen2deck-bot"
        assert made["comment"].startswith(f"{WHY} (INC-1, audit ")
        assert [one.label for one in answer.suggestions] == ["Undo", "1 h longer"]
        incident = await incidents.incident_numbered(1)
        assert [one.kind for one in await timeline.events(incident.id)][-1] == "silenced"
        assert [one.silence for one in await silences.silences_of(incident.id)] == [made["id"]]

    async def test_undone_and_listed(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await fires(asking, fake, "a")
        made = (await asked.done(RITA, "alerts silence", target="A1", comment=WHY)).data["silence"]

        assert (await asked.done(RITA, "alerts silences")).data[0]["silence"] == made
        assert "is told again" in (await asked.done(RITA, "alerts unsilence", id=made[:8])).text
        assert (await asked.done(RITA, "alerts silences")).text == "Nothing is muted."
        assert "is over already" in await asked.refused(RITA, "alerts unsilence", id=made[:8])

    async def test_longer(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await fires(asking, fake, "a")
        made = (await asked.done(RITA, "alerts silence", target="A1", comment=WHY)).data["silence"]
        asked.later(minutes=30)

        answer = await asked.done(RITA, "alerts extend", id=made[:8], for_="2h")
        assert answer.data == {"silence": made, "until": (NOW + timedelta(hours=3)).isoformat()}
        [kept] = await silences.active()
        assert kept.ends_at == NOW + timedelta(hours=3)

    @pytest.mark.parametrize(
        ("target", "sentence"),
        [
            ('alertname=~".+"', "This could mute everything"),
            ("severity=warning", "This could mute everything"),
            ('alertname="",cluster=prod', "This could mute everything"),
            ("alertname!=X", "This could mute everything"),
            ("alertname=~(,instance=a", "is no regular expression"),
            ("what is this", "name a card (A7), a fingerprint, or labels"),
            ("A99", "There is no card A99"),
        ],
    )
    async def test_not_what_could_mute_everything(self, asked: Ops, target: str, sentence: str) -> None:
        assert sentence in await asked.refused(ALICE, "alerts silence", target=target, comment=WHY)

    async def test_what_is_bad_long_or_wide_needs_an_operator(
        self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager
    ) -> None:
        await fires(asking, fake, "a", severity="critical")
        fake.fire({"alertname": "Small", "severity": "info"})
        for options in (
            {"target": "A1"},
            {"target": "alertname=Small", "for_": "5h"},
            {"target": "alertname=HighLatency,instance=a"},
        ):
            refused = await asked.refused(RITA, "alerts silence", comment=WHY, **options)
            assert "needs the role operator" in refused
        assert "needs the role admin" in await asked.refused(
            OLGA, "alerts silence", target="alertname=Small", comment=WHY, for_="2d"
        )
        await asked.done(OLGA, "alerts silence", target="A1", comment=WHY)

    async def test_a_comment_says_why(self, asked: Ops) -> None:
        refused = await asked.refused(RITA, "alerts silence", target="alertname=X", comment="because")
        assert "must have 10 to 500 letters" in refused

    async def test_without_alertmanager_it_says_how_to_have_one(self, ops: Ops) -> None:
        assert "Set ALERTMANAGER_URL" in await ops.refused(RITA, "alerts silence", target="alertname=X", comment=WHY)

    async def test_what_fires_meanwhile_is_asked_about_again(
        self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager
    ) -> None:
        await fires(asking, fake, "a")
        outcome = await asked.order(RITA, "alerts silence", target="A1", comment=WHY)
        for number in range(5):
            fake.fire({"alertname": "HighLatency", "instance": f"new{number}"})

        assert outcome.request is not None
        again = await asked.console.confirm(outcome.request.id, RITA, OPS)
        assert again.answer is not None
        assert "The plan has changed" in again.answer.text
        assert fake.made == {}


class TestEnds:
    async def muted(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await fires(asking, fake, "a")
        await asked.done(RITA, "alerts silence", target="A1", comment=WHY)

    async def said(self, ops: Ops) -> list[str]:
        due = await outbox.due_messages(["discord"], now=ops.now)
        return [(one.payload or {})["text"] for one in due if one.subject == "notice"]

    async def test_are_told_ahead_once(self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager) -> None:
        await self.muted(asking, asked, fake)
        for minutes in (49, 2, 1):
            asked.later(minutes=minutes)
            await tell_ends(asked.parts)

        [text] = await self.said(asked)
        assert text.startswith("In 9 min silence ")

    async def test_and_when_what_was_muted_still_fires(
        self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager
    ) -> None:
        await self.muted(asking, asked, fake)
        asked.later(minutes=61)
        await tell_ends(asked.parts)
        await tell_ends(asked.parts)

        [text] = await self.said(asked)
        assert "has ended, 1 alert still firing" in text
        assert await silences.active() == []

    async def test_but_not_of_one_that_somebody_ended(
        self, asking: Pipeline, asked: Ops, fake: FakeAlertmanager
    ) -> None:
        await self.muted(asking, asked, fake)
        await asked.done(RITA, "alerts unsilence", id=next(iter(fake.made))[:8])
        asked.later(minutes=55)
        await tell_ends(asked.parts)

        assert await self.said(asked) == []


class TestCluster:
    """Several Alertmanagers, answers that get lost, the error shapes of releases."""

    async def test_the_next_is_asked_when_one_is_away(self, fake: FakeAlertmanager, cluster: FakeAlertmanager) -> None:
        fake.is_down = True
        cluster.fire({"alertname": "X"})

        found = await Alertmanager.of(f"{fake.address}, {cluster.address}/").alerts()
        assert [one.labels for one in found] == [{"alertname": "X"}]

    async def test_a_silence_whose_answer_was_lost_is_found_by_its_comment(
        self, parts: Parts, fake: FakeAlertmanager
    ) -> None:
        fake.lost = 1
        ops = Ops(replace(parts, provided={ALERTMANAGER.name: Alertmanager.of(fake.address)}))
        fake.now = lambda: ops.now
        fake.fire({"alertname": "X"})

        answer = await ops.done(OLGA, "alerts silence", target="alertname=X", comment=WHY)
        assert list(fake.made) == [answer.data["silence"]]

    @pytest.mark.parametrize("version", ["0.25.0", "0.34.0"])
    async def test_an_unknown_silence(self, fake: FakeAlertmanager, version: str) -> None:
        fake.version = version
        client = Alertmanager.of(fake.address)
        for unknown in ("6b1d4a0e-0000-4000-8000-000000000000", "nonsense"):
            with pytest.raises(NoSuchSilence):
                await client.expire(unknown)

    async def test_silences_of_old_releases_match_exactly(self, parts: Parts, fake: FakeAlertmanager) -> None:
        fake.version = "0.25.0"
        ops = Ops(replace(parts, provided={ALERTMANAGER.name: Alertmanager.of(fake.address)}))
        fake.now = lambda: ops.now
        fake.fire({"alertname": "X"})
        await ops.done(OLGA, "alerts silence", target="alertname=X", comment=WHY)

        [found] = await Alertmanager.of(fake.address).silences()
        assert found.matchers == (Matcher("alertname", "X"),)


@pytest.mark.parametrize(
    ("text", "matchers"),
    [
        ("alertname=X", [Matcher("alertname", "X")]),
        ('alertname="a, b", instance!=c', [Matcher("alertname", "a, b"), Matcher("instance", "c", is_equal=False)]),
        (r'name="a\"b\\c"', [Matcher("name", 'a"b\\c')]),
        ("a=~b.*,c!~d", [Matcher("a", "b.*", is_regex=True), Matcher("c", "d", is_regex=True, is_equal=False)]),
    ],
)
def test_matchers_are_read(text: str, matchers: list[Matcher]) -> None:
    assert list(read_matchers(text)) == matchers
    assert list(read_matchers(", ".join(map(str, matchers)))) == matchers
