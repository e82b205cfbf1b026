"""The files of a deployment, read as the programs read them that they are for."""

import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from config.settings import Settings
from tests.shared import ROOT

DEPLOY = ROOT / "config" / "deploy"
NEW_SECRETS = DEPLOY / "new-secrets"
OWN = ("migrations", "bot", "ocr-worker")
"""Services of Compose that run this product's images."""
SETTINGS = {name.upper() for name in Settings.model_fields}
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::?-([^}]*))?\}")


@lru_cache
def composed() -> dict[str, Any]:
    """``docker-compose.yml`` with its defaults in place of variables."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(lambda variable: variable[2] or "", text))
    return found


def services() -> dict[str, dict[str, Any]]:
    """Services of Compose by name."""
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


def variables() -> dict[str, str]:
    """Variables that Compose takes from ``.env``, with their defaults."""
    return dict(_VARIABLE.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def make_secrets(folder: Path, *hosts: str, cwd: Path | None = None, **environment: str) -> dict[str, str]:
    """What ``new-secrets`` makes: values by name."""
    subprocess.run(
        [NEW_SECRETS, folder, *hosts],
        check=True,
        capture_output=True,
        cwd=cwd or folder.parent,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    return {path.name: path.read_text(encoding="utf-8").rstrip("\n") for path in folder.iterdir()}


def dockerfile() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with what follows them, continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if line.strip()]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions of each stage, those of the stages that it is made from before its own."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in dockerfile():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = list(found.get(base, ()))
        elif name:
            found[name].append((word, rest))
    return found


def image_environment(stage: str) -> dict[str, str]:
    """Environment of an image."""
    return dict(re.findall(r"([A-Z_]+)=(\S+)", " ".join(rest for word, rest in stages()[stage] if word == "ENV")))
