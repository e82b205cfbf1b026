"""Checklists tick themselves where evidence is good, people tick the rest, and who did it is kept."""

import pytest

from bot.conversation.model import Reply
from bot.conversation.showing import Showing
from bot.conversation.subjects import Window
from bot.conversation.subjects import checklists as subject
from chatops.actions import registry
from chatops.checking.checklists import open_mandatory, post_what_is_due
from chatops.checking.evidence import LOOKS
from config.ops import load_policy, parse_policy
from config.ops_oncall import Severity
from config.settings import SettingsError
from storage import incidents, outbox
from storage.incidents import NewIncident
from tests.chatops.acting import ALICE, OLGA, OPS, RITA, VERA, Ops
from tests.making import NOW


def states(data: dict[str, object]) -> dict[str, str]:
    items: list[dict[str, str]] = data["items"]  # type: ignore[assignment]
    return {one["item"]: one["state"] for one in items}


class TestDaily:
    async def test_what_can_be_looked_at_ticks_itself(self, ops: Ops) -> None:
        answer = await ops.answer(VERA, "checklist daily")
        found = states(answer.data)
        # No worker runs, nothing was backed up; 1 November 2026 is a Sunday, so no certificate is asked for.
        assert set(found) == {"health", "errors", "disk", "backup"}
        assert (found["health"], found["backup"], answer.ok) == ("failed", "failed", False)
        assert found["disk"] in ("done", "failed")
        assert [one.label for one in answer.suggestions[:2]] == ["✓ health", "✓ errors"]

    async def test_certificates_are_asked_for_on_mondays(self, ops: Ops) -> None:
        ops.later(days=1)
        assert "certificate" in states((await ops.answer(VERA, "checklist daily")).data)

    async def test_a_backup_ticks_its_item(self, ops: Ops) -> None:
        await ops.answer(VERA, "checklist daily")
        await ops.done(OLGA, "backup db")
        assert states((await ops.answer(VERA, "checklist daily")).data)["backup"] == "done"

    async def test_people_tick_with_name_and_time_and_evidence_leaves_that_alone(self, ops: Ops) -> None:
        identity = (await ops.answer(VERA, "checklist daily")).data["id"]
        answer = await ops.answer(RITA, "checklist tick", id=identity, item="health", note="seen in the morning")
        health = next(one for one in answer.data["items"] if one["item"] == "health")
        assert (health["state"], health["who"], health["evidence"]) == ("done", "Rita", "seen in the morning")
        again = await ops.done(OLGA, "checklist tick", id=identity, item="health")
        assert again.text.startswith("health was ticked by Rita at 2026-11-01 12:00 UTC")
        assert states((await ops.answer(VERA, "checklist daily")).data)["health"] == "done"

    async def test_a_list_that_is_done_is_closed_and_stays_in_the_history(self, ops: Ops) -> None:
        identity = (await ops.answer(VERA, "checklist daily")).data["id"]
        for item in ("health", "errors", "disk", "backup"):
            await ops.answer(RITA, "checklist tick", id=identity, item=item)
        history = await ops.done(VERA, "checklist history")
        assert history.text == "1 checklists, 0 of them open."

    async def test_viewers_look_and_do_not_tick(self, ops: Ops) -> None:
        identity = (await ops.answer(VERA, "checklist daily")).data["id"]
        assert "needs the role responder" in await ops.refused(VERA, "checklist tick", id=identity, item="disk")

    async def test_items_and_lists_that_are_none_are_told(self, ops: Ops) -> None:
        identity = (await ops.answer(VERA, "checklist daily")).data["id"]
        said = await ops.refused(RITA, "checklist tick", id=identity, item="healht")
        assert "did you mean health?" in said
        assert "No checklist of late" in await ops.refused(RITA, "checklist tick", id="ffffff", item="disk")


