"""Units are steered by ``systemctl``: here a stub on PATH that keeps their state in a file."""

from pathlib import Path

import pytest

from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.orchestrators.port import Limits, NotOffered, OrchestratorError, State
from config.ops import parse_policy
from tests.fakes.systemctl import INACTIVE, RUNNING, Systemctl

SERVICES = """
services:
  - {name: worker, back_end: systemd, unit: screen2deck-worker@.service, count: 2, stop_seconds: 55}
  - {name: bot, back_end: systemd, unit: screen2deck-bot}
  - {name: nginx, back_end: systemd}
"""


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    stub = Systemctl(tmp_path)
    stub.set("screen2deck-worker@.service", INACTIVE)
    stub.set("screen2deck-worker@1.service", RUNNING)
    stub.set("screen2deck-worker@2.service", RUNNING)
    stub.set("screen2deck-bot.service", RUNNING)
    monkeypatch.setenv("PATH", stub.path)
    return stub


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    policy = parse_policy(SERVICES)
    return open_fleet(policy.services, policy.orchestrators, tmp_path / "none")


async def test_instances_of_a_template_are_one_service(systemctl: Systemctl, fleet: Fleet) -> None:
    status = await fleet.service("worker").status()
    assert (status.state, status.wanted) == (State.RUNNING, 2)
    assert [one.name for one in status.instances] == ["screen2deck-worker@1.service", "screen2deck-worker@2.service"]
    assert (status.instances[0].pid, status.instances[0].memory) == (4711, 1048576)


@pytest.mark.parametrize(
    ("values", "state", "detail"),
    [
        ({"ActiveState": "failed", "SubState": "failed", "Result": "oom-kill"}, State.STOPPED, "oom-kill"),
        ({"ActiveState": "activating", "SubState": "auto-restart", "Result": "signal"}, State.RESTARTING, "signal"),
        ({"ActiveState": "inactive", "SubState": "dead"}, State.STOPPED, ""),
    ],
)
async def test_states_of_systemd_in_words_of_all(
    systemctl: Systemctl, fleet: Fleet, values: dict[str, object], state: State, detail: str
) -> None:
    systemctl.set("screen2deck-bot.service", values)
    status = await fleet.service("bot").status()
    assert (status.state, status.instances[0].detail) == (state, detail)


async def test_a_restart_names_one_unit(systemctl: Systemctl, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.restart((await service.status()).instances[1])
    assert systemctl.asked == ["systemctl --system --no-ask-password restart screen2deck-worker@2.service"]


async def test_a_service_is_stopped_and_started(systemctl: Systemctl, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.stop()
    assert (await service.status()).is_stopped
    await service.start()
    assert (await service.status()).ready == 2


async def test_instances_are_added_and_taken_away(systemctl: Systemctl, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.scale(3)
    assert (await service.status()).ready == 3
    await service.scale(1)
    assert (await service.status()).ready == 1
    with pytest.raises(NotOffered, match="systemd cannot change how many instances of bot run"):
        await fleet.service("bot").scale(2)


async def test_limits_change_while_it_runs(systemctl: Systemctl, fleet: Fleet) -> None:
    service = fleet.service("bot")
    assert await service.limits() == Limits(None, None)
    await service.set_limits(Limits(memory=1 << 30, cpus=1.5))
    assert await service.limits() == Limits(1 << 30, 1.5)


async def test_the_journal_is_read(systemctl: Systemctl, fleet: Fleet) -> None:
    systemctl.set("screen2deck-bot.service", {"log": ["one", "two", "three"]})
    assert await fleet.service("bot").logs(2) == ["two", "three"]


async def test_what_systemd_refuses_is_told(systemctl: Systemctl, fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match=r"systemd has no unit nginx\.service"):
        await fleet.service("nginx").status()
    systemctl.set("nginx.service", {**RUNNING, "refuses": "reload"})
    with pytest.raises(OrchestratorError, match=r"systemctl says: Job for nginx\.service failed"):
        await fleet.service("nginx").reload()


async def test_a_machine_without_systemd_says_so(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OrchestratorError, match="systemctl cannot be run"):
        await fleet.service("bot").status()
