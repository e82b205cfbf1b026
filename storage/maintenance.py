"""Maintenance: what is in force, and windows that are planned. The database keeps both, whatever happens to Redis."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage import values
from storage.models import OpsValue

_KEY = "maintenance"
_WINDOWS = "maintenance.window."


class Mode(StrEnum):
    """``soft`` keeps new pictures until its end; ``hard`` hands out no lists either."""

    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class MaintenanceRecord:
    """Maintenance from ``since`` to ``until``, which ends it by itself.

    ``silence`` is what mutes alerts meanwhile; ``window`` the planned one that it came from; ``is_warned`` says that
    its end was announced.
    """

    id: str
    mode: Mode
    reason: str
    since: datetime
    until: datetime
    by: str
    is_announced: bool = True
    silence: str = ""
    window: str = ""
    is_warned: bool = False


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """Planned maintenance; ``told`` are the announcements that were made, in seconds before its start."""

    id: str
    mode: Mode
    reason: str
    since: datetime
    until: datetime
    by: str
    is_announced: bool = True
    is_silent: bool = True
    told: Sequence[int] = ()


async def stored() -> MaintenanceRecord | None:
    """What was begun and not ended, also when its time is over."""
    found = await values.value(_KEY)
    return None if found is None else MaintenanceRecord(**_read(found))


async def in_force(now: datetime) -> MaintenanceRecord | None:
    """What is in force; nothing after its end, whoever has noticed."""
    return _unless_over(await values.value(_KEY), now)


async def in_force_here(now: datetime) -> MaintenanceRecord | None:
    """The same within the caller's transaction."""
    row = await OpsValue.get_or_none(key=_KEY)
    return _unless_over(None if row is None else row.value, now)


async def keep(record: MaintenanceRecord, *, by: str, now: datetime) -> None:
    """Put it in force, in place of what was."""
    await values.set_value(_KEY, _written(record), by=by, now=now)


async def end() -> bool:
    """Put nothing in force; whether there was something."""
    return await values.remove_value(_KEY)


async def windows() -> list[WindowRecord]:
    """Planned ones, the next first."""
    found = [WindowRecord(**_read(one)) for one in (await values.values(_WINDOWS)).values()]
    return sorted(found, key=lambda one: one.since)


async def keep_window(window: WindowRecord, *, by: str, now: datetime) -> None:
    """Plan it, or change what is planned."""
    await values.set_value(_WINDOWS + window.id, _written(window), by=by, now=now)


async def remove_window(identity: str) -> bool:
    """Plan it no longer; whether it was planned."""
    return await values.remove_value(_WINDOWS + identity)


async def told(window: WindowRecord, before_s: int, *, by: str, now: datetime) -> None:
    """Remember that it was announced so many seconds before its start."""
    await keep_window(replace(window, told=(*window.told, before_s)), by=by, now=now)


def _unless_over(found: Any, now: datetime) -> MaintenanceRecord | None:
    record = None if found is None else MaintenanceRecord(**_read(found))
    return record if record is not None and now < record.until else None


def _written(record: MaintenanceRecord | WindowRecord) -> dict[str, Any]:
    return {**asdict(record), "since": record.since.isoformat(), "until": record.until.isoformat()}


def _read(found: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(found[name]) for name in ("since", "until")}
    return {**found, **times, "mode": Mode(found["mode"])}
