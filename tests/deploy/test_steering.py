"""Steering from the chat, as who wants it switches it on: what is let through is what the console needs, and no more.

The console's own back ends do their work against servers that speak the protocols of Docker and Kubernetes; before
these stands what the shipped files allow.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.orchestrators.port import Limits, OrchestratorError
from config.ops import Policy, parse_policy
from tests.deploy.files import DEPLOY, services
from tests.deploy.kubernetes import EXAMPLE, KUBERNETES, Object, container, kustomization, one
from tests.deploy.test_compose import LONG_LIVED, PINNED, mounts
from tests.fakes.docker_engine import Engine
from tests.fakes.kubernetes_api import Cluster
from tests.shared import ROOT

STEERING = KUBERNETES / "components" / "steering"
GRACE = timedelta(seconds=5)
_REQUIRED = re.compile(r"\$\{([A-Z_]+):\?[^}]*\}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def override(name: str) -> dict[str, Any]:
    """An override of Compose with values for what it asks for."""
    text = (DEPLOY / "compose" / name).read_text(encoding="utf-8")
    given = {"DOCKER_GROUP": "999", "PROJECT_FOLDER": "/srv/screen2deck"}
    found: dict[str, Any] = yaml.safe_load(_REQUIRED.sub(lambda variable: given[variable[1]], text))
    return found


def allowed(*names: str) -> dict[str, list[re.Pattern[str]]]:
    """Paths that the proxy lets through, by method, as its own rules say."""
    found: dict[str, list[re.Pattern[str]]] = {}
    for name in names:
        for variable, value in override(name)["services"]["docker-proxy"]["environment"].items():
            if rule := re.fullmatch(r"SP_ALLOW_([A-Z]+)(?:_\d+)?", variable):
                found.setdefault(rule[1], []).append(re.compile(f"^{value}$"))
    return found


@asynccontextmanager
async def answering(routes: list[web.RouteDef], is_allowed: Callable[[web.Request], bool]) -> AsyncIterator[str]:
    """A server behind something that refuses what is not allowed; its address."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_allowed(request):
            return web.json_response({"message": "Forbidden"}, status=403)
        return await handler(request)

    application = web.Application(middlewares=[guard])
    application.add_routes(routes)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class TestCompose:
    def test_only_the_proxy_sees_the_socket_and_only_the_bot_the_proxy(self) -> None:
        whole = override("steering.yml")
        proxy = whole["services"]["docker-proxy"]
        assert set(whole["services"]) == {"docker-proxy", "bot"}
        assert mounts(proxy) == [("/var/run/docker.sock", "/var/run/docker.sock", True)]
        assert whole["services"]["bot"] == {"networks": ["docker"]}
        assert (proxy["networks"], whole["networks"]) == (["docker"], {"docker": {"internal": True}})
        assert proxy["environment"]["SP_ALLOWFROM"] == "bot"
        assert "ports" not in proxy
        assert override("deploying.yml")["services"].keys() == {"docker-proxy"}

    def test_the_proxy_has_no_more_rights_than_the_other_services(self) -> None:
        proxy, other = override("steering.yml")["services"]["docker-proxy"], services()["prometheus"]
        assert PINNED.match(proxy["image"])
        for name in ("restart", "init", "read_only", "cap_drop", "security_opt", "logging"):
            assert proxy[name] == other[name]
        assert proxy["user"] == "65534:999"
        assert set(proxy["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}
        assert set(proxy["healthcheck"]) == {"test", "interval", "timeout", "start_period", "retries"}

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1.47/containers/create"),
            ("POST", "/v1.47/containers/" + "a" * 64 + "/exec"),
            ("POST", "/v1.47/containers/" + "a" * 64 + "/kill"),
            ("POST", "/v1.47/containers/" + "a" * 64 + "/start/../../create"),
            ("GET", "/v1.47/containers/" + "a" * 64 + "/archive"),
            ("GET", "/v1.47/secrets"),
            ("DELETE", "/v1.47/volumes/postgres"),
            ("PUT", "/v1.47/containers/" + "a" * 64 + "/archive"),
        ],
    )
    def test_what_would_be_more_than_steering_is_refused(self, method: str, path: str) -> None:
        assert not [rule for rule in allowed("steering.yml").get(method, []) if rule.match(path)]
        if not path.endswith("/create"):
            assert not [rule for rule in allowed("steering.yml", "deploying.yml").get(method, []) if rule.match(path)]

    @pytest.mark.parametrize("files", [("steering.yml",), ("steering.yml", "deploying.yml")])
    def test_it_is_valid_by_the_compose_specification(self, files: tuple[str, ...]) -> None:
        pytest.importorskip("check_jsonschema", reason="make setup-slow installs the specification's schema")
        paths = [str(DEPLOY / "compose" / name) for name in files]
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *paths]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr

    @staticmethod
    @asynccontextmanager
    async def steered(tmp_path: Path, *files: str) -> AsyncIterator[tuple[Engine, Fleet]]:
        engine, rules = Engine(), allowed(*files)
        engine.add("ocr-worker", 1)
        engine.add("ocr-worker", 2)
        engine.add("postgres")
        engine.registry.add("screen2deck-full:v2")

        def is_allowed(request: web.Request) -> bool:
            return any(rule.match(request.path) for rule in rules.get(request.method, []))

        async with answering(engine.routes(), is_allowed) as address:
            yield (
                engine,
                fleet_of(shipped(DEPLOY / "compose" / "ops-services.yml", "docker-proxy:2375", address), tmp_path),
            )

    async def test_states_logs_restarts_and_limits_go_through(self, tmp_path: Path) -> None:
        async with self.steered(tmp_path, "steering.yml") as (engine, fleet):
            worker, before = fleet.service("worker"), await fleet.service("worker").status()
            assert [one.memory for one in before.instances] == [200, 200]
            assert await worker.logs(10) == []
            await worker.restart(before.instances[0])
            await worker.stop()
            await worker.start()
            await fleet.service("postgres").set_limits(Limits(memory=2_000_000_000))
            assert len(engine.asked) > 4
            with pytest.raises(OrchestratorError, match="Docker refuses"):
                await worker.scale(3)
            with pytest.raises(OrchestratorError, match="Docker refuses"):
                await worker.scale(1)

    async def test_with_deploying_containers_are_made_and_replaced_too(self, tmp_path: Path) -> None:
        async with self.steered(tmp_path, "steering.yml", "deploying.yml") as (_, fleet):
            worker = fleet.service("worker")
            await worker.scale(3)
            await worker.scale(2)
            await worker.roll_out("screen2deck-full:v2", "alice")
            assert {one.image for one in (await worker.status()).instances} == {"screen2deck-full:v2"}

    def test_the_services_are_those_of_the_project(self) -> None:
        policy = shipped(DEPLOY / "compose" / "ops-services.yml")
        assert {one.unit for one in policy.services} <= set(LONG_LIVED)
        assert policy.orchestrators.docker.url.startswith("tcp://docker-proxy:")
        grace = services()["ocr-worker"]["stop_grace_period"]
        assert {f"{one.stop_seconds}s" for one in policy.services if one.name == "worker"} == {grace}


