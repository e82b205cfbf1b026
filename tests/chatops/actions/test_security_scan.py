"""Scanners are run where they are installed; here programs with their names that print reports of their shape."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from chatops.security.scanning import SCANNERS, installed
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import OLGA, PEOPLE, Ops, parts_of

DEPS = {
    "dependencies": [
        {"name": "aiohttp", "version": "3.8.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.9.4"]}]},
        {"name": "pillow", "version": "13.0.0", "vulns": []},
        {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]},
    ]
}
NPM = {"vulnerabilities": {"left-pad": {"severity": "critical", "fixAvailable": True}}}
IMAGE = {
    "Results": [
        {"Vulnerabilities": [{"Severity": "HIGH", "VulnerabilityID": "CVE-1", "PkgName": "zlib", "FixedVersion": "2"}]},
        {"Target": "none"},
    ]
}
WEB = {"site": [{"alerts": [{"riskcode": "2", "alert": "No CSP", "count": "4"}, {"riskcode": "0", "alert": "Hello"}]}]}
LEAKS = [{"RuleID": "generic-api-key", "File": "config.py", "StartLine": 3}]

PROGRAM = f"""#!{sys.executable}
import json, os, sys
open(sys.argv[0] + ".said", "w").write(json.dumps([sys.argv[1:], sorted(os.environ)]))
report = {{report!r}}
options = sys.argv[1:]
for name in ("-J", "--report-path"):
    if name in options:
        open(options[options.index(name) + 1], "w").write(report)
        break
else:
    print(report)
sys.exit({{code}})
"""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, the only ones."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DISCORD_TOKEN", "not for scanners")
    return folder


def install(folder: Path, name: str, report: Any, code: int = 0) -> None:
    text = report if isinstance(report, str) else json.dumps(report)
    (folder / name).write_text(PROGRAM.format(report=text, code=code), encoding="utf-8")
    (folder / name).chmod(0o755)


def said(folder: Path, name: str) -> list[list[str]]:
    found: list[list[str]] = json.loads((folder / f"{name}.said").read_text())
    return found


@pytest.fixture
def targets(settings: Settings, database: Database, queue: Queue, tmp_path: Path) -> Ops:
    policy = f"""{PEOPLE}
security:
  staging: https://staging.example
  image: shop/deck:v1.0.0
  source: {tmp_path}
  packages: {tmp_path}
"""
    return Ops(parts_of(settings, database, queue, policy=policy))


@pytest.mark.parametrize(
    ("kind", "program", "report", "code", "counts", "is_good"),
    [
        ("deps", "pip-audit", DEPS, 1, {"unknown": 2}, True),
        ("npm", "npm", NPM, 1, {"critical": 1}, False),
        ("image", "trivy", IMAGE, 0, {"high": 1}, False),
        ("secrets", "gitleaks", LEAKS, 1, {"high": 1}, False),
    ],
)
async def test_reports_are_counted_by_severity(
    targets: Ops, tools: Path, kind: str, program: str, report: Any, code: int, counts: dict[str, int], is_good: bool
) -> None:
    install(tools, program, report, code)
    answer = await targets.answer(OLGA, "security scan", kind=kind)
    assert (answer.data["counts"], answer.ok) == (counts, is_good)
    assert json.loads(answer.files[0].data) == report
    _, environment = said(tools, program)
    assert "DISCORD_TOKEN" not in environment


async def test_a_web_scan_goes_to_staging_after_a_button(targets: Ops, tools: Path) -> None:
    install(tools, "zap-baseline.py", WEB, 2)
    assert "use security scan-web" in await targets.refused(OLGA, "security scan", kind="web")
    plan = await targets.planned(OLGA, "security scan-web")
    assert plan.items == ("https://staging.example",)
    answer = await targets.done(OLGA, "security scan-web")
    assert answer.data["counts"] == {"medium": 1, "info": 1}
    arguments, _ = said(tools, "zap-baseline.py")
    assert arguments[:2] == ["-t", "https://staging.example"]


async def test_packages_with_holes_are_listed_and_nothing_is_upgraded(targets: Ops, tools: Path) -> None:
    install(tools, "pip-audit", DEPS, 1)
    answer = await targets.answer(OLGA, "security patch-status")
    assert answer.data == {"findings": 2, "mendable": 1}
    assert "deploy an image that holds the fixes" in answer.text
    arguments, _ = said(tools, "pip-audit")
    assert "--fix" not in arguments
    assert Path(arguments[arguments.index("--path") + 1]).name == "site-packages"


async def test_what_is_not_installed_or_has_no_target_says_so(targets: Ops, ops: Ops, tools: Path) -> None:
    assert await targets.refused(OLGA, "security scan", kind="deps") == "pip-audit is not installed on this machine."
    assert await ops.refused(OLGA, "security scan", kind="image") == "Not configured: set security.image in ops.yaml."
    assert await ops.refused(OLGA, "security scan-web") == "Not configured: set security.staging in ops.yaml."


async def test_a_scanner_that_fails_is_told(targets: Ops, tools: Path) -> None:
    install(tools, "trivy", "no JSON")
    assert "The report of trivy cannot be read" in await targets.refused(OLGA, "security scan", kind="image")
    install(tools, "trivy", "", 3)
    assert await targets.refused(OLGA, "security scan", kind="image") == "trivy failed: it said nothing."


def test_every_scanner_has_a_program() -> None:
    assert set(SCANNERS) == {"deps", "npm", "image", "web", "secrets"}
    assert installed("no-such-program-anywhere") is None
