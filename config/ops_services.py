"""The services of a deployment and what runs them: sections ``services`` and ``orchestrators`` of ``ops.yaml``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from config.strict import Strict


class BackEnd(StrEnum):
    """What starts and stops a service: ``local`` is the supervisor of ``screen2deck up``."""

    LOCAL = "local"
    DOCKER = "docker"
    KUBERNETES = "kubernetes"
    SYSTEMD = "systemd"


class Kind(StrEnum):
    """What a service is to the product: actions such as ``restart worker`` find it by this."""

    BOT = "bot"
    WORKER = "worker"
    BACKEND = "backend"
    WEB = "web"
    NGINX = "nginx"
    REDIS = "redis"
    POSTGRES = "postgres"
    OTHER = "other"

    @property
    def is_store(self) -> bool:
        """Whether workers lose what they do without it."""
        return self in (Kind.REDIS, Kind.POSTGRES)


class ServiceEntry(Strict):
    """One service.

    ``unit`` is what its back end knows it by: a part, a Compose service, ``deployment/NAME`` or a systemd unit, of
    which one that ends in ``@.service`` has ``count`` instances. ``also`` are what else the same process is, such as
    ``backend`` and ``web`` of a bot that answers HTTP itself. ``stop_seconds`` is the time between SIGTERM and SIGKILL.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    back_end: BackEnd
    kind: Kind = Kind.OTHER
    unit: str = Field(default="", max_length=200, pattern=r"^([A-Za-z0-9][A-Za-z0-9@:._/\\-]*)?$")
    also: tuple[Kind, ...] = ()
    count: int = Field(default=1, ge=1, le=64)
    depends_on: tuple[str, ...] = ()
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    health: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    stop_seconds: int = Field(default=30, ge=1, le=900)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, values: object) -> object:
        if isinstance(values, dict) and "name" in values:
            name = str(values["name"])
            kind = {"kind": name} if name in set(Kind) else {}
            return {"unit": name, **kind, **values}
        return values

    def is_a(self, kind: Kind) -> bool:
        """Whether it is that, be it beside something else."""
        return self.kind is kind or kind in self.also


def _ordered(services: tuple[ServiceEntry, ...]) -> tuple[ServiceEntry, ...]:
    """Those that others need come first; raises ValueError for what does not exist or needs itself."""
    names = [one.name for one in services]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two services are called {min(twice)}")
    if unknown := {need for one in services for need in one.depends_on} - set(names):
        raise ValueError(f"no service is called {min(unknown)}, which another depends on")
    done: dict[str, ServiceEntry] = {}
    while len(done) < len(services):
        free = [one for one in services if one.name not in done and set(one.depends_on) <= set(done)]
        if not free:
            raise ValueError(f"{min(set(names) - set(done))} depends on itself")
        done |= {one.name: one for one in free}
    return tuple(done.values())


ServiceEntries = Annotated[tuple[ServiceEntry, ...], AfterValidator(_ordered)]
"""In the order in which they are started."""


class DockerEntry(Strict):
    """Where the Docker daemon is, and the Compose project whose containers may be touched."""

    url: str = Field(default="unix:///var/run/docker.sock", pattern=r"^(unix|http|https|tcp)://")
    project: str = Field(default="screen2deck", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")


class KubernetesEntry(Strict):
    """The namespace, and how the cluster is found: from inside of it, or by a kubeconfig."""

    namespace: str = Field(default="screen2deck", pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    kubeconfig: Path | None = None
    context: str | None = None

    @field_validator("kubeconfig")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser()


class SystemdEntry(Strict):
    """Whose units they are: the system's, or those of the user that runs this process."""

    user: bool = False


class OrchestratorsEntry(Strict):
    """How each back end is reached."""

    docker: DockerEntry = DockerEntry()
    kubernetes: KubernetesEntry = KubernetesEntry()
    systemd: SystemdEntry = SystemdEntry()