class TestKubernetes:
    def test_the_role_names_the_products_own_workloads(self) -> None:
        for rule in one("Role", "steering")["rules"]:
            assert "*" not in (*rule["apiGroups"], *rule["resources"], *rule["verbs"])
            assert not {"create", "update", "escalate", "bind"} & set(rule["verbs"])
            assert not {"secrets", "configmaps", "pods/exec", "roles"} & set(rule["resources"])
            for name in rule.get("resourceNames", ()):
                kind = {"deployments": "Deployment", "statefulsets": "StatefulSet"}[rule["resources"][0]]
                assert one(kind, name)
        [subject] = one("RoleBinding", "steering")["subjects"]
        assert (subject["kind"], subject["name"]) == (
            "ServiceAccount",
            one("ServiceAccount", "steering")["metadata"]["name"],
        )

    def test_the_bot_alone_gets_it(self) -> None:
        found = kustomization(STEERING)
        [patch] = found["patches"]
        assert patch["target"] == {"kind": "Deployment", "name": "bot"}
        changes = {change["path"]: change["value"] for change in yaml.safe_load(patch["patch"])}
        assert changes == {
            "/spec/template/spec/automountServiceAccountToken": True,
            "/spec/template/spec/serviceAccountName": "steering",
            "/spec/template/spec/containers/0/image": "screen2deck-kubernetes",
        }
        assert container("bot")["name"] == "bot"
        policy = one("NetworkPolicy", "steering")["spec"]
        assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "bot"}}
        assert "screen2deck-kubernetes" in {image["name"] for image in kustomization(EXAMPLE)["images"]}
        assert found["resources"] == ["rbac.yaml", "network.yaml"]

    async def test_what_the_console_asks_of_the_server_is_in_the_role(self, tmp_path: Path) -> None:
        cluster, asked = Cluster(), set[tuple[str, str]]()
        cluster.add_deployment("worker", 2)
        cluster.add_deployment("bot", 1)

        def is_allowed(request: web.Request) -> bool:
            verb, resource, name = _asked(request)
            asked.add((verb, resource))
            return _permits(one("Role", "steering"), verb, resource, name)

        async with answering(cluster.routes(), is_allowed) as address:
            cluster.url = f"http://{address}"
            config = cluster.kubeconfig(tmp_path)
            policy = shipped(STEERING / "ops-services.yml", "namespace: screen2deck", f"kubeconfig: {config}")
            worker = fleet_of(policy, tmp_path).service("worker")
            status = await worker.status()
            assert (await worker.logs(10)) == []
            await worker.restart(status.instances[0])
            await worker.restart_rolling("alice")
            await worker.scale(3)
            await worker.set_limits(Limits(memory=2_000_000_000))
            await worker.roll_out("screen2deck-full:v2", "alice")
            cluster.settle()
            before = [revision for revision in await worker.history() if not revision.is_current]
            await worker.roll_back(before[0], "alice")
        told = {
            (verb, resource)
            for rule in one("Role", "steering")["rules"]
            for verb in rule["verbs"]
            for resource in rule["resources"]
        }
        assert asked == {pair for pair in told if pair[1] != "statefulsets"}

    @pytest.mark.slow
    def test_kustomize_puts_it_together(self, tmp_path: Path) -> None:
        if shutil.which("kubectl") is None:
            pytest.skip("kubectl, which holds kustomize, is not installed")
        shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
        overlay = tmp_path / "kubernetes" / "overlays" / "steered"
        overlay.mkdir()
        text = "resources: [../../base]\ncomponents: [../../components/stores, ../../components/steering]\n"
        (overlay / "kustomization.yaml").write_text(text)
        done = subprocess.run(["kubectl", "kustomize", str(overlay)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.stdout)}
        bot = found["Deployment", "bot"]
        assert bot["spec"]["template"]["spec"]["serviceAccountName"] == "steering"


def shipped(path: Path, before: str = "", after: str = "") -> Policy:
    """The services that a deployment's ops.yaml gets, with an address of the test's."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    return parse_policy(text.replace(before, after) if before else text)


def fleet_of(policy: Policy, folder: Path) -> Fleet:
    return open_fleet(policy.services, policy.orchestrators, folder / "none")


def _asked(request: web.Request) -> tuple[str, str, str]:
    """Verb, resource and name of a request, as Kubernetes' authorisation sees them."""
    parts = request.path.split("/namespaces/screen2deck/")[1].split("/")
    resource = "/".join([parts[0], *parts[2:]])
    name = parts[1] if len(parts) > 1 else ""
    verbs = {"GET": "get" if name else "list", "PATCH": "patch", "DELETE": "delete"}
    return verbs[request.method], resource, name


def _permits(role: Object, verb: str, resource: str, name: str) -> bool:
    return any(_covers(rule, verb, resource, name) for rule in role["rules"])


def _covers(rule: Mapping[str, Any], verb: str, resource: str, name: str) -> bool:
    is_named = "resourceNames" not in rule or name in rule["resourceNames"]
    return verb in rule["verbs"] and resource in rule["resources"] and is_named
