"""Incidents as people name them: ``INC-12``, or ``12``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatops.model import BadArgument
from chatops.parts import Parts
from storage import incidents
from storage.incidents import IncidentRecord

_NAME = re.compile(r"(?:inc-?)?#?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Incident:
    """The kind of a parameter that names one."""

    @property
    def hint(self) -> str:
        """As of ``Kind``."""
        return "an incident such as INC-12"

    def read(self, text: str) -> str:
        """Its full name."""
        found = _NAME.fullmatch(text.strip())
        if found is None:
            raise BadArgument(f"must be {self.hint}")
        return f"INC-{int(found[1])}"

    async def complete(self, parts: Parts, typed: str) -> Sequence[str]:
        """Those that are not resolved."""
        names = [one.name for one in await incidents.unresolved(100)]
        return [one for one in names if typed.casefold() in one.casefold()]


async def incident_named(name: str) -> IncidentRecord:
    """By a name that was read; raises NotStored."""
    return await incidents.incident_numbered(int(name.removeprefix("INC-")))
