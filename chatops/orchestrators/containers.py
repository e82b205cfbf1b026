"""Containers as the Docker daemon describes them: their state, and what a successor is made from."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from chatops.orchestrators.port import State

_MOUNTS = Path("/proc/self/mountinfo")
_CONTAINER = re.compile(r"/containers/([0-9a-f]{64})/")
_OWN_TO_ONE_LIFE = ("Hostname", "Domainname", "MacAddress")


class Labels(StrEnum):
    """Names of labels: Compose's own, and those that tell what was rolled out."""

    PROJECT = "com.docker.compose.project"
    SERVICE = "com.docker.compose.service"
    NUMBER = "com.docker.compose.container-number"
    REVISION = "screen2deck.revision"
    BEFORE = "screen2deck.image-before"
    BY = "screen2deck.rolled-out-by"
    AT = "screen2deck.rolled-out-at"


_STATES = {
    "created": State.STOPPED,
    "running": State.RUNNING,
    "paused": State.UNHEALTHY,
    "restarting": State.RESTARTING,
    "removing": State.STOPPING,
    "exited": State.STOPPED,
    "dead": State.STOPPED,
}


def state_of(state: Mapping[str, Any]) -> State:
    """How a container is; one with a health check is running when that says so."""
    found = _STATES.get(state["Status"], State.UNKNOWN)
    if found is not State.RUNNING:
        return found
    health = (state.get("Health") or {}).get("Status", "none")
    return {"starting": State.STARTING, "unhealthy": State.UNHEALTHY}.get(health, State.RUNNING)


def successor(shown: Mapping[str, Any], labels: Mapping[str, str], image: str | None = None) -> dict[str, Any]:
    """What makes a container like another, with other labels or another image; it takes over all volumes."""
    config = {name: value for name, value in shown["Config"].items() if name not in _OWN_TO_ONE_LIFE}
    config["Labels"] = {**(config.get("Labels") or {}), **labels}
    config["Image"] = image or config["Image"]
    host = dict(shown["HostConfig"])
    host["Binds"] = [*(host.get("Binds") or []), *_unnamed_volumes(shown, host)] or None
    networks = (shown.get("NetworkSettings") or {}).get("Networks") or {}
    endpoints = {name: _endpoint(one, shown["Id"]) for name, one in networks.items()}
    return {**config, "HostConfig": host, "NetworkingConfig": {"EndpointsConfig": endpoints}}


def _unnamed_volumes(shown: Mapping[str, Any], host: Mapping[str, Any]) -> list[str]:
    """Volumes that only this container's mounts name."""
    named = {bind.split(":")[1] for bind in host.get("Binds") or [] if ":" in bind}
    named |= {mount["Target"] for mount in host.get("Mounts") or []}
    volumes = [one for one in shown.get("Mounts") or [] if one.get("Type") == "volume"]
    return [f"{one['Name']}:{one['Destination']}" for one in volumes if one["Destination"] not in named]


def _endpoint(one: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """Names on a network, but for the one that Docker gives by the container's id."""
    aliases = [alias for alias in one.get("Aliases") or [] if alias != identity[:12]]
    return {"Aliases": aliases, "IPAMConfig": one.get("IPAMConfig")}


@lru_cache(maxsize=1)
def own_container() -> str:
    """The short id of the container that this process runs in, as its mounts tell; empty outside of one."""
    try:
        found = _CONTAINER.search(_MOUNTS.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return found[1][:12] if found else ""


def number_of(container: Any) -> int:
    """Compose's number of a container of a list."""
    return int((container["Labels"] or {}).get(Labels.NUMBER, "0"))


def moment(text: str) -> datetime | None:
    """A time of the daemon, in nanoseconds; None for its year 1."""
    if not text or text.startswith("0001"):
        return None
    return datetime.fromisoformat(text).astimezone(UTC)
