"""Incidents as people handle them: words in, what is said and kept out."""

import pytest

from chatops.parts import Parts
from config.ops_oncall import Severity
from storage import checklists, incidents, outbox, timeline
from storage.incidents import SUBJECT, IncidentState
from tests.chatops.acting import ALICE, OLGA, OPS, PEOPLE, RITA, VERA, Ops, parts_of
from tests.chatops.pipeline import Pipeline, alert, body
from tests.making import NOW

SUMMARY = "The workers had no memory left; two more were started."


async def opened(ops: Ops, **more: str) -> str:
    answer = await ops.done(RITA, "incident open", title="Decks are not read", **({"sev": "P1"} | more))
    name: str = answer.data["incident"]
    return name


async def said(ops: Ops, chat: str) -> list[str]:
    """What a chat is told."""
    due = await outbox.due_messages(["discord", "telegram"], now=ops.now)
    return [(one.payload or {}).get("text", "") for one in due if one.chat == chat and one.subject == "notice"]


class TestOpening:
    async def test_it_is_shown_in_every_operations_channel_and_its_times_run(self, ops: Ops) -> None:
        answer = await ops.done(RITA, "incident open", title="Decks are not read", sev="P1", service="worker")

        due = "Acknowledge by 2026-11-01 12:15 UTC; respond by 2026-11-01 12:30 UTC."
        assert answer.text == f"INC-1 is open. {due}"
        found = await incidents.incident_numbered(1)
        assert (found.opened_by, found.service, found.severity) == ("Rita", "worker", Severity.P1)
        shown = await outbox.messages_of(SUBJECT, str(found.id))
        assert {(one.platform, one.chat) for one in shown} >= {("discord", "7"), ("telegram", "-70")}

    async def test_from_an_alert_that_has_one_it_is_that_one(self, ops: Ops, pipeline: Pipeline) -> None:
        await pipeline.deliver(body(alert("a", at=NOW)))
        fingerprint = (await pipeline.alert()).fingerprint

        refused = await ops.refused(RITA, "incident open", title="Slow", sev="P2", from_alert=fingerprint)
        assert refused == "This alert belongs to INC-1 already."

        await ops.done(RITA, "incident resolve", id="1", summary=SUMMARY, although="it is only slow")
        answer = await ops.done(RITA, "incident open", title="Slow", sev="P2", from_alert=fingerprint[:8])
        assert answer.data["incident"] == "INC-2"
        assert (await pipeline.card()).incident_id == (await incidents.incident_numbered(2)).id

    async def test_whoever_only_looks_opens_none(self, ops: Ops) -> None:
        assert "needs the role responder" in await ops.refused(VERA, "incident open", title="Down", sev="P0")


class TestAcknowledging:
    async def test_the_second_is_told_who_was_first(self, ops: Ops) -> None:
        name = await opened(ops)

        assert (await ops.done(RITA, "incident ack", id=name)).text.startswith("INC-1 is acknowledged by Rita.")
        ops.later(minutes=5)
        again = await ops.done(OLGA, "incident ack", id="1")
        assert again.text.startswith("INC-1 was acknowledged by Rita 2026-11-01 12:00 UTC already.")
        assert (await incidents.incident_numbered(1)).acknowledged_by == "Rita"

    async def test_what_is_done_has_its_audit_id_in_the_timeline(self, ops: Ops) -> None:
        name = await opened(ops)
        await ops.done(RITA, "incident ack", id=name)
        await ops.done(RITA, "incident unack", id=name, reason="I am on a train")
        await ops.done(OLGA, "incident assign", id=name, user="alice")

        lines = await timeline.events((await incidents.incident_numbered(1)).id)
        assert [one.kind for one in lines] == ["opened", "acknowledged", "unacknowledged", "assigned"]
        assert all(len(one.request) == 36 for one in lines)

    async def test_nobody_unknown_is_given_an_incident(self, ops: Ops) -> None:
        name = await opened(ops)
        refused = await ops.refused(OLGA, "incident assign", id=name, user="Nobody")
        assert refused == "user: nobody under people in ops.yaml is called Nobody."


