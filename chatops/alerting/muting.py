"""Maintenance mutes this product's alerts in Alertmanager."""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime

from chatops.alerting.alertmanager import Alertmanager, Matcher, NewSilence, NoSuchSilence
from config.clock import Clock
from config.ops_maintenance import MaintenanceEntry


@dataclass(frozen=True, slots=True)
class Muting:
    """As ``maintaining.Silencing``, by the labels of ``ops.yaml``."""

    alertmanager: Alertmanager
    entry: MaintenanceEntry
    clock: Clock

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """What an alert must match to be muted."""
        return tuple(Matcher(name, pattern, is_regex=True) for name, pattern in sorted(self.entry.mutes.items()))

    async def begin(self, until: datetime, comment: str, by: str) -> str:
        """Make a silence; raises AlertmanagerError."""
        new = NewSilence(self.matchers, self.clock(), until, f"{by} via screen2deck-bot", comment)
        return await self.alertmanager.make_silence(new)

    async def prolong(self, silence: str, until: datetime) -> str:
        """The same silence with a later end; another where it is over or gone. Raises AlertmanagerError."""
        found = None
        with contextlib.suppress(NoSuchSilence):
            found = await self.alertmanager.silence(silence)
        if found is None or found.state == "expired" or found.starts_at is None:
            comment = "Maintenance goes on" if found is None else found.comment
            by = "screen2deck-bot" if found is None else found.created_by
            return await self.alertmanager.make_silence(
                NewSilence(self.matchers, self.clock(), until, by, f"{comment} ({until:%H:%M} UTC)")
            )
        same = NewSilence(found.matchers, found.starts_at, until, found.created_by, found.comment)
        return await self.alertmanager.make_silence(replace(same, id=silence))

    async def end(self, silence: str) -> None:
        """Expire it; one that is gone is over too. Raises AlertmanagerError."""
        with contextlib.suppress(NoSuchSilence):
            await self.alertmanager.expire(silence)
