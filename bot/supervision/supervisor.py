"""Starts the parts of the product in order, keeps them alive, and stops them in order; takes orders meanwhile."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.supervision.keeper import BAD_SETTINGS, Keeper, Surroundings
from bot.supervision.part import Part, State
from config.tasks import first_of


class OrderRefusedError(Exception):
    """An order cannot be followed; ``str(error)`` is one sentence."""


@dataclass(frozen=True)
class Scaling:
    """Parts of which any number may run: ``make`` makes the one of a number, from 1 on."""

    prefix: str
    make: Callable[[int], Part]
    most: int = 8


class Supervisor:
    """Runs parts as processes of this one; for one run. Parts end with this process, even when it is killed."""

    def __init__(self, parts: Iterable[Part], surroundings: Surroundings, scaling: Scaling | None = None) -> None:
        self._keepers = [Keeper(part, surroundings) for part in parts]
        self._around = surroundings
        self._scaling = scaling
        self._refused = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event, now: asyncio.Event | None = None) -> int:
        """Keep all parts alive until ``stop`` is set, then stop them; return an exit code.

        It is 0, or BAD_SETTINGS when a part ended with that, which stops all others. Setting ``now`` kills what
        is left of them. To be run in the main thread: the parts end with the thread that started them.
        """
        now = now or asyncio.Event()
        async with asyncio.TaskGroup() as group:
            starting = group.create_task(self._start(group))
            killing = group.create_task(self._kill_when(now))
            self._group = group
            await first_of(stop.wait(), now.wait(), self._refused.wait())
            self._group = None
            starting.cancel()
            await self._stop()
            killing.cancel()
        return BAD_SETTINGS if self._refused.is_set() else 0

    @property
    def keepers(self) -> Sequence[Keeper]:
        """Of all parts, in the order in which they are started; those that were stopped as well."""
        return tuple(self._keepers)

    async def start_part(self, name: str) -> None:
        """Start a part that was stopped, or is about to be tried again; raises OrderRefusedError."""
        async with self._turn:
            keeper = self._keeper(name)
            if keeper.is_wanted:
                if keeper.pid is None:
                    await keeper.restart()
                return
            await self._keep_new(Keeper(keeper.part, self._around), self._keepers.index(keeper))

    async def stop_part(self, name: str) -> None:
        """Stop a part and leave it so; raises OrderRefusedError."""
        async with self._turn:
            await self._keeper(name).stop()

    async def restart_part(self, name: str, *, at_once: bool = False) -> None:
        """Restart a part, or start it where it was stopped; raises OrderRefusedError."""
        keeper = self._keeper(name)
        if not keeper.is_wanted:
            await self.start_part(name)
            return
        async with self._turn:
            await keeper.restart(at_once=at_once)

    async def scale(self, count: int) -> None:
        """Have so many of the parts that can be several; those that go may finish. Raises OrderRefusedError."""
        scaling = self._scaling
        if scaling is None or not 0 < count <= scaling.most:
            most = "none" if scaling is None else f"1 to {scaling.most}"
            raise OrderRefusedError(f"The supervisor cannot run {count} of them; it can run {most}.")
        async with self._turn:
            there = {keeper.part.name: keeper for keeper in self._keepers}
            wanted = {f"{scaling.prefix}-{number}": number for number in range(1, count + 1)}
            for name, number in wanted.items():
                if name not in there:
                    await self._keep_new(Keeper(scaling.make(number), self._around), None)
                elif not there[name].is_wanted:
                    await self._keep_new(Keeper(there[name].part, self._around), self._keepers.index(there[name]))
            several = {name: one for name, one in there.items() if name.startswith(f"{scaling.prefix}-")}
            beyond = [one for name, one in several.items() if name not in wanted]
            await asyncio.gather(*(one.stop() for one in beyond))
            self._keepers = [one for one in self._keepers if one not in beyond]

    def _keeper(self, name: str) -> Keeper:
        if self._group is None:
            raise OrderRefusedError("The supervisor is stopping.")
        for one in self._keepers:
            if one.part.name == name:
                return one
        raise OrderRefusedError(f"The supervisor has no part {name[:40]!r}.")

    async def _keep_new(self, keeper: Keeper, place: int | None) -> None:
        if self._group is None:
            raise OrderRefusedError("The supervisor is stopping.")
        if place is None:
            self._keepers.append(keeper)
        else:
            self._keepers[place] = keeper
        self._group.create_task(self._keep(keeper))

    async def _start(self, group: asyncio.TaskGroup) -> None:
        """Start each part when the one before can be used, or has had its time."""
        for keeper in list(self._keepers):
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
