"""Whatever order, repetition or damage: what is known of alerts in the end is right, and none is lost."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.alerting.alert_reading import NotADelivery, Told, check, digest_of, read
from chatops.alerting.alerts import Outcome, promote, step
from config.ops_alerts import AlertRules
from storage import alerts
from storage.alert_records import AlertRecord, AlertState
from tests.chatops.mutations import mutated
from tests.chatops.pipeline import CAPTURES, Pipeline, alert, body
from tests.making import NOW, seconds

RULES = AlertRules()
pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"no recorded deliveries in {CAPTURES}")


def told(start: int, end: int | None = None) -> Told:
    """A word on one alert; times in seconds."""
    ended = None if end is None else seconds(end)
    return Told("0123456789abcdef", end is None, {"alertname": "X"}, {}, seconds(start), ended)


def folded(words: Sequence[Told], every_s: float = 1) -> tuple[AlertRecord | None, list[Outcome]]:
    """What is known after some words, which come one after the other."""
    known, outcomes = None, []
    for number, one in enumerate(words):
        found = step(known, one, "", RULES, seconds(100 + every_s * number))
        known = found.alert
        outcomes.append(found.outcome)
    return known, outcomes


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """What one member tells, in order: it fires and ends some times."""
    words, at = [], 0
    for _ in range(draw(st.integers(1, 4))):
        words.append(told(at))
        at += draw(st.integers(5, 30))
        words.append(told(_start(words[-1]), at))
        at += draw(st.integers(5, 30))
    return words if draw(st.booleans()) else words[:-1]


def _start(one: Told) -> int:
    assert one.starts_at is not None
    return int((one.starts_at - NOW).total_seconds())


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """A story, and how it is heard from two members, each of which keeps its order and repeats itself."""
    story = draw(stories())
    members = [[one for one in story for _ in range(draw(st.integers(1, 2)))] for _ in range(2)]
    ends = [
        [one if one.is_firing else replace(one, ends_at=_after(one, draw(st.integers(0, 4)))) for one in member]
        for member in members
    ]
    heard: list[Told] = []
    queues = [list(one) for one in ends]
    while any(queues):
        queue = draw(st.sampled_from([one for one in queues if one]))
        heard.append(queue.pop(0))
    return story, heard


def _after(one: Told, more: int) -> datetime | None:
    return None if one.ends_at is None else one.ends_at + timedelta(seconds=more)


@given(interleavings())
def test_two_members_in_any_order_end_as_one_in_order(both: tuple[list[Told], list[Told]]) -> None:
    story, heard = both
    expected, _ = folded(story)
    found, _ = folded(heard)
    assert expected is not None
    assert found is not None

    if heard[-1].is_firing and found.state is AlertState.SUSPECT:
        # The last word is a firing: Alertmanager, when it is asked, or time says which it was.
        assert promote(found, seconds(1000)).alert.state is AlertState.FIRING
        return
    assert found.state is expected.state


@given(interleavings())
def test_what_counts_as_firing_was_told_to_fire(both: tuple[list[Told], list[Told]]) -> None:
    _, heard = both
    known, outcomes = folded(heard)

    assert known is not None
    assert outcomes.count(Outcome.CLOSED) <= known.episode
    assert known.episode - outcomes.count(Outcome.CLOSED) == (1 if known.state is AlertState.FIRING else 0)


@given(stories(), st.integers(2, 5))
def test_repetition_changes_nothing(story: list[Told], times: int) -> None:
    once, _ = folded(story, every_s=1)
    often, _ = folded([one for one in story for _ in range(times)], every_s=1 / times)

    assert once is not None
    assert often is not None
    assert (often.state, often.episode) == (once.state, once.episode)


@given(mutated())
@settings(max_examples=300)
def test_damaged_deliveries_are_read_or_refused_with_a_sentence(told: Any) -> None:
    with contextlib.suppress(NotADelivery):
        check(told)
        all_are_read(told)


def all_are_read(told: Any) -> None:
    delivery = read(told)
    assert len(digest_of(told)) == 64
    whole = [one for one in told.get("alerts") or () if isinstance(one, Mapping)]
    firing = [one for one in whole if one.get("status") == "firing"]
    assert bool(firing) <= any(one.is_firing for one in delivery.alerts.values())
    assert bool(whole) == bool(delivery.alerts)
    for one in delivery.alerts.values():
        known = step(None, one, "", RULES, NOW).alert
        assert (known.state is AlertState.FIRING) == one.is_firing


async def test_damaged_deliveries_are_folded(pipeline: Pipeline) -> None:
    """None is a fault of ours, whatever database has to keep it."""
    damaged: list[Any] = []

    @settings(max_examples=60, database=None, derandomize=True)
    @given(mutated())
    def collect(one: Any) -> None:
        damaged.append(one)

    collect()
    for one in damaged:
        with contextlib.suppress(NotADelivery):
            check(one)
            await pipeline.store(one)
    await pipeline.fold(post=False)

    assert await alerts.failed_count() == 0
    assert await alerts.waiting_deliveries() == []


async def test_what_is_stored_in_any_order_is_folded_once_by_many(pipeline: Pipeline) -> None:
    for number in range(6):
        await pipeline.store(body(alert(str(number), at=NOW)))

    await asyncio.gather(*(pipeline.fold(post=False) for _ in range(5)))

    assert len(await pipeline.states()) == 6
    assert len(await pipeline.cards()) == 1
