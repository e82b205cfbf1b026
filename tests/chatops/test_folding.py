"""Large deliveries are folded some alerts at a time: others may write meanwhile, and a death in between loses none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from chatops.alerting import folding
from storage import alerts, timeline
from storage.alert_records import AlertState
from tests.chatops.pipeline import Counted, Pipeline, alert, body, group_of
from tests.making import NOW, seconds

NAMES = [f"host-{number}" for number in range(25)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten at a time, instead of hundreds."""
    monkeypatch.setattr(folding, "_AT_A_TIME", 10)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> "Between":
    return Between(monkeypatch)


class Between:
    """Has something happen before each transaction of a fold."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.deed: Callable[[int], None] = lambda _: None
        own = alerts.folding

        @asynccontextmanager
        async def folding_() -> AsyncIterator[None]:
            self.count += 1
            self.deed(self.count)
            async with own():
                yield

        monkeypatch.setattr(alerts, "folding", folding_)


async def test_portions_are_one_card_one_incident_and_one_delivery(pipeline: Pipeline, between: Between) -> None:
    await pipeline.deliver(group_of(*NAMES, at=NOW))
    assert between.count == 3
    assert await pipeline.counted() == Counted(1, 0, 25)
    found = await alerts.group_with((await alerts.groups_of_card((await pipeline.card()).id))[0].key)
    assert found is not None
    assert found.deliveries == 1

    await pipeline.deliver(group_of(*NAMES, at=NOW))
    assert await pipeline.counted() == Counted(1, 0, 25)
    await pipeline.deliver(group_of(*NAMES, at=NOW, ended=NAMES, end=seconds(60)))
    assert (await pipeline.incident()).is_resolved


async def test_what_fires_is_told_before_what_has_ended(pipeline: Pipeline) -> None:
    """Else the card would end with one portion and begin again with the next."""
    await pipeline.deliver(group_of(*NAMES[:10], at=NOW))
    await pipeline.deliver(group_of(*NAMES, at=NOW, ended=NAMES[:10], end=seconds(60)))

    card = await pipeline.card()
    assert (card.fired, card.closed_at) == (1, None)
    assert "resolved" not in {one.kind for one in await timeline.events((await pipeline.incident()).id)}


async def test_a_card_is_edited_once_for_all_portions(pipeline: Pipeline) -> None:
    """Whichever of them has news, here the first alone: a card of thousands takes long to put together."""
    await pipeline.deliver(group_of(*NAMES, at=NOW))
    assert await pipeline.counted() == Counted(1, 0, 25)
    [before] = await pipeline.messages()
    await pipeline.deliver(group_of("another", *NAMES, at=NOW))
    [after] = await pipeline.messages()
    assert after.wanted == before.wanted + 1
    assert await alerts.open_episode_count() == 26


async def test_members_that_vanish_are_noted_with_the_last_portion(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of("gone", *NAMES, at=NOW))
    await pipeline.deliver(group_of(*NAMES, at=NOW))
    assert [one.labels["instance"] for one in await alerts.missing_alerts()] == ["gone"]


async def test_a_death_between_portions_loses_nothing(pipeline: Pipeline, between: Between) -> None:
    class Death(BaseException):
        pass

    def die(count: int) -> None:
        if count == 2:
            raise Death

    between.deed = die
    await pipeline.store(group_of(*NAMES, at=NOW))
    with pytest.raises(Death):
        await pipeline.fold()
    assert len(await alerts.waiting_deliveries()) == 1
    assert await alerts.open_episode_count() == 10

    await pipeline.fold()
    assert await alerts.waiting_deliveries() == []
    assert set((await pipeline.states()).values()) == {AlertState.FIRING}
    assert await pipeline.counted() == Counted(1, 0, 25)


async def test_several_who_fold_the_same_keep_the_order(pipeline: Pipeline) -> None:
    """What is told next is not folded before the last portion of what was told first."""
    await pipeline.store(group_of(*NAMES, at=NOW))
    await pipeline.store(group_of(*NAMES, at=NOW, ended=NAMES, end=seconds(60)))
    await asyncio.gather(*(pipeline.fold(post=False) for _ in range(4)))

    assert set((await pipeline.states()).values()) == {AlertState.RESOLVED}
    assert await alerts.open_episode_count() == 0
    assert await alerts.failed_count() == 0


async def test_deliveries_are_stored_between_portions(pipeline: Pipeline, between: Between) -> None:
    """Whoever waits to write has its turn after one portion, not after all of them."""
    stored: list[int] = []

    async def store() -> None:
        await pipeline.store(body(alert("other", at=NOW, alertname="Other")))
        stored.append(between.count)

    tasks: list[asyncio.Task[None]] = []
    between.deed = lambda count: tasks.append(asyncio.create_task(store())) if count == 1 else None
    await pipeline.store(group_of(*NAMES, at=NOW))
    await pipeline.fold()
    await asyncio.gather(*tasks)

    assert stored < [3]
    await pipeline.fold()
    assert len(await pipeline.states()) == 26
