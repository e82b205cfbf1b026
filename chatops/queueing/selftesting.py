"""The built-in sample through the real queue, and read directly, compared with the list that it shows."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from chatops.model import NotPossible
from chatops.parts import Need, Parts
from chatops.queueing.tracing import Trace, trace
from storage import conversions, decks, intake, people
from storage.accuracy_counts import SELF_TESTS
from storage.blobs import open_blobs
from storage.intake import NewConversion, Quota
from storage.records import ConversionRecord, Json, State

COMMUNITY = SELF_TESTS
"""Conversions of it are no player's, and count nowhere."""
_PLATFORM = "console"
_UNLIMITED = Quota(per_hour=1_000_000, at_once=1_000_000, all_waiting=1_000_000_000)
_FIRST = timedelta(days=1)
"""It stands before all that waits, as if it had come so much earlier."""
_KEPT = timedelta(days=1)
_LOOK_S = 0.1

Golden = Mapping[str, Mapping[str, int]]
"""Counts of cards by name, by section."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture whose list is known."""

    name: str
    picture: bytes
    golden: Golden


@dataclass(frozen=True, slots=True)
class DirectReading:
    """What a reader outside of the queue made of a picture; ``timings`` are seconds by stage."""

    deck: Json
    engine: str
    timings: Mapping[str, float]


class DirectReader(Protocol):
    """Reads a picture beside the queue, in a process of its own."""

    async def read(self, picture: bytes, engine: str | None) -> DirectReading:
        """With an engine, or with that of the settings; raises NotPossible."""
        ...


SAMPLE: Need[Sample] = Need("sample", "this installation has no sample picture.")
DIRECT_READER: Need[DirectReader] = Need("direct reader", "this process has no reader of its own.")


@dataclass(frozen=True, slots=True)
class Compared:
    """Cards that were read right, of all; ``wrong`` says what is not, in a few words each."""

    right: int
    of: int
    wrong: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Nothing is wrong, missing or too much."""
        return not self.wrong


def compare(deck: Json, golden: Golden) -> Compared:
    """A deck with what it should be."""
    right, total, wrong = 0, 0, []
    for section in ("main", "side", "commander", "companion"):
        wanted = dict(golden.get(section, {}))
        read: dict[str, int] = {}
        for line in deck.get(section, ()):
            read[line["name"]] = read.get(line["name"], 0) + line["count"]
        total += sum(wanted.values())
        right += sum(min(count, read.get(name, 0)) for name, count in wanted.items())
        for name in sorted({*wanted, *read}):
            if wanted.get(name, 0) != read.get(name, 0):
                wrong.append(f"{section}: {read.get(name, 0)} {name} instead of {wanted.get(name, 0)}")
    return Compared(right, total, tuple(wrong))


@dataclass(frozen=True, slots=True)
class Queued:
    """The sample after its way through the queue."""

    conversion: ConversionRecord
    deck: Json | None
    trace: Trace


async def through_queue(parts: Parts, sample: Sample, within: timedelta) -> Queued:
    """Send it before all that waits, and wait for its end; raises NotPossible where that does not come in time."""
    now = parts.clock()
    person = await people.person_with_account(_PLATFORM, COMMUNITY, name="Self-test", now=now)
    key = await open_blobs(parts.settings.picture_store, parts.settings.data_dir).put(sample.picture)
    new = NewConversion(
        person=person.id,
        picture_hash=key,
        picture_size=len(sample.picture),
        picture_name=sample.name,
        picture_until=now + _KEPT,
        deck_until=now + _KEPT,
        correlation=COMMUNITY,
        community=COMMUNITY,
        is_fresh=True,
        is_urgent=True,
    )
    accepted = await intake.accept(new, None, _UNLIMITED, now=now)
    await parts.queue.enqueue(accepted.id, since=accepted.accepted_at - _FIRST)
    ended = await _end_of(accepted, within)
    if ended is None:
        await conversions.cancel(accepted.id, "The self-test waited long enough.", now=parts.clock())
        await parts.queue.cancel(accepted.id)
        raise NotPossible(f"The sample was not read within {within.total_seconds():.0f} s; job {accepted.id}.")
    deck = (await decks.deck_of(ended.id)).deck if ended.state is State.DONE else None
    return Queued(ended, deck, await trace(ended))


async def _end_of(accepted: ConversionRecord, within: timedelta) -> ConversionRecord | None:
    loop = asyncio.get_running_loop()
    end = loop.time() + within.total_seconds()
    while loop.time() < end:
        found = await conversions.conversion(accepted.id)
        if found.state.is_end:
            return found
        await asyncio.sleep(_LOOK_S)
    return None
