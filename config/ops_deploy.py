"""What is rolled out, and where traffic goes: section ``deploy`` of ``ops.yaml``."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from config.strict import Strict

Repository = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/:-]{0,200}$")]


class BlueGreenEntry(Strict):
    """Two services of which one has the traffic: ``label`` of the selector of the Kubernetes Service ``route``."""

    route: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    label: str = Field(default="version", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$")
    blue: str
    green: str

    def service(self, colour: str) -> str:
        """The declared service of a colour."""
        return self.blue if colour == "blue" else self.green


class DeployEntry(Strict):
    """``images`` are repositories by service; a version is a tag. ``registry`` is asked whether it has one."""

    images: Mapping[str, Repository] = {}
    registry: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    blue_green: BlueGreenEntry | None = None
