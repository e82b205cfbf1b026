"""Deployments and stateful sets of one namespace; the namespace comes from ``ops.yaml``, never from a message."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from kubernetes_asyncio import client, config

from chatops.orchestrators.port import Basic, Instance, Limits, NotOffered, OrchestratorError, Revision, State, Status
from chatops.orchestrators.quantities import bytes_of, cpus_of
from config.ops_services import KubernetesEntry, ServiceEntry

_ANSWER_S = 10
_LOOK_S = 0.5
_LATE = timedelta(seconds=10)
"""What a pod may take beyond its time to finish."""
REPLICAS = "screen2deck/replicas"
"""Annotation: how many there were before a stop."""
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_CAUSE = "kubernetes.io/change-cause"
_REVISION = "deployment.kubernetes.io/revision"
_CRASHED = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError")


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A connection; ``read``, ``patch`` and ``scale`` are those of the kind of a service."""

    api: client.ApiClient
    namespace: str

    @property
    def apps(self) -> client.AppsV1Api:
        return client.AppsV1Api(self.api)

    @property
    def core(self) -> client.CoreV1Api:
        return client.CoreV1Api(self.api)

    async def read(self, service: ServiceEntry) -> Any:
        kind, name = kind_of(service)
        return await getattr(self.apps, f"read_namespaced_{kind}")(name, self.namespace, _request_timeout=_ANSWER_S)

    async def patch(self, service: ServiceEntry, body: Any) -> None:
        kind, name = kind_of(service)
        deed = getattr(self.apps, f"patch_namespaced_{kind}")
        await deed(name, self.namespace, body, _request_timeout=_ANSWER_S)

    async def pods(self, workload: Any) -> list[Any]:
        labels = workload.spec.selector.match_labels or {}
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        found = await self.core.list_namespaced_pod(self.namespace, label_selector=selector, _request_timeout=_ANSWER_S)
        return sorted(found.items, key=lambda pod: pod.metadata.name)


