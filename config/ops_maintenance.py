"""Which alerts maintenance mutes; part of ``ops.yaml``."""

import re
from collections.abc import Mapping

from pydantic import field_validator

from config.strict import Strict

_MUTED = {"service": "backend|bot|worker|postgres|redis"}


class MaintenanceEntry(Strict):
    """``mutes`` are labels with regular expressions, all of which an alert must match; the watchdog's must not."""

    mutes: Mapping[str, str] = _MUTED

    @field_validator("mutes")
    @classmethod
    def _not_everything(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if not value:
            raise ValueError("at least one label must say which alerts are this product's")
        for name, pattern in value.items():
            try:
                matches_all = re.fullmatch(pattern, "no such thing") is not None
            except re.error as error:
                raise ValueError(f"{name} is no regular expression ({error})") from None
            if matches_all:
                raise ValueError(f"{name}: {pattern} would mute everything")
        return value
