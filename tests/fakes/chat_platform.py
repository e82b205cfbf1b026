"""A chat platform that remembers what it shows, and fails as it is told."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count

from storage.records import Json, MessageRecord


@dataclass
class FakePlatform:
    """Each chat is a list of messages; ``log`` holds what was done, in order, as ``send 1`` or ``edit 1``."""

    name: str = "fake"
    log: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    failures: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    blocked: dict[str, asyncio.Event] = field(default_factory=dict)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def deliver(self, message: MessageRecord) -> Json:
        """As the port says; ``failures`` of a subject come first, a ``blocked`` chat waits."""
        subject = message.subject_id
        self.has_begun.set()
        if message.chat in self.blocked:
            await self.blocked[message.chat].wait()
        if self.failures[subject]:
            self.log.append(f"fail {subject}")
            raise self.failures[subject].pop(0)
        self.log.append(f"{'send' if message.place is None else 'edit'} {subject}")
        self.shown[subject] = "final" if message.is_final else f"state {message.wanted}"
        return message.place or {"id": next(self._ids)}
