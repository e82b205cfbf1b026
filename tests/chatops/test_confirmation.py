"""What stands between a plan and its deed: a button, a phrase, a second person."""

import asyncio
from dataclasses import replace

import pytest

from chatops.console import Console
from chatops.model import Actor
from storage import audit, grants, requests
from storage.requests import RequestRecord, Stage
from tests.chatops.things import (
    ALICE,
    ALICE_TOO,
    BOB,
    BY_GROUP,
    OLGA,
    OPS,
    POLICY,
    STRANGER,
    TELEGRAM_OPS,
    VERA,
    Open,
    World,
    ended,
    kinds,
    order,
    said,
    taken,
    without,
)


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
        changed = replace(console.authorisation, policy=without(POLICY, "Alice"))

        outcome = await replace(console, authorisation=changed).approve(record.id, BOB, OPS)

        assert "no role" in said(outcome)
        assert world.done == []
