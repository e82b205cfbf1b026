"""Kubernetes: valid by the schemas, without rights, and the same as Compose in what counts."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from config.clock import utcnow
from storage.queue import Queue
from tests.deploy.files import OWN, SETTINGS, composed, make_secrets, services
from tests.deploy.kubernetes import (
    EXAMPLE,
    KUBERNETES,
    container,
    kustomization,
    kustomized,
    objects,
    one,
    pod,
    pods,
    settings_of,
)
from tools.prometheus_rule import prometheus_rule

FOREIGN = ("keda.sh/", "monitoring.coreos.com/")
"""Kinds of others, whose schemas are not Kubernetes' own."""
NAMES = {"bot": "bot", "worker": "ocr-worker", "migrations": "migrations", "postgres": "postgres", "valkey": "valkey"}
"""Workloads with the services of Compose that are the same."""
PRODUCT = ("bot", "worker", "migrations", "backup")


def test_all_objects_are_valid_by_the_schemas_of_two_releases() -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="make setup-slow installs the schemas")
    own = [each for each in objects() if not each["apiVersion"].startswith(FOREIGN)]
    assert len(own) > 15
    for each in own:
        for release in ("1.29", "1.34"):
            validator.validate(each, release, strict=True)


@pytest.mark.slow
def test_the_example_is_put_together_and_valid(tmp_path: Path) -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="make setup-slow installs the schemas")
    found = kustomized(tmp_path / "kubernetes")
    for each in found:
        if not each["apiVersion"].startswith(FOREIGN):
            validator.validate(each, "1.34", strict=True)
    text = str(found)
    assert "'registry.example/screen2deck:0.1.0'" in text
    assert "'registry.example/screen2deck-full:0.1.0'" in text
    labels = [
        each["metadata"]["labels"]["app.kubernetes.io/part-of"] for each in found if each["kind"] == "StatefulSet"
    ]
    assert labels == ["screen2deck", "screen2deck"]
    namespaces = {each["metadata"].get("namespace") for each in found if each["kind"] != "Namespace"}
    assert namespaces == {"screen2deck"}


@pytest.mark.parametrize("name", [name for name, _ in pods()])
def test_no_pod_has_more_rights_than_it_needs(name: str) -> None:
    spec = pod(name)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for each in (*spec["containers"], *spec.get("initContainers", ())):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in each["resources"]["limits"]
        assert {"cpu", "memory"} <= set(each["resources"]["requests"])


def environment(name: str) -> dict[str, Any]:
    """Settings of a workload of the product, those of its map included."""
    assert container(name)["envFrom"] == [{"configMapRef": {"name": "screen2deck-settings"}}]
    own = {each["name"]: each.get("value") for each in container(name).get("env", ())}
    return {**settings_of(KUBERNETES / "base"), **own}


def secrets_of(name: str) -> list[str]:
    """Names of the secrets that a pod sees."""
    [volume] = [each for each in pod(name)["volumes"] if each["name"] == "secrets"]
    keys: list[dict[str, str]] = volume["secret"]["items"]
    assert all(each["key"] == each["path"] for each in keys)
    return [each["key"] for each in keys]


@pytest.mark.parametrize("name", PRODUCT)
def test_every_setting_is_one_and_secrets_are_files(name: str) -> None:
    assert set(environment(name)) | set(settings_of(EXAMPLE)) <= SETTINGS
    assert {secret.upper() for secret in secrets_of(name)} <= SETTINGS
    mounted = {each["name"]: each["mountPath"] for each in container(name)["volumeMounts"]}
    assert mounted["secrets"] == environment(name)["SECRETS_DIR"]
    assert mounted["ops"] == str(Path(environment(name)["OPS_FILE"]).parent)
    assert {"tmp", "data"} <= set(mounted), "the rest of its file system is read-only"


@pytest.mark.parametrize(("name", "service"), NAMES.items())
def test_it_runs_what_compose_runs(name: str, service: str) -> None:
    declared, found = services()[service], container(name)
    assert found.get("args", []) == declared.get("command", [])
    assert f"{pod(name)['securityContext']['runAsUser']}:" in declared["user"] + ":"
    assert secrets_of(name) == declared["secrets"]
    limits = {"1g": "1Gi", "768m": "768Mi", "512m": "512Mi"}
    assert found["resources"]["limits"]["memory"] == limits[declared["deploy"]["resources"]["limits"]["memory"]]
    if service not in OWN:
        assert found["image"] == declared["image"]
    if grace := declared.get("stop_grace_period"):
        assert pod(name)["terminationGracePeriodSeconds"] >= int(grace.removesuffix("s"))


