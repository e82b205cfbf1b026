"""Watches the database by a connection of its own, and has people called directly while it is away."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.addresses import database_url, redis_url
from bot.skins import skin_kinds
from chatops.alerting.alert_reading import NotADelivery, read
from chatops.alerting.alerts import severity_of
from chatops.on_call.emergency import Claim, Emergency
from chatops.redaction import Redactor
from chatops.times import moment
from config.clock import Clock
from config.ops import load_policy
from config.redacting import secrets_of
from config.settings import Settings
from config.tasks import beside
from storage import audit
from storage.audit import AuditLine
from storage.database import open_database
from storage.errors import DatabaseUnreachable, QueueUnreachable
from storage.queue import Queue, open_queue

log = logging.getLogger(__name__)

LOOK_S = 5.0
AWAY = timedelta(seconds=60)
"""A database that is away for so long is itself what people are called for."""
_ROUND_S = 1.0
_CLAIM = "s2d:control:emergency:"
_CLAIMED_S = 600


@dataclass(slots=True)
class Watch:
    """Whether the database answers, and since when it does not."""

    emergency: Emergency
    settings: Settings
    clock: Clock
    away_since: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._say())

    async def look(self) -> None:
        """Once."""
        try:
            async with asyncio.timeout(LOOK_S), open_database(database_url(self.settings), connections=1):
                self.away_since = None
                if self.emergency.is_running:
                    await self._over()
        except (DatabaseUnreachable, TimeoutError) as error:
            now = self.clock()
            self.away_since = self.away_since or now
            if now - self.away_since >= AWAY:
                since = f"since {moment(self.away_since)}"
                self.emergency.cry("database", f"The database does not answer {since}: {error}".rstrip(": "))

    async def alert(self, body: Any) -> None:
        """A delivery of Alertmanager that cannot be stored: what pages is said directly, the rest comes again."""
        try:
            delivery = read(body)
        except NotADelivery:
            return
        policy = self.emergency.policy
        for told in delivery.alerts.values():
            severity = severity_of(told.labels, told.annotations, policy.alerts)
            if told.is_firing and policy.on_call.severities[severity].pages:
                summary = told.annotations.get("summary", "")
                title = f"{severity.value} {told.name}" + (f": {summary}" if summary else "")
                self.emergency.cry(f"alert:{told.fingerprint}", title)

    async def _over(self) -> None:
        """What was said goes to the audit trail; where that fails now, the next look tries again."""
        lines = list(self.emergency.said)
        for line in lines:
            await audit.add(AuditLine("emergency", "oncall page", "emergency", self.clock(), "", {"said": line}))
        await self.emergency.over()

    async def _look(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("fault in the watch of the database")
            await asyncio.sleep(LOOK_S)

    async def _say(self) -> None:
        while True:
            try:
                await self.emergency.say_due()
            except Exception:
                log.exception("fault in an emergency")
            await asyncio.sleep(_ROUND_S)


@asynccontextmanager
async def emergencies(settings: Settings, clock: Clock) -> AsyncIterator[Watch]:
    """Watch while the context lasts; raises SettingsError for a wrong ``ops.yaml``."""
    policy = load_policy(settings.ops_file)
    kinds = {name: kind for name, kind in skin_kinds().items() if kind.is_configured(settings)}
    speakers = {name: kind.speaker(settings) for name, kind in kinds.items() if kind.speaker is not None}
    redactor = Redactor.of(secrets_of(settings), shown=[one.address for one in policy.on_call.contacts.values()])
    watch = Watch(Emergency(policy, settings, clock, speakers, redactor, _claiming(settings)), settings, clock)
    try:
        async with beside(watch.run()):
            yield watch
    finally:
        for speaker in speakers.values():
            await speaker.close()


def _claiming(settings: Settings) -> Claim:
    """Of several bot processes the first says a round; without Redis each does, which is better than none."""

    async def claim(name: str) -> bool:
        with contextlib.suppress(QueueUnreachable):
            async with open_queue(redis_url(settings)) as queue:
                return await _first(queue, name)
        return True

    return claim


async def _first(queue: Queue, name: str) -> bool:
    return bool(await queue.redis.set(f"{_CLAIM}{name}", "1", nx=True, ex=_CLAIMED_S))
