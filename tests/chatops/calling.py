"""Somebody is on call, and called: what tests of paging share."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from chatops.jobs.oncall import keep
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import incidents, outbox, pages
from storage.database import Database
from storage.incidents import IncidentRecord, NewIncident
from storage.queue import Queue
from storage.records import MessageRecord
from tests.chatops.acting import PEOPLE, Ops, parts_of

ROTA = """
on_call:
  rotations:
    primary:
      members: [Rita, Olga]
      every: week
      since: 2026-10-05
      handover: {day: mon, at: "09:00", zone: Europe/Paris}
"""
"""At ``NOW``, a Sunday, Olga is primary and Rita secondary; tomorrow at 8 it is the other way round."""
TOKEN = "a-token-of-a-test"  # noqa: S105


def calling_parts(settings: Settings, database: Database, queue: Queue, policy: str = PEOPLE + ROTA) -> Parts:
    """Parts that are connected to both platforms."""
    return connected(
        parts_of(settings, database, queue, policy=policy),
        discord_token=TOKEN,
        telegram_token=TOKEN,
        ops_discord_channel=7,
        ops_telegram_chat=-70,
    )


def connected(parts: Parts, **changes: object) -> Parts:
    """The same parts with other settings."""
    return replace(parts, settings=Settings.model_validate({**parts.settings.model_dump(), **changes}))


@dataclass
class Calling:
    """A process that calls people, and its clock. Platforms take everything at once, but what they refuse.

    ``refusing`` are chats such as ``discord:3`` with what is said of them, ``away`` platforms that take nothing.
    """

    ops: Ops
    refusing: dict[str, str] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    new: list[MessageRecord] = field(default_factory=list)
    _known: set[UUID] = field(default_factory=set)

    async def incident(self, severity: Severity = Severity.P1, title: str = "OCR is down") -> IncidentRecord:
        """Somebody opens one."""
        return await incidents.open_incident(NewIncident(title, severity), by="Vera", now=self.ops.now)

    async def after(self, *, seconds: float = 0, minutes: float = 0) -> list[str]:
        """Who is called when time has passed, such as ``discord:1`` or ``telegram:-70``."""
        self.ops.now += timedelta(seconds=seconds, minutes=minutes)
        await keep(self.ops.parts)
        return await self.called()

    async def called(self) -> list[str]:
        """Whom pages were sent to since this was asked last; ``new`` are all messages since then."""
        due = await outbox.due_messages(["discord", "telegram"], now=self.ops.now + timedelta(days=1), limit=1000)
        self.new = [one for one in due if one.id not in self._known]
        self._known |= {one.id for one in due}
        for one in due:
            await self._deliver(one)
        return sorted(_chat(one) for one in self.new if one.subject == pages.SUBJECT)

    def said(self, chat: str, beginning: str = "") -> list[str]:
        """What the new notices in a chat say."""
        texts = [(one.payload or {})["text"] for one in self.new if one.subject == "notice" and _chat(one) == chat]
        return sorted(text for text in texts if text.startswith(beginning))

    async def _deliver(self, one: MessageRecord) -> None:
        if one.platform in self.away:
            return
        if _chat(one) in self.refusing:
            await outbox.give_up(one.id, self.refusing[_chat(one)], now=self.ops.now)
        else:
            await outbox.mark_delivered(one.id, one.wanted, {"id": 1}, now=self.ops.now)


def _chat(one: MessageRecord) -> str:
    return f"{one.platform}:{one.chat}"
