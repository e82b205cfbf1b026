"""A small Docker daemon on a socket file: containers, images and their rules, as the Engine API describes them."""

import itertools
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
STARTED = "2026-11-24T12:00:00.123456789Z"
_NEVER = "0001-01-01T00:00:00Z"


@dataclass
class Container:
    """One container, by its inspection."""

    shown: dict[str, Any]
    logs: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.shown["Name"]).removeprefix("/")

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.shown["Config"].get("Labels") or {})

    @property
    def is_running(self) -> bool:
        return bool(self.shown["State"]["Running"])

    def run(self, pid: int) -> None:
        self.shown["State"] |= {"Status": "running", "Running": True, "Pid": pid, "StartedAt": STARTED, "ExitCode": 0}

    def end(self, code: int = 0) -> None:
        self.shown["State"] |= {"Status": "exited", "Running": False, "Pid": 0, "FinishedAt": STARTED, "ExitCode": code}


@dataclass
class Engine:
    """The daemon's memory; ``asked`` are the calls that change something, ``broken`` images whose start fails."""

    containers: dict[str, Container] = field(default_factory=dict)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    registry: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    builds: int = 0
    exit_code: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add(self, service: str, number: int = 1, project: str = "screen2deck", **host: Any) -> Container:
        """A running container as Compose makes it."""
        labels = {PROJECT: project, SERVICE: service, NUMBER: str(number)}
        config = {"Image": "screen2deck/bot:v1.0.0", "Labels": labels, "Env": ["A=1"], "Tty": False}
        body = {**config, "HostConfig": host, "NetworkingConfig": {"EndpointsConfig": {"net": {"Aliases": [service]}}}}
        made = self.create(f"{project}-{service}-{number}", body)
        made.run(next(self._numbers) + 1000)
        return made

    def create(self, name: str, body: Mapping[str, Any]) -> Container:
        identity = f"{next(self._numbers):064x}"
        endpoints = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
        for one in endpoints.values():
            one["Aliases"] = [*(one.get("Aliases") or []), identity[:12]]
        config = {key: value for key, value in body.items() if key not in ("HostConfig", "NetworkingConfig")}
        binds = (body.get("HostConfig") or {}).get("Binds") or []
        shown = {
            "Id": identity,
            "Name": f"/{name}",
            "Created": STARTED,
            "RestartCount": 0,
            "Config": {"Hostname": identity[:12], **config},
            "HostConfig": {"Memory": 0, "NanoCpus": 0, **(body.get("HostConfig") or {})},
            "NetworkSettings": {"Networks": endpoints},
            "Mounts": [
                {"Type": "volume", "Name": bind.split(":")[0], "Destination": bind.split(":")[1]} for bind in binds
            ],
            "State": {"Status": "created", "Running": False, "Pid": 0, "StartedAt": _NEVER, "FinishedAt": _NEVER},
        }
        self.containers[identity] = Container(shown)
        return self.containers[identity]

    def add_image(self, name: str, size: int = 100, labels: Mapping[str, str] | None = None, created: int = 0) -> str:
        """An image; one without a name is dangling."""
        identity = f"sha256:{next(self._numbers):064x}"
        tags = [name] if name else []
        self.images[identity] = {"Id": identity, "RepoTags": tags, "Size": size, "Labels": labels, "Created": created}
        return identity

    def named(self, name: str) -> Container:
        return next(one for one in self.containers.values() if one.name == name)

    def find(self, key: str) -> Container:
        for one in self.containers.values():
            if one.shown["Id"].startswith(key) or one.name == key:
                return one
        raise _refusal(404, f"No such container: {key}")

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/version", self._version),
            web.get("/v1.47/containers/json", self._list),
            web.post("/v1.47/containers/create", self._create),
            web.get("/v1.47/containers/{id}/json", self._inspect),
            web.get("/v1.47/containers/{id}/logs", self._logs),
            web.get("/v1.47/containers/{id}/stats", self._stats),
            web.post("/v1.47/containers/{id}/update", self._update),
            web.post("/v1.47/containers/{id}/rename", self._rename),
            web.post("/v1.47/containers/{id}/{deed:start|stop|restart}", self._do),
            web.post("/v1.47/containers/{id}/kill", self._kill),
            web.post("/v1.47/containers/{id}/exec", self._exec),
            web.post("/v1.47/exec/{id}/start", self._begin),
            web.get("/v1.47/exec/{id}/json", self._executed),
            web.delete("/v1.47/containers/{id}", self._delete),
            web.get("/v1.47/images/json", self._list_images),
            web.get("/v1.47/images/{name:.+}/json", self._inspect_image),
            web.post("/v1.47/images/create", self._pull),
            web.delete("/v1.47/images/{name:.+}", self._delete_image),
            web.post("/v1.47/build/prune", self._prune_builds),
            web.get("/v1.47/system/df", self._usage),
        ]

    async def _version(self, request: web.Request) -> web.Response:
        return await _json({"ApiVersion": "1.47", "Version": "27.3.1"})

    async def _list(self, request: web.Request) -> web.Response:
        filters = json.loads(request.query.get("filters", "{}"))
        is_all = request.query.get("all", "0").lower() in ("1", "true")
        found = [
            {
                "Id": one.shown["Id"],
                "Names": [one.shown["Name"]],
                "Image": one.shown["Config"]["Image"],
                "Labels": one.labels,
                "State": one.shown["State"]["Status"],
                "Created": 0,
                "SizeRw": 10,
            }
            for one in self.containers.values()
            if (is_all or one.is_running)
            and _has_labels(one.labels, filters)
            and one.shown["State"]["Status"] in filters.get("status", [one.shown["State"]["Status"]])
        ]
        return await _json(found)

    async def _create(self, request: web.Request) -> web.Response:
        name, body = request.query["name"], await request.json()
        if any(one.name == name for one in self.containers.values()):
            raise _refusal(409, f'Conflict. The container name "/{name}" is already in use')
        self.asked.append(f"create {name}")
        return await _json({"Id": self.create(name, body).shown["Id"], "Warnings": []}, 201)

    async def _inspect(self, request: web.Request) -> web.Response:
        return await _json(self.find(request.match_info["id"]).shown)

    async def _do(self, request: web.Request) -> web.Response:
        one, deed = self.find(request.match_info["id"]), request.match_info["deed"]
        after = f" after {request.query['t']} s" if "t" in request.query else ""
        self.asked.append(f"{deed} {one.name}{after}")
        if deed != "stop" and one.shown["Config"]["Image"] in self.broken:
            one.end(127)
            raise _refusal(500, "OCI runtime create failed: exec: not found")
        was_running = one.is_running
        if deed == "stop":
            one.end()
        else:
            one.run(next(self._numbers) + 1000)
        is_as_before = was_running == (deed == "start")
        return web.Response(status=304 if deed != "restart" and is_as_before else 204)

    async def _kill(self, request: web.Request) -> web.Response:
        one = self.find(request.match_info["id"])
        self.asked.append(f"kill {one.name} {request.query['signal']}")
        return web.Response(status=204)

    async def _exec(self, request: web.Request) -> web.Response:
        one, body = self.find(request.match_info["id"]), await request.json()
        self.asked.append(f"exec {one.name} {' '.join(body['Cmd'])}")
        return await _json({"Id": "exec1"}, 201)

    async def _begin(self, request: web.Request) -> web.Response:
        assert (await request.json())["Detach"] is True
        return web.Response(status=200)

    async def _executed(self, request: web.Request) -> web.Response:
        return await _json({"Running": False, "ExitCode": self.exit_code, "ProcessConfig": {"tty": False}})

    async def _rename(self, request: web.Request) -> web.Response:
        one = self.find(request.match_info["id"])
        one.shown["Name"] = "/" + request.query["name"]
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        one = self.find(request.match_info["id"])
        if one.is_running and request.query.get("force", "").lower() not in ("1", "true"):
            raise _refusal(409, f"cannot remove container {one.name}: container is running")
        assert request.query.get("v", "false").lower() in ("0", "false"), "volumes stay"
        self.asked.append(f"delete {one.name}")
        del self.containers[one.shown["Id"]]
        return web.Response(status=204)

    async def _update(self, request: web.Request) -> web.Response:
        one, changes = self.find(request.match_info["id"]), await request.json()
        memory = changes.get("Memory", one.shown["HostConfig"]["Memory"])
        if 0 < changes.get("MemorySwap", 0) < memory:
            raise _refusal(409, "Memory limit should be smaller than already set memoryswap limit")
        one.shown["HostConfig"] |= changes
        return await _json({"Warnings": []})

    async def _logs(self, request: web.Request) -> web.Response:
        one = self.find(request.match_info["id"])
        lines = one.logs[-int(request.query.get("tail", "1000")) :]
        frames = [f"2026-11-24T12:00:{number:02}Z {line}\n".encode() for number, line in enumerate(lines)]
        body = b"".join(struct.pack(">BxxxL", 1, len(frame)) + frame for frame in frames)
        return web.Response(body=body, content_type="application/vnd.docker.multiplexed-stream")

    async def _stats(self, request: web.Request) -> web.Response:
        self.find(request.match_info["id"])
        return await _json({"memory_stats": {"usage": 300, "limit": 1000, "stats": {"inactive_file": 100}}})

    async def _list_images(self, request: web.Request) -> web.Response:
        filters = json.loads(request.query.get("filters", "{}"))
        wanted = filters.get("dangling", [""])[0].lower()
        found = [
            one
            for one in self.images.values()
            if _has_labels(one["Labels"] or {}, filters) and (not wanted or (wanted == "true") == (not one["RepoTags"]))
        ]
        return await _json(found)

    async def _inspect_image(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        for one in self.images.values():
            if name in (one["Id"], *one["RepoTags"]):
                return await _json(one)
        raise _refusal(404, f"No such image: {name}")

    async def _pull(self, request: web.Request) -> web.Response:
        name = request.query["fromImage"]
        if name not in self.registry:
            raise _refusal(404, f"manifest for {name} not found: manifest unknown")
        self.add_image(name)
        return web.Response(text=json.dumps({"status": "Pull complete"}), content_type="application/json")

    async def _delete_image(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(f"delete image {name}")
        if name not in self.images:
            raise _refusal(404, f"No such image: {name}")
        del self.images[name]
        return await _json([{"Deleted": name}])

    async def _prune_builds(self, request: web.Request) -> web.Response:
        freed, self.builds = self.builds, 0
        self.asked.append(f"prune builds {request.query.get('filters', '')}")
        return await _json({"CachesDeleted": [], "SpaceReclaimed": freed})

    async def _usage(self, request: web.Request) -> web.Response:
        cache = [{"ID": "b1", "Size": self.builds, "InUse": False, "Shared": False, "LastUsedAt": STARTED}]
        return await _json({"BuildCache": cache if self.builds else []})


@asynccontextmanager
async def docker_engine(path: Path) -> AsyncIterator[Engine]:
    """A daemon that answers on a socket file."""
    engine = Engine()
    application = web.Application(middlewares=[_told])
    application.add_routes(engine.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    try:
        yield engine
    finally:
        await runner.cleanup()


def _has_labels(labels: Mapping[str, str], filters: Mapping[str, list[str]]) -> bool:
    wanted = [one.partition("=") for one in filters.get("label", [])]
    return all(labels.get(name) == value for name, _, value in wanted)


async def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status)


class _RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _refusal(status: int, message: str) -> _RefusalError:
    return _RefusalError(status, message)


@web.middleware
async def _told(request: web.Request, handler: Callable[[web.Request], Awaitable[web.Response]]) -> web.Response:
    """Refusals as the daemon sends them, without a charset."""
    try:
        return await handler(request)
    except _RefusalError as error:
        body = json.dumps({"message": str(error)}).encode()
        return web.Response(body=body, status=error.status, headers={"Content-Type": "application/json"})
