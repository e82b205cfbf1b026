"""The units of a plain server: taken by systemd, without rights, and the same as Compose in what counts."""

import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, SETTINGS, make_secrets, services
from tests.shared import ROOT

SYSTEMD = DEPLOY / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
NAMES = {
    "screen2deck-bot.service": "bot",
    "screen2deck-worker@.service": "ocr-worker",
    "screen2deck-migrations.service": "migrations",
}
"""Units with the services of Compose that are the same."""
PROGRAM = "/usr/local/screen2deck/bin/screen2deck"
MOST_EXPOSED = 25
"""Tenths of systemd's measure, from 0 for what may do nothing to 100 for what may do everything."""


def directives(name: str) -> dict[str, list[str]]:
    """All that a unit says, by directive."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (SYSTEMD / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def environment(name: str) -> dict[str, str]:
    """What a unit sets, its file included, which wins."""
    file = (SYSTEMD / "screen2deck.env").read_text(encoding="utf-8")
    own = " ".join(directives(name)["Environment"])
    return {**dict(re.findall(r"([A-Z_]+)=(\S+)", own)), **dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", file))}


def secrets_of(name: str) -> list[str]:
    """Credentials of a unit, each of which is a file of the same name."""
    pairs = [credential.split(":") for credential in directives(name)["LoadCredential"]]
    assert all(path == f"/etc/screen2deck/secrets/{secret}" for secret, path in pairs)
    return [secret for secret, _ in pairs]


@pytest.fixture
def copies(tmp_path: Path) -> list[Path]:
    """The units with a program that is installed everywhere in the place of the product's; skips without systemd."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for path in (*UNITS, SYSTEMD / "screen2deck.target"):
        text = path.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return sorted(tmp_path.iterdir())


def test_systemd_takes_the_units(copies: list[Path]) -> None:
    done = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_finds_the_units_hardly_exposed(copies: list[Path]) -> None:
    units = [path for path in copies if path.suffix == ".service"]
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", *units]
    done = subprocess.run(words, capture_output=True, text=True)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot judge units that are not loaded")
    assert done.returncode == 0, re.findall("Overall.*", done.stdout)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_the_program_as_its_own_user_without_rights(unit: Path) -> None:
    found = directives(unit.name)
    assert found["User"] == ["screen2deck"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["ProtectSystem"] == ["strict"]
    assert found["ExecStart"][0].startswith(f"{PROGRAM} ")
    assert "MemoryMax" in found
    sysusers = (SYSTEMD / "screen2deck.sysusers").read_text(encoding="utf-8")
    assert re.search(r"(?m)^u screen2deck ", sysusers)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_setting_is_one_and_secrets_are_credentials(unit: Path) -> None:
    assert set(environment(unit.name)) - {"SECRETS_DIR"} <= SETTINGS
    assert environment(unit.name)["SECRETS_DIR"] == "%d"
    assert {secret.upper() for secret in secrets_of(unit.name)} <= SETTINGS
    assert not {secret.upper() for secret in secrets_of(unit.name)} & set(environment(unit.name))
    commented = re.findall(r"(?m)^# ([A-Z_]+)=", (SYSTEMD / "screen2deck.env").read_text(encoding="utf-8"))
    assert set(commented) <= SETTINGS


@pytest.mark.parametrize(("unit", "service"), NAMES.items())
def test_it_runs_what_compose_runs(unit: str, service: str) -> None:
    declared, found = services()[service], directives(unit)
    assert found["ExecStart"][0].split()[1:] == declared["command"]
    assert secrets_of(unit) == declared["secrets"]
    assert found["MemoryMax"][0].lower() == declared["deploy"]["resources"]["limits"]["memory"]
    if "stop_grace_period" in declared:
        assert found["TimeoutStopSec"][0] == declared["stop_grace_period"]
        assert found["Restart"] == ["always"]
        assert found["PartOf"] == ["screen2deck.target"]
    others = {"OPS_FILE", "SECRETS_DIR"}
    for name, value in declared["environment"].items():
        if name in environment(unit) and name not in others:
            assert environment(unit)[name] == str(value), name
    shared = {"OCR_ENGINE", "LOG_LEVEL", "WORKERS"}
    assert shared <= set(environment(unit))


def test_a_worker_is_told_and_its_reader_is_not() -> None:
    worker = directives("screen2deck-worker@.service")
    assert worker["KillMode"] == ["mixed"]
    assert (
        int(worker["TimeoutStopSec"][0].removesuffix("s"))
        >= int(environment("screen2deck-worker@.service")["READING_SECONDS"]) + 10
    )
    assert worker["IPAddressDeny"] == ["any"]


def test_what_runs_is_not_stopped_by_a_migration() -> None:
    for unit in ("screen2deck-bot.service", "screen2deck-worker@.service"):
        found = directives(unit)
        assert "Requires" not in found
        assert found["Wants"] == ["screen2deck-migrations.service"]
        assert "screen2deck-migrations.service" in found["After"][0].split()


def test_the_installation_is_whole_and_keeps_what_is_there(tmp_path: Path) -> None:
    def install() -> None:
        subprocess.run(
            [SYSTEMD / "install"],
            check=True,
            capture_output=True,
            env={"PATH": "/usr/bin:/bin", "DESTDIR": str(tmp_path), "PROGRAM": "no"},
        )

    install()
    units = {path.name for path in (tmp_path / "etc/systemd/system").iterdir()}
    assert units == {path.name for path in UNITS} | {"screen2deck.target"}
    assert os.access(tmp_path / "usr/local/bin/screen2deck", os.X_OK)
    kept = tmp_path / "etc" / "screen2deck"
    assert {path.name for path in kept.iterdir()} == {"screen2deck.env", "ops.yaml", "secrets"}
    wanted = {secret for unit in UNITS for secret in secrets_of(unit.name)}
    assert wanted <= {path.name for path in (kept / "secrets").iterdir()}
    assert (kept / "secrets" / "redis_url").read_text(encoding="utf-8").endswith("@localhost:6379/0\n")

    (kept / "screen2deck.env").write_text("WORKERS=7\n", encoding="utf-8")
    before = make_secrets(kept / "secrets")
    install()
    assert (kept / "screen2deck.env").read_text(encoding="utf-8") == "WORKERS=7\n"
    assert make_secrets(kept / "secrets") == before


def test_the_program_is_installed_from_the_locks() -> None:
    text = (SYSTEMD / "install").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    for lock in re.findall(r"requirements/[\w.]+", text):
        assert (ROOT / lock).exists()
    assert PROGRAM.removesuffix("/bin/screen2deck") in text