class Kubernetes(Basic):
    """A service's unit is ``deployment/NAME`` or ``statefulset/NAME``; a name alone is a deployment's."""

    title = "Kubernetes"

    def __init__(self, entry: KubernetesEntry) -> None:
        self._entry = entry

    async def status(self, service: ServiceEntry) -> Status:
        """See Orchestrator."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            pods = await cluster.pods(workload)
        wanted = workload.spec.replicas or 0
        return Status(service.name, wanted, tuple(_instance(pod) for pod in pods), _progress(workload, wanted))

    async def start(self, service: ServiceEntry) -> None:
        """See Orchestrator: as many as before the stop."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            if workload.spec.replicas:
                return
            before = int((workload.metadata.annotations or {}).get(REPLICAS, service.count))
            await cluster.patch(service, {"spec": {"replicas": max(1, before)}})

    async def stop(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator; the time to finish is the pods' terminationGracePeriodSeconds."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            if workload.spec.replicas:
                remembered = {"annotations": {REPLICAS: str(workload.spec.replicas)}}
                await cluster.patch(service, {"metadata": remembered, "spec": {"replicas": 0}})
            await _until_gone(cluster, workload, grace, lambda pods: not pods)

    async def restart(self, service: ServiceEntry, instance: Instance, grace: timedelta) -> None:
        """See Orchestrator: the pod is deleted, and another takes its place."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            pods = await cluster.pods(workload)
            if instance.name not in {pod.metadata.name for pod in pods}:
                raise OrchestratorError(f"{service.name} has no pod {instance.name} any more.")
            seconds = round(grace.total_seconds())
            await cluster.core.delete_namespaced_pod(
                instance.name, cluster.namespace, grace_period_seconds=seconds, _request_timeout=_ANSWER_S
            )
            await _until_gone(
                cluster, workload, grace, lambda left: instance.id not in {pod.metadata.uid for pod in left}
            )

    async def restart_rolling(self, service: ServiceEntry, by: str) -> bool:
        """See Orchestrator: as ``kubectl rollout restart``."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        template = {"metadata": {"annotations": {_RESTARTED: now}}}
        change = {"metadata": {"annotations": {_CAUSE: f"restarted by {by}"}}, "spec": {"template": template}}
        async with self._cluster() as cluster:
            await cluster.patch(service, change)
        return True

    async def scale(self, service: ServiceEntry, count: int, grace: timedelta) -> None:
        """See Orchestrator."""
        async with self._cluster() as cluster:
            await cluster.patch(service, {"spec": {"replicas": count}})

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        """See Orchestrator."""
        asked: dict[str, Any] = {"tail_lines": lines, "timestamps": True, "_request_timeout": _ANSWER_S}
        if since is not None:
            asked["since_seconds"] = max(1, round((datetime.now(UTC) - since).total_seconds()))
        written: list[tuple[str, str]] = []
        async with self._cluster() as cluster:
            pods = await cluster.pods(await cluster.read(service))
            for pod in pods:
                name = pod.metadata.name
                container = pod.spec.containers[0].name
                told = await cluster.core.read_namespaced_pod_log(name, cluster.namespace, container=container, **asked)
                for line in told.splitlines():
                    at, _, text = line.partition(" ")
                    written.append((at, f"{name} | {text}" if len(pods) > 1 else text))
        return [line for _, line in sorted(written, key=lambda one: one[0])][-lines:]

    async def recreate(self, service: ServiceEntry, grace: timedelta) -> None:
        """See Orchestrator: pods are always made anew."""
        await self.restart_rolling(service, "recreate")

    async def limits(self, service: ServiceEntry) -> Limits:
        """See Orchestrator."""
        async with self._cluster() as cluster:
            container = (await cluster.read(service)).spec.template.spec.containers[0]
        found = (container.resources.limits if container.resources else None) or {}
        memory, cpus = found.get("memory"), found.get("cpu")
        return Limits(bytes_of(memory) if memory else None, cpus_of(cpus) if cpus else None)

    async def set_limits(self, service: ServiceEntry, limits: Limits) -> None:
        """See Orchestrator; pods are replaced one after the other."""
        found = {} if limits.memory is None else {"memory": str(limits.memory)}
        found |= {} if limits.cpus is None else {"cpu": f"{round(limits.cpus * 1000)}m"}
        async with self._cluster() as cluster:
            await self._change_container(cluster, service, {"resources": {"limits": found}}, "limits")

    async def history(self, service: ServiceEntry) -> list[Revision]:
        """See Orchestrator: the replica sets of a deployment; of a stateful set only what runs."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            current = (workload.metadata.annotations or {}).get(_REVISION, "1")
            if kind_of(service)[0] == "stateful_set":
                return [Revision(1, _image(workload), workload.metadata.creation_timestamp, is_current=True)]
            found = [_revision(one, current) for one in await self._replica_sets(cluster, workload)]
        return sorted(found, key=lambda one: -one.number)

    async def roll_out(self, service: ServiceEntry, image: str, by: str) -> None:
        """See Orchestrator: the image of its first container."""
        async with self._cluster() as cluster:
            await self._change_container(cluster, service, {"image": image}, f"{image} by {by}")

    async def roll_back(self, service: ServiceEntry, revision: Revision, by: str) -> None:
        """See Orchestrator: as ``kubectl rollout undo``, the whole template of the pods."""
        async with self._cluster() as cluster:
            workload = await cluster.read(service)
            for one in await self._replica_sets(cluster, workload):
                if _revision(one, "").number == revision.number:
                    template = cluster.api.sanitize_for_serialization(one.spec.template)
                    template["metadata"]["labels"].pop("pod-template-hash", None)
                    cause = f"{revision.image} again by {by}"
                    noted = {**(workload.metadata.annotations or {}), _CAUSE: cause}
                    changes = [
                        {"op": "replace", "path": "/spec/template", "value": template},
                        {"op": "replace", "path": "/metadata/annotations", "value": noted},
                    ]
                    await cluster.patch(service, changes)
                    return
        raise OrchestratorError(f"{service.name} has no revision {revision.number} any more.")

    async def traffic(self, route: str, label: str) -> str:
        """See Orchestrator: a route is a Service, the label one of its selector."""
        async with self._cluster() as cluster:
            found = await cluster.core.read_namespaced_service(route, cluster.namespace, _request_timeout=_ANSWER_S)
        value = (found.spec.selector or {}).get(label)
        if value is None:
            raise OrchestratorError(f"The selector of the Service {route} has no {label}.")
        return str(value)

    async def lead(self, route: str, label: str, value: str) -> None:
        """See Orchestrator."""
        async with self._cluster() as cluster:
            change = {"spec": {"selector": {label: value}}}
            await cluster.core.patch_namespaced_service(route, cluster.namespace, change, _request_timeout=_ANSWER_S)

    async def _change_container(self, cluster: _Cluster, service: ServiceEntry, change: Any, cause: str) -> None:
        container = (await cluster.read(service)).spec.template.spec.containers[0].name
        template = {"spec": {"containers": [{"name": container, **change}]}}
        await cluster.patch(service, {"metadata": {"annotations": {_CAUSE: cause}}, "spec": {"template": template}})

    async def _replica_sets(self, cluster: _Cluster, workload: Any) -> list[Any]:
        labels = workload.spec.selector.match_labels or {}
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        found = await cluster.apps.list_namespaced_replica_set(
            cluster.namespace, label_selector=selector, _request_timeout=_ANSWER_S
        )
        own = workload.metadata.uid
        return [one for one in found.items if own in {owner.uid for owner in one.metadata.owner_references or []}]

    @asynccontextmanager
    async def _cluster(self) -> AsyncIterator[_Cluster]:
        """A connection; its errors come as OrchestratorError."""
        entry, settings = self._entry, client.Configuration()
        try:
            if entry.kubeconfig is None:
                config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
            else:
                await config.load_kube_config(
                    str(entry.kubeconfig), entry.context, client_configuration=settings, persist_config=False
                )
        except (config.ConfigException, OSError) as error:
            raise OrchestratorError(
                "No cluster is found: this process runs in none, and orchestrators.kubernetes.kubeconfig of ops.yaml "
                "names no file that tells of one."
            ) from error
        try:
            async with client.ApiClient(settings) as api:
                yield _Cluster(api, entry.namespace)
        except client.ApiException as error:
            raise OrchestratorError(f"Kubernetes refuses ({error.status}): {_reason(error)}.") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OrchestratorError("The Kubernetes API does not answer.") from error


def kind_of(service: ServiceEntry) -> tuple[str, str]:
    """The kind and name of a unit; raises NotOffered."""
    kind, _, name = service.unit.rpartition("/")
    kinds = {"": "deployment", "deployment": "deployment", "statefulset": "stateful_set"}
    if kind not in kinds or not name:
        raise NotOffered(f"The unit of {service.name} must be deployment/NAME or statefulset/NAME.")
    return kinds[kind], name


async def _until_gone(cluster: _Cluster, workload: Any, grace: timedelta, is_done: Callable[[list[Any]], bool]) -> None:
    end = time.monotonic() + (grace + _LATE).total_seconds()
    while not is_done(await cluster.pods(workload)) and time.monotonic() < end:
        await asyncio.sleep(_LOOK_S)


def _progress(workload: Any, wanted: int) -> str:
    """How far a rollout is, empty when it is complete; as ``kubectl rollout status`` looks at it."""
    status = workload.status
    if status is None or (status.observed_generation or 0) < (workload.metadata.generation or 0):
        return "the rollout has not begun"
    updated = status.updated_replicas or 0
    if updated < wanted:
        return f"{updated} of {wanted} are of the new revision"
    if (status.replicas or 0) > updated and wanted:
        return f"{(status.replicas or 0) - updated} of the old revision are still there"
    return ""


def _instance(pod: Any) -> Instance:
    statuses = (pod.status.container_statuses if pod.status else None) or []
    waiting = next((one.state.waiting for one in statuses if one.state and one.state.waiting), None)
    ready = any(one.type == "Ready" and one.status == "True" for one in (pod.status.conditions or []))
    return Instance(
        name=pod.metadata.name,
        id=pod.metadata.uid,
        state=_state(pod, ready, waiting.reason if waiting else ""),
        since=pod.status.start_time,
        restarts=sum(one.restart_count for one in statuses),
        image=pod.spec.containers[0].image,
        detail=(waiting.reason or "") if waiting else (pod.status.reason or ""),
    )


def _state(pod: Any, ready: bool, waiting: str | None) -> State:
    if pod.metadata.deletion_timestamp is not None:
        return State.STOPPING
    if waiting in _CRASHED:
        return State.RESTARTING
    phase = pod.status.phase
    if phase == "Running":
        return State.RUNNING if ready else State.UNHEALTHY
    return {"Pending": State.STARTING, "Succeeded": State.STOPPED, "Failed": State.STOPPED}.get(phase, State.UNKNOWN)


def _revision(replica_set: Any, current: str) -> Revision:
    notes = replica_set.metadata.annotations or {}
    number = notes.get(_REVISION, "0")
    cause = notes.get(_CAUSE, "")
    by = cause.rpartition(" by ")[2] if " by " in cause else ""
    at = replica_set.metadata.creation_timestamp
    return Revision(int(number), _image(replica_set), at, by, is_current=number == current)


def _image(workload: Any) -> str:
    return str(workload.spec.template.spec.containers[0].image)


def _reason(error: client.ApiException) -> str:
    """The server's sentence, if it is one."""
    try:
        return str(json.loads(error.body or b"")["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return str(error.reason)[:200]