class TestSeverity:
    async def test_worse_at_once_and_times_from_the_opening(self, ops: Ops) -> None:
        name = await opened(ops, sev="P2")
        ops.later(minutes=10)

        answer = await ops.done(RITA, "incident severity", id=name, sev="P0", reason="all are down")
        assert "Acknowledge by 2026-11-01 12:15 UTC" in answer.text
        assert (await incidents.incident_numbered(1)).severity is Severity.P0

    async def test_from_what_calls_people_to_what_does_not_is_asked_for_again(self, ops: Ops) -> None:
        name = await opened(ops)

        plan = await ops.planned(RITA, "incident severity", id=name, sev="P3")
        assert "P1 becomes P3. Nobody is called any more" in plan.summary
        assert (await incidents.incident_numbered(1)).severity is Severity.P1


class TestStages:
    async def test_whoever_begins_has_acknowledged_it(self, ops: Ops) -> None:
        name = await opened(ops)
        answer = await ops.done(OLGA, "incident stage", id=name, stage="mitigating", text="two more workers")

        assert answer.data["acknowledged_by"] == "Olga"
        assert answer.suggestions[0].action == "incident stage"
        assert (await incidents.incident_numbered(1)).state is IncidentState.MITIGATING

    async def test_notes(self, ops: Ops) -> None:
        name = await opened(ops)
        await ops.done(RITA, "incident note", id=name, text="It began with the deployment.")

        answer = await ops.done(VERA, "incident timeline", id=name)
        assert answer.log[-1].startswith("2026-11-01 12:00:00 Rita note It began with the deployment. [")


class TestResolving:
    async def test_durations_and_stakeholders_and_the_checklist(self, parts: Parts) -> None:
        policy = PEOPLE + 'stakeholders:\n  - {platform: telegram, chat: "-500"}\n'
        ops = Ops(parts_of(parts.settings, parts.database, parts.queue, policy=policy))
        name = await opened(ops)
        ops.later(minutes=4)
        await ops.done(RITA, "incident ack", id=name)
        ops.later(minutes=16)
        await ops.done(RITA, "incident stage", id=name, stage="mitigating")
        ops.later(minutes=40)

        answer = await ops.done(RITA, "incident resolve", id=name, summary=SUMMARY)

        assert answer.text == (
            "INC-1 is resolved: acknowledged after 4 min, mitigating after 20 min, resolved after 1 h. "
            "Its times were kept. Told in 1 chat of stakeholders."
        )
        assert await said(ops, "-500") == [f"INC-1 Decks are not read is resolved.\n{SUMMARY}"]
        assert (await checklists.checklist("incident", "INC-1")).opened_by == "Rita"

    async def test_not_while_its_alerts_fire_unless_somebody_says_why(self, ops: Ops, pipeline: Pipeline) -> None:
        await pipeline.deliver(body(alert("a", at=NOW)))

        refused = await ops.refused(RITA, "incident resolve", id="1", summary=SUMMARY)
        assert refused.startswith("1 alert of INC-1 still firing: HighLatency a.")
        await ops.done(RITA, "incident resolve", id="1", summary=SUMMARY, although="the alert is wrong")
        assert "although alerts fire: the alert is wrong" in (await incidents.incident_numbered(1)).summary

    async def test_a_summary_says_something(self, ops: Ops) -> None:
        name = await opened(ops)
        assert "must have 20 to 2000 letters" in await ops.refused(RITA, "incident resolve", id=name, summary="done")

    async def test_what_is_resolved_is_only_opened_again(self, ops: Ops) -> None:
        name = await opened(ops)
        await ops.done(RITA, "incident resolve", id=name, summary=SUMMARY)

        assert "was resolved by Rita" in await ops.refused(RITA, "incident stage", id=name, stage="verifying")
        assert "was resolved by Rita" in (await ops.done(OLGA, "incident ack", id=name)).text
        answer = await ops.done(OLGA, "incident reopen", id=name, reason="it is back")
        assert answer.text.startswith("INC-1 is open again.")


