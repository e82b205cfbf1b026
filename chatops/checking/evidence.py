"""What ticks an item of a checklist by itself: something is looked at, and found good or not."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from chatops import figures
from chatops.backups import backing_up
from chatops.model import Actor, NotConfigured, OpsError, Place
from chatops.observing.machine import Machine
from chatops.observing.readiness import readiness
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import ago, moment
from config.ops import Role
from storage import maintenance
from storage.backups.catalogue import DATABASES
from storage.errors import StorageError

DONE, FAILED, SKIPPED = "done", "failed", "skipped"
BY = "evidence"
"""Who marks what was found."""
_FRESH = timedelta(hours=1)
_DISK_WARN = 0.8
_LOOK_S = 20.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """``skipped`` is what nobody can tell here."""

    state: str
    words: str


Look = Callable[[Parts], Awaitable[Evidence]]


async def evidence_for(name: str, parts: Parts) -> Evidence:
    """What is found; a part that does not answer is no good evidence."""
    look = LOOKS.get(name)
    if look is None:
        return Evidence(SKIPPED, f"ops.yaml names the evidence {name}, which is none of {', '.join(sorted(LOOKS))}")
    try:
        async with asyncio.timeout(_LOOK_S):
            return await look(parts)
    except (StorageError, OpsError) as error:
        return Evidence(FAILED, str(error))
    except TimeoutError:
        return Evidence(FAILED, f"it did not answer within {_LOOK_S:.0f} s")


async def _health(parts: Parts) -> Evidence:
    found = await readiness(parts)
    bad = [f"{one.name}: {one.words}" for one in found if one.is_ok is False]
    return Evidence(FAILED, "; ".join(bad)) if bad else Evidence(DONE, f"{len(found)} parts are well")


async def _error_rate(parts: Parts) -> Evidence:
    return await _figures(parts, "error_rate")


async def _resources(parts: Parts) -> Evidence:
    return await _figures(parts, "cpu", "memory")


async def _figures(parts: Parts, *names: str) -> Evidence:
    """Good below the alert; a figure that nobody can tell is skipped."""
    limits = await figures.thresholds(parts)
    words, states = [], []
    for name, measured in (await figures.currents(parts, names)).items():
        state = figures.condition(measured, limits.get(name))
        value = measured.note or "unknown" if measured.value is None else f"{measured.value:.1%}"
        words.append(f"{name.replace('_', ' ')} {value} ({state})")
        states.append(state)
    if "alert" in states:
        return Evidence(FAILED, ", ".join(words))
    return Evidence(SKIPPED if set(states) == {"unknown"} else DONE, ", ".join(words))


async def _disk(parts: Parts) -> Evidence:
    found = await asyncio.to_thread(Machine().disks, [parts.settings.data_dir])
    fullest = max(found, key=lambda one: one.share)
    state = FAILED if fullest.share >= _DISK_WARN else DONE
    return Evidence(state, f"{fullest.mount} is {fullest.share:.0%} full")


async def _backup(parts: Parts) -> Evidence:
    found = await asyncio.to_thread(backing_up.catalogue(parts).all, DATABASES)
    newest = backing_up.newest_good(found)
    if newest is None:
        return Evidence(FAILED, "there is no good backup")
    state = FAILED if backing_up.is_stale(found, parts.clock()) else DONE
    checked = "verified" if newest.is_verified else "not verified"
    return Evidence(state, f"{newest.id}, {ago(newest.at, parts.clock())}, {checked}")


async def _fresh_backup(parts: Parts) -> Evidence:
    newest = backing_up.newest_good(await asyncio.to_thread(backing_up.catalogue(parts).all, DATABASES))
    if newest is None:
        return Evidence(FAILED, "there is no good backup")
    is_fresh = parts.clock() - newest.at <= _FRESH
    return Evidence(DONE if is_fresh else FAILED, f"{newest.id}, {ago(newest.at, parts.clock())}")


async def _maintenance(parts: Parts) -> Evidence:
    """Announced is what is in force or planned."""
    now = parts.clock()
    in_force = await maintenance.in_force(now)
    if in_force is not None and in_force.is_announced:
        return Evidence(DONE, f"in force until {moment(in_force.until)}")
    planned = [one for one in await maintenance.windows() if one.since > now]
    if planned:
        return Evidence(DONE, f"planned for {moment(min(one.since for one in planned))}")
    return Evidence(FAILED, "no maintenance is announced")


async def _certificate(parts: Parts) -> Evidence:
    return await by_action("cert check", parts)


async def by_action(name: str, parts: Parts) -> Evidence:
    """What a reading action says when the schedule asks for it; skipped where this deployment does not have it."""
    # Not at the top: chapters may ask for evidence themselves.
    found = importlib.import_module("chatops.actions").registry().actions.get(name)
    if found is None or found.missing(parts):
        return Evidence(SKIPPED, f"{name} is not configured here")
    actor = Actor("console", "schedule", "the schedule")
    place = Place("console", "schedule", is_private=True)
    try:
        answer = await found.function(Run(parts, actor, "the schedule", Role.VIEWER, place, uuid4(), _nobody))
    except NotConfigured as error:
        return Evidence(SKIPPED, str(error))
    return Evidence(DONE if answer.ok else FAILED, answer.text)


async def _nobody(_: str) -> None:
    """Progress of evidence is not told."""


LOOKS: Mapping[str, Look] = {
    "health": _health,
    "error_rate": _error_rate,
    "resources": _resources,
    "disk": _disk,
    "backup": _backup,
    "fresh_backup": _fresh_backup,
    "maintenance": _maintenance,
    "certificate": _certificate,
}
