"""What all disasters have in common: a product at work, and 200 pictures on their way through it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import conversions
from storage.records import ConversionRecord, State
from tests.chaos.driving import Players, Product, eventually, players, running_product, slowness
from tests.chaos.promises import Verdict, all_ended, nothing_left
from tests.chaos.reader import Wish
from tests.chaos.recorder import shown

COUNT = 200
SHORT_S, LONG_S = 0.04, 0.5


@dataclass(slots=True)
class Scene:
    """A product, those who use it, and when the disaster began."""

    product: Product
    people: Players
    since: float = 0.0

    async def under_way(self, wishes: list[Wish], ended: int = 20) -> "asyncio.Task[None]":
        """Send pictures, and return while they are sent or wait, when the first have ended."""
        sending = asyncio.create_task(self.people.send_many(wishes))
        await eventually(lambda: self.ended() >= ended or sending.done(), 60 * slowness())
        self.since = time.time()
        return sending

    def ended(self) -> int:
        """How many conversions have ended for those who sent them."""
        return len({one.conversion for one in shown(self.product.seen_file) if one.is_final})

    async def held_by(self, number: int) -> ConversionRecord:
        """What a worker is reading right now."""
        for _ in range(int(3000 * slowness())):
            for row in await conversions.open_conversions([State.RUNNING]):
                if (row.worker or "").endswith(f"/{number}"):
                    return row
            await asyncio.sleep(0.01)
        raise AssertionError(f"worker {number} reads nothing")

    async def ends_well(self, sending: "asyncio.Task[None]", *, away_s: float = 0.0) -> Verdict:
        """All that was promised is kept; stop the product, nothing is left of it."""
        await sending
        verdict = await all_ended(self.product, self.people, since=self.since, own_work_s=LONG_S, away_s=away_s)
        print(f"\n{len(self.people.accepted)} conversions: {verdict}, slowness {slowness():.1f}")  # noqa: T201
        nothing_left(self.product)
        return verdict


@asynccontextmanager
async def scene(folder: Path, database_url: str | None, **options: object) -> AsyncIterator[Scene]:
    """A product that is ready."""
    with running_product(folder, database_url, **options) as product:  # type: ignore[arg-type]
        async with players(product) as people:
            yield Scene(product, people)


def wishes(count: int = COUNT) -> list[Wish]:
    """Different pictures; every tenth takes long, so that whoever is killed holds one."""
    return [Wish(number, wait_s=LONG_S if number % 10 == 0 else SHORT_S) for number in range(1, count + 1)]
