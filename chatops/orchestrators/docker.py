"""Containers of one Compose project, asked of the Docker daemon; no other container can be touched."""

import asyncio
import contextlib
import platform
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiodocker import Docker as Client
from aiodocker.containers import DockerContainer
from aiodocker.exceptions import DockerError

from chatops.orchestrators.containers import Labels, moment, number_of, own_container, state_of, successor
from chatops.orchestrators.port import Basic, Instance, Limits, NotOffered, OrchestratorError, Revision, Status
from config.ops_services import DockerEntry, Kind, ServiceEntry

_ANSWER = aiohttp.ClientTimeout(total=None, sock_connect=5)
_NANO = 1_000_000_000
_CHECK_S = 30.0
_LOOK_S = 0.1


class Docker(Basic):
    """A service's unit is the name of a Compose service of the project."""

    title = "Docker"

    def __init__(self, entry: DockerEntry) -> None:
        self._entry = entry

    async def status(self, service: ServiceEntry) -> Status:
        """See Orchestrator. Containers that all were stopped are not wanted."""
        async with self.client() as client:
            found = [await one.show() for one in await self._containers(client, service)]
            memory = await asyncio.gather(*(_memory(client, one) for one in found))
        instances = tuple(_instance(one, used) for one, used in zip(found, memory, strict=True))
        is_up = any(one.state.is_up for one in instances)
        return Status(service.name, len(instances) if is_up else 0, instances)

    async def start(self, service: ServiceEntry) -> None:
        """See Orchestrator."""
        async with self.client() as client:
            for one in await self._containers(client, service):
                await one.start()

    async def stop(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator."""
        async with self.client() as client:
            found = await self._containers(client, service)
            await asyncio.gather(*(one.stop(t=_seconds(grace)) for one in found))

    async def restart(self, service: ServiceEntry, instance: Instance, grace: timedelta) -> None:
        """See Orchestrator."""
        async with self.client() as client:
            for one in await self._containers(client, service):
                if _name((await one.show())["Name"]) == instance.name:
                    await one.restart(t=_seconds(grace))
                    return
        raise OrchestratorError(f"{service.name} has no container {instance.name} any more.")

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """See Orchestrator: more are made after the first one's pattern, those of the highest numbers go."""
        async with self.client() as client:
            found = await self._containers(client, service)
            if not found:
                raise self._none(service)
            for one in found[count:]:
                await one.stop(t=_seconds(grace))
                await one.delete()
            taken = {number_of(one) for one in found}
            pattern = await found[0].show()
            if count > len(found) and pattern["HostConfig"].get("PortBindings"):
                raise NotOffered(f"{service.name} publishes a port of the machine, which only one container can have.")
            free = [number for number in range(1, count + len(found) + 1) if number not in taken]
            for number in free[: max(0, count - len(found))]:
                config = successor(pattern, {Labels.NUMBER: str(number)})
                made = await client.containers.create(config, name=f"{self._entry.project}-{service.unit}-{number}")
                await made.start()

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """See Orchestrator."""
        asked: dict[str, Any] = {"tail": lines, "timestamps": True}
        if since is not None:
            asked["since"] = int(since.timestamp())
        written: list[tuple[str, str]] = []
        async with self.client() as client:
            found = await self._containers(client, service)
            for one in found:
                name = f"{_name((await one.show())['Name'])} | " if len(found) > 1 else ""
                for line in "".join(await one.log(stdout=True, stderr=True, **asked)).splitlines():
                    at, _, text = line.partition(" ")
                    written.append((at, name + text))
        return [line for _, line in sorted(written, key=lambda one: one[0])][-lines:]

    async def recreate(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator."""
        async with self.client() as client:
            found = await self._containers(client, service)
            if not found:
                raise self._none(service)
            _refuse_own(found)
            for one in found:
                await self._replace(client, one, grace, {}, None)

    async def limits(self, service: ServiceEntry) -> Limits:
        """See Orchestrator."""
        async with self.client() as client:
            for one in await self._containers(client, service):
                host = (await one.show())["HostConfig"]
                return Limits(host.get("Memory") or None, (host.get("NanoCpus") or 0) / _NANO or None)
        raise self._none(service)

    async def set_limits(self, service: ServiceEntry, limits: Limits) -> None:
        """See Orchestrator."""
        changes: dict[str, int] = {}
        if limits.memory is not None:
            # Docker refuses less memory with swap than memory; twice is what it gives by itself.
            changes |= {"Memory": limits.memory, "MemorySwap": 2 * limits.memory}
        if limits.cpus is not None:
            changes |= {"NanoCpus": round(limits.cpus * _NANO)}
        async with self.client() as client:
            for one in await self._containers(client, service):
                # The library has no method for it.
                await client._query_json(f"containers/{one.id}/update", "POST", data=changes)

    async def reload(self, service: ServiceEntry) -> None:
        """See Orchestrator: of nginx, which checks its files in the container and is then sent SIGHUP."""
        if service.kind is not Kind.NGINX:
            await super().reload(service)
        async with self.client() as client:
            for one in await self._containers(client, service):
                if await _exit_code(one, ["nginx", "-t"]):
                    raise OrchestratorError(
                        f"The configuration of {service.name} is wrong, and stays as it is loaded: docker compose exec "
                        f"{service.unit} nginx -t tells where."
                    )
                await one.kill(signal="SIGHUP")

    async def history(self, service: ServiceEntry) -> list[Revision]:
        """See Orchestrator: what runs, and what ran before, which its labels tell."""
        async with self.client() as client:
            for one in await self._containers(client, service):
                shown = await one.show()
                labels = shown["Config"].get("Labels") or {}
                number = int(labels.get(Labels.REVISION, "1"))
                by, at = labels.get(Labels.BY, ""), moment(labels.get(Labels.AT) or shown.get("Created", ""))
                before = labels.get(Labels.BEFORE)
                current = Revision(number, shown["Config"]["Image"], at, by, is_current=True)
                return [current, *([Revision(number - 1, before)] if before else [])]
        raise self._none(service)

    async def roll_out(self, service: ServiceEntry, image: str, by: str) -> None:
        """See Orchestrator: one container after the other; one that does not start is put back."""
        grace = timedelta(seconds=service.stop_seconds)
        async with self.client() as client:
            found = await self._containers(client, service)
            if not found:
                raise self._none(service)
            _refuse_own(found)
            await _have(client, image)
            labels: dict[str, str] = {Labels.BY: by, Labels.AT: datetime.now(UTC).isoformat()}
            for one in found:
                await self._replace(client, one, grace, labels, image)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A connection; its errors come as OrchestratorError."""
        client = Client(url=self._entry.url.replace("tcp://", "http://"), timeout=_ANSWER)
        try:
            yield client
        except DockerError as error:
            if error.status == 900:
                raise OrchestratorError(f"The Docker daemon at {self._entry.url} does not answer.") from error
            raise OrchestratorError(f"Docker refuses: {str(error.message)[:200]}.") from error
        finally:
            await client.close()

    async def _containers(self, client: Client, service: ServiceEntry) -> list[DockerContainer]:
        """Those of the service, by their numbers."""
        labels = [f"{Labels.PROJECT}={self._entry.project}", f"{Labels.SERVICE}={service.unit}"]
        found = await client.containers.list(all=True, filters=_filters(label=labels))
        return sorted(found, key=number_of)

    async def _replace(
        self, client: Client, old: DockerContainer, grace: timedelta, labels: Mapping[str, str], image: str | None
    ) -> None:
        """Put a new container in the place of another, which comes back where the new one does not start."""
        shown = await old.show()
        name = _name(shown["Name"])
        if image is not None and image != shown["Config"]["Image"]:
            number = int((shown["Config"].get("Labels") or {}).get(Labels.REVISION, "1"))
            labels = {**labels, Labels.REVISION: str(number + 1), Labels.BEFORE: shown["Config"]["Image"]}
        await old.stop(t=_seconds(grace))
        await old.rename(f"{name}-old")
        made: DockerContainer | None = None
        try:
            made = await client.containers.create(successor(shown, labels, image), name=name)
            await made.start()
        except BaseException:
            with contextlib.suppress(DockerError):
                if made is not None:
                    await made.delete(force=True)
                await old.rename(name)
                await old.start()
            raise
        await old.delete()

    def _none(self, service: ServiceEntry) -> OrchestratorError:
        return OrchestratorError(
            f"The project {self._entry.project} has no container of {service.unit}; docker compose up -d makes it."
        )


def _refuse_own(containers: Sequence[DockerContainer]) -> None:
    """Nobody can take their own container away and then make another; raises NotOffered."""
    if any(one.id[:12] in (platform.node(), own_container()) for one in containers):
        raise NotOffered(
            "This process runs in that container, and would end before there is another; use docker compose up -d "
            "--force-recreate on the server."
        )


async def _exit_code(container: DockerContainer, command: list[str]) -> int:
    """Of a program of the image, run in the container."""
    execution = await container.exec(command)
    await execution.start(detach=True)
    async with asyncio.timeout(_CHECK_S):
        while (found := await execution.inspect())["Running"]:
            await asyncio.sleep(_LOOK_S)
    return int(found["ExitCode"])


async def _have(client: Client, image: str) -> None:
    """See that an image is there, or get it; raises OrchestratorError."""
    try:
        await client.images.inspect(image)
    except DockerError:
        try:
            await client.images.pull(image)
        except DockerError as error:
            raise OrchestratorError(f"There is no image {image} ({str(error.message)[:120]}).") from error


async def _memory(client: Client, shown: Mapping[str, Any]) -> int | None:
    """What a container uses, without what the kernel can take back at once."""
    if not shown["State"]["Running"]:
        return None
    with contextlib.suppress(DockerError, KeyError):
        stats = await client._query_json(f"containers/{shown['Id']}/stats", params={"stream": "0", "one-shot": "1"})
        used = stats["memory_stats"]
        return int(used["usage"]) - int(used.get("stats", {}).get("inactive_file", 0))
    return None


def _instance(shown: Mapping[str, Any], memory: int | None) -> Instance:
    state = shown["State"]
    is_running = state["Running"]
    detail = "" if is_running else f"exit code {state.get('ExitCode')}"
    return Instance(
        name=_name(shown["Name"]),
        id=shown["Id"][:12],
        state=state_of(state),
        since=moment(state.get("StartedAt" if is_running else "FinishedAt", "")),
        restarts=int(shown.get("RestartCount", 0)),
        image=shown["Config"]["Image"],
        pid=state.get("Pid") or None,
        memory=memory,
        detail="killed for want of memory" if state.get("OOMKilled") else detail,
    )


def _filters(**filters: Sequence[str]) -> str:
    from aiodocker.utils import clean_filters

    return clean_filters({name: list(values) for name, values in filters.items()})


def _name(name: str) -> str:
    return name.removeprefix("/")


def _seconds(grace: timedelta) -> int:
    return round(grace.total_seconds())
