"""The objects of ``config/deploy/kubernetes``: as they stand in the files, or as kustomize puts them together."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.files import DEPLOY, make_secrets
from tests.shared import ROOT

KUBERNETES = DEPLOY / "kubernetes"
EXAMPLE = KUBERNETES / "overlays" / "example"
Object = dict[str, Any]


@lru_cache
def objects() -> tuple[Object, ...]:
    """All of all files, but kustomize's own."""
    files = [path for path in sorted(KUBERNETES.rglob("*.yaml")) if path.name not in ("kustomization.yaml", "ops.yaml")]
    return tuple(one for path in files for one in yaml.safe_load_all(path.read_text(encoding="utf-8")))


def one(kind: str, name: str) -> Object:
    """The object of a kind and name."""
    [found] = [each for each in objects() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def kustomization(folder: Path) -> Object:
    """A folder's kustomization."""
    found: Object = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return found


def settings_of(folder: Path) -> dict[str, str]:
    """Settings that a kustomization gives to all pods of the product."""
    maps = kustomization(folder)["configMapGenerator"]
    [literals] = [each["literals"] for each in maps if each["name"] == "screen2deck-settings"]
    return dict(literal.split("=", 1) for literal in literals)


def pods() -> Iterator[tuple[str, Object]]:
    """Names of workloads with the specification of their pods."""
    for each in objects():
        name, spec = each["metadata"]["name"], each.get("spec", {})
        if each["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield name, spec["template"]["spec"]
        elif each["kind"] == "CronJob":
            yield name, spec["jobTemplate"]["spec"]["template"]["spec"]


def pod(name: str) -> Object:
    """Of one workload."""
    return dict(pods())[name]


def container(name: str) -> Object:
    """The container of a workload's pods that stays."""
    [found] = pod(name)["containers"]
    return dict(found)


def kustomized(folder: Path) -> list[Object]:
    """What the example becomes, with secrets and ops.yaml made in a copy as docs/deploy.md says; skips."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl, which holds kustomize, is not installed")
    shutil.copytree(KUBERNETES, folder, ignore=shutil.ignore_patterns("secrets", "ops.yaml"))
    example = folder / EXAMPLE.relative_to(KUBERNETES)
    make_secrets(example / "secrets")
    shutil.copy(ROOT / "config" / "ops.yaml", example)
    done = subprocess.run(["kubectl", "kustomize", str(example)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))
