"""Certificates that are looked at and renewed: section ``certificates`` of ``ops.yaml``."""

from pathlib import Path

from pydantic import Field, model_validator

from config.strict import Strict


class HostEntry(Strict):
    """A name that players' browsers or programs ask for; ``connect`` is where that is looked at, if not there.

    ``ca`` is the authority to be trusted, where it is one of your own.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")
    port: int = Field(default=443, ge=1, le=65535)
    connect: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:-]{1,253}$")
    ca: Path | None = None


class CertificatesEntry(Strict):
    """Days that are left when it is elevated, and an alert; from how many on nothing is renewed."""

    hosts: tuple[HostEntry, ...] = ()
    warn_days: int = Field(default=21, ge=1, le=365)
    alert_days: int = Field(default=7, ge=0, le=365)
    renew_days: int = Field(default=30, ge=1, le=365)

    @model_validator(mode="after")
    def _once(self) -> "CertificatesEntry":
        names = [one.name for one in self.hosts]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{min(twice)} stands there twice")
        return self
