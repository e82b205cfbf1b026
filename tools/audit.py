"""What the product is made of, and whether it may be: ``python -m tools.audit [--sbom FILE] [--advisories]``.

Licences of all locked packages of the installation against the list of those allowed, files of the repository against
shapes of secrets, known holes of packages where an advisory database can be reached, and a bill of materials.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "runtime.lock"

ALLOWED = (
    r"MIT(-0|-CMU)?|(The )?MIT License( \(MIT\))?|Apache[- ]2\.0|Apache Software License|0?BSD(-[23]-Clause)?"
    r"|BSD License|3-Clause BSD License|ISC( License( \(ISCL\))?)?|PSF(L|-2\.0)|Python Software Foundation License|Zlib"
    r"|CC0-1\.0|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-3\.0-only"
)
"""Permissive ones; MPL and LGPL bind only who changes those packages themselves."""
KNOWN = {"async-timeout": "Apache-2.0", "audioop-lts": "PSF-2.0", "colorama": "BSD-3-Clause"}
"""Licences of packages that are only installed with other versions of Python, or on other systems."""
SECRETS: Mapping[str, str] = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "Discord token": r"\b[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}",
    "Telegram token": r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b",
    "API key of this product": r"\bs2d_[A-Za-z0-9_-]{30,}",
    "key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b",
    "token of a forge": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{40,}|\bglpat-[\w-]{20}",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}",
    "password in an address": r"\b(?:postgres(?:ql)?|rediss?|amqp)://\w+:(?!password|pass|secret|hidden)[^\s:@/{}$<>*\"']{12,}@",
}
INVENTED = frozenset(
    {
        "tests/chatops/actions/test_health.py",
        "tests/chatops/test_redaction.py",
        "tests/chatops/test_secrets.py",
        "tests/chatops/things.py",
        "tests/config/test_log_files.py",
    }
)
"""Files with made-up secrets, which tests of redaction look for."""


class UnknownFilesError(Exception):
    """It is not known which files are the repository's; ``str(error)`` tells why."""


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licences: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether one of the licences that it is offered under is allowed, with all that it is joined with."""
        return any(
            all(re.fullmatch(ALLOWED, part.strip(" ()")) for part in re.split(r" AND ", choice))
            for licence in self.licences
            for choice in re.split(r" OR ", licence)
        )


def packages(lock: Path = LOCK) -> list[Package]:
    """All of a lock file, with licences as far as they are known here."""
    found = []
    for block in re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))[1:]:
        name, version = block.split()[0].split("==")
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
        found.append(Package(name, version, hashes, licences(name)))
    return found


def licences(name: str) -> tuple[str, ...]:
    """What an installed package says of its licence, best first; empty where nothing is known."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return (KNOWN[name],) if name in KNOWN else ()
    classified = [one.split("::")[-1].strip() for one in said.get_all("Classifier") or [] if one.startswith("License")]
    named = [said.get("License-Expression") or "", (said.get("License") or "").split("\n")[0].strip(), *classified]
    return tuple(one for one in named if one and one != "OSI Approved")


def unwanted(found: Sequence[Package]) -> list[str]:
    """A sentence for each package whose licence is not allowed."""
    return [
        f"{one.name} {one.version}: {' / '.join(one.licences) or 'its licence is not known'}"
        for one in found
        if not one.is_allowed
    ]


def bill(found: Sequence[Package], version: str) -> dict[str, Any]:
    """CycloneDX 1.6 of the product and what it is installed with; equal for equal locks."""
    product = f"pkg:pypi/screen2deck@{version}"
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{one.name}@{one.version}",
            "name": one.name,
            "version": one.version,
            "purl": f"pkg:pypi/{one.name}@{one.version}",
            "licenses": [{"license": {"name": one.licences[0]}}] if one.licences else [],
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.hashes],
        }
        for one in found
    ]
    identity = uuid5(NAMESPACE_URL, json.dumps([product, components]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": product, "name": "screen2deck", "version": version}
        },
        "components": components,
        "dependencies": [{"ref": product, "dependsOn": [one["bom-ref"] for one in components]}],
    }


def secrets_in(files: Sequence[Path]) -> list[str]:
    """File, line and kind of what looks like a secret; the secret itself is not shown."""
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for kind, shape in SECRETS.items():
            for match in re.finditer(shape, text):
                found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {kind}")
    return found


def tracked() -> list[Path]:
    """Files of the repository that may hold no secret, not even an invented one.

    Raises ``UnknownFilesError`` where git does not know them, or is missing.
    """
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT)  # noqa: S607  (found by PATH, as its user does)
    except FileNotFoundError:
        raise UnknownFilesError("git is not installed") from None
    if listed.returncode:
        raise UnknownFilesError(f"git says: {listed.stderr.strip()}")
    return [ROOT / name for name in listed.stdout.split("\0") if name and name not in INVENTED]


def advisories() -> tuple[list[str], int]:
    """Known holes of locked packages as pip-audit tells them, and how many packages its database knew."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = subprocess.run([*command, "--format", "json", "-r", str(LOCK)], capture_output=True, text=True)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], 0
    known = [one for one in told if "skip_reason" not in one]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no release'}"
        for one in known
        for hole in one["vulns"]
    ]
    return holes, len(known)


def main(words: Sequence[str] | None = None) -> int:
    """Check, and write what is asked for; 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sbom", type=Path, help="write the bill of materials here")
    parser.add_argument("--advisories", action="store_true", help="ask for known holes, too")
    options = parser.parse_args(words)
    found = packages()
    problems = unwanted(found)
    try:
        problems += secrets_in(tracked())
    except UnknownFilesError as error:
        problems.append(f"Secrets: not looked for, since {error}.")
    print(f"{len(found)} packages, {sum(one.is_allowed for one in found)} with an allowed licence.")
    if options.sbom:
        options.sbom.write_text(json.dumps(bill(found, metadata.version("screen2deck")), indent=1) + "\n", "utf-8")
        print(f"Bill of materials (CycloneDX): {options.sbom}")
    if options.advisories:
        holes, asked = advisories()
        print(
            f"Known holes: {len(holes)} in {asked} packages." if asked else "Known holes: no database can be reached."
        )
        problems += holes
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
