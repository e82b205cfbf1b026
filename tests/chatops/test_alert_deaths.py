"""The process dies before any of the statements with which a delivery is folded and posted: nothing is lost or doubled.

A real kill is in ``tests/integration/test_alerts_for_real.py``; this one hits every point.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import aiosqlite
import asyncpg
import pytest

from storage import alerts, incidents, outbox, timeline
from storage.alert_records import AlertState
from storage.incidents import CARD
from tests.chatops.pipeline import Pipeline, alert, body
from tests.making import NOW, seconds

_STATEMENTS = [(aiosqlite.Connection, "_execute")] + [
    (asyncpg.Connection, name) for name in ("execute", "executemany", "fetch", "fetchrow")
]


class Death(BaseException):
    """The end of a process."""


class Statements:
    """Counts what is asked of the database; dies once before the one with the number ``fatal``."""

    def __init__(self) -> None:
        self.count = 0
        self.fatal = 0

    def next(self) -> None:
        self.count += 1
        if self.count == self.fatal:
            raise Death


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    counting = Statements()
    for owner, name in _STATEMENTS:
        own = getattr(owner, name)

        async def counted(self: Any, *args: Any, _own: Any = own, **kwargs: Any) -> Any:
            counting.next()
            return await _own(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, counted)
    return counting


async def deliver(pipeline: Pipeline) -> None:
    """The chats take everything."""
    for one in await outbox.due_messages(["discord", "telegram"], now=pipeline.ops.now):
        await outbox.mark_delivered(one.id, one.wanted, {}, now=pipeline.ops.now)


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
async def test_death_before_a_statement_loses_nothing_and_doubles_nothing(
    pipeline: Pipeline, statements: Statements, step: int
) -> None:
    """Every sixth, or every one; in turn of what folds a beginning and of what folds an end."""
    point, is_over = 0, False
    while not is_over:
        point += 1
        name = f"Alert{point:03}"
        fires = body(*(alert(one, at=NOW, alertname=name, severity="critical") for one in ("a", "b")))
        ends = body(*(alert(one, at=NOW, ended=seconds(60), alertname=name, severity="critical") for one in ("a", "b")))
        await pipeline.store(fires)
        if point % 2:
            await pipeline.fold()
            await pipeline.store(ends)
        statements.count, statements.fatal = 0, 1 + (point - 1) // 2 * step
        with contextlib.suppress(Death):
            await pipeline.fold()
        is_over = statements.count < statements.fatal and not point % 2
        statements.fatal = 0
        await pipeline.fold()
        await deliver(pipeline)
        pipeline.ops.later(minutes=2)

    assert point * step > 80
    assert await alerts.waiting_deliveries() == []
    assert await alerts.failed_count() == 0
    states = {(one.name, one.labels["instance"]): one.state for one in await alerts.alerts_in(list(AlertState))}
    assert states == {
        (f"Alert{number:03}", one): AlertState.RESOLVED if number % 2 else AlertState.FIRING
        for number in range(1, point + 1)
        for one in ("a", "b")
    }
    cards = await pipeline.cards()
    assert len(cards) == point
    assert all((one.closed_at is not None) == bool(number % 2) for number, one in enumerate(cards, 1))
    for one in cards:
        shown = Counter(message.chat for message in await outbox.messages_of(CARD, str(one.id)))
        assert shown == {"7": 1, "-70": 1}
    found = await incidents.incidents(limit=1000)
    assert len(found) == point
    for incident in found:
        kinds = Counter(event.kind for event in await timeline.events(incident.id))
        assert kinds["alert"] == (2 if incident.is_resolved else 1), incident.title
