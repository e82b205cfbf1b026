"""What the machine, or the container that this process is in, uses and may use: processor, memory, disks, swap.

Limits of a container are those of its cgroup, version 2 or 1 (kernel documentation, admin-guide/cgroup-v2.rst); where
it sets none, they are the machine's. A limit that is not set is never taken for zero.
"""

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

_UNLIMITED = 1 << 60
"""What version 1 tells as "no limit" is larger than this."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in use of those that may be used; ``is_limited`` says that a container has a limit below the machine's."""

    used: int
    limit: int
    is_limited: bool

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.used / self.limit


@dataclass(frozen=True, slots=True)
class Disk:
    """One file system: where it is mounted, bytes in use, bytes in all."""

    mount: str
    used: int
    size: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.used / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class Processor:
    """Seconds that cores have been busy until ``at`` (of a clock that only goes forward), and how many there are."""

    busy: float
    cores: float
    at: float

    def share_since(self, before: "Processor") -> float:
        """0 to 1: how busy all cores were in between."""
        span = (self.at - before.at) * self.cores
        return min(1.0, max(0.0, (self.busy - before.busy) / span)) if span > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the kernel tells of processes and of cgroups."""

    proc: Path = Path("/proc")
    cgroups: Path = Path("/sys/fs/cgroup")

    def memory(self) -> Memory:
        """Without what the kernel would give back at once, such as cached files."""
        whole = psutil.virtual_memory()
        limit, used = self._memory_limit(), self._memory_used()
        if limit is None or used is None or limit >= whole.total:
            return Memory(whole.total - whole.available, whole.total, is_limited=False)
        return Memory(used, limit, is_limited=True)

    def processor(self) -> Processor:
        """As far as now."""
        cores = float(psutil.cpu_count() or 1)
        quota, busy = self._quota(), self._busy()
        if quota is None or busy is None or quota >= cores:
            times = psutil.cpu_times()
            idle = times.idle + getattr(times, "iowait", 0.0)
            # ``guest`` is part of ``user`` already.
            whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
            return Processor(whole - idle, cores, time.monotonic())
        return Processor(busy, quota, time.monotonic())

    def oom_kills(self) -> dict[str, int]:
        """How often memory ran out and a process was killed for it, as the kernel has counted; by who counted.

        ``container`` since the container began, ``machine`` since the machine did.
        """
        found: dict[str, int] = {}
        folder = self._folder("memory")
        for name in ("memory.events", "memory.oom_control"):
            count = _field(folder / name, "oom_kill")
            if count is not None:
                found["container"] = count
                break
        count = _field(self.proc / "vmstat", "oom_kill")
        if count is not None:
            found["machine"] = count
        return found

    def disks(self, paths: Iterable[Path]) -> list[Disk]:
        """The file systems on which these are, each once."""
        found: dict[int, Disk] = {}
        for path in paths:
            there = next(one for one in (path, *path.resolve().parents) if one.exists())
            usage = shutil.disk_usage(there)
            # What is kept for root is in use for everybody else.
            found.setdefault(there.stat().st_dev, Disk(_mount_of(there), usage.total - usage.free, usage.total))
        return list(found.values())

    def _memory_limit(self) -> int | None:
        folder = self._folder("memory")
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = _text(folder / name)
            if text.isdigit() and int(text) < _UNLIMITED:
                return int(text) or None
        return None

    def _memory_used(self) -> int | None:
        folder = self._folder("memory")
        for name in ("memory.current", "memory.usage_in_bytes"):
            text = _text(folder / name)
            if text.isdigit():
                cached = _field(folder / "memory.stat", "inactive_file") or _field(
                    folder / "memory.stat", "total_inactive_file"
                )
                return max(0, int(text) - (cached or 0))
        return None

    def _quota(self) -> float | None:
        """Cores that the container may use."""
        folder = self._folder("cpu")
        quota, _, period = _text(folder / "cpu.max").partition(" ")
        if not quota:
            quota, period = _text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")
        if not quota.isdigit() or not period.isdigit() or not int(quota) or not int(period):
            return None
        return int(quota) / int(period)

    def _busy(self) -> float | None:
        """Seconds that the container's processes have worked."""
        usage = _field(self._folder("cpu") / "cpu.stat", "usage_usec")
        if usage is not None:
            return usage / 1e6
        text = _text(self._folder("cpuacct") / "cpuacct.usage")
        return int(text) / 1e9 if text.isdigit() else None

    def _folder(self, controller: str) -> Path:
        """The folder of this process' cgroup; within a container that sees only its own, the root is it."""
        for line in _text(self.proc / "self/cgroup").splitlines():
            _, names, path = line.split(":", 2)
            relative = path.lstrip("/")
            if not names:
                found = self.cgroups / relative
            elif controller in names.split(","):
                found = self.cgroups / controller / relative
                found = found if found.is_dir() else self.cgroups / controller
            else:
                continue
            return found if found.is_dir() else self.cgroups
        return self.cgroups


def _field(path: Path, name: str) -> int | None:
    """The number after a name at the beginning of a line."""
    for line in _text(path).splitlines():
        first, _, rest = line.partition(" ")
        if first == name and rest.strip().isdigit():
            return int(rest)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _mount_of(path: Path) -> str:
    there = path.resolve()
    while not there.is_mount():
        there = there.parent
    return str(there)
