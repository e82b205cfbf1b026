"""An order becomes a deed at most once, by those who may, and the trail tells it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any
from unittest.mock import patch
from uuid import UUID

import pytest

from chatops.console import Console, Outcome, start_console, suggestion
from chatops.model import Actor, Answer, Confirmation, NotPossible, Order, Place, Plan, Risk
from chatops.parameters import Integer, Text
from chatops.parts import Need, Parts
from chatops.registry import Action, Registry, action
from chatops.run import Run
from config.ops import Policy, Role, parse_policy
from config.settings import Settings
from storage import audit, grants, outbox, requests
from storage.database import Database
from storage.errors import DatabaseUnreachable
from storage.queue import Queue
from storage.records import NewMessage
from storage.requests import SUBJECT, RequestRecord, Stage
from tests.making import NOW

POLICY = parse_policy(
    """
environment: prod
terminal: null
people:
  - {name: Alice, role: admin, accounts: {discord: "1", telegram: "11"}}
  - {name: Bob, role: admin, accounts: {discord: "2", telegram: "12"}}
  - {name: Olga, role: operator, accounts: {discord: "3"}}
  - {name: Vera, role: viewer, accounts: {discord: "5"}}
groups:
  - {platform: discord, group: "900", role: admin}
places:
  - {platform: discord, chat: "7"}
  - {platform: telegram, chat: "-70"}
