"""``docker-compose.yml``: what it promises about images, secrets, rights, networks and limits."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.files import DEPLOY, OWN, SETTINGS, composed, make_secrets, services, variables
from tests.shared import ROOT

ALL = list(services())
LONG_LIVED = [name for name in ALL if name != "migrations"]
PINNED = re.compile(r"^[a-z0-9./-]+:v?\d+\.\d+(?:\.\d+)?[\w.-]*@sha256:[0-9a-f]{64}$")


def mounts(service: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """From where, to where, and whether read-only."""
    found = [one.split(":") for one in service.get("volumes", ())]
    return [(one[0], one[1], one[2:] == ["ro"]) for one in found]


@pytest.mark.slow
def test_it_is_valid_by_the_compose_specification() -> None:
    pytest.importorskip("check_jsonschema", reason="make setup-slow installs the specification's schema")
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_that_is_named_is_declared() -> None:
    whole = composed()
    for name, service in services().items():
        assert set(service.get("networks", ())) <= set(whole["networks"]), name
        assert set(service.get("secrets", ())) <= set(whole["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(ALL), name
        for source, _, _ in mounts(service):
            assert source in whole["volumes"] or (ROOT / source).exists(), source
    used = {secret for service in services().values() for secret in service.get("secrets", ())}
    assert used == set(whole["secrets"])
    assert {source for each in services().values() for source, _, _ in mounts(each)} >= set(whole["volumes"])


@pytest.mark.parametrize("name", [name for name in ALL if name not in OWN])
def test_images_of_others_are_pinned_by_version_and_digest(name: str) -> None:
    assert PINNED.match(services()[name]["image"])


@pytest.mark.parametrize("name", ALL)
def test_no_service_has_more_rights_than_it_needs(name: str) -> None:
    service = services()[name]
    user, _, _ = service["user"].partition(":")
    assert user.isdecimal()
    assert int(user) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "env_file"} & set(service)
    assert not [one for one in mounts(service) if "docker.sock" in one[0]]
    for source, _, is_read_only in mounts(service):
        assert is_read_only or not source.startswith("."), f"{source} of the machine is written to"


@pytest.mark.parametrize("name", ALL)
def test_every_service_has_limits_and_a_log_that_ends(name: str) -> None:
    service = services()[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", LONG_LIVED)
def test_every_service_is_restarted_and_asked_whether_it_works(name: str) -> None:
    service = services()[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert set(service["healthcheck"]) == {"test", "interval", "timeout", "start_period", "retries"}


def test_a_worker_has_what_its_engine_was_measured_to_need_and_the_time_to_finish_its_picture() -> None:
    worker = services()["ocr-worker"]
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    [(peak, limit, reading)] = re.findall(r"(?m)^\| `auto` \|.*\| ([\d,]+) MB \| `(\d+)g`, `(\d+)` \|$", page)
    assert worker["environment"]["OCR_ENGINE"] == "auto"
    assert worker["deploy"]["resources"]["limits"]["memory"] == f"{limit}g"
    assert int(worker["environment"]["READING_MEMORY_MB"]) == int(reading)
    assert int(peak.replace(",", "")) < int(reading) < 1000 * int(limit) - 100
    grace = int(worker["stop_grace_period"].removesuffix("s"))
    assert grace >= int(worker["environment"]["READING_SECONDS"]) + 10


def test_only_what_must_is_reachable() -> None:
    networks = composed()["networks"]
    inside = {name for name, options in networks.items() if options.get("internal")}
    assert inside == {"stores", "figures"}
    outside = {name for name, service in services().items() if set(service["networks"]) - inside}
    assert outside == {"bot", "alertmanager", "grafana"}
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert set(published) == {"bot", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert {name for name, service in services().items() if "stores" in service["networks"]} == {
        *OWN,
        "postgres",
        "valkey",
    }


def test_secrets_come_by_file_and_only_to_those_who_need_them(tmp_path: Path) -> None:
    made = make_secrets(tmp_path / "secrets")
    assert set(composed()["secrets"]) | {"valkey_password"} == set(made)
    for name, declared in composed()["secrets"].items():
        assert declared == {"file": f"./secrets/{name}"}
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            secret = variable.lower() in made or re.search(r"PASSWORD|TOKEN|SECRET(?!S_DIR)", variable)
            assert not secret or value.startswith("/run/secrets/"), f"{name}: {variable}"
    assert services()["ocr-worker"]["secrets"] == ["database_url", "redis_url"]
    assert services()["postgres"]["secrets"] == ["postgres_password"]


@pytest.mark.parametrize("name", OWN)
def test_every_setting_is_one(name: str) -> None:
    service = services()[name]
    assert set(service["environment"]) <= SETTINGS
    assert {secret.upper() for secret in service["secrets"]} <= SETTINGS
    assert service["environment"]["SECRETS_DIR"] == "/run/secrets"


def test_the_order_of_start_is_stores_tables_processes() -> None:
    for name in ("bot", "ocr-worker"):
        assert services()[name]["depends_on"] == {
            "migrations": {"condition": "service_completed_successfully"},
            "valkey": {"condition": "service_healthy"},
        }
    assert services()["migrations"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services()["bot"]["environment"]["MIGRATE_AT_START"] == "false"


def test_the_example_of_env_names_every_variable_with_its_default() -> None:
    text = (DEPLOY / "compose" / "env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", text))
    assert shown == {"DISCORD_TOKEN": "", "TELEGRAM_TOKEN": "", **variables()}


def test_redis_keeps_an_append_only_file_and_forgets_nothing() -> None:
    words = services()["valkey"]["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "everysec"
    assert options["--maxmemory-policy"] == "noeviction"
    assert mounts(services()["valkey"]) == [("valkey", options["--dir"], False)]


def same_but_for(shipped: str, containers: str, changes: dict[str, str]) -> bool:
    """Whether two files of YAML say the same but for addresses and paths."""
    text = (DEPLOY / shipped).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    same: bool = yaml.safe_load(text) == yaml.safe_load((DEPLOY / containers).read_text(encoding="utf-8"))
    return same


def test_prometheus_and_alertmanager_are_those_of_one_machine_with_other_addresses() -> None:
    assert same_but_for(
        "prometheus/prometheus.yml",
        "compose/prometheus.yml",
        {
            "127.0.0.1:9093": "alertmanager:9093",
            "127.0.0.1:8484": "bot:8484",
            "environment: local": "environment: production",
            "# authorization: {credentials_file: /etc/screen2deck/metrics-token}": (
                "authorization: {credentials_file: /run/secrets/metrics_token}"
            ),
        },
    )
    assert same_but_for(
        "alertmanager/alertmanager.yml",
        "compose/alertmanager.yml",
        {
            "127.0.0.1:8484": "bot:8484",
            "/etc/screen2deck/alertmanager-token": "/run/secrets/alertmanager_webhook_token",
        },
    )


def test_promtool_and_amtool_take_them(tmp_path: Path) -> None:
    if shutil.which("promtool") is None or shutil.which("amtool") is None:
        pytest.skip("promtool and amtool are not installed (Debian: prometheus, prometheus-alertmanager)")
    # promtool wants to see the file of the token.
    make_secrets(tmp_path / "secrets")
    shutil.copytree(DEPLOY / "prometheus" / "rules", tmp_path / "rules")
    text = (DEPLOY / "compose" / "prometheus.yml").read_text(encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(text.replace("/run/secrets", str(tmp_path / "secrets")), encoding="utf-8")
    for command in (
        ["promtool", "check", "config", "prometheus.yml"],
        ["amtool", "check-config", str(DEPLOY / "compose" / "alertmanager.yml")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
