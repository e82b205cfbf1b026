"""What must hold after every disaster, as players see it and as the database tells it."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from bot.services import Services
from storage import conversions, outbox
from storage.errors import StorageError
from storage.records import ENDS, ConversionRecord, State
from tests.chaos.driving import Players, Product, slowness
from tests.chaos.reader import Wish
from tests.chaos.recorder import Shown, by_conversion, shown

LATE_S = 10.0
"""How much longer than its own work a conversion may take because of a disaster."""
_QUIET_S = 3.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it went, in seconds; for reports."""

    whole: float
    longest_gap: float
    slowest_delivery: float


async def all_ended(
    product: Product, people: Players, *, since: float, own_work_s: float, away_s: float = 0.0
) -> Verdict:
    """Wait for the end of everything that was promised, and check that it is a good one.

    ``since`` is when the disaster began, ``own_work_s`` the time that one conversion takes, ``away_s`` how long
    something that is needed was away.
    """
    allowed = (LATE_S + own_work_s) * slowness() + away_s
    await _until_all_shown(product, people, allowed)
    ended = time.time()
    # Whatever comes late must come before it is looked at.
    await asyncio.sleep(_QUIET_S)
    seen = by_conversion(shown(product.seen_file))
    for identity, picture in people.accepted.items():
        await _check(people.services, identity, picture, seen[str(identity)])
    await _check_queue(people.services)
    gap = _longest_gap(product, since)
    assert gap <= allowed, f"nothing ended for {gap:.1f} s"
    return Verdict(ended - since, gap, await _slowest_delivery(people, seen))


async def _until_all_shown(product: Product, people: Players, allowed: float) -> None:
    """Wait while something ends now and then."""
    waiting = {str(one) for one in people.accepted}
    last, count = time.monotonic(), -1
    while waiting:
        finals = {one.conversion for one in shown(product.seen_file) if one.is_final}
        waiting -= finals
        if len(finals) != count:
            last, count = time.monotonic(), len(finals)
        if time.monotonic() - last > allowed + 10:
            raise AssertionError(await _told(people, waiting, product))
        await asyncio.sleep(0.1)


async def _told(people: Players, waiting: set[str], product: Product) -> str:
    lines = [f"{len(waiting)} of {len(people.accepted)} have not ended:"]
    for one in sorted(waiting)[:5]:
        try:
            row = await conversions.conversion(UUID(one))
            messages = await outbox.messages_of(conversions.SUBJECT, one)
            history = [(each.state.value, each.detail, f"{each.at:%X}") for each in await conversions.events(row.id)]
            job = await people.services.queue.redis.zscore("ocr:queue", one)
            lines += [f"{row}", f"{history[-12:]}", f"{messages}", f"job {job}"]
        except StorageError as error:
            lines.append(f"{one}: {error}")
    return "\n".join([*lines, *_remarkable(product.log)])


def _remarkable(log: str) -> list[str]:
    """What the log says beside the usual."""
    lines = [line[:600] for line in log.splitlines() if '"info"' not in line or "supervisor" in line]
    return lines[-60:]


async def _check(services: Services, identity: UUID, picture: bytes, seen: list[Shown]) -> None:
    """One message, in which one end is shown for good, and it is the right one."""
    row = await conversions.conversion(identity)
    assert row.state in ENDS
    history = [event.state for event in await conversions.events(identity)]
    assert len([state for state in history if state in ENDS]) == 1, history
    assert len({one.message for one in seen}) == 1, seen
    assert len([one for one in seen if one.deed == "send"]) == 1, seen
    first_final = next(number for number, one in enumerate(seen) if one.is_final)
    assert all(one.is_final and one.text == seen[-1].text for one in seen[first_final:]), seen
    assert seen[-1].state is row.state
    _check_result(row, picture, seen[-1])


def _check_result(row: ConversionRecord, picture: bytes, last: Shown) -> None:
    """The player has the deck of this picture and of no other, or the sentence that it deserves."""
    wish = _wish(picture)
    if wish is None:
        assert row.state is State.DONE, row
        return
    expected = {"die": State.FAILED, "refuse": State.REFUSED}.get(wish.deed, State.DONE)
    assert row.state is expected, row
    assert last.number == (wish.number if expected is State.DONE else None)
    assert last.text


def _wish(picture: bytes) -> Wish | None:
    """What a picture asks of the reader of known cost; None for a real one."""
    if not picture.startswith(b"{"):
        return None
    asked: Mapping[str, Any] = json.loads(picture)
    return Wish(**asked)


async def _check_queue(services: Services) -> None:
    """Nothing is left: no open conversion, no message, and no job that will not go by itself."""
    assert await conversions.open_conversions() == []
    assert await outbox.pending_count() == 0
    for _ in range(50):
        if not await services.queue.depth():
            return
        await asyncio.sleep(0.1)
    redis = services.queue.redis
    left = await redis.zrange("ocr:queue", 0, -1, withscores=True)
    raise AssertionError(f"left: {left}, keys {await redis.keys('*')}")


def _longest_gap(product: Product, since: float) -> float:
    """The longest time in which nobody saw an end, from the disaster to the last end."""
    ends: dict[str, float] = {}
    for one in shown(product.seen_file):
        if one.is_final:
            ends.setdefault(one.conversion, one.at)
    moments = [since, *sorted(at for at in ends.values() if at >= since)]
    return max((late - early for early, late in pairwise(moments)), default=0.0)


async def _slowest_delivery(people: Players, seen: Mapping[str, list[Shown]]) -> float:
    """The longest time from an end to its being shown."""
    longest = 0.0
    for identity in people.accepted:
        row = await conversions.conversion(identity)
        first = next(one for one in seen[str(identity)] if one.is_final)
        assert row.ended_at is not None
        longest = max(longest, first.at - row.ended_at.timestamp())
    return longest


def nothing_left(product: Product) -> None:
    """Stop in order: all processes are gone."""
    assert product.stop() == 0, product.log[-3000:]
    left = product.processes()
    assert left == [], [process.cmdline() for process in left]