"""
)
OPS = Place("discord", "7")
TELEGRAM_OPS = Place("telegram", "-70")
ALICE, ALICE_TOO = Actor("discord", "1", "alice"), Actor("telegram", "11", "alice")
BOB, OLGA, VERA = Actor("discord", "2"), Actor("discord", "3"), Actor("discord", "5")
BY_GROUP = Actor("discord", "77", "somebody", frozenset({"900"}))
STRANGER = Actor("discord", "666")
LACKING: Need[object] = Need("lacking", "Set LACKING to have it.")


@dataclass
class World:
    """What the test actions act on."""

    items: list[str] = field(default_factory=lambda: [f"job {number}" for number in range(20)])
    done: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def actions(world: World) -> Registry:
    """A small chapter."""
    yes, phrase, two = Confirmation.BUTTON, Confirmation.PHRASE, Confirmation.TWO_PERSONS

    @action("thing look", role=Role.VIEWER)
    async def look(run: Run, n: Annotated[int, Integer(1, 5)] = 1) -> Answer:
        """Look."""
        return Answer(f"{n} seen, {run.role.value}", suggestions=(suggestion("thing push", "Push"),))

    @action("thing push", role=Role.OPERATOR, risk=Risk.DANGEROUS, confirm=yes, check="thing look")
    async def push(run: Run, why: Annotated[str, Text()] = "") -> Answer:
        """Push."""
        await world.gate.wait()
        world.done.extend(run.plan.items if run.plan else ())
        return Answer(f"Pushed {len(world.done)}.")

    @push.plan
    async def plan_push(run: Run, why: str = "") -> Plan:
        if not world.items:
            raise NotPossible("There is nothing to push.")
        return Plan(f"Pushes {len(world.items)} jobs.", tuple(world.items))

    @action("thing drop", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=phrase)
    async def drop(run: Run) -> Answer:
        """Drop."""
        world.done.append("dropped")
        return Answer("Dropped.")

    @drop.plan
    async def plan_drop(run: Run) -> Plan:
        return Plan("Drops it.", target="worker")

    @action("thing burn", role=Role.OPERATOR, risk=Risk.DESTRUCTIVE, confirm=two)
    async def burn(run: Run) -> Answer:
        """Burn."""
        world.done.append("burnt")
        return Answer("Burnt.")

    @burn.plan
    async def plan_burn(run: Run) -> Plan:
        return Plan("Burns it.", tuple(world.items), role="admin" if len(world.items) > 50 else None)

    @action("thing sleep", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(seconds=0.05), check="thing look")
    async def sleep(run: Run) -> Answer:
        """Sleep."""
        await asyncio.sleep(60)
        return Answer("Awake.")

    @action("thing fail", role=Role.OPERATOR, risk=Risk.WRITE)
    async def fail(run: Run) -> Answer:
        """Fail."""
        raise ZeroDivisionError("postgres://user:hunter2hunter2@host/db")

    @action("thing tell", role=Role.VIEWER, risk=Risk.WRITE)
    async def tell(run: Run) -> Answer:
        """Tell secrets."""
        await run.step("the token is correct-horse-battery")
        await asyncio.sleep(0.05)
        return Answer("correct-horse-battery", data={"dsn": "postgres://u:hunter2hunter2@h/d"})

    @action("thing lack", role=Role.VIEWER, needs=(LACKING,))
    async def lack(run: Run) -> Answer:
        """Need what is not there."""
        return Answer("?")

    @action("thing forgotten")
    async def forgotten(run: Run) -> Answer:
        """Forget the role."""
        return Answer("!")

    chapter = ModuleType("chapter")
    vars(chapter).update({name: one for name, one in locals().items() if isinstance(one, Action)})
    vars(chapter)["GROUPS"] = {"thing": "Things."}
    return Registry.of([chapter])


@pytest.fixture
def world() -> World:
    found = World()
    found.gate.set()
    return found


Open = Callable[[], Console]


@pytest.fixture
def process(world: World, database: Database, queue: Queue, tmp_path: Path) -> Open:
    """Each call is another process on the same data."""
    parts = Parts(
        settings=Settings(_env_file=None, data_dir=tmp_path),  # type: ignore[call-arg]
        policy=POLICY,
        database=database,
        queue=queue,
        clock=world.clock,
        database_url="",
        redis_url="",
        secrets=frozenset({"correct-horse-battery"}),
    )
    return lambda: start_console(parts, actions(world))


@pytest.fixture
def console(process: Open) -> Console:
    return process()


_numbers = iter(range(10**6))


def order(actor: Actor, name: str, place: Place = OPS, origin: str = "", **arguments: str) -> Order:
    identity = origin or f"discord:7:{next(_numbers)}"
    message = NewMessage(place.platform, place.chat, SUBJECT, "", origin=identity)
    return Order(actor, place, name, arguments, identity, message)


async def taken(console: Console, actor: Actor, name: str, **more: Any) -> RequestRecord:
    """What an order that is allowed becomes, when it has ended or waits for somebody."""
    outcome = await console.take(order(actor, name, **more))
    return await ended(console, outcome)


async def ended(console: Console, outcome: Outcome) -> RequestRecord:
    assert outcome.request is not None, outcome.answer
    await console.executor.wait(outcome.request.id)
    return await requests.request(outcome.request.id)


def said(outcome: Outcome) -> str:
    assert outcome.answer is not None
    assert not outcome.answer.ok
    return outcome.answer.text


async def kinds(request: UUID) -> list[str]:
    """What the trail says of a request, oldest first."""
    return [one.line.kind for one in reversed(await audit.lines(50, request=str(request)))]


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
        with _away("storage.requests.create"), _away("storage.grants.grants"):
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

        with _away("storage.grants.grants"):
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


class TestAButton:
    async def test_shows_the_plan_then_does_it(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")
        assert (record.state, world.done) == (Stage.PLANNED, [])
        assert record.plan is not None
        assert record.plan["summary"] == "Pushes 20 jobs."

        record = await ended(console, await console.confirm(record.id, OLGA, OPS))

        assert record.state is Stage.DONE
        assert world.done == world.items
        assert await kinds(record.id) == ["asked", "confirmed", "started", "ended"]
        assert await audit.verify() == (4, "")

    async def test_is_for_whoever_asked(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")

        assert "Only whoever asked" in said(await console.confirm(record.id, ALICE, OPS))
        assert world.done == []

    async def test_is_for_all_accounts_of_whoever_asked(self, console: Console) -> None:
        record = await taken(console, ALICE, "thing push")

        assert (await ended(console, await console.confirm(record.id, ALICE_TOO, TELEGRAM_OPS))).state is Stage.DONE

    async def test_pressed_many_times_at_once_does_it_once(self, process: Open, world: World) -> None:
        one, other = process(), process()
        record = await taken(one, OLGA, "thing push")

        outcomes = await asyncio.gather(*(console.confirm(record.id, OLGA, OPS) for console in (one, other) * 4))

        begun = [outcome for outcome in outcomes if outcome.answer is None]
        await asyncio.gather(*(console.executor.wait(record.id) for console in (one, other)))
        assert len(begun) == 1
        assert len(world.done) == 20
        assert (await kinds(record.id)).count("started") == 1

    async def test_is_too_late_after_a_minute(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")
        world.later(60)

        assert said(await console.confirm(record.id, OLGA, OPS)) == "Its time is over; ask for it again."
        assert (await requests.request(record.id)).state is Stage.EXPIRED
        assert world.done == []

    async def test_what_nobody_presses_runs_out_by_itself(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")
        world.later(61)

        await console.glance()

        assert (await requests.request(record.id)).state is Stage.EXPIRED
        assert await kinds(record.id) == ["asked", "expired"]

    async def test_a_role_lost_in_between_counts(self, console: Console, world: World) -> None:
        await grants.grant("discord:666", "operator", reason="", by="Alice", now=world.now, expires_at=None)
        record = await taken(console, STRANGER, "thing push")
        await grants.revoke("discord:666", now=world.now)

        assert "no role" in said(await console.confirm(record.id, STRANGER, OPS))
        assert world.done == []

    async def test_a_plan_that_changed_a_little_is_still_meant(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")
        world.items.pop()

        await ended(console, await console.confirm(record.id, OLGA, OPS))

        assert world.done == world.items

    @pytest.mark.parametrize("change", ["fewer", "others", "more"])
    async def test_a_plan_that_changed_much_is_shown_anew(self, console: Console, world: World, change: str) -> None:
        record = await taken(console, OLGA, "thing push")
        before = record.plan_hash
        world.items[:] = {
            "fewer": world.items[:10],
            "others": [f"other {number}" for number in range(20)],
            "more": [*world.items, "x", "y", "z"],
        }[change]

        outcome = await console.confirm(record.id, OLGA, OPS)

        assert said(outcome) == "The plan has changed; look at it again."
        assert outcome.request is not None
        assert (outcome.request.state, world.done) == (Stage.PLANNED, [])
        assert outcome.request.plan_hash != before
        assert (await ended(console, await console.confirm(record.id, OLGA, OPS))).state is Stage.DONE
        assert await kinds(record.id) == ["asked", "replanned", "confirmed", "started", "ended"]

    async def test_cancelled_is_not_done(self, console: Console, world: World) -> None:
        record = await taken(console, OLGA, "thing push")

        assert "needs the role" in said(await console.cancel(record.id, VERA, OPS))
        await console.cancel(record.id, ALICE, OPS)

        assert said(await console.confirm(record.id, OLGA, OPS)) == "It was cancelled."
        assert world.done == []

    async def test_the_same_is_not_done_twice_at_a_time(self, console: Console, world: World) -> None:
        world.gate.clear()
        first, second = await taken(console, OLGA, "thing push"), await taken(console, ALICE, "thing push")
        await console.confirm(first.id, OLGA, OPS)
        await asyncio.sleep(0.05)

        refused = await ended(console, await console.confirm(second.id, ALICE, OPS))

        assert refused.state is Stage.REFUSED
        assert refused.answer is not None
        assert f"being done already, by request {str(first.id)[:8]}" in refused.answer["text"]
        world.gate.set()
        await console.executor.wait(first.id)
        assert len(world.done) == 20


class TestAPhrase:
    async def test_has_the_deed_the_target_and_the_place_in_it(self, console: Console, world: World) -> None:
        record = await taken(console, ALICE, "thing drop")
        assert record.phrase == "drop worker prod"

        for wrong in ("", "drop worker", "drop worker staging", "yes"):
            assert "type exactly: drop worker prod" in said(await console.confirm(record.id, ALICE, OPS, wrong))
        assert world.done == []

        assert (await ended(console, await console.confirm(record.id, ALICE, OPS, " Drop  worker PROD "))).state is (
            Stage.DONE
        )


class TestTwoPersons:
    async def confirmed(self, console: Console, actor: Actor = ALICE) -> RequestRecord:
        record = await taken(console, actor, "thing burn")
        outcome = await console.confirm(record.id, actor, OPS, record.phrase)
        assert outcome.request is not None, outcome.answer
        assert outcome.request.state is Stage.WAITING
        return outcome.request

    async def test_do_it_together_from_two_platforms(self, console: Console, world: World) -> None:
        record = await self.confirmed(console)

        bob = Actor("telegram", "12")
        record = await ended(console, await console.approve(record.id, bob, TELEGRAM_OPS))

        assert (record.state, world.done) == (Stage.DONE, ["burnt"])
        assert record.approver is not None
        assert record.approver["human"] == "Bob"
        assert await kinds(record.id) == ["asked", "confirmed", "approved", "started", "ended"]

    async def test_are_not_one_with_two_accounts(self, console: Console, world: World) -> None:
        record = await self.confirmed(console)

        assert "you asked for it yourself" in said(await console.approve(record.id, ALICE_TOO, TELEGRAM_OPS))
        assert world.done == []
        assert await kinds(record.id) == ["asked", "confirmed", "denied"]

    async def test_the_second_has_at_least_the_first_ones_role(self, console: Console) -> None:
        record = await self.confirmed(console, ALICE)

        assert "needs the role admin" in said(await console.approve(record.id, OLGA, OPS))

    async def test_are_both_known_with_all_their_accounts(self, console: Console, world: World) -> None:
        record = await self.confirmed(console)
        assert "both stand under people" in said(await console.approve(record.id, BY_GROUP, OPS))

        record = await self.confirmed(console, BY_GROUP)
        assert "both stand under people" in said(await console.approve(record.id, BOB, OPS))
        assert world.done == []

    async def test_nobody_approves_what_is_not_confirmed(self, console: Console) -> None:
        record = await taken(console, ALICE, "thing burn")

        assert said(await console.approve(record.id, BOB, OPS)) == ("It waits for whoever asked for it to confirm it.")

    async def test_approve_at_once_and_it_is_done_once(self, process: Open, world: World) -> None:
        one, other = process(), process()
        record = await self.confirmed(one)
        carol = replace(BOB)

        outcomes = await asyncio.gather(*(console.approve(record.id, carol, OPS) for console in (one, other) * 3))

        await asyncio.gather(*(console.executor.wait(record.id) for console in (one, other)))
        assert sum(outcome.answer is None for outcome in outcomes) == 1
        assert world.done == ["burnt"]

    async def test_the_approval_is_too_late_after_ten_minutes(self, console: Console, world: World) -> None:
        record = await self.confirmed(console)
        world.later(600)

        assert said(await console.approve(record.id, BOB, OPS)) == "Its time is over; ask for it again."
        assert world.done == []

    async def test_a_plan_that_changed_goes_back_to_whoever_asked(self, console: Console, world: World) -> None:
        record = await self.confirmed(console)
        world.items.extend(f"new {number}" for number in range(10))

        assert "must confirm it anew" in said(await console.approve(record.id, BOB, OPS))
        assert (await requests.request(record.id)).state is Stage.PLANNED
        assert world.done == []

    async def test_a_plan_may_ask_for_a_higher_role(self, console: Console, world: World) -> None:
        world.items.extend(f"new {number}" for number in range(40))

        assert "needs the role admin" in said(await console.take(order(OLGA, "thing burn")))

    async def test_a_requester_who_lost_the_role_meanwhile_counts_for_nothing(
        self, process: Open, console: Console, world: World
    ) -> None:
        record = await self.confirmed(console)
        changed = replace(console.authorisation, policy=_without(POLICY, "Alice"))

        outcome = await replace(console, authorisation=changed).approve(record.id, BOB, OPS)

        assert "no role" in said(outcome)
        assert world.done == []


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

        with _away("storage.audit.add_line"):
            assert said(await console.confirm(record.id, OLGA, OPS)).startswith("Nothing was done")
        with _away("storage.audit.add"):
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
        press = order(OLGA, "", origin="discord:7:press")

        assert "needs the role" in said(await console.follow(record.id, 0, replace(press, actor=VERA)))
        planned = await console.follow(record.id, 0, press)

        assert planned.request is not None
        assert (planned.request.action, planned.request.state) == ("thing push", Stage.PLANNED)
        assert said(await console.follow(record.id, 5, press)) == "This button is no longer in use."


async def taken_only(console: Console, actor: Actor, name: str) -> RequestRecord:
    outcome = await console.take(order(actor, name))
    assert outcome.request is not None, outcome.answer
    return outcome.request


def _away(name: str) -> Any:
    async def unreachable(*_: object, **__: object) -> Awaitable[None]:
        raise DatabaseUnreachable("The database does not answer.")

    return patch(name, unreachable)


def _without(policy: Policy, name: str) -> Policy:
    people = tuple(one.model_copy(update={"role": None}) if one.name == name else one for one in policy.people)
    return policy.model_copy(update={"people": people})
