"""The shipped Prometheus rules and Alertmanager configuration, checked by the programs that read them."""

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.actions import registry
from config.ops import load_policy
from config.spans import duration
from tests.shared import ROOT

DEPLOY = ROOT / "config" / "deploy"
RULES = DEPLOY / "prometheus" / "rules" / "screen2deck.yml"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
TESTS = Path(__file__).with_name("rules_test.yml")
OTHERS = ("up", "alertmanager_notifications_failed_total")
"""Metrics that are not the product's own."""
NEEDED = (
    "HighErrorRate HighMemoryUsage HighLatencyP95 HighCpu QueueBacklog QueueStalled LowCacheHitRate WorkerDown "
    "BotGatewayDown DbConnectionsHigh DiskLow BackupStale CertExpiring AuditBroken Watchdog"
).split()


def run(tool: str, *arguments: object, folder: Path = ROOT) -> str:
    """What a program says; it must find nothing wrong."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (Debian: prometheus, prometheus-alertmanager)")
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@lru_cache
def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics() -> set[str]:
    """Names of metrics in all expressions."""
    found = set()
    for rule in rules():
        bare = re.sub(r'"[^"]*"', "", re.sub(r"by \([^)]*\)", "", rule["expr"]))
        found |= set(re.findall(r"\b(?:screen2deck_\w+|alertmanager_\w+|up)\b", bare))
    return found


def test_promtool_takes_prometheus_configuration() -> None:
    run("promtool", "check", "config", "prometheus.yml", folder=DEPLOY / "prometheus")


def test_each_alert_fires_when_it_must_and_not_before(tmp_path: Path) -> None:
    file = tmp_path / "rules_test.yml"
    file.write_text(TESTS.read_text(encoding="utf-8").replace("RULES", str(RULES)), encoding="utf-8")
    assert "SUCCESS" in run("promtool", "test", "rules", file)


def test_each_alert_has_a_unit_test() -> None:
    tested = TESTS.read_text(encoding="utf-8")
    assert {rule["alert"] for rule in rules()} >= set(NEEDED)
    assert [rule["alert"] for rule in rules() if not re.search(rf"\b{rule['alert']}\b|Messages\.\*", tested)] == []


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    known = set(registry().actions)
    for rule in rules():
        assert set(rule["labels"]) <= {"severity", "service", "subject"}
        assert rule["labels"]["severity"] in ("critical", "warning", "info", "none")
        assert set(rule["annotations"]) == {"summary", "description", "action"}
        assert rule["annotations"]["action"] in known, rule["alert"]


def test_amtool_takes_alertmanagers_configuration() -> None:
    assert "SUCCESS" in run("amtool", "check-config", ALERTMANAGER)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("alertname=Watchdog severity=none", "screen2deck"),
        ("alertname=QueueBacklog severity=warning", "screen2deck"),
        ("alertname=WorkerDown severity=critical", "screen2deck"),
        ("alertname=BotDown severity=critical subject=bot", "beside,screen2deck"),
        ("alertname=MessagesWait severity=warning subject=bot", "beside,screen2deck"),
    ],
)
def test_what_is_about_the_bot_goes_by_a_second_route_too(labels: str, receivers: str) -> None:
    told = run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels.split())
    assert told.strip() == receivers


def test_alertmanagers_numbers_are_those_of_the_contract() -> None:
    config = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))
    route = config["route"]
    assert (route["group_by"], route["group_wait"], route["group_interval"], route["repeat_interval"]) == (
        ["alertname", "service"],
        "10s",
        "1m",
        "4h",
    )
    kept = load_policy().alerts
    assert (duration(route["group_interval"]), duration(route["repeat_interval"])) == (
        kept.group_interval,
        kept.repeat_interval,
    ), "ops.yaml says the same"
    [webhook] = config["receivers"][0]["webhook_configs"]
    assert (webhook["max_alerts"], webhook["send_resolved"]) == (100, True)
    assert webhook["url"].endswith("/webhooks/alertmanager")
    assert "credentials_file" in webhook["http_config"]["authorization"]
