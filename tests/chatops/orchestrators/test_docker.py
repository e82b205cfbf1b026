"""Containers of the project are steered through the daemon's API, and no others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.orchestrators.port import Limits, NotOffered, OrchestratorError, State
from config.ops import parse_policy
from tests.fakes.docker_engine import Engine, docker_engine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with docker_engine(tmp_path / "docker.sock") as running:
        running.add("ocr-worker", 1)
        running.add("ocr-worker", 2)
        running.add("bot", PortBindings={"8484/tcp": [{"HostPort": "8484"}]}, Binds=["data:/data"])
        running.add("ocr-worker", project="somebody-else")
        yield running


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    policy = parse_policy(
        f"""
services:
  - {{name: worker, back_end: docker, unit: ocr-worker, stop_seconds: 55}}
  - {{name: bot, back_end: docker}}
  - {{name: web, back_end: docker}}
  - {{name: nginx, back_end: docker}}
orchestrators:
  docker: {{url: "unix://{tmp_path}/docker.sock"}}
"""
    )
    return open_fleet(policy.services, policy.orchestrators, tmp_path / "none")


async def test_a_service_is_all_containers_of_its_compose_service(engine: Engine, fleet: Fleet) -> None:
    status = await fleet.service("worker").status()
    assert (status.state, status.wanted) == (State.RUNNING, 2)
    assert [one.name for one in status.instances] == ["screen2deck-ocr-worker-1", "screen2deck-ocr-worker-2"]
    assert (status.instances[0].memory, status.instances[0].image) == (200, "screen2deck/bot:v1.0.0")


async def test_what_its_health_check_says_counts(engine: Engine, fleet: Fleet) -> None:
    engine.named("screen2deck-bot-1").shown["State"]["Health"] = {"Status": "unhealthy"}
    assert (await fleet.service("bot").status()).state is State.UNHEALTHY
    engine.named("screen2deck-ocr-worker-2").end(137)
    status = await fleet.service("worker").status()
    assert (status.state, status.instances[1].detail) == (State.STOPPED, "exit code 137")


async def test_a_worker_is_restarted_with_its_time_to_finish(engine: Engine, fleet: Fleet) -> None:
    service = fleet.service("worker")
    before = await service.status()
    await service.restart(before.instances[1])
    assert engine.asked == ["restart screen2deck-ocr-worker-2 after 55 s"]
    assert (await service.status()).instances[1].pid != before.instances[1].pid


async def test_a_service_is_stopped_and_started(engine: Engine, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.stop()
    assert (await service.status()).is_stopped
    assert (await service.status()).state is State.STOPPED
    assert engine.named("somebody-else-ocr-worker-1").is_running
    await service.start()
    assert (await service.status()).is_ready


async def test_workers_are_added_after_the_first_ones_pattern_and_taken_away(engine: Engine, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.scale(4)
    made = engine.named("screen2deck-ocr-worker-4")
    assert made.shown["Config"]["Env"] == ["A=1"]
    assert made.shown["NetworkSettings"]["Networks"]["net"]["Aliases"] == ["ocr-worker", made.shown["Id"][:12]]
    await service.scale(1)
    assert (await service.status()).wanted == 1
    assert "stop screen2deck-ocr-worker-4 after 55 s" in engine.asked


async def test_a_service_with_a_port_of_the_machine_is_one(engine: Engine, fleet: Fleet) -> None:
    with pytest.raises(NotOffered, match="publishes a port"):
        await fleet.service("bot").scale(2)


async def test_a_container_is_made_anew_with_its_volumes(engine: Engine, fleet: Fleet) -> None:
    before = engine.named("screen2deck-bot-1").shown
    await fleet.service("bot").recreate()
    after = engine.named("screen2deck-bot-1").shown
    assert after["Id"] != before["Id"]
    assert after["HostConfig"]["Binds"] == ["data:/data"]
    assert [one.name for one in engine.containers.values()].count("screen2deck-bot-1") == 1


async def test_an_image_is_rolled_out_and_its_predecessor_known(engine: Engine, fleet: Fleet) -> None:
    engine.registry.add("screen2deck/bot:v1.1.0")
    service = fleet.service("bot")
    await service.roll_out("screen2deck/bot:v1.1.0", by="Alice")
    current, before = await service.history()
    assert (current.number, current.image, current.by) == (2, "screen2deck/bot:v1.1.0", "Alice")
    assert (before.image, before.is_current) == ("screen2deck/bot:v1.0.0", False)


async def test_a_container_that_does_not_start_is_put_back(engine: Engine, fleet: Fleet) -> None:
    engine.registry.add("screen2deck/bot:v1.1.0")
    engine.broken.add("screen2deck/bot:v1.1.0")
    with pytest.raises(OrchestratorError, match="Docker refuses: OCI runtime create failed"):
        await fleet.service("bot").roll_out("screen2deck/bot:v1.1.0", by="Alice")
    status = await fleet.service("bot").status()
    assert (status.is_ready, [one.image for one in status.instances]) == (True, ["screen2deck/bot:v1.0.0"])


async def test_an_image_that_is_nowhere_is_refused_before_anything_stops(engine: Engine, fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match=r"There is no image screen2deck/bot:v9\.9\.9"):
        await fleet.service("bot").roll_out("screen2deck/bot:v9.9.9", by="Alice")
    assert engine.asked == []


async def test_limits_change_while_it_runs(engine: Engine, fleet: Fleet) -> None:
    service = fleet.service("worker")
    assert await service.limits() == Limits(None, None)
    await service.set_limits(Limits(memory=1 << 30))
    await service.set_limits(Limits(cpus=1.5))
    assert await service.limits() == Limits(1 << 30, 1.5)


async def test_nginx_reads_its_files_again_only_if_they_are_right(engine: Engine, fleet: Fleet) -> None:
    engine.add("nginx")
    await fleet.service("nginx").reload()
    assert engine.asked == ["exec screen2deck-nginx-1 nginx -t", "kill screen2deck-nginx-1 SIGHUP"]
    engine.exit_code = 1
    with pytest.raises(OrchestratorError, match="The configuration of nginx is wrong, and stays as it is loaded"):
        await fleet.service("nginx").reload()
    assert engine.asked[2:] == ["exec screen2deck-nginx-1 nginx -t"]
    with pytest.raises(NotOffered, match="restart it"):
        await fleet.service("bot").reload()


async def test_the_last_lines_of_all_containers(engine: Engine, fleet: Fleet) -> None:
    engine.named("screen2deck-ocr-worker-1").logs += ["one", "three"]
    engine.named("screen2deck-ocr-worker-2").logs += ["two"]
    assert await fleet.service("worker").logs(10) == [
        "screen2deck-ocr-worker-1 | one",
        "screen2deck-ocr-worker-2 | two",
        "screen2deck-ocr-worker-1 | three",
    ]


async def test_what_is_missing_says_how_it_would_come(engine: Engine, fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match="has no container of web; docker compose up -d makes it"):
        await fleet.service("web").recreate()


async def test_a_daemon_that_is_away(fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match=r"The Docker daemon at unix://.* does not answer"):
        await fleet.service("bot").status()


async def test_nobody_takes_their_own_container_away(
    engine: Engine, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = engine.named("screen2deck-bot-1").shown["Id"]
    monkeypatch.setattr("chatops.orchestrators.docker.own_container", lambda: own[:12])
    with pytest.raises(NotOffered, match="This process runs in that container"):
        await fleet.service("bot").recreate()
    assert engine.asked == []
