"""Deployments of the namespace are steered through the API server, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.orchestrators.port import Limits, NotOffered, OrchestratorError, State
from chatops.orchestrators.quantities import bytes_of, cpus_of
from config.ops import parse_policy
from tests.fakes.kubernetes_api import Cluster, kubernetes_api

PATIENCE = timedelta(seconds=20)


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with kubernetes_api() as running:
        running.add_deployment("worker", 3)
        running.add_deployment("backend-blue", 2, version="blue")
        running.add_service("screen2deck", app="backend", version="blue")
        yield running


@pytest.fixture
def fleet(cluster: Cluster, tmp_path: Path) -> Fleet:
    policy = parse_policy(
        f"""
services:
  - {{name: worker, back_end: kubernetes, stop_seconds: 55}}
  - {{name: backend, back_end: kubernetes, unit: deployment/backend-blue}}
  - {{name: web, back_end: kubernetes}}
  - {{name: redis, back_end: kubernetes, unit: pod/redis}}
orchestrators:
  kubernetes: {{kubeconfig: {cluster.kubeconfig(tmp_path)}}}
"""
    )
    return open_fleet(policy.services, policy.orchestrators, tmp_path / "none")


async def test_a_service_is_the_pods_of_its_deployment(cluster: Cluster, fleet: Fleet) -> None:
    status = await fleet.service("worker").status()
    assert (status.state, status.wanted, status.ready) == (State.RUNNING, 3, 3)
    assert {one.image for one in status.instances} == {"screen2deck:v1.0.0"}


async def test_a_pod_is_restarted_with_its_time_to_finish(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    before = await service.status()
    await service.restart(before.instances[0])
    after = await service.until(lambda status: status.is_ready, PATIENCE)
    assert cluster.asked == [f"delete pod {before.instances[0].name} after 55 s"]
    assert before.instances[0].id not in {one.id for one in after.instances}
    assert {one.id for one in before.instances[1:]} < {one.id for one in after.instances}


async def test_a_rolling_restart_replaces_all_and_tells_how_far_it_is(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    before = await service.status()
    assert await service.restart_rolling(by="Alice")
    begun = await service.status()
    assert (begun.is_ready, begun.progress) == (False, "the rollout has not begun")
    after = await service.until(lambda status: status.is_ready, PATIENCE)
    assert not {one.id for one in before.instances} & {one.id for one in after.instances}


async def test_a_service_is_stopped_and_started_with_as_many_as_before(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.stop()
    stopped = await service.status()
    assert (stopped.state, stopped.is_stopped) == (State.STOPPED, True)
    await service.start()
    assert (await service.until(lambda status: status.is_ready, PATIENCE)).wanted == 3


async def test_workers_are_scaled(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.scale(5)
    assert (await service.until(lambda status: status.is_ready, PATIENCE)).ready == 5


async def test_an_image_is_rolled_out_and_undone(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.roll_out("screen2deck:v1.1.0", by="Alice")
    status = await service.until(lambda status: status.is_ready, PATIENCE)
    assert {one.image for one in status.instances} == {"screen2deck:v1.1.0"}

    current, before = await service.history()
    assert (current.number, current.image, current.by, current.is_current) == (2, "screen2deck:v1.1.0", "Alice", True)
    assert (before.number, before.image, before.is_current) == (1, "screen2deck:v1.0.0", False)

    await service.roll_back(before, by="Bob")
    status = await service.until(lambda status: status.is_ready, PATIENCE)
    assert {one.image for one in status.instances} == {"screen2deck:v1.0.0"}
    assert (await service.history())[0].number == 3


async def test_a_rollout_that_crashes_is_not_ready(cluster: Cluster, fleet: Fleet) -> None:
    cluster.broken.add("screen2deck:v1.1.0")
    service = fleet.service("worker")
    await service.roll_out("screen2deck:v1.1.0", by="Alice")
    status = await service.until(lambda status: any(one.detail for one in status.instances), PATIENCE)
    assert (status.is_ready, status.state) == (False, State.RESTARTING)
    assert [one.detail for one in status.instances if one.detail] == ["CrashLoopBackOff"]
    assert status.ready == 3


async def test_limits_are_changed_by_a_rollout(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("worker")
    assert await service.limits() == Limits(None, None)
    await service.set_limits(Limits(memory=1 << 30, cpus=1.5))
    assert await service.limits() == Limits(1 << 30, 1.5)


async def test_traffic_is_led_elsewhere(cluster: Cluster, fleet: Fleet) -> None:
    service = fleet.service("backend")
    assert await service.traffic("screen2deck", "version") == "blue"
    await service.lead("screen2deck", "version", "green")
    assert cluster.services["screen2deck"]["spec"]["selector"] == {"app": "backend", "version": "green"}


async def test_the_last_lines_of_pods(cluster: Cluster, fleet: Fleet) -> None:
    cluster.logs[min(cluster.pods)] = ["one", "two"]
    assert [line.partition(" | ")[2] for line in await fleet.service("backend").logs(5)] == ["one", "two"]


async def test_what_is_not_there_is_told(cluster: Cluster, fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match=r'refuses \(404\): deployments\.apps "web" not found'):
        await fleet.service("web").status()
    with pytest.raises(NotOffered, match="must be deployment/NAME or statefulset/NAME"):
        await fleet.service("redis").status()


async def test_outside_of_a_cluster_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    policy = parse_policy("services: [{name: bot, back_end: kubernetes}]")
    fleet = open_fleet(policy.services, policy.orchestrators, tmp_path / "none")
    with pytest.raises(OrchestratorError, match="No cluster is found"):
        await fleet.service("bot").status()


def test_quantities() -> None:
    assert [bytes_of(one) for one in ("512Mi", "1G", "1048576", "1.5Gi")] == [
        512 << 20,
        10**9,
        1048576,
        3 << 29,
    ]
    assert [cpus_of(one) for one in ("1500m", "2")] == [1.5, 2.0]
