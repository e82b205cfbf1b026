"""Space on the machine: only what is ours and nobody needs; never an image to return to, never a volume."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotConfigured, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.security.evidence_first import evidence_first
from chatops.services.cleaning import left_files, remove_files
from chatops.times import counted, span
from config.ops import Role
from config.ops_services import BackEnd

if TYPE_CHECKING:
    from chatops.orchestrators.docker_cleanup import Disposable, DockerCleanup

GROUPS = {"host": "The machine that the product runs on."}

IMAGES, STOPPED, CACHE, ARTIFACTS, TMP = "dangling-images", "stopped", "build-cache", "old-artifacts", "tmp"
_WEEK = timedelta(days=7)
_SHOWN = 20

What = Annotated[
    str, Word((IMAGES, STOPPED, CACHE, ARTIFACTS, TMP)), "old-artifacts are releases beyond the last three"
]
OlderThan = Annotated[timedelta, Duration("1h", "365d")]


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    size: int


@action(
    "host cleanup",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    timeout=timedelta(minutes=10),
    check="host disk",
)
async def cleanup(run: Run, what: What = IMAGES, older_than: OlderThan = _WEEK) -> Answer:
    """Free space of what is ours and nobody needs: never an image to return to, never a volume."""
    before = run.now - older_than
    planned = set(run.plan.items if run.plan else ())
    if what == TMP:
        files = [one for one in left_files(run.parts.settings.data_dir, before) if str(one.path) in planned]
        count, freed = len(files), await asyncio.to_thread(remove_files, files)
    else:
        cleaner = _docker(run.parts)
        found = [one for one in await _disposable(cleaner, what, before) if one.id in planned]
        count, freed = len(found), await cleaner.remove(found, before)
    return Answer(
        f"{counted(count, 'thing')} removed, {_mega(freed)} freed.",
        suggestions=(suggestion("host disk"),),
        data={"removed": count, "bytes": freed},
    )


@cleanup.plan
async def plan_cleanup(run: Run, what: str = IMAGES, older_than: timedelta = _WEEK) -> Plan:
    """What would go, and how much that is."""
    before = run.now - older_than
    if what == TMP:
        files = left_files(run.parts.settings.data_dir, before)
        items, found = [str(one.path) for one in files], [_Found(one.path.name, one.size) for one in files]
    else:
        things = await _disposable(_docker(run.parts), what, before)
        items, found = [one.id for one in things], [_Found(one.name, one.size) for one in things]
    if not found:
        raise NotPossible(f"There is nothing of {what} that is older than {span(older_than)}.")
    rows = tuple((one.name, _mega(one.size)) for one in sorted(found, key=lambda one: -one.size)[:_SHOWN])
    text = f"Removes {counted(len(found), 'thing')} of {what} older than {span(older_than)}: {_mega(_sum(found))}."
    text += f" {_STAYS[what]}{await evidence_first(run.now)}"
    return Plan(text, tuple(items), what, table=Table(("what", "size"), rows))


_STAYS = {
    IMAGES: "Images with a name, all volumes, and whatever is not of this project stay.",
    STOPPED: "Their volumes and images stay.",
    CACHE: "It is that of the whole machine: the next build takes longer.",
    ARTIFACTS: "The last three releases of each repository and all that containers use stay.",
    TMP: "They are files that were never finished.",
}


async def _disposable(cleaner: "DockerCleanup", what: str, before: datetime) -> "Sequence[Disposable]":
    looks = {
        IMAGES: cleaner.dangling_images,
        STOPPED: cleaner.stopped,
        CACHE: cleaner.build_cache,
        ARTIFACTS: cleaner.old_releases,
    }
    return await looks[what](before)


def _docker(parts: Parts) -> "DockerCleanup":
    """Raises NotConfigured where no service runs in Docker."""
    if not any(one.back_end is BackEnd.DOCKER for one in parts.policy.services):
        raise NotConfigured("No service of ops.yaml runs in Docker, so that there is nothing of it to remove.")
    from chatops.orchestrators.docker_cleanup import DockerCleanup

    return DockerCleanup(parts.policy.orchestrators.docker, sorted(set(parts.policy.deploy.images.values())))


def _sum(found: Sequence[_Found]) -> int:
    return sum(one.size for one in found)


def _mega(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
