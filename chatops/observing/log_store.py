"""What all processes and services have logged: own files here, those of other machines by asking, the rest by whatever
runs the services."""

import asyncio
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatops.model import BadArgument, NotConfigured
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import OrchestratorError
from chatops.parameters import one_of
from chatops.parts import Parts
from chatops.security.processes import asked
from config.log_files import FOLDER
from config.log_reading import Line, Query, find, is_meant, matches, parsed, processes
from config.ops_services import Kind
from storage.control import Control
from storage.errors import StorageError

OWN = ("all", "bot", "worker")
"""What the product itself logs."""
_ASK_S = 5.0
_RAW_LINES = 2000
"""How far back other programs' logs are looked through."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Lines, oldest first; ``missing`` says whose could not be had, and why."""

    lines: tuple[Line, ...]
    missing: tuple[str, ...] = ()


def folder_of(parts: Parts) -> Path:
    """Where processes of this machine write."""
    return parts.settings.data_dir / FOLDER


async def components(parts: Parts, typed: str = "") -> Sequence[str]:
    """Whose logs may be asked for."""
    own = await asyncio.to_thread(processes, folder_of(parts))
    services = parts.get(ORCHESTRATOR).names if parts.has(ORCHESTRATOR) else []
    return list(dict.fromkeys([*OWN, *own, *services]))


async def gather(parts: Parts, query: Query) -> Gathered:
    """Lines as asked for. Raises BadArgument for an unknown name, NotConfigured where nobody has its log."""
    own = await asyncio.to_thread(processes, folder_of(parts))
    if query.process in OWN or any(is_meant(one, query.process) for one in own):
        found = await _own(parts, query)
        if found.lines or query.process == "all" or own or not parts.has(ORCHESTRATOR):
            return found
    return await _of_services(parts, query, own)


async def _own(parts: Parts, query: Query) -> Gathered:
    here = await asyncio.to_thread(find, folder_of(parts), query)
    elsewhere, missing = await _elsewhere(parts, query)
    # Processes of two containers may write into one folder.
    known = {(line.at, line.process, line.event) for line in here}
    others = [line for line in elsewhere if (line.at, line.process, line.event) not in known]
    ordered = sorted([*here, *others], key=lambda line: line.at)
    return Gathered(tuple(ordered[-query.most :]), tuple(missing))


async def _elsewhere(parts: Parts, query: Query) -> tuple[list[Line], list[str]]:
    """Of other machines: one process of each is asked for all that is in its folder."""
    try:
        alive = await Control(parts.queue).processes()
    except StorageError as error:
        return [], [str(error)]
    hosts = {one.host: one for one in alive if one.host != platform.node()}
    if not hosts:
        return [], []
    answers = await asked(parts, list(hosts.values()), "logs", query.to_json(), _ASK_S)
    lines = [Line(**line) for _, result, problem in answers if not problem for line in result]
    return lines, [problem for _, _, problem in answers if problem]


async def _of_services(parts: Parts, query: Query, own: Sequence[str]) -> Gathered:
    services = _services(parts, query.process, own)
    lines: list[Line] = []
    missing: list[str] = []
    for service in services:
        try:
            raw = await service.logs(_RAW_LINES if query.text or query.level != "debug" else query.most)
        except OrchestratorError as error:
            missing.append(str(error))
            continue
        lines += [parsed(line, service.name) for line in raw]
    chosen = [line for line in lines if matches(line, query) and (not line.at or line.at >= query.since[:19])]
    if missing and not lines:
        raise NotConfigured(f"The log of {query.process} cannot be had: {missing[0]}")
    return Gathered(tuple(chosen[-query.most :]), tuple(missing))


def _services(parts: Parts, name: str, own: Sequence[str]) -> list[Service]:
    if not parts.has(ORCHESTRATOR):
        known = [*OWN, *own]
        if name in set(Kind):
            raise NotConfigured(f"The log of {name} is not configured here: {ORCHESTRATOR.reason}")
        try:
            one_of(name, known)
        except BadArgument as error:
            raise BadArgument(f"component: {error}") from None
        raise NotConfigured(f"Nothing was logged by {name} here: LOG_FILES is off, or it runs elsewhere.")
    fleet = parts.get(ORCHESTRATOR)
    if name not in fleet.names and name in set(Kind):
        return fleet.of_kind(Kind(name))
    try:
        return [fleet.service(name)]
    except BadArgument as error:
        raise BadArgument(f"component: {error}") from None
