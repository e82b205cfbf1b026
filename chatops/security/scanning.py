"""Scanners of other projects, run where they are installed; their reports become counts by severity."""

import json
import os
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatops.model import NotConfigured, NotPossible
from config.ops_security import SecurityEntry
from config.programs import Ended, installed, run_program

LIMIT_S = 300.0
_SEVERITIES = ("critical", "high", "medium", "moderate", "low", "info", "unknown")
_ENVIRONMENT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
"""All that a scanner gets of this process' environment: its secrets are none of theirs."""

Finding = tuple[str, str, str, str]
"""Severity; what; its name or version; where it is mended."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a scanner found."""

    tool: str
    findings: tuple[Finding, ...]
    raw: bytes

    @property
    def counts(self) -> dict[str, int]:
        """By severity, worst first."""
        found = Counter(one[0] for one in self.findings)
        return {name: found[name] for name in _SEVERITIES if found[name]}


@dataclass(frozen=True, slots=True)
class Scanner:
    """A program, its arguments (``{report}`` is a file to write to), and how its report reads.

    ``finds`` are the exit codes that it ends with when it works, with or without findings.
    """

    program: str
    arguments: Callable[[SecurityEntry], Sequence[str]]
    read: Callable[[Any], list[Finding]]
    finds: frozenset[int] = frozenset({0, 1})
    folder: Callable[[SecurityEntry], Path | None] = lambda _: None


def _deps(_: SecurityEntry) -> list[str]:
    """The packages that this very program runs with, not a file that might name others."""
    return ["--format", "json", "--progress-spinner", "off", "--path", str(_packages())]


def _packages() -> Path:
    return Path(sysconfig.get_paths()["purelib"])


def _npm(entry: SecurityEntry) -> list[str]:
    _wanted(entry.packages, "packages")
    return ["audit", "--json"]


def _image(entry: SecurityEntry) -> list[str]:
    return ["image", "--format", "json", "--quiet", "--scanners", "vuln", str(_wanted(entry.image, "image"))]


def _web(entry: SecurityEntry) -> list[str]:
    return ["-t", str(_wanted(entry.staging, "staging")), "-J", "{report}"]


def _secrets(entry: SecurityEntry) -> list[str]:
    source = str(_wanted(entry.source, "source"))
    return ["detect", "--source", source, "--redact", "--report-format", "json", "--report-path", "{report}"]


def _wanted(value: object, name: str) -> object:
    if value is None:
        raise NotConfigured(f"Not configured: set security.{name} in ops.yaml.")
    return value


def _read_deps(report: Any) -> list[Finding]:
    return [
        ("unknown", one["id"], f"{each['name']} {each['version']}", ", ".join(one.get("fix_versions", [])) or "no fix")
        for each in report["dependencies"]
        for one in each.get("vulns", [])
    ]


def _read_npm(report: Any) -> list[Finding]:
    return [
        (str(one["severity"]), "advisory", name, "a fix is to be had" if one.get("fixAvailable") else "no fix")
        for name, one in report.get("vulnerabilities", {}).items()
    ]


def _read_image(report: Any) -> list[Finding]:
    return [
        (
            str(one.get("Severity", "unknown")).lower(),
            one["VulnerabilityID"],
            f"{one['PkgName']} {one.get('InstalledVersion', '')}",
            one.get("FixedVersion") or "no fix",
        )
        for result in report.get("Results") or []
        for one in result.get("Vulnerabilities") or []
    ]


def _read_web(report: Any) -> list[Finding]:
    levels = {"3": "high", "2": "medium", "1": "low", "0": "info"}
    return [
        (levels.get(str(one.get("riskcode")), "unknown"), one["alert"], f"{one.get('count', '?')} places", "see report")
        for site in report.get("site", [])
        for one in site.get("alerts", [])
    ]


def _read_secrets(report: Any) -> list[Finding]:
    return [
        ("high", str(one.get("RuleID")), f"{one.get('File')}:{one.get('StartLine')}", "revoke it, then remove it")
        for one in report or []
    ]


SCANNERS: Mapping[str, Scanner] = {
    "deps": Scanner("pip-audit", _deps, _read_deps),
    "npm": Scanner("npm", _npm, _read_npm, folder=lambda entry: entry.packages),
    "image": Scanner("trivy", _image, _read_image, frozenset({0})),
    "web": Scanner("zap-baseline.py", _web, _read_web, frozenset({0, 1, 2})),
    "secrets": Scanner("gitleaks", _secrets, _read_secrets),
}


async def scan(kind: str, entry: SecurityEntry) -> Report:
    """Run a scanner; raises NotConfigured where it is not installed or has no target, NotPossible where it fails."""
    scanner = SCANNERS[kind]
    arguments = scanner.arguments(entry)
    program = installed(scanner.program)
    if program is None:
        raise NotConfigured(f"{scanner.program} is not installed on this machine.")
    with tempfile.TemporaryDirectory(prefix="s2d-scan-") as folder:
        file = Path(folder) / "report.json"
        words = [str(file) if one == "{report}" else one for one in arguments]
        ended = await _run([program, *words], scanner.folder(entry) or Path(folder))
        raw = file.read_bytes() if file.exists() else ended.out
    if ended.code not in scanner.finds:
        raise NotPossible(f"{scanner.program} failed: {_last_line(ended.said)}.")
    try:
        findings = scanner.read(json.loads(raw or b"null"))
    except (ValueError, KeyError, TypeError) as error:
        raise NotPossible(f"The report of {scanner.program} cannot be read: {_last_line(ended.said)}.") from error
    order = {name: place for place, name in enumerate(_SEVERITIES)}
    ordered = sorted(findings, key=lambda one: (order.get(one[0], len(order)), one[1:]))
    return Report(scanner.program, tuple(ordered), raw)


async def _run(command: Sequence[str], folder: Path) -> Ended:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        return await run_program(command, LIMIT_S, environment=environment, folder=folder)
    except TimeoutError:
        raise NotPossible(f"{Path(command[0]).name} did not end within {LIMIT_S / 60:.0f} minutes.") from None


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200].rstrip(".") if lines else "it said nothing"
