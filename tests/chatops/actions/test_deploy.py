"""Versions are rolled out behind the checklist, switched with a watch, and return by themselves."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from chatops.checking import checklists as lists
from chatops.services import watching
from storage import checklists, requests
from storage.samples import SampleRecord, add
from tests.chatops.acting import ALICE, OLGA, OPS, VERA, Ops
from tests.chatops.fleets import with_services
from tests.fakes.docker_engine import Engine, docker_engine
from tests.fakes.kubernetes_api import Cluster, kubernetes_api
from tests.processes import PATIENCE_S

V1, V2 = "screen2deck:v1.0.0", "screen2deck:v1.1.0"


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with kubernetes_api() as running:
        running.add_deployment("backend-blue", 2, version="blue")
        running.add_deployment("backend-green", 0, version="green")
        running.add_deployment("worker", 1)
        running.add_service("screen2deck", app="backend", version="blue")
        yield running


@asynccontextmanager
async def website() -> AsyncIterator[dict[str, object]]:
    """What answers at the health addresses of a colour, and a registry that has one version."""
    state: dict[str, object] = {"ready": 200}

    async def health(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="database: away", status=int(str(state["ready"])))

    async def manifest(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.match_info["tag"] == "v1.1.0" else 404)

    application = web.Application()
    application.router.add_get("/health", health)
    application.router.add_get("/health/ready", ready)
    application.router.add_get("/v2/screen2deck/manifests/{tag}", manifest)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    state["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield state
    finally:
        await runner.cleanup()


@pytest.fixture
async def site() -> AsyncIterator[dict[str, object]]:
    async with website() as running:
        yield running


@pytest.fixture
async def running(
    ops: Ops, cluster: Cluster, site: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Ops:
    monkeypatch.setattr(watching, "LOOK_S", 0.05)
    declared = f"""
services:
  - {{name: backend-blue, back_end: kubernetes, kind: backend, health: "{site["url"]}/health"}}
  - {{name: backend-green, back_end: kubernetes, kind: backend, count: 2, health: "{site["url"]}/health"}}
  - {{name: worker, back_end: kubernetes}}
orchestrators: {{kubernetes: {{kubeconfig: {cluster.kubeconfig(tmp_path)}}}}}
deploy:
  images: {{backend-blue: screen2deck, backend-green: screen2deck, worker: screen2deck}}
  registry: {site["url"]}
  blue_green: {{route: screen2deck, blue: backend-blue, green: backend-green}}
