"""Who listens on a port of this machine, and whether that is ours."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from chatops.model import NotConfigured
from chatops.orchestrators.fleet import Fleet
from chatops.orchestrators.port import OrchestratorError

_END_S = 10.0
_OWN = ("bot.cli", "screen2deck")


@dataclass(frozen=True, slots=True)
class PortOwner:
    """A process that listens; ``service`` is the declared one that it belongs to.

    ``is_leftover`` marks one of our own programs that nothing manages any more. ``began`` tells it from another that
    gets its number later. ``user`` is whose it is.
    """

    pid: int
    name: str
    user: str
    began: datetime
    service: str = ""
    is_leftover: bool = False


async def owners_of(port: int, fleet: Fleet | None, data_dir: Path) -> list[PortOwner]:
    """All that listen; raises NotConfigured where the system shows no connections of others."""
    try:
        connections = await asyncio.to_thread(psutil.net_connections, "tcp")
    except psutil.AccessDenied as error:
        raise NotConfigured("Who listens on a port is shown to root alone on this system.") from error
    pids = {one.pid for one in connections if one.status == psutil.CONN_LISTEN and port in one.laddr[1:2] and one.pid}
    managed = {} if fleet is None else await _managed(fleet)
    return [found for pid in sorted(pids) if (found := _owner(pid, managed, data_dir)) is not None]


async def is_taken(port: int) -> bool:
    """Whether anything listens, be it somebody whom this process may not see."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def end(owner: PortOwner) -> str:
    """End a leftover: SIGTERM, and SIGKILL ten seconds later; how it ended. Nothing is done to any other process."""
    try:
        process = psutil.Process(owner.pid)
        if _began(process) != owner.began:
            return "had ended already"
        process.send_signal(signal.SIGTERM)
    except psutil.NoSuchProcess:
        return "had ended already"
    if await _ends(process, _END_S):
        return "ended when asked"
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    return "was killed, since it did not end within 10 s" if await _ends(process, _END_S) else "cannot be killed"


async def _ends(process: psutil.Process, within_s: float) -> bool:
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [process], within_s)
    return bool(gone) or process.status() == psutil.STATUS_ZOMBIE


async def _managed(fleet: Fleet) -> dict[int, str]:
    """Processes of declared services, their children included, by service."""
    found: dict[int, str] = {}
    for service, status in await fleet.statuses():
        if isinstance(status, OrchestratorError):
            continue
        for one in status.instances:
            if one.pid is None:
                continue
            found[one.pid] = service.name
            with contextlib.suppress(psutil.Error):
                found |= {child.pid: service.name for child in psutil.Process(one.pid).children(recursive=True)}
    return found


def _owner(pid: int, managed: dict[int, str], data_dir: Path) -> PortOwner | None:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            service = managed.get(pid, "this process" if pid == os.getpid() else "")
            is_leftover = not service and _is_ours(process, data_dir)
            return PortOwner(pid, process.name(), process.username(), _began(process), service, is_leftover)
    except psutil.NoSuchProcess:
        return None


def _is_ours(process: psutil.Process, data_dir: Path) -> bool:
    """One of the product's own programs on this data folder, of this user, whose supervisor has gone."""
    try:
        if process.username() != psutil.Process().username() or _is_supervised(process):
            return False
        words = process.cmdline()
        folder = process.environ().get("DATA_DIR", "")
    except psutil.Error:
        return False
    is_program = any(word in _OWN or Path(word).name in _OWN for word in words[:6])
    is_on_our_data = bool(folder) and Path(folder).resolve() == data_dir.resolve()
    return is_program and is_on_our_data


def _is_supervised(process: psutil.Process) -> bool:
    """Whether a living program of ours started it."""
    parents = process.parents()
    return any(any(word in _OWN or Path(word).name in _OWN for word in one.cmdline()[:6]) for one in parents)


def _began(process: psutil.Process) -> datetime:
    return datetime.fromtimestamp(process.create_time(), UTC)
