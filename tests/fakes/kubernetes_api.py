"""A small Kubernetes API with a controller that replaces pods one by one, some steps with each look at them."""

import copy
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from tests.fakes.tls_server import Authority

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
CREATED = "2026-11-24T12:00:00Z"
Thing = dict[str, Any]


@dataclass
class Cluster:
    """One namespace; ``broken`` are images whose pods crash, ``asked`` what was changed."""

    namespace: str = "screen2deck"
    deployments: dict[str, Thing] = field(default_factory=dict)
    replica_sets: dict[str, Thing] = field(default_factory=dict)
    pods: dict[str, Thing] = field(default_factory=dict)
    services: dict[str, Thing] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    pace: int = 4
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def add_deployment(self, name: str, replicas: int, image: str = "screen2deck:v1.0.0", **labels: str) -> None:
        """A deployment whose pods are ready."""
        own = {"app": name, **labels}
        spec = {"containers": [{"name": name, "image": image, "resources": {}}]}
        self.deployments[name] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": self._metadata(name, annotations={}, generation=1),
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": own},
                "template": {"metadata": {"labels": own, "annotations": {}}, "spec": spec},
            },
        }
        self.settle()

    def add_service(self, name: str, **selector: str) -> None:
        self.services[name] = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self._metadata(name),
            "spec": {"selector": selector, "ports": [{"port": 80}]},
        }

    def settle(self) -> None:
        """Let the controller do all that it would."""
        for _ in range(50):
            self.step()

    def step(self) -> None:
        """Start what was created, delete what ends, then replace one pod of each deployment."""
        for name, pod in list(self.pods.items()):
            if "deletionTimestamp" in pod["metadata"]:
                del self.pods[name]
            elif pod["status"]["phase"] == "Pending":
                self._run(pod)
        for deployment in self.deployments.values():
            self._reconcile(deployment)

    def _run(self, pod: Thing) -> None:
        image = pod["spec"]["containers"][0]["image"]
        pod["status"]["startTime"] = CREATED
        if image in self.broken:
            state = {"waiting": {"reason": "CrashLoopBackOff"}}
            pod["status"]["containerStatuses"] = [self._container(image, False, 3, state)]
            return
        pod["status"] |= {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        pod["status"]["containerStatuses"] = [self._container(image, True, 0, {"running": {"startedAt": CREATED}})]

    @staticmethod
    def _container(image: str, ready: bool, restarts: int, state: Thing) -> Thing:
        shown = {"name": "main", "image": image, "imageID": image, "ready": ready, "restartCount": restarts}
        return {**shown, "state": state}

    def _reconcile(self, deployment: Thing) -> None:
        wanted = deployment["spec"]["replicas"]
        current = self._replica_set(deployment)
        of_set = {
            name: [pod for pod in self.pods.values() if pod["metadata"]["ownerReferences"][0]["uid"] == one_uid(one)]
            for name, one in self.replica_sets.items()
            if one["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]
        }
        new = of_set[current["metadata"]["name"]]
        old = [pod for name, pods in of_set.items() if name != current["metadata"]["name"] for pod in pods]
        ready = [pod for pod in new if _is_ready(pod)]
        if len(new) < wanted and len(new) == len(ready):
            self._make_pod(current)
        elif len(new) > wanted:
            new[-1]["metadata"]["deletionTimestamp"] = CREATED
        if old and (len(ready) + len(old) > wanted):
            old[0]["metadata"]["deletionTimestamp"] = CREATED
        present = [pod for pods in of_set.values() for pod in pods]
        deployment["status"] = {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": len(present),
            "updatedReplicas": len(new),
            "readyReplicas": sum(map(_is_ready, present)),
            "availableReplicas": sum(map(_is_ready, present)),
        }

    def _replica_set(self, deployment: Thing) -> Thing:
        template, notes = deployment["spec"]["template"], deployment["metadata"]["annotations"]
        uid = deployment["metadata"]["uid"]
        own = [one for one in self.replica_sets.values() if one["metadata"]["ownerReferences"][0]["uid"] == uid]
        newest = max((int(one["metadata"]["annotations"][REVISION]) for one in own), default=0)
        for one in own:
            if one["template"] == template:
                if int(one["metadata"]["annotations"][REVISION]) < newest:
                    one["metadata"]["annotations"] |= {REVISION: str(newest + 1), CAUSE: notes.get(CAUSE, "")}
                    notes[REVISION] = str(newest + 1)
                return one
        name = f"{deployment['metadata']['name']}-{next(self._numbers)}"
        notes[REVISION] = str(newest + 1)
        shown = copy.deepcopy(template)
        shown["metadata"]["labels"]["pod-template-hash"] = name
        annotations = {REVISION: str(newest + 1), CAUSE: notes.get(CAUSE, "")}
        made = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": self._metadata(name, annotations=annotations, owner=deployment),
            "spec": {"replicas": 1, "selector": deployment["spec"]["selector"], "template": shown},
            "template": copy.deepcopy(template),
        }
        made["metadata"]["labels"] = shown["metadata"]["labels"]
        self.replica_sets[name] = made
        return made

    def _make_pod(self, replica_set: Thing) -> None:
        name = f"{replica_set['metadata']['name']}-{next(self._numbers)}"
        template = copy.deepcopy(replica_set["spec"]["template"])
        metadata = self._metadata(name, owner=replica_set) | {"labels": template["metadata"]["labels"]}
        status = {"phase": "Pending", "conditions": []}
        self.pods[name] = {"metadata": metadata, "spec": template["spec"], "status": status}

    def _metadata(self, name: str, owner: Thing | None = None, **more: Any) -> Thing:
        found: Thing = {"name": name, "namespace": self.namespace, "uid": f"uid-{next(self._numbers)}", **more}
        found["creationTimestamp"] = CREATED
        if owner is not None:
            reference = {"apiVersion": "apps/v1", "kind": "Owner", "name": owner["metadata"]["name"]}
            found["ownerReferences"] = [{**reference, "uid": one_uid(owner)}]
        return found

    def kubeconfig(self, folder: Path) -> Path:
        """A file that tells of this cluster."""
        # With an authority of its own the client does not load all those of the system, for each connection anew.
        authority = Authority(folder, datetime.now(UTC))
        cluster = {"server": self.url, "certificate-authority": str(authority.file)}
        path = folder / "kubeconfig"
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "here", "cluster": cluster}],
                    "users": [{"name": "me", "user": {"token": "correct-horse-battery"}}],
                    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
                    "current-context": "here",
                }
            )
        )
        return path

    def routes(self) -> list[web.RouteDef]:
        apps, core = f"/apis/apps/v1/namespaces/{self.namespace}", f"/api/v1/namespaces/{self.namespace}"
        return [
            web.get(apps + "/deployments/{name}", self._read("deployments")),
            web.patch(apps + "/deployments/{name}", self._patch("deployments")),
            web.get(apps + "/replicasets", self._list("replica_sets")),
            web.get(core + "/pods", self._list("pods")),
            web.delete(core + "/pods/{name}", self._delete_pod),
            web.get(core + "/pods/{name}/log", self._log),
            web.get(core + "/services/{name}", self._read("services")),
            web.patch(core + "/services/{name}", self._patch("services")),
        ]

    def _read(self, kind: str):  # noqa: ANN202
        async def read(request: web.Request) -> web.Response:
            found = getattr(self, kind).get(request.match_info["name"])
            return _missing(kind, request) if found is None else web.json_response(found)

        return read

    def _patch(self, kind: str):  # noqa: ANN202
        async def patch(request: web.Request) -> web.Response:
            found = getattr(self, kind).get(request.match_info["name"])
            if found is None:
                return _missing(kind, request)
            body = await request.json()
            self.asked.append(f"patch {kind[:-1]} {request.match_info['name']} {json.dumps(body)}")
            before = copy.deepcopy(found["spec"])
            if request.content_type == "application/json-patch+json":
                _replace(found, body)
            else:
                _merge(found, body)
            if found["spec"] != before:
                found["metadata"]["generation"] = found["metadata"].get("generation", 1) + 1
            return web.json_response(found)

        return patch

    def _list(self, kind: str):  # noqa: ANN202
        async def list_(request: web.Request) -> web.Response:
            wanted = dict(pair.split("=") for pair in request.query.get("labelSelector", "").split(",") if pair)
            found = [
                one
                for one in getattr(self, kind).values()
                if wanted.items() <= (one["metadata"].get("labels") or {}).items()
            ]
            answer = web.json_response({"kind": "List", "items": found})
            if kind == "pods":
                for _ in range(self.pace):
                    self.step()
            return answer

        return list_

    async def _delete_pod(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await request.json() if request.can_read_body else {}
        grace = request.query.get("gracePeriodSeconds") or body.get("gracePeriodSeconds")
        self.asked.append(f"delete pod {name} after {grace} s")
        self.pods[name]["metadata"]["deletionTimestamp"] = CREATED
        return web.json_response(self.pods[name])

    async def _log(self, request: web.Request) -> web.Response:
        lines = self.logs.get(request.match_info["name"], [])[-int(request.query["tailLines"]) :]
        return web.Response(text="".join(f"{CREATED} {line}\n" for line in lines))


@asynccontextmanager
async def kubernetes_api() -> AsyncIterator[Cluster]:
    """A cluster that answers on a port of this machine."""
    cluster = Cluster()
    application = web.Application()
    application.add_routes(cluster.routes())
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    cluster.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield cluster
    finally:
        await runner.cleanup()


def one_uid(thing: Thing) -> str:
    """Its identity."""
    return str(thing["metadata"]["uid"])


def _is_ready(pod: Thing) -> bool:
    return bool(pod["status"]["conditions"]) and "deletionTimestamp" not in pod["metadata"]


def _merge(into: Thing, patch: Mapping[str, Any]) -> None:
    """A strategic merge: containers by their names."""
    for name, value in patch.items():
        if name == "containers":
            for one in value:
                _merge(next(own for own in into[name] if own["name"] == one["name"]), one)
        elif isinstance(value, Mapping):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


def _replace(into: Thing, operations: list[Thing]) -> None:
    for one in operations:
        assert one["op"] == "replace"
        *path, last = one["path"].strip("/").split("/")
        place = into
        for part in path:
            place = place[part]
        place[last] = one["value"]


def _missing(kind: str, request: web.Request) -> web.Response:
    message = f'{kind}.apps "{request.match_info["name"]}" not found'
    status = {"kind": "Status", "status": "Failure", "message": message, "code": 404}
    return web.Response(text=json.dumps(status, separators=(",", ":")), status=404, content_type="application/json")
