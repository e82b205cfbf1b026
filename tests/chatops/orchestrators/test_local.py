"""The supervisor is asked on its socket, and acts on real processes."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.orchestration import own_services
from bot.supervision.control import controlled
from bot.supervision.part import Part, State
from bot.supervision.recent import Recent
from bot.supervision.supervisor import Scaling
from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.orchestrators.port import NotOffered, OrchestratorError
from chatops.orchestrators.port import State as ServiceState
from config.ops_services import OrchestratorsEntry
from config.settings import Settings
from storage.sockets import control_socket
from tests.bot.supervision.recording import FOREVER, Run, script, supervised
from tests.processes import PATIENCE_S

GRACE = timedelta(seconds=5)
PATIENCE = timedelta(seconds=PATIENCE_S)


def worker(number: int) -> Part:
    return script(f"worker-{number}", f"print('hello', flush=True); {FOREVER}")


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    """A product of small parts that takes orders."""
    recent = Recent(lambda *_: None)
    parts = [script("redis", FOREVER), script("bot", FOREVER), worker(1), worker(2)]
    async with (
        supervised(*parts, scaling=Scaling("worker", worker), output=recent.write) as started,
        controlled(started.supervisor, recent, control_socket(tmp_path), tmp_path),
    ):
        for part in parts:
            await started.reports.reached(part.name, State.READY)
        yield started


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    return open_fleet(own_services(settings), OrchestratorsEntry(), control_socket(tmp_path))


async def test_the_product_declares_its_own_parts(run: Run, fleet: Fleet) -> None:
    assert fleet.names == ["redis", "bot", "worker"]
    found = {service.name: status for service, status in await fleet.statuses()}
    workers = found["worker"]
    assert not isinstance(workers, OrchestratorError)
    assert (workers.state, workers.wanted, workers.ready) == (ServiceState.RUNNING, 2, 2)
    assert [one.name for one in workers.instances] == ["worker-1", "worker-2"]
    assert all(one.memory and one.pid for one in workers.instances)


async def test_one_instance_is_restarted(run: Run, fleet: Fleet) -> None:
    service = fleet.service("worker")
    before = await service.status()
    await service.restart(before.instances[1])
    after = await service.until(lambda status: status.is_ready, PATIENCE)
    assert after.instances[0].pid == before.instances[0].pid
    assert after.instances[1].pid != before.instances[1].pid
    assert (after.instances[1].restarts, after.instances[1].id) == (1, "worker-2#2")


async def test_a_service_is_stopped_and_started(run: Run, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.stop()
    stopped = await service.status()
    assert (stopped.state, stopped.is_stopped, stopped.survivors) == (ServiceState.STOPPED, True, ())
    await service.start()
    assert (await service.until(lambda status: status.is_ready, PATIENCE)).ready == 2


async def test_workers_are_scaled_and_single_processes_are_not(run: Run, fleet: Fleet) -> None:
    service = fleet.service("worker")
    await service.scale(3)
    assert (await service.until(lambda status: status.ready == 3, PATIENCE)).ready == 3
    await service.scale(1)
    assert (await service.status()).wanted == 1
    with pytest.raises(NotOffered, match="is one process"):
        await fleet.service("bot").scale(2)


async def test_the_last_lines_of_parts_are_kept(run: Run, fleet: Fleet) -> None:
    service = fleet.service("worker")
    async with asyncio.timeout(PATIENCE_S):
        while len(lines := await service.logs(10)) < 2:
            await asyncio.sleep(0.02)
    assert sorted(lines) == ["worker-1 | hello", "worker-2 | hello"]


async def test_what_a_supervisor_does_not_have_says_so(run: Run, fleet: Fleet) -> None:
    with pytest.raises(NotOffered, match="The local supervisor sets no limits for worker"):
        await fleet.service("worker").limits()


async def test_an_order_is_carried_out_when_its_giver_has_gone(run: Run, tmp_path: Path) -> None:
    _, writer = await asyncio.open_unix_connection(control_socket(tmp_path))
    writer.write(json.dumps({"do": "restart", "part": "bot"}).encode() + b"\n")
    await writer.drain()
    writer.close()
    await run.reports.reached("bot", State.READY, times=2)


@pytest.mark.parametrize("order", [b"{}", b"nonsense", b'{"do": "burn", "part": "bot"}', b"[]", b'{"do": "scale"}'])
async def test_anything_else_is_refused(run: Run, tmp_path: Path, order: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(control_socket(tmp_path))
    writer.write(order + b"\n")
    assert json.loads(await reader.readline())["ok"] is False
    writer.close()
    assert len(run.supervisor.keepers) == 4


async def test_the_socket_is_its_owners_alone_and_goes_with_the_supervisor(tmp_path: Path) -> None:
    path = control_socket(tmp_path)
    path.touch()
    async with (
        supervised(script("bot", FOREVER)) as started,
        controlled(started.supervisor, Recent(lambda *_: None), path, tmp_path),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_without_a_supervisor_it_says_so(fleet: Fleet) -> None:
    with pytest.raises(OrchestratorError, match=r"The supervisor \(screen2deck up\) does not answer"):
        await fleet.service("bot").status()
