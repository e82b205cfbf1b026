"""Who looks at which chat now, and what they are told: event streams (server-sent events, WHATWG HTML 9.2)."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.web.limits import BEAT_S, PAGES_OF_ONE

_WAITING = 200
"""Events that a slow page may leave waiting; with more it is told to look at everything anew."""


@dataclass(eq=False, slots=True)
class Page:
    """One open page."""

    session: str
    chats: Collection[str]
    events: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(_WAITING))

    def tell(self, data: bytes) -> None:
        """Never waits: a page that does not keep up starts anew."""
        try:
            self.events.put_nowait(data)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """End its stream; the browser connects again by itself."""
        while not self.events.empty():
            self.events.get_nowait()
        self.events.put_nowait(None)


@dataclass(slots=True)
class Pages:
    """All open pages of this process."""

    _by_chat: "dict[str, list[Page]]" = field(default_factory=lambda: defaultdict(list))

    def publish(self, chat: str, kind: str, data: Mapping[str, Any]) -> None:
        """Tell all that look at a chat."""
        looking = self._by_chat.get(chat, ())
        if looking:
            event = event_of(kind, data)
            for page in list(looking):
                page.tell(event)

    def watched(self, chat: str) -> bool:
        """Whether anybody looks at it."""
        return bool(self._by_chat.get(chat))

    def close(self) -> None:
        """End all streams."""
        for page in {page for looking in self._by_chat.values() for page in looking}:
            page.close()

    def end_session(self, session: str) -> None:
        """Whoever signs out sees no more."""
        for page in {page for looking in self._by_chat.values() for page in looking if page.session == session}:
            page.close()

    async def stream(self, request: web.Request, page: Page) -> web.StreamResponse:
        """Tell a page what happens until it goes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        self._add(page)
        try:
            await response.write(b"retry: 1000\n" + event_of("hello", {}))
            await self._tell(response, page)
        finally:
            self._remove(page)
        return response

    async def _tell(self, response: web.StreamResponse, page: Page) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                try:
                    async with asyncio.timeout(BEAT_S):
                        event = await page.events.get()
                except TimeoutError:
                    event = b": beat\n\n"
                if event is None:
                    return
                await response.write(event)

    def _add(self, page: Page) -> None:
        own = [one for looking in self._by_chat.values() for one in looking if one.session == page.session]
        for old in list(dict.fromkeys(own))[: max(0, len(set(own)) - PAGES_OF_ONE + 1)]:
            old.close()
        for chat in page.chats:
            self._by_chat[chat].append(page)

    def _remove(self, page: Page) -> None:
        for chat in page.chats:
            self._by_chat[chat].remove(page)
            if not self._by_chat[chat]:
                del self._by_chat[chat]


def event_of(kind: str, data: Mapping[str, Any]) -> bytes:
    """One event as bytes: JSON has no line ends of its own."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
