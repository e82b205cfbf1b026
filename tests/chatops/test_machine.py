"""What a machine and a container tell of themselves, of cgroups of both versions."""

from pathlib import Path

import psutil
import pytest

from chatops.observing.machine import Machine, Processor

MB = 1_000_000


def written(folder: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="ascii")
    return Machine(folder / "proc", folder / "cgroup")


VERSION_2 = {
    "proc/self/cgroup": "0::/pod/bot",
    "cgroup/pod/bot/memory.max": str(200 * MB),
    "cgroup/pod/bot/memory.current": str(180 * MB),
    "cgroup/pod/bot/memory.stat": f"anon {150 * MB}\ninactive_file {30 * MB}",
    "cgroup/pod/bot/memory.events": "low 0\noom 4\noom_kill 3",
    "cgroup/pod/bot/cpu.max": "50000 100000",
    "cgroup/pod/bot/cpu.stat": "usage_usec 2500000\nuser_usec 1",
    "proc/vmstat": "pgfault 1\noom_kill 7",
}
VERSION_1 = {
    "proc/self/cgroup": "5:memory:/docker/x\n3:cpu,cpuacct:/docker/x",
    "cgroup/memory/memory.limit_in_bytes": str(200 * MB),
    "cgroup/memory/memory.usage_in_bytes": str(180 * MB),
    "cgroup/memory/memory.stat": f"cache 1\ntotal_inactive_file {30 * MB}",
    "cgroup/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3",
    "cgroup/cpu/cpu.cfs_quota_us": "50000",
    "cgroup/cpu/cpu.cfs_period_us": "100000",
    "cgroup/cpuacct/cpuacct.usage": "2500000000",
    "proc/vmstat": "oom_kill 7",
}


@pytest.mark.parametrize("files", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
def test_a_container_is_measured_against_its_own_limits(tmp_path: Path, files: dict[str, str]) -> None:
    machine = written(tmp_path, files)

    memory = machine.memory()
    assert (memory.used, memory.limit, memory.is_limited) == (150 * MB, 200 * MB, True)
    assert memory.share == 0.75
    assert (machine.processor().busy, machine.processor().cores) == (2.5, 0.5)
    assert machine.oom_kills() == {"container": 3, "machine": 7}


@pytest.mark.parametrize(
    "changes",
    [
        {"cgroup/pod/bot/memory.max": "max", "cgroup/pod/bot/cpu.max": "max 100000"},
        {"cgroup/pod/bot/memory.max": "0", "cgroup/pod/bot/cpu.max": "0 0"},
        {"cgroup/pod/bot/memory.max": str(1 << 62), "cgroup/pod/bot/cpu.max": "9999999900000 100000"},
    ],
)
def test_where_there_is_no_limit_the_machine_is_it(tmp_path: Path, changes: dict[str, str]) -> None:
    """Never a division by a limit of zero."""
    machine = written(tmp_path, VERSION_2 | changes)

    memory = machine.memory()
    assert (memory.limit, memory.is_limited) == (psutil.virtual_memory().total, False)
    assert 0 < memory.share < 1
    assert machine.processor().cores == psutil.cpu_count()


def test_a_machine_without_cgroups_is_measured(tmp_path: Path) -> None:
    machine = Machine(tmp_path, tmp_path)
    assert 0 < machine.memory().share < 1
    assert machine.processor().busy > 0
    assert machine.oom_kills() == {}


def test_this_very_machine_is_measured() -> None:
    before = Machine().processor()
    sum(number * number for number in range(200_000))
    assert 0 <= Machine().processor().share_since(before) <= 1
    assert 0 < Machine().memory().share < 1


def test_the_processors_share_is_that_of_all_its_cores() -> None:
    before = Processor(busy=10.0, cores=2.0, at=100.0)
    assert Processor(busy=15.0, cores=2.0, at=110.0).share_since(before) == 0.25
    assert before.share_since(before) == 0.0


def test_each_disk_is_told_once(tmp_path: Path) -> None:
    disks = Machine().disks([tmp_path, tmp_path / "not" / "there", tmp_path])
    assert len(disks) == 1
    assert Path(disks[0].mount).is_mount()
    assert 0 < disks[0].share <= 1
