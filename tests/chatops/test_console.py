"""An order becomes a deed at most once, by those who may, and the trail tells it."""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from chatops.console import Console
from chatops.model import Actor, Answer, OpsError, Place
from chatops.run import Run
from storage import audit, grants, outbox, requests
from storage.errors import DatabaseUnreachable
from storage.requests import SUBJECT, Stage
from tests.chatops.things import (
    ALICE,
    ALICE_TOO,
    BY_GROUP,
    OLGA,
    OPS,
    STRANGER,
    TELEGRAM_OPS,
    VERA,
    Open,
    World,
    away,
    ended,
    kinds,
    order,
    said,
    taken,
    taken_only,
)
from tests.making import NOW


class TestReading:
    async def test_is_answered_at_once_and_recorded(self, console: Console) -> None:
        record = await taken(console, VERA, "thing look", n="3")

        assert record.state is Stage.DONE
        assert record.answer is not None
        assert record.answer["text"] == "3 seen, viewer"
        assert await kinds(record.id) == ["ended"]

    async def test_its_message_shows_the_end(self, console: Console) -> None:
        record = await taken(console, VERA, "thing look")

        [message] = await outbox.messages_of(SUBJECT, str(record.id))
        assert message.is_final

    async def test_it_works_while_the_database_is_away_and_says_that_it_is_not_recorded(self, console: Console) -> None:
        with away("storage.requests.create"), away("storage.grants.grants"):
            outcome = await console.take(order(VERA, "thing look"))

        assert outcome.request is None
        assert outcome.answer is not None
        assert outcome.answer.text == "1 seen, viewer\n(Not recorded: the database is away.)"

    async def test_what_is_told_twice_is_done_once(self, console: Console) -> None:
        first = await taken(console, VERA, "thing look", origin="discord:7:twice")
        again = await taken(console, VERA, "thing look", origin="discord:7:twice")

        assert again.id == first.id
        assert await kinds(first.id) == ["ended"]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("actor", "place", "name", "sentence"),
        [
            (STRANGER, OPS, "thing look", "You have no role here."),
            (STRANGER, Place("discord", "9", is_private=True), "thing look", "You have no role here."),
            (VERA, Place("discord", "8"), "thing look", "does not answer here"),
            (VERA, Place("telegram", "7"), "thing look", "does not answer here"),
            (BY_GROUP, Place("discord", "9", is_private=True), "thing look", "does not answer here"),
            (VERA, OPS, "thing push", "needs the role operator; you are viewer"),
            (OLGA, OPS, "thing drop", "needs the role admin; you are operator"),
            (ALICE, OPS, "thing forgotten", "names no role"),
            (Actor("telegram", "1"), TELEGRAM_OPS, "thing look", "You have no role here."),
            (Actor("terminal", "root"), Place("terminal", "terminal"), "thing look", "You have no role here."),
        ],
    )
    async def test_whoever_may_not_is_told_why_and_the_trail_knows(
        self, console: Console, actor: Actor, place: Place, name: str, sentence: str
    ) -> None:
        assert sentence in said(await console.take(order(actor, name, place)))

        [line] = await audit.lines(5)
        assert (line.line.kind, line.line.action) == ("denied", name)

    @pytest.mark.parametrize(
        ("actor", "place"),
        [
            (ALICE, OPS),
            (ALICE_TOO, TELEGRAM_OPS),
            (ALICE, Place("discord", "99", is_private=True)),
            (ALICE, Place("discord", "1000", also=frozenset({"7"}))),
            (BY_GROUP, OPS),
        ],
    )
    async def test_whoever_may_may(self, console: Console, actor: Actor, place: Place) -> None:
        assert (await taken(console, actor, "thing look", place=place)).state is Stage.DONE

    async def test_a_role_can_be_granted_for_a_time(self, console: Console, world: World) -> None:
        until = world.now + timedelta(minutes=5)
        await grants.grant("discord:666", "viewer", reason="", by="Alice", now=world.now, expires_at=until)

        assert (await taken(console, STRANGER, "thing look")).state is Stage.DONE
        world.later(300)
        assert "no role" in said(await console.take(order(STRANGER, "thing look")))

    async def test_what_was_granted_counts_for_nothing_while_it_cannot_be_read(self, console: Console) -> None:
        await grants.grant("discord:666", "admin", reason="", by="Alice", now=NOW, expires_at=None)

        with away("storage.grants.grants"):
            assert "no role" in said(await console.take(order(STRANGER, "thing look")))

    async def test_help_lists_what_one_may_do_here(self, console: Console) -> None:
        assert [one.verb for one in await console.offered(VERA, OPS)] == ["lack", "look", "tell"]
        assert await console.offered(VERA, Place("discord", "8")) == []
        assert await console.offered(STRANGER, OPS) == []


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "arguments", "sentence"),
        [
            ("thing lok", {}, "thing has no 'lok': did you mean look?"),
            ("thnig look", {}, "There is no group 'thnig': did you mean thing?"),
            ("thing look", {"n": "9"}, "n: must be 1 to 5."),
            ("thing look", {"m": "9"}, "thing look has no parameter m: must be one of n"),
            ("thing lack", {}, "thing lack is not configured here: Set LACKING to have it."),
        ],
    )
    async def test_gets_a_sentence(self, console: Console, name: str, arguments: dict[str, str], sentence: str) -> None:
        assert said(await console.take(order(ALICE, name, **arguments))) == sentence

    async def test_a_plan_that_cannot_be_is_told(self, console: Console, world: World) -> None:
        world.items.clear()

        assert said(await console.take(order(OLGA, "thing push"))) == "There is nothing to push."


