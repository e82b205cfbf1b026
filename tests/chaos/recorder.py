"""A chat platform that remembers: each message that was sent, and each edit of it, is a line of a file.

The file is the platform's own memory, as a server's: what is written has been seen by the player, whatever becomes
of the process that sent it. A nonce that is known sends nothing anew and changes nothing, as on Discord.
"""

import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.conversation.status import status_sentence
from storage import conversions, decks
from storage.queue import Queue
from storage.records import Json, MessageRecord, NewMessage, State

NAME = "recorder"
_WAY_S = 0.005
"""How long the platform takes to hear, and to answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a player saw at a time."""

    message: str
    conversion: str
    deed: str
    state: State
    text: str
    number: int | None
    at: float

    @property
    def is_final(self) -> bool:
        return self.state.is_end


def message_for(conversion: UUID, chat: str) -> NewMessage:
    """The message that shows a conversion in a chat."""
    return NewMessage(NAME, chat, conversions.SUBJECT, str(conversion))


@dataclass(slots=True)
class Recorder:
    """The skin of that platform, with the platform's memory behind it."""

    queue: Queue
    file: Path
    name: str = NAME
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._known = {one.message for one in shown(self.file)}

    async def deliver(self, message: MessageRecord) -> Json:
        """Send or edit; what the nonce found may be older than what is to be shown."""
        content = await self._content(message)
        identity = str(message.place["message"]) if message.place else None
        if identity is None:
            identity = str(message.id)
            known = identity in self._known
            await self._write(identity, "nothing" if known else "send", content)
            if not known:
                return {"message": identity}
        await self._write(identity, "edit", content)
        return {"message": identity}

    async def _content(self, message: MessageRecord) -> dict[str, Any]:
        row = await conversions.conversion(UUID(message.subject_id))
        place = None if row.state.is_end else await self.queue.place(row.id)
        stage = None if row.state.is_end else await self.queue.progress(row.id)
        deck = (await decks.deck_of(row.id)).deck if row.state is State.DONE else None
        return {
            "conversion": message.subject_id,
            "state": row.state,
            "text": status_sentence(row, place=place, stage=stage),
            "number": deck["main"][0]["count"] if deck else None,
        }

    async def _write(self, identity: str, deed: str, content: Mapping[str, Any]) -> None:
        await asyncio.sleep(_WAY_S)
        self._known.add(identity)
        if deed != "nothing":
            line = (
                json.dumps(
                    {"message": identity, "deed": deed, **content, "at": time.clock_gettime(time.CLOCK_REALTIME)}
                )
                + "\n"
            )
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(descriptor, line.encode())
            os.close(descriptor)
        await asyncio.sleep(_WAY_S)


#: What was read of each file, and up to where.
_read: dict[Path, tuple[int, list[Shown]]] = {}


def shown(file: Path) -> list[Shown]:
    """All that players have seen, in order; a line that is being written comes next time."""
    if not file.exists():
        return []
    offset, found = _read.get(file, (0, []))
    with file.open("rb") as lines:
        lines.seek(offset)
        new = lines.read()
    whole = new[: new.rfind(b"\n") + 1]
    rows = (json.loads(line) for line in whole.splitlines())
    found = found + [Shown(**{**row, "state": State(row["state"])}) for row in rows]
    _read[file] = offset + len(whole), found
    return found


def by_conversion(seen: Sequence[Shown]) -> Mapping[str, list[Shown]]:
    """What was seen of each conversion, in order."""
    found: dict[str, list[Shown]] = defaultdict(list)
    for one in seen:
        found[one.conversion].append(one)
    return found
