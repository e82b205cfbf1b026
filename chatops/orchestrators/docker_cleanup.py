"""What of this project the Docker daemon keeps and nobody needs; volumes and foreign things are never among it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatops.orchestrators.containers import Labels
from chatops.orchestrators.docker import Docker
from config.ops_services import DockerEntry

KEPT_RELEASES = 3
"""So many images of each repository stay, the newest, so that a rollback finds its own."""


@dataclass(frozen=True, slots=True)
class Disposable:
    """Something that can go: ``kind`` is ``image``, ``container`` or ``cache``."""

    kind: str
    id: str
    name: str
    size: int


class DockerCleanup:
    """Finds and removes, by labels of the project."""

    def __init__(self, entry: DockerEntry, repositories: Sequence[str]) -> None:
        """``repositories`` are those of this deployment's releases."""
        self._docker = Docker(entry)
        self._label = f"{Labels.PROJECT}={entry.project}"
        self._repositories = frozenset(repositories)

    async def dangling_images(self, before: datetime) -> list[Disposable]:
        """Images of the project that have lost their names; raises OrchestratorError."""
        async with self._docker.client() as client:
            found = await client.images.list(filters={"dangling": ["true"], "label": [self._label]})
        return [_image(one) for one in found if _made(one) < before]

    async def stopped(self, before: datetime) -> list[Disposable]:
        """Containers of the project that ended before."""
        filters = {"label": [self._label], "status": ["exited", "dead"]}
        async with self._docker.client() as client:
            found = []
            for one in await client.containers.list(all=True, filters=_encoded(filters), size=True):
                listed, shown = one["SizeRw"] or 0, await one.show()
                ended = datetime.fromisoformat(shown["State"]["FinishedAt"])
                if ended < before:
                    found.append(Disposable("container", shown["Id"], shown["Name"].removeprefix("/"), int(listed)))
        return found

    async def old_releases(self, before: datetime) -> list[Disposable]:
        """Images of this deployment's repositories beyond the newest, none of which a container uses."""
        async with self._docker.client() as client:
            images = await client.images.list()
            used = {one["Image"] for one in await client.containers.list(all=True)}
        found: list[Disposable] = []
        for repository in self._repositories:
            own = [one for one in images if any(_is_of(tag, repository) for tag in one["RepoTags"] or [])]
            for one in sorted(own, key=_made, reverse=True)[KEPT_RELEASES:]:
                if _made(one) < before and not used & {one["Id"], *one["RepoTags"]}:
                    found.append(_image(one))
        return found

    async def build_cache(self, before: datetime) -> list[Disposable]:
        """Layers of builds that nothing uses; of all that were built on this machine, since they belong to nobody."""
        async with self._docker.client() as client:
            usage = await client._query_json("system/df", params={"type": "build-cache"})
        return [
            Disposable("cache", str(one["ID"]), str(one["ID"])[:12], int(one["Size"]))
            for one in usage.get("BuildCache") or []
            if not one.get("InUse") and datetime.fromisoformat(one["LastUsedAt"]) < before
        ]

    async def remove(self, found: Sequence[Disposable], before: datetime) -> int:
        """Remove exactly these; the bytes that were freed."""
        freed = 0
        async with self._docker.client() as client:
            for one in found:
                if one.kind == "image":
                    await client.images.delete(one.id)
                elif one.kind == "container":
                    await client.containers.container(one.id).delete()
                freed += one.size if one.kind != "cache" else 0
            if any(one.kind == "cache" for one in found):
                hours = max(1, round((datetime.now(UTC) - before).total_seconds() / 3600))
                pruned = await client.images.prune_builds(filters={"until": [f"{hours}h"]})
                freed += int(pruned.get("SpaceReclaimed", 0))
        return freed


def _image(one: Any) -> Disposable:
    names = one["RepoTags"] or ["without a name"]
    return Disposable("image", one["Id"], names[0], int(one["Size"]))


def _made(one: Any) -> datetime:
    return datetime.fromtimestamp(int(one["Created"]), UTC)


def _is_of(tag: str, repository: str) -> bool:
    return tag.rpartition(":")[0] == repository


def _encoded(filters: dict[str, list[str]]) -> str:
    from aiodocker.utils import clean_filters

    return clean_filters(filters)
