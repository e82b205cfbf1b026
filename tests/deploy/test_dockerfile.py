"""The Dockerfile: pinned, locked, without rights and secrets, and the same programs that Compose runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import SETTINGS, dockerfile, image_environment, services, stages
from tests.shared import ROOT

FINAL = ("light", "full", "kubernetes")


def last(stage: str, word: str) -> str:
    """What the last instruction of a kind says in a stage."""
    return [rest for found, rest in stages()[stage] if found == word][-1]


@pytest.mark.slow
def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("make setup-slow installs hadolint")
    done = subprocess.run([hadolint, "Dockerfile"], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_it_begins_with_is_pinned() -> None:
    [base] = [rest for word, rest in dockerfile() if word == "ARG" and rest.startswith("PYTHON=")]
    assert re.fullmatch(r"PYTHON=python:3\.11-slim-\w+@sha256:[0-9a-f]{64}", base)
    begins = {rest.partition(" AS ")[0] for word, rest in dockerfile() if word == "FROM"}
    assert begins <= {"${PYTHON}", *stages()}


def test_packages_are_locked_with_their_hashes() -> None:
    for word, rest in dockerfile():
        for command in rest.split("&&") if word == "RUN" else ():
            if re.search(r"\bpip\b.* install\b", command):
                locked = "--require-hashes" in command and "-r requirements/" in command
                # The product itself, and PyTorch, whose builds for the processor are not on every index.
                assert locked or "/wheels/" in command or "${TORCH}" in command, command
    torch = [rest for word, rest in dockerfile() if word == "ARG" and rest.startswith("TORCH=")]
    assert torch == ["TORCH=torch==2.13.0"]
    assert "torch==2.13.0" in (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", FINAL)
def test_an_image_runs_without_rights_and_knows_whether_it_works(stage: str) -> None:
    assert last(stage, "USER") == "10001:10001"
    assert json.loads(last(stage, "ENTRYPOINT")) == ["screen2deck"]
    assert last(stage, "HEALTHCHECK").partition(" CMD ")[2].startswith('["screen2deck", "health", ')


@pytest.mark.parametrize(("service", "stage"), [("bot", "light"), ("ocr-worker", "full"), ("migrations", "light")])
def test_compose_runs_what_the_image_is_made_for(service: str, stage: str) -> None:
    declared = services()[service]
    assert (declared["build"]["context"], declared["build"]["target"]) == (".", stage)
    assert declared["user"] == last(stage, "USER")
    if service != "migrations":
        assert declared["command"] == json.loads(last(stage, "CMD"))
        check = json.loads(last(stage, "HEALTHCHECK").partition(" CMD ")[2])
        assert declared["healthcheck"]["test"] == ["CMD", *check]
    kept = set(json.loads(last(stage, "VOLUME")))
    assert {image_environment(stage)["DATA_DIR"], image_environment(stage)["BACKUP_DIR"]} == kept


@pytest.mark.parametrize("stage", FINAL)
def test_its_environment_holds_settings_and_no_secrets(stage: str) -> None:
    others = {"PATH", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert set(image_environment(stage)) - others <= SETTINGS
    assert not [name for name in image_environment(stage) if re.search("TOKEN|PASSWORD|SECRET|KEY|_URL", name)]
    names = {rest.partition("=")[0] for word, rest in dockerfile() if word == "ARG"}
    assert names == {"PYTHON", "TORCH", "TORCH_OPTIONS"}
    assert not [rest for word, rest in dockerfile() if word == "ADD"]


def test_models_are_inside_since_each_image_reads_while_it_is_made() -> None:
    reads = {
        stage: [rest for word, rest in stages()[stage] if word == "RUN" and "--network=none" in rest]
        for stage in ("packages", "packages-full")
    }
    assert "--engine rapidocr" in reads["packages"][0]
    assert "--engine easyocr" in reads["packages-full"][-1]


def test_what_is_copied_is_let_in_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = [line[1:] for line in rules if line.startswith("!")]
    for word, rest in dockerfile():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert any(Path(source).match(one) or source.startswith(f"{one}/") for one in allowed), source
    assert {"**/.env", "config/deploy/**/secrets"} <= set(rules)