class TestDeploy:
    async def test_the_gate_is_open_when_all_is_ticked(self, ops: Ops) -> None:
        answer = await ops.answer(OLGA, "checklist deploy", of="v2.1.0")
        assert states(answer.data)["backup"] == "failed"
        await ops.done(OLGA, "backup db")
        await ops.done(OLGA, "maintenance on", reason="v2.1.0")
        for item in ("tests", "rollback", "resources"):
            await ops.answer(OLGA, "checklist tick", id=answer.data["id"], item=item)
        assert await open_mandatory(ops.parts, "deploy", "v2.1.0") == []

        ops.later(hours=2)
        assert await open_mandatory(ops.parts, "deploy", "v2.1.0") == [
            "Back up the database (within the hour)",
            "Notify the team of the maintenance window",
        ]


class TestIncident:
    async def test_it_is_reminded_of_every_day_until_it_is_done(self, ops: Ops) -> None:
        opened = await incidents.open_incident(NewIncident("down", Severity.P1), by="Alice", now=NOW)
        answer = await ops.answer(RITA, "checklist incident", id=opened.name)
        assert len(answer.data["items"]) == 5

        ops.later(hours=23)
        await post_what_is_due(ops.parts)
        assert [one for one in await outbox.due_messages(["discord"], now=ops.now) if one.subject == "notice"] == []
        ops.later(hours=1)
        await post_what_is_due(ops.parts)
        await post_what_is_due(ops.parts)
        [told] = [one for one in await outbox.due_messages(["discord"], now=ops.now) if one.subject == "notice"]
        assert f"Checklist incident, {opened.name}: 0 of 5 done." in told.payload["text"]

    async def test_an_incident_that_is_none_is_told(self, ops: Ops) -> None:
        assert "incident" in (await ops.refused(RITA, "checklist incident", id=999)).lower()


class TestPosting:
    async def posted(self, ops: Ops) -> list[str]:
        due = await outbox.due_messages(["discord", "telegram"], now=ops.now)
        return [one.chat for one in due if one.subject == "checklist"]

    async def test_the_daily_list_is_posted_at_eight_once(self, ops: Ops) -> None:
        await post_what_is_due(ops.parts)
        ops.later(hours=19, minutes=59)
        await post_what_is_due(ops.parts)
        assert await self.posted(ops) == []
        ops.later(minutes=2)
        await post_what_is_due(ops.parts)
        await post_what_is_due(ops.parts)
        assert sorted(await self.posted(ops)) == ["-70", "7"]

    async def test_what_is_posted_follows_what_is_ticked(self, ops: Ops) -> None:
        await post_what_is_due(ops.parts)
        ops.later(days=1)
        await post_what_is_due(ops.parts)
        [message] = [one for one in await outbox.due_messages(["discord"], now=ops.now) if one.subject == "checklist"]
        window = Window(Showing.__new__(Showing), ops.console)

        async def shown() -> Reply:
            return await subject.reply(message, window)

        before = await shown()
        assert "2026-11-02" in before.text
        assert "✓ health" in [choice.label for row in before.choices for choice in row]
        listed = await ops.done(VERA, "checklist history")
        await ops.answer(ALICE, "checklist tick", id=listed.data[0]["id"], item="health")
        assert "✓ health" not in [choice.label for row in (await shown()).choices for choice in row]
        after = await outbox.message(message.id)
        assert after is not None
        assert after.wanted > message.wanted
        assert message.chat == OPS.chat


async def test_what_a_list_asks_for_is_shown(ops: Ops) -> None:
    answer = await ops.done(VERA, "checklist show", name="dai")
    assert answer.text == "Checklist daily: 5 items, posted at 0 8 * * * (UTC). It was never used."
    assert (await ops.done(VERA, "checklist history")).text == "No checklist was used yet."


def test_lists_that_ship_name_actions_and_evidence_that_there_are() -> None:
    items = [one for entry in load_policy().checklists.values() for one in entry.items]
    assert {one.action for one in items if one.action} - set(registry().actions) == set()
    assert {one.evidence for one in items if one.evidence} - set(LOOKS) == set()


def test_a_list_with_a_mistake_is_told_with_its_line() -> None:
    text = "checklists:\n  daily:\n    items:\n      - {name: disk, text: Look, only: someday}\n"
    with pytest.raises(SettingsError, match=r"line 4: checklists\.daily\.items\.0\.only"):
        parse_policy(text)
