"""What may be scanned, loaded and captured, and what is never kept out; part of ``ops.yaml``."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from config.strict import Strict


class CaptureEntry(Strict):
    """Packets of the host, for evidence: headers only."""

    interface: str = Field(default="any", pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$")
    ports: tuple[int, ...] = Field(min_length=1, max_length=20)
    command: str = Field(default="tcpdump", pattern=r"^[a-zA-Z0-9_./-]{1,200}$")


class SecurityEntry(Strict):
    """Targets of scans: ``staging`` is a copy of this product that may be attacked and loaded."""

    staging: str | None = None
    image: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9._/:@-]{0,200}$")
    source: Path | None = None
    packages: Path | None = None
    networks: tuple[str, ...] = ()
    capture: CaptureEntry | None = None

    @field_validator("staging")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = urlsplit(value)
        if found.scheme not in ("http", "https") or not found.hostname or found.username or found.query:
            raise ValueError("an address such as https://staging.example is expected")
        return value.rstrip("/")

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            ipaddress.ip_network(one, strict=False)
        return value