class TestWhatGoesWrong:
    async def test_a_deed_that_takes_too_long_is_unknown(self, console: Console) -> None:
        record = await taken(console, OLGA, "thing sleep")

        assert record.state is Stage.UNKNOWN
        assert record.answer is not None
        assert record.answer["text"].startswith("Unknown: thing sleep took longer than")
        assert record.answer["suggestions"][0]["action"] == "thing look"

    async def test_a_fault_is_told_by_its_number_and_not_by_its_words(self, console: Console) -> None:
        record = await taken(console, OLGA, "thing fail")

        assert record.state is Stage.FAILED
        assert "hunter2" not in repr(record)
        assert "This is a fault of the console" in repr(record.answer)

    async def test_no_secret_is_shown_or_kept(self, console: Console) -> None:
        record = await taken(console, VERA, "thing tell")

        trail = repr([one async for one in audit.all_lines()])
        for secret in ("correct-horse-battery", "hunter2"):
            assert secret not in repr(record)
            assert secret not in trail

    async def test_without_the_trail_nothing_is_done(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")

        with away("storage.audit.add_line"):
            assert said(await console.confirm(record.id, OLGA, OPS)).startswith("Nothing was done")
        with away("storage.audit.add"):
            failed = await ended(console, await console.confirm(record.id, OLGA, OPS))

        assert failed.state is Stage.FAILED
        assert world.done == []

    async def test_an_end_is_told_as_soon_as_the_database_is_back(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")
        calls = 0
        finish = requests.finish

        async def away_once(*args: Any, **kwargs: Any) -> bool:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise DatabaseUnreachable("The database does not answer.")
            return await finish(*args, **kwargs)

        with patch("storage.requests.finish", away_once):
            record = await ended(console, await console.confirm(record.id, OLGA, OPS))

        assert (record.state, calls) == (Stage.DONE, 2)
        assert len(world.done) == 20

    async def test_a_process_that_dies_in_the_middle_leaves_it_unknown(self, process: Open, world: World) -> None:
        dying, heir = process(), process()
        world.gate.clear()
        record = await taken_only(dying, OLGA, "thing push")
        await dying.confirm(record.id, OLGA, OPS)
        await asyncio.sleep(0.05)
        await dying.executor.close(within_s=0)

        await heir.glance()
        assert (await requests.request(record.id)).state is Stage.RUNNING, "it may still live"
        world.later(11)
        await heir.glance()
        await heir.executor.wait(record.id)

        found = await requests.request(record.id)
        assert found.state is Stage.UNKNOWN
        assert found.answer is not None
        assert "Check with thing look" in found.answer["text"]
        assert await kinds(record.id) == ["asked", "confirmed", "started", "adopted", "ended"]
        assert world.done == []

    async def test_a_deed_that_can_go_on_goes_on_elsewhere(self, process: Open, world: World) -> None:
        dying, heir = process(), process()
        world.gate.clear()
        push = heir.registry.named("thing push")

        @push.resume
        async def resume(run: Run, why: str = "") -> Answer:
            world.done.append("resumed")
            return Answer("Back.")

        record = await taken_only(dying, OLGA, "thing push")
        await dying.confirm(record.id, OLGA, OPS)
        await asyncio.sleep(0.05)
        await dying.executor.close(within_s=0)
        world.later(11)
        await heir.glance()
        await heir.executor.wait(record.id)

        assert (await requests.request(record.id)).state is Stage.DONE
        assert world.done == ["resumed"]

    async def test_what_lives_is_not_taken_over(self, process: Open, world: World) -> None:
        living, other = process(), process()
        world.gate.clear()
        record = await taken_only(living, OLGA, "thing push")
        await living.confirm(record.id, OLGA, OPS)
        await asyncio.sleep(0.05)
        world.later(11)
        await living.glance()
        await other.glance()
        world.gate.set()
        await living.executor.wait(record.id)

        assert (await requests.request(record.id)).state is Stage.DONE


class TestSuggestions:
    async def test_a_suggestion_is_an_order_of_whoever_presses_it(self, console: Console, world: World) -> None:
        record = await taken(console, VERA, "thing look")
        action, arguments = await console.suggested(record.id, 0)

        assert "needs the role" in said(await console.take(order(VERA, action, **arguments)))
        planned = await console.take(order(OLGA, action, **arguments))

        assert planned.request is not None
        assert (planned.request.action, planned.request.state) == ("thing push", Stage.PLANNED)
        with pytest.raises(OpsError, match="no longer in use"):
            await console.suggested(record.id, 5)