"""
    return with_services(ops, declared, tmp_path / "none")


async def ticked(ops: Ops, version: str) -> None:
    """All items of the checklist before a deployment, ticked by hand."""
    record = await lists.start(ops.parts, lists.DEPLOY, version, "Alice")
    for item in lists.items_of(lists.entry_of(ops.parts, lists.DEPLOY), record):
        await checklists.mark(record.id, item.name, "done", who="Alice", evidence="", now=ops.now)


async def requests_with(ops: Ops, errors: float) -> None:
    """What the bot process has measured in the last seconds."""
    tallies = {"requests": 1000.0, "request_errors": 1000.0 * errors}
    await add(SampleRecord(f"bot/{errors}", ops.now - timedelta(seconds=15), 15, {}, tallies))


def route(cluster: Cluster) -> str:
    return str(cluster.services["screen2deck"]["spec"]["selector"]["version"])


async def test_a_release_from_green_to_live_and_to_both(running: Ops, cluster: Cluster) -> None:
    await ticked(running, "v1.1.0")
    plan = await running.planned(OLGA, "deploy green", version="v1.1.0")
    assert plan.summary == (
        "green (backend-green, without traffic): from nothing to screen2deck:v1.1.0. The registry has it. "
        "The checklist is done."
    )
    answer = await running.done(OLGA, "deploy green", version="v1.1.0")
    assert answer.text == "green is v1.1.0: 2 of 2 ready, without traffic."
    assert route(cluster) == "blue"

    assert "has not passed deploy test" in await running.refused(ALICE, "deploy switch", colour="green")
    assert (await running.done(OLGA, "deploy test")).text == f"green ({V2}) passes."
    await requests_with(running, 0.0)
    switched = await running.done(ALICE, "deploy switch", colour="green", watch="1s")
    assert switched.text.startswith("Traffic goes to green, and all is well after 1 s: errors 0.0%, ")
    assert route(cluster) == "green"
    assert (await running.done(VERA, "deploy status")).text.startswith("Traffic goes to green. The last change: ")

    await running.done(OLGA, "deploy promote")
    assert {one["spec"]["containers"][0]["image"] for one in cluster.pods.values()} == {V1, V2}
    status = await running.done(VERA, "deploy status", service="backend-blue")
    assert status.data[0]["images"] == [V2]


async def test_traffic_returns_by_itself_when_errors_become_an_alert(running: Ops, cluster: Cluster) -> None:
    await green(running)
    await requests_with(running, 0.2)
    # Worse than what was there when the switch began, which was nothing at all.
    watched = watching.Watch.begin

    async def begin(*_: object) -> watching.Watch:
        found = await watched(running.parts, [])
        found.before = {name: watching.Measured(name, None) for name in watching.NAMES}
        return found

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(watching.Watch, "begin", begin)
        answer = await running.answer(ALICE, "deploy switch", colour="green", watch="30s")
    assert answer.text == "Rolled back: errors 20.0% is beyond its alert of 0.05. Traffic goes to blue again."
    assert (answer.ok, route(cluster)) == (False, "blue")
    log = (await running.done(VERA, "deploy history")).log
    assert [line.split(",")[0] for line in log[:2]] == ["traffic to blue", "traffic to green"]


async def test_what_was_so_before_is_not_the_releases_doing(running: Ops, cluster: Cluster) -> None:
    await green(running)
    await requests_with(running, 0.2)
    await running.done(ALICE, "deploy switch", colour="green", watch="1s")
    assert route(cluster) == "green"


async def test_traffic_returns_when_pods_crash(running: Ops, cluster: Cluster) -> None:
    await green(running)
    for pod in cluster.pods.values():
        if pod["metadata"]["labels"].get("version") == "green":
            pod["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    answer = await running.answer(ALICE, "deploy switch", colour="green", watch="30s")
    assert answer.text == "Rolled back: backend-green is unhealthy. Traffic goes to blue again."


async def test_the_watch_goes_on_after_its_process(running: Ops, cluster: Cluster) -> None:
    await green(running)
    outcome = await running.order(ALICE, "deploy switch", colour="green", watch="5m")
    assert outcome.request is not None
    record = await requests.request(outcome.request.id)
    confirmed = await running.console.confirm(record.id, ALICE, OPS, record.phrase)
    assert confirmed.request is not None, confirmed.answer
    async with asyncio.timeout(PATIENCE_S):
        while route(cluster) != "green":
            await asyncio.sleep(0.01)
    await running.console.executor.close(within_s=0)

    successor = Ops(replace(running.parts))
    for pod in cluster.pods.values():
        if pod["metadata"]["labels"].get("version") == "green":
            pod["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    await successor.console.glance()
    ended = await successor.settled(record)
    assert ended.answer is not None
    assert ended.answer["text"].startswith("Rolled back: backend-green is unhealthy")
    assert route(cluster) == "blue"


async def test_all_pods_are_replaced_by_a_rolling_restart(running: Ops, cluster: Cluster) -> None:
    before = set(cluster.pods)
    plan = await running.planned(OLGA, "restart rolling", service="worker")
    assert plan.summary.endswith("Each has 5 min to become ready.")
    answer = await running.done(OLGA, "restart rolling", service="worker")
    assert answer.text == "All instances are replaced and ready."
    left = {name for name in cluster.pods if name.startswith("worker")}
    assert len(left) == 1
    assert not left & before


async def test_what_has_no_instance_is_started_rather_than_restarted(running: Ops, cluster: Cluster) -> None:
    cluster.deployments["worker"]["spec"]["replicas"] = 0
    cluster.settle()
    assert await running.refused(OLGA, "restart worker") == "Nothing of worker is there to be restarted."


async def green(ops: Ops) -> None:
    await ticked(ops, "v1.1.0")
    await ops.done(OLGA, "deploy green", version="v1.1.0")
    await ops.done(OLGA, "deploy test")


async def test_a_test_that_is_old_or_failed_lets_nothing_through(
    running: Ops, cluster: Cluster, site: dict[str, object]
) -> None:
    await green(running)
    running.later(minutes=16)
    assert "must be of the last 15 min" in await running.refused(ALICE, "deploy switch", colour="green")
    site["ready"] = 503
    failed = await running.answer(OLGA, "deploy test")
    assert failed.table is not None
    assert failed.table.rows[-1] == ("parts", "database: away", "✗")
    assert "has not passed deploy test" in await running.refused(ALICE, "deploy switch", colour="green")


async def test_one_click_leads_traffic_back(running: Ops, cluster: Cluster) -> None:
    await green(running)
    await running.done(ALICE, "deploy switch", colour="green", watch="1s")
    plan = await running.planned(OLGA, "deploy rollback")
    assert plan.summary == "Leads traffic from green to blue (2 ready)."
    assert (await running.done(OLGA, "deploy rollback")).text == "Traffic goes to blue again: 2 of 2 ready."
    assert route(cluster) == "blue"


async def test_what_is_so_already_is_not_done_again(running: Ops) -> None:
    assert "Traffic goes to blue already." in await running.refused(ALICE, "deploy switch", colour="blue")
    await green(running)
    await running.done(ALICE, "deploy switch", colour="green", watch="1s")
    await running.done(OLGA, "deploy promote")
    assert f"blue is {V2} already." in await running.refused(OLGA, "deploy promote")


async def test_of_two_live_versions_none_is_promoted(running: Ops, cluster: Cluster) -> None:
    one, _ = (pod for pod in cluster.pods.values() if pod["metadata"]["labels"].get("version") == "blue")
    one["spec"]["containers"][0]["image"] = V2
    said = await running.refused(OLGA, "deploy promote")
    assert "it must be one version to be promoted" in said
    assert V1 in said
    assert V2 in said


async def test_nothing_begins_while_the_checklist_is_open(running: Ops, cluster: Cluster) -> None:
    said = await running.refused(ALICE, "deploy image", service="worker", version="v1.1.0")
    assert said.startswith("Before v1.1.0 is deployed: Run all tests; ")
    plan = await running.planned(ALICE, "deploy image", service="worker", version="v1.1.0", override="hotfix for INC-7")
    assert plan.confirmation == "two-persons"
    assert plan.summary.endswith("Begun all the same: hotfix for INC-7.")
    await running.done(ALICE, "deploy image", service="worker", version="v1.1.0", override="hotfix for INC-7")
    assert [line for line in cluster.asked if V2 in line]


async def test_only_versions_that_exist_and_are_new(running: Ops) -> None:
    await ticked(running, "v9.9.9")
    await ticked(running, "v1.0.0")
    assert await running.refused(ALICE, "deploy image", service="worker", version="v9.9.9") == (
        "The registry has no screen2deck:v9.9.9."
    )
    assert "worker is v1.0.0 already" in await running.refused(
        ALICE, "deploy image", service="worker", version="v1.0.0"
    )
    said = await running.refused(ALICE, "deploy image", service="worker", version="latest")
    assert said == "version: must be a version such as v2.1.0."


async def test_a_version_that_crashes_is_undone(
    running: Ops, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.services.deploying.READY", timedelta(seconds=2))
    cluster.broken.add(V2)
    await ticked(running, "v1.1.0")
    said = await running.refused(ALICE, "deploy image", service="worker", version="v1.1.0")
    assert "CrashLoopBackOff" in said
    assert said.endswith("It is screen2deck:v1.0.0 again.")
    assert json.loads(cluster.asked[-1].split(" ", 3)[3])[0]["path"] == "/spec/template"


async def test_a_migration_in_between_makes_a_rollback_unsafe(
    running: Ops, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ticked(running, "v1.1.0")
    await running.done(ALICE, "deploy image", service="worker", version="v1.1.0")

    async def newer(_: object) -> str:
        return "9999_newer"

    monkeypatch.setattr("chatops.services.deploying.newest_migration", newer)
    plan = await running.planned(OLGA, "deploy rollback", service="worker")
    assert "Unsafe: the database was migrated from " in plan.summary
    assert plan.confirmation == "phrase"
    await running.done(OLGA, "deploy rollback", service="worker")
    status = await running.done(VERA, "deploy status", service="worker")
    assert status.data[0]["images"] == [V1]


async def test_a_watch_tells_all_in_one_line(running: Ops) -> None:
    await requests_with(running, 0.01)
    answer = await running.done(VERA, "deploy watch", for_="1s")
    assert answer.text.startswith("All is well after 1 s: errors 1.0%, p95 unknown, backend-blue 2 of 2 ready")


async def test_containers_are_rolled_out_and_returned(ops: Ops, tmp_path: Path) -> None:
    async with docker_engine(tmp_path / "docker.sock") as engine:
        engine.add("bot")
        engine.add_image("screen2deck/bot:v1.0.0")
        engine.registry.add("screen2deck/bot:v1.1.0")
        declared = f"""
services: [{{name: bot, back_end: docker}}]
orchestrators: {{docker: {{url: "unix://{tmp_path}/docker.sock"}}}}
deploy: {{images: {{bot: screen2deck/bot}}}}
"""
        console = with_services(ops, declared, tmp_path)
        await ticked(console, "v1.1.0")
        await console.done(ALICE, "deploy image", service="bot", version="v1.1.0")
        assert image(engine) == "screen2deck/bot:v1.1.0"
        history = await console.done(VERA, "deploy history")
        assert history.table is not None
        assert [row[:3] for row in history.table.rows] == [("bot", "2 now", "v1.1.0"), ("bot", "1", "v1.0.0")]
        await console.done(OLGA, "deploy rollback")
        assert image(engine) == "screen2deck/bot:v1.0.0"
        said = await console.refused(OLGA, "deploy green", version="v1.1.0")
        assert said == "This deployment has no blue and green: deploy.blue_green in ops.yaml names them."


def image(engine: Engine) -> str:
    return str(engine.named("screen2deck-bot-1").shown["Config"]["Image"])