class TestLooking:
    async def test_nothing_is_open(self, ops: Ops) -> None:
        assert (await ops.done(VERA, "incident list")).text == "No incident is open."
        assert await ops.refused(VERA, "incident show", id="7") == "There is no incident INC-7."

    async def test_lists(self, ops: Ops) -> None:
        first = await opened(ops)
        await opened(ops, sev="P3")
        await ops.done(RITA, "incident resolve", id=first, summary=SUMMARY)

        assert [one["incident"] for one in (await ops.done(VERA, "incident list")).data] == ["INC-2"]
        assert [one["incident"] for one in (await ops.done(VERA, "incident list", state="resolved")).data] == ["INC-1"]
        assert len((await ops.done(VERA, "incident list", state="all")).data) == 2
        assert (await ops.done(VERA, "incident list", sev="P0")).text == "No such incident."

    async def test_one(self, ops: Ops) -> None:
        name = await opened(ops)
        answer = await ops.done(VERA, "incident show", id=name)

        assert answer.text == "P1 INC-1 Decks are not read"
        assert answer.table is not None
        assert ("state", "open") in answer.table.rows
        assert [one.label for one in answer.suggestions] == ["Timeline", "Acknowledge", "Verify", "Resolve"]

    async def test_severities(self, ops: Ops) -> None:
        answer = await ops.done(VERA, "incident severities")

        assert answer.table is not None
        assert [row[0] for row in answer.table.rows] == ["P0", "P1", "P2", "P3"]
        assert answer.table.rows[0][3:] == ("15 min", "15 min", "calls")

    async def test_verify_says_what_is_not_well(self, ops: Ops, pipeline: Pipeline) -> None:
        await pipeline.deliver(body(alert("a", at=NOW)))
        answer = await ops.answer(RITA, "incident verify", id="1")

        assert not answer.ok
        assert answer.table is not None
        assert answer.table.rows[0] == ("alerts", "firing", "HighLatency a")
        assert [row[0] for row in answer.table.rows][1] == "health check"


class TestTelling:
    async def test_others_hear_of_it_and_nobody_is_called(self, parts: Parts) -> None:
        policy = PEOPLE + 'stakeholders:\n  - {platform: telegram, chat: "-500"}\n'
        ops = Ops(parts_of(parts.settings, parts.database, parts.queue, policy=policy))
        name = await opened(ops)

        plan = await ops.planned(OLGA, "incident announce", id=name, text="@everyone decks wait for an hour")
        assert plan.items == ("telegram -500",)
        answer = await ops.done(OLGA, "incident announce", id=name, text="@everyone decks wait for an hour")
        assert answer.text == "Said in 1 chat."
        assert await said(ops, "-500") == ["INC-1 Decks are not read\n@everyone decks wait for an hour"]

    async def test_an_audience_without_chats_says_so(self, ops: Ops) -> None:
        name = await opened(ops)
        refused = await ops.refused(OLGA, "incident announce", id=name, text="decks wait for an hour")
        assert refused == "Nobody hears the audience stakeholders: list chats under stakeholders in ops.yaml."

    async def test_a_ticket(self, ops: Ops) -> None:
        name = await opened(ops, sev="P3")

        answer = await ops.done(RITA, "incident ticket", id=name)
        assert answer.text.startswith("INC-1 is tracked as internal INC-1, due 2026-11-02 12:00 UTC.")
        again = await ops.done(RITA, "incident ticket", id=name, reference="JIRA-5")
        assert "internal INC-1, due 2026-11-02 12:00 UTC already" in again.text


@pytest.mark.parametrize("wrong", ["x", "INC", "INC-", "0x1", "1 2"])
async def test_a_wrong_name_gets_a_sentence(ops: Ops, wrong: str) -> None:
    assert "must be an incident such as INC-12" in await ops.refused(ALICE, "incident show", place=OPS, id=wrong)
