"""Which alerts maintenance mutes: those of the shipped rules, in a real Alertmanager (slow)."""

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from chatops.alerting.alertmanager import Alertmanager, AlertmanagerError
from chatops.alerting.muting import Muting
from config.clock import utcnow
from config.ops import load_policy
from config.ops_maintenance import MaintenanceEntry
from tests.processes import PATIENCE_S
from tests.shared import ROOT

RULES = ROOT / "config" / "deploy" / "prometheus" / "rules" / "screen2deck.yml"
TOOL = "prometheus-alertmanager"
SPARED = {"Watchdog", "CertExpiring"}
"""The watchdog must be heard always, and a certificate that ends has nothing to do with maintenance."""


def test_the_shipped_rules_are_muted_but_for_the_watchdog() -> None:
    mutes = load_policy().maintenance.mutes
    assert mutes == MaintenanceEntry().mutes
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    spared = {
        rule["alert"]
        for rule in rules
        if not all(re.fullmatch(pattern, rule["labels"].get(name, "")) for name, pattern in mutes.items())
    }
    assert spared == SPARED


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Alertmanager]:
    """A real Alertmanager that tells nobody."""
    if shutil.which(TOOL) is None:
        pytest.skip(f"{TOOL} is not installed (Debian: {TOOL})")
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        TOOL,
        f"--config.file={config}",
        f"--storage.path={tmp_path / 'am'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as process:
        try:
            found = Alertmanager.of(f"http://127.0.0.1:{port}")
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        await found.version()
                        break
                    except AlertmanagerError:
                        await asyncio.sleep(0.05)
            yield found
        finally:
            process.kill()


@pytest.mark.slow
async def test_alerts_are_muted_until_it_is_over(real: Alertmanager) -> None:
    labels = [{"alertname": "QueueBacklog", "service": "worker"}, {"alertname": "Watchdog", "service": "prometheus"}]
    await real.post_alerts([{"labels": one} for one in labels])
    muting = Muting(real, MaintenanceEntry(), utcnow)

    async def muted() -> dict[str, bool]:
        async with asyncio.timeout(PATIENCE_S):
            while len(found := await real.alerts()) < len(labels) or "unprocessed" in {one.state for one in found}:
                await asyncio.sleep(0.05)
        return {one.labels["alertname"]: one.state == "suppressed" for one in found}

    assert await muted() == {"QueueBacklog": False, "Watchdog": False}
    silence = await muting.begin(utcnow() + timedelta(minutes=30), "Maintenance 1: a new disk", "Olga")
    assert await muted() == {"QueueBacklog": True, "Watchdog": False}

    later = datetime.now(UTC) + timedelta(hours=1)
    assert await muting.prolong(silence, later) == silence
    ends = (await real.silence(silence)).ends_at
    assert ends is not None
    assert abs(ends - later) < timedelta(seconds=1)
    await muting.end(silence)
    assert await muted() == {"QueueBacklog": False, "Watchdog": False}
    await muting.end(silence)
