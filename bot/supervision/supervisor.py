"""Starts the parts of the product in order, keeps them alive, and stops them in order."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby

from bot.supervision.keeper import BAD_SETTINGS, Keeper, Surroundings
from bot.supervision.part import Part, State
from bot.supervision.waiting import first_of


class Supervisor:
    """Runs parts as processes of this one; for one run. Parts end with this process, even when it is killed."""

    def __init__(self, parts: Iterable[Part], surroundings: Surroundings) -> None:
        self._keepers = [Keeper(part, surroundings) for part in parts]
        self._around = surroundings
        self._refused = asyncio.Event()

    async def run(self, stop: asyncio.Event, now: asyncio.Event | None = None) -> int:
        """Keep all parts alive until ``stop`` is set, then stop them; return an exit code.

        It is 0, or BAD_SETTINGS when a part ended with that, which stops all others. Setting ``now`` kills what
        is left of them. To be run in the main thread: the parts end with the thread that started them.
        """
        now = now or asyncio.Event()
        async with asyncio.TaskGroup() as group:
            starting = group.create_task(self._start(group))
            killing = group.create_task(self._kill_when(now))
            await first_of(stop.wait(), now.wait(), self._refused.wait())
            starting.cancel()
            await self._stop()
            killing.cancel()
        return BAD_SETTINGS if self._refused.is_set() else 0

    async def _start(self, group: asyncio.TaskGroup) -> None:
        """Start each part when the one before can be used, or has had its time."""
        for keeper in self._keepers:
            group.create_task(self._keep(keeper))
            if not keeper.part.others_wait:
                continue
            try:
                async with asyncio.timeout(keeper.part.ready_within_s):
                    await keeper.ready.wait()
            except TimeoutError:
                # The next can say better than a wait here what they lack, and recover by themselves.
                waited = f"not ready after {keeper.part.ready_within_s:g} s, still trying"
                self._around.report(keeper.part.name, State.STARTING, waited)

    async def _keep(self, keeper: Keeper) -> None:
        if await keeper.keep() == BAD_SETTINGS:
            self._refused.set()

    async def _kill_when(self, now: asyncio.Event) -> None:
        await now.wait()
        for keeper in self._keepers:
            keeper.kill()

    async def _stop(self) -> None:
        for together in self._by_stop_order():
            await asyncio.gather(*(keeper.stop() for keeper in together))

    def _by_stop_order(self) -> list[Sequence[Keeper]]:
        ordered = sorted(self._keepers, key=lambda keeper: keeper.part.stop_order)
        return [list(group) for _, group in groupby(ordered, key=lambda keeper: keeper.part.stop_order)]
