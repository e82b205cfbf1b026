"""Licences, secrets and the bill of materials: of this repository, and that each would be found."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shared import ROOT, git
from tools import audit
from tools.audit import Package, bill, main, packages, secrets_in, tracked, unwanted


def test_every_package_of_the_installation_has_an_allowed_licence() -> None:
    assert unwanted(packages()) == []


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_licences_are_judged_as_they_are_joined(licence: str, is_allowed: bool) -> None:
    assert Package("one", "1", (), (licence,)).is_allowed is is_allowed


def test_a_package_of_unknown_licence_is_told() -> None:
    assert unwanted([Package("strange", "1", (), ())]) == ["strange 1: its licence is not known"]


def test_no_secret_is_in_the_repository() -> None:
    git("ls-files")
    assert secrets_in(tracked()) == []


def test_without_git_it_is_said_that_secrets_were_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(["--sbom", str(tmp_path / "sbom.json")]) == 1
    assert "Secrets: not looked for, since git is not installed." in capsys.readouterr().out
    assert (tmp_path / "sbom.json").exists()


def test_files_that_may_hold_invented_ones_do() -> None:
    assert [name for name in sorted(audit.INVENTED) if not secrets_in([ROOT / name])] == []


#: Put together here, so that this file passes its own test.
SHAPED = {
    "private key": "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "A" * 64,
    "Discord token": "M" + "a" * 23 + "." + "b" * 6 + "." + "c" * 38,
    "Telegram token": "123456789:" + "AA" + "x" * 33,
    "API key of this product": "s2d" + "_" + "k" * 43,
    "key of a cloud": "AKIA" + "ABCDEFGHIJKLMNOP",
    "token of a forge": "ghp" + "_" + "a" * 36,
    "Slack token": "xoxb" + "-123456789012",
    "JSON web token": "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 43,
    "password in an address": "postgres" + "://deck:correct-horse-battery@db/decks",
}


def test_every_shape_of_secret_is_found_and_not_shown(tmp_path: Path) -> None:
    assert SHAPED.keys() == audit.SECRETS.keys()
    for kind, text in SHAPED.items():
        path = tmp_path / "file.txt"
        path.write_text(f"first line\nvalue = {text}\n", encoding="utf-8")
        assert secrets_in([path]) == [f"{path}:2: {kind}"]


def test_the_bill_names_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    git("ls-files")
    assert main(["--sbom", str(tmp_path / "sbom.json")]) == 0
    written = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    lock = audit.LOCK.read_text(encoding="utf-8")
    assert {one["purl"] for one in written["components"]} == {
        f"pkg:pypi/{name}@{version}" for name, version in re.findall(r"^([a-z0-9.-]+)==([^ ]+)", lock, re.MULTILINE)
    }
    digests = {one["content"] for component in written["components"] for one in component["hashes"]}
    assert digests == set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")


def test_the_bill_is_the_same_for_the_same_lock() -> None:
    found = packages()
    assert bill(found, "1") == bill(found, "1")
    changed = [replace(found[0], version="0"), *found[1:]]
    assert bill(changed, "1")["serialNumber"] != bill(found, "1")["serialNumber"]
