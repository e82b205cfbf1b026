"""A stub of ``systemctl`` and ``journalctl`` that keeps units in a file, for machines without systemd."""

import fcntl
import json
import os
import stat
import sys
from pathlib import Path

SCRIPT = """#!{python}
import fcntl, fnmatch, json, pathlib, sys
path = pathlib.Path({state!r})
lock = open({state!r} + ".lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
words = sys.argv[1:]
state = json.loads(path.read_text())
state["asked"].append(" ".join([pathlib.Path(sys.argv[0]).name, *words]))
units = state["units"]


def end(code=0, complaint=""):
    path.write_text(json.dumps(state))
    if complaint:
        print(complaint, file=sys.stderr)
    raise SystemExit(code)


if sys.argv[0].endswith("journalctl"):
    names = [word.partition("=")[2] for word in words if word.startswith("--unit=")]
    lines = [line for name in names for line in units[name].get("log", [])]
    count = int(next(word for word in words if word.startswith("--lines=")).partition("=")[2])
    print("\\n".join(lines[-count:]))
    end()
words = [word for word in words if word not in ("--system", "--user", "--no-ask-password")]
verb, rest = words[0], [word for word in words[1:] if not word.startswith("--")]
if verb == "list-units":
    for name, unit in units.items():
        if fnmatch.fnmatch(name, rest[0]) and not name.endswith("@.service") and unit["ActiveState"] != "inactive":
            print(name, "loaded", unit["ActiveState"], unit["SubState"], "Screen2Deck")
    end()
if verb == "show":
    for name in rest:
        stem = name.rpartition("@")[0] + "@.service" if "@" in name else name
        unit = units.get(name) or dict(units.get(stem, {{}}), LoadState="loaded" if stem in units else "not-found")
        print("\\n".join(f"{{key}}={{value}}" for key, value in [("Id", name), *unit.items()] if key != "log"))
        print()
    end()
if verb == "set-property":
    changes = dict(word.split("=") for word in rest[1:])
    if "CPUQuota" in changes:
        changes["CPUQuotaPerSecUSec"] = f"{{int(changes.pop('CPUQuota')[:-1]) / 100:g}}s"
    units[rest[0]].update(changes)
    end()
for name in rest:
    if "@" in name and name not in units and name.rpartition("@")[0] + "@.service" in units:
        units[name] = dict(units[name.rpartition("@")[0] + "@.service"])
    if name not in units:
        end(5, f"Failed to {{verb}} {{name}}: Unit {{name}} not found.")
    unit = units[name]
    if unit.get("refuses") == verb:
        end(1, f"Job for {{name}} failed because the control process exited with error code.")
    if verb in ("start", "restart"):
        state["pid"] += 1
        unit.update(ActiveState="active", SubState="running", Result="success", MainPID=str(state["pid"]))
        if "sick" in unit:
            unit.update(ActiveState="activating", SubState="auto-restart", Result="exit-code")
    elif verb == "stop" and "immortal" not in unit:
        unit.update(ActiveState="inactive", SubState="dead", MainPID="0")
end()
"""

RUNNING = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "Result": "success",
    "MainPID": "4711",
    "NRestarts": "0",
    "StateChangeTimestamp": "Mon 2026-11-30 16:40:00 UTC",
    "MemoryCurrent": "1048576",
    "MemoryMax": "infinity",
    "CPUQuotaPerSecUSec": "infinity",
}
INACTIVE = {**RUNNING, "ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}


class Systemctl:
    """The stub's units; ``folder`` goes first in PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self._state = folder / "units.json"
        self.folder.mkdir()
        self._write({"units": {}, "asked": [], "pid": 5000})
        for name in ("systemctl", "journalctl"):
            script = self.folder / name
            script.write_text(SCRIPT.format(python=sys.executable + " -S", state=str(self._state)))
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    @property
    def path(self) -> str:
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    @property
    def asked(self) -> list[str]:
        """The commands, but for those that only look."""
        looking = ("show", "list-units")
        return [line for line in self._read()["asked"] if not any(f" {word} " in line for word in looking)]

    @property
    def units(self) -> dict[str, dict[str, str]]:
        units: dict[str, dict[str, str]] = self._read()["units"]
        return units

    def set(self, name: str, values: dict[str, object]) -> None:
        with Path(f"{self._state}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self._read()
            state["units"][name] = {**state["units"].get(name, {}), **values}
            self._write(state)

    def _read(self):  # noqa: ANN202
        return json.loads(self._state.read_text())

    def _write(self, state: object) -> None:
        self._state.write_text(json.dumps(state))