@pytest.mark.parametrize("name", ["bot", "worker"])
def test_settings_are_those_of_compose(name: str) -> None:
    others = {"SECRETS_DIR", "WORKERS", "WORKER_NAME"}
    compose = {key: str(value) for key, value in services()[NAMES[name]]["environment"].items() if key not in others}
    here = {key: str(value) for key, value in environment(name).items() if key not in others}
    addresses = {"PROMETHEUS_URL", "ALERTMANAGER_URL", "PUBLIC_URL", "OPS_DISCORD_CHANNEL", "OPS_TELEGRAM_CHAT"}
    assert addresses <= set(settings_of(EXAMPLE))
    defaults = {"HTTP_TRUSTED_PROXIES": "[]", "DISCORD_WATCHED_CHANNELS": "[]", "TELEGRAM_WATCHED_CHATS": "[]"}
    assert here == {key: value for key, value in compose.items() if key not in addresses and key not in defaults}


def test_secrets_are_those_that_are_made(tmp_path: Path) -> None:
    [made] = kustomization(EXAMPLE)["secretGenerator"]
    names = {file.removeprefix("secrets/") for file in made["files"]}
    assert names == set(make_secrets(tmp_path / "secrets")) - {"grafana_password"}
    assert set(composed()["secrets"]) - names == {"grafana_password"}


def test_processes_wait_for_their_tables_with_the_command_that_says_so() -> None:
    for name in ("bot", "worker"):
        [waits] = pod(name)["initContainers"]
        assert waits["args"] == ["db", "status"]
        assert waits["image"] == container(name)["image"]


def test_probes_ask_what_compose_asks() -> None:
    bot, worker = container("bot"), container("worker")
    assert {bot[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")} == {
        "/health"
    }
    for probe in ("startupProbe", "livenessProbe"):
        assert ["CMD", *worker[probe]["exec"]["command"]] == services()["ocr-worker"]["healthcheck"]["test"]


async def test_workers_are_scaled_by_what_the_queue_holds(queue: Queue) -> None:
    scaled = one("ScaledObject", "worker")["spec"]
    [trigger] = scaled["triggers"]
    assert scaled["scaleTargetRef"] == {"name": one("Deployment", "worker")["metadata"]["name"]}
    assert "replicas" not in one("Deployment", "worker")["spec"], "it would be set back with each release"
    assert trigger["metadata"]["address"] == "valkey:6379"
    authentication = one("TriggerAuthentication", trigger["authenticationRef"]["name"])
    [password] = authentication["spec"]["secretTargetRef"]
    assert password == {"parameter": "password", "name": "screen2deck-secrets", "key": "valkey_password"}

    await queue.enqueue_all([(uuid4(), utcnow(), 0), (uuid4(), utcnow(), 0)])
    name = trigger["metadata"]["listName"]
    assert await queue.redis.type(name) == b"zset"
    assert await queue.redis.zcard(name) == await queue.depth() == 2


def test_budgets_and_policies_select_pods_that_exist() -> None:
    named = {each["metadata"]["name"] for each in objects() if each["kind"] in ("Deployment", "StatefulSet", "Job")}
    named |= {"backup"}
    for each in objects():
        if each["kind"] in ("PodDisruptionBudget", "NetworkPolicy"):
            spec = str(each["spec"])
            found = set(re.findall(r"app\.kubernetes\.io/name': '([\w-]+)'", spec))
            for values in re.findall(r"'values': \[([^]]*)\]", spec):
                found |= set(re.findall(r"[\w-]+", values))
            assert found <= named, each["metadata"]["name"]
    assert {each["metadata"]["name"] for each in objects() if each["kind"] == "PodDisruptionBudget"} == {
        "bot",
        "worker",
    }


def test_what_no_policy_names_is_closed() -> None:
    nothing = one("NetworkPolicy", "nothing")["spec"]
    assert nothing["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(nothing)
    outside = [each for each in objects() if each["kind"] == "NetworkPolicy" and "ipBlock" in str(each)]
    assert [each["metadata"]["name"] for each in outside] == ["bot", "steering"], "a worker has no way out"


def test_a_backup_is_made_every_night_by_the_consoles_own_action() -> None:
    assert container("backup")["args"] == ["ops", "backup", "all", "--keep", "14"]
    assert one("CronJob", "backup")["spec"]["concurrencyPolicy"] == "Forbid"


def test_the_operators_alerts_are_the_shipped_ones() -> None:
    written = KUBERNETES / "components" / "prometheus-operator" / "prometheusrule.yaml"
    assert written.read_text(encoding="utf-8") == prometheus_rule(), "make docs writes it anew"
    monitor = one("ServiceMonitor", "screen2deck")["spec"]
    assert monitor["selector"]["matchLabels"] == one("Service", "bot")["metadata"]["labels"]
    # Alerts ask for job="screen2deck".
    assert kustomization(KUBERNETES / "base")["labels"][0]["pairs"][monitor["jobLabel"]] == "screen2deck"
