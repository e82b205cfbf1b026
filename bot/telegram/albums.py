"""Albums: pictures of one post that arrive as messages of their own, without a word of how many there are.

Each is kept as it comes; the post is taken in when no more have come for a moment, or after a restart. What comes
later still, or is edited, is read into the same reply.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.model import Attachment, Author, Place, Post
from bot.telegram.limits import ALBUM_LONGEST_S, ALBUM_QUIET_S
from bot.telegram.reading import PLATFORM
from config.clock import Clock
from config.tasks import Tasks
from storage import gathered
from storage.errors import DatabaseUnreachable
from storage.gathered import PartRecord

log = logging.getLogger(__name__)

_AGAIN_S = 2.0


@dataclass(slots=True)
class Albums:
    """Gathers albums; ``receive`` takes a whole one in."""

    receive: Callable[[Post], Awaitable[None]]
    clock: Clock
    quiet_s: float = ALBUM_QUIET_S
    longest_s: float = ALBUM_LONGEST_S
    _waiting: set[tuple[str, str]] = field(default_factory=set)
    _tasks: Tasks = field(default_factory=Tasks)
    _news: set[tuple[str, str]] = field(default_factory=set)

    async def add(self, post: Post, group: str) -> None:
        """Keep one picture of an album; raises DatabaseUnreachable."""
        is_news = await gathered.keep_part(
            PLATFORM,
            post.place.chat,
            group,
            post.origin,
            user=post.author.user,
            content=_content(post),
            now=self.clock(),
        )
        if is_news:
            self._wait(post.place.chat, group, self.quiet_s)

    async def attachments(self, chat: str, group: str) -> tuple[Attachment, ...]:
        """The pictures of an album, as far as they are known."""
        return tuple(one for part in _in_order(await gathered.parts_of(PLATFORM, chat, group)) for one in _files(part))

    async def resume(self) -> None:
        """Go on with what was not taken in before the process ended."""
        for part in await gathered.waiting_parts(PLATFORM):
            if (part.chat, part.group) not in self._waiting:
                self._wait(part.chat, part.group, self.quiet_s)

    async def close(self) -> None:
        """Stop waiting; what is kept is resumed."""
        await self._tasks.close()

    def _wait(self, chat: str, group: str, seconds: float) -> None:
        self._news.add((chat, group))
        if (chat, group) not in self._waiting:
            self._waiting.add((chat, group))
            self._tasks.start(self._take_when_whole(chat, group, seconds))

    async def _take_when_whole(self, chat: str, group: str, seconds: float) -> None:
        while (chat, group) in self._news:
            await asyncio.sleep(seconds)
            self._news.discard((chat, group))
            try:
                seconds = await self._take(await gathered.parts_of(PLATFORM, chat, group))
            except DatabaseUnreachable as error:
                log.warning("an album waits: %s", error)
                seconds = _AGAIN_S
            except Exception:
                log.exception("an album could not be taken in")
                seconds = 0.0
            if seconds > 0:
                self._news.add((chat, group))
        # Not when the task has ended: what comes in between would be news that nobody waits for.
        self._waiting.discard((chat, group))

    def _missing_s(self, parts: list[PartRecord]) -> float:
        """How long to wait for more; of an album that was taken in before, only for what is new."""
        new = [part.changed_at for part in parts if not part.is_taken]
        if not new:
            return 0.0
        whole: datetime = min(max(new) + timedelta(seconds=self.quiet_s), min(new) + timedelta(seconds=self.longest_s))
        return (whole - self.clock()).total_seconds()

    async def _take(self, parts: list[PartRecord]) -> float:
        """Take an album in if it is whole; return how long to wait otherwise."""
        missing_s = self._missing_s(parts)
        if missing_s > 0 or all(part.is_taken for part in parts):
            return missing_s
        post = _post(parts)
        if post.is_explicit:
            await self.receive(post)
        first = parts[0]
        await gathered.mark_taken(PLATFORM, first.chat, first.group, [part.part for part in parts])
        return 0.0


def _content(post: Post) -> dict[str, Any]:
    return {
        "author": {**asdict(post.author), "groups": sorted(post.author.groups)},
        "address": dict(post.place.address),
        "community": post.place.community,
        "files": [asdict(one) for one in post.attachments],
        "is_explicit": post.is_explicit,
        "order": int(post.origin),
    }


def _post(parts: list[PartRecord]) -> Post:
    """The whole album, in the order in which it was sent; asked for where one of its captions asks."""
    ordered = _in_order(parts)
    asking = next((part for part in ordered if part.content["is_explicit"]), ordered[0])
    content: Mapping[str, Any] = asking.content
    return Post(
        author=Author(**{**content["author"], "groups": frozenset(content["author"].get("groups", ()))}),
        place=Place(asking.chat, content["address"], content["community"]),
        origin=asking.group,
        attachments=tuple(one for part in ordered for one in _files(part)),
        is_explicit=content["is_explicit"],
        is_edit=any(part.is_taken for part in parts),
    )


def _in_order(parts: list[PartRecord]) -> list[PartRecord]:
    return sorted(parts, key=lambda part: part.content["order"])


def _files(part: PartRecord) -> list[Attachment]:
    return [Attachment(**one) for one in part.content["files"]]
