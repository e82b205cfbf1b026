"""Which processes of the deployment are meant, and what they answer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from chatops.model import NotPossible
from chatops.parameters import Name
from chatops.parts import Parts
from storage.control import Control, NoAnswer, ProcessRecord

_MOST = 8


async def offered_processes(parts: Parts, typed: str) -> Sequence[str]:
    """Kinds, and names of processes that live."""
    found = await Control(parts.queue).processes()
    return ["all", *sorted({one.kind for one in found}), *(one.name for one in found)]


Service = Annotated[str, Name("all, bot, worker, or the name of a process", offered_processes)]


async def meant(parts: Parts, service: str) -> list[ProcessRecord]:
    """Processes of a kind, or the one of a name; raises NotPossible."""
    found = await Control(parts.queue).processes()
    chosen = [one for one in found if service in ("all", one.kind, one.name)]
    if not chosen:
        names = ", ".join(one.name for one in found) or "none"
        raise NotPossible(f"No process {service[:60]} is running; there are: {names}.")
    return chosen


async def one_of_them(parts: Parts, service: str) -> ProcessRecord:
    """The first that is meant."""
    return (await meant(parts, service))[0]


async def asked(
    parts: Parts, processes: Sequence[ProcessRecord], deed: str, arguments: Mapping[str, Any], within_s: float
) -> list[tuple[ProcessRecord, Any, str]]:
    """What each answers at the same time, or why it does not; eight at most."""
    control = Control(parts.queue)

    async def ask(one: ProcessRecord) -> tuple[ProcessRecord, Any, str]:
        try:
            return one, await control.ask(one.name, deed, arguments, within_s), ""
        except NoAnswer as error:
            return one, None, str(error)

    return list(await asyncio.gather(*(ask(one) for one in processes[:_MOST])))
