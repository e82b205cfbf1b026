"""Where pictures come in, from whatever chat: kept, promised, queued. Nothing is read here."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from chatops.observing.meters import Meters
from config.clock import Clock
from config.settings import Settings
from config.tracing import UNTRACED, Tracing
from storage import intake
from storage.blobs import Blobs
from storage.errors import PictureStoreFull, QueueUnreachable
from storage.intake import LimitReached, NewConversion, Quota
from storage.queue import Queue, Signal
from storage.records import ConversionRecord, Json, NewMessage, State

log = logging.getLogger(__name__)

MAX_BYTES = 20_000_000
_PIPELINE_KNOWN_S = 5.0


class NotAccepted(Exception):
    """A picture was not accepted; ``str(error)`` is the sentence for its sender, ``code`` names the reason."""

    def __init__(self, code: str, sentence: str, retry_s: float | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.retry_s = retry_s


@dataclass(frozen=True, slots=True)
class Submission:
    """A picture as a skin hands it in. ``community`` is the server or group where it was posted."""

    person: UUID
    data: bytes
    name: str = ""
    community: str = ""
    is_fresh: bool = False
    correlation: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a platform keeps; ``source`` says where."""

    name: str
    source: Json


@dataclass(slots=True)
class Intake:
    """Accepts pictures for one bot process."""

    queue: Queue
    blobs: Blobs
    settings: Settings
    clock: Clock
    meters: Meters = field(default_factory=Meters)
    tracing: Tracing = UNTRACED
    _pipeline: tuple[float, str | None] = (0.0, None)

    async def submit(
        self, submission: Submission, message: Callable[[UUID], NewMessage] | None = None
    ) -> ConversionRecord:
        """Accept a picture; ``message`` makes the message that will show its conversion from its id.

        Raises NotAccepted, and DatabaseUnreachable when no promise can be made.
        """
        with self.tracing.root(submission.correlation, "intake") as note, self.meters.intake() as tally:
            try:
                accepted = await self._submit(submission, message)
            except NotAccepted as refusal:
                tally.outcome = refusal.code
                raise
            tally.outcome = "cached" if accepted.from_cache else "accepted"
            note.values |= {"outcome": tally.outcome, "bytes": len(submission.data)}
        return accepted

    async def _submit(self, submission: Submission, message: Callable[[UUID], NewMessage] | None) -> ConversionRecord:
        _check(submission.data)
        new = await self._new(submission)
        accepted = await self._accept(new, None if message is None else message(new.id))
        with contextlib.suppress(QueueUnreachable):  # the reconciler brings it to the queue
            if accepted.state is State.QUEUED:
                await self.queue.enqueue(accepted.id, since=accepted.accepted_at, ahead=accepted.priority)
            if message is not None:
                await self.queue.signal(Signal("outbox", str(accepted.id)))
        return accepted

    async def promise(
        self, person: UUID, pictures: Sequence[Wanted], *, community: str, post: UUID, message: NewMessage | None
    ) -> list[ConversionRecord]:
        """Accept pictures that are still to be fetched, as one post; raises LimitReached, DatabaseUnreachable."""
        now = self.clock()
        new = [
            NewConversion(
                person=person,
                picture_hash=None,
                picture_size=0,
                picture_name=one.name.replace("\0", ""),
                picture_until=now + timedelta(hours=self.settings.picture_hours),
                deck_until=now + timedelta(days=self.settings.deck_days),
                correlation=post.hex,
                source=one.source,
                community=community,
                post=post,
            )
            for one in pictures
        ]
        with self.tracing.root(post.hex, "intake") as note, self.meters.intake() as tally:
            try:
                promised = await intake.accept_post(new, message, self._quota(), now=now)
            except LimitReached as limit:
                tally.outcome = limit.code
                raise
            tally.outcome = "promised"
            note.values |= {"outcome": tally.outcome, "pictures": len(pictures)}
        return promised

    async def take_picture(self, conversion: ConversionRecord, data: bytes) -> ConversionRecord | None:
        """Keep the fetched picture of an accepted conversion; None if it has ended meanwhile."""
        key, now = await self.blobs.put(data), self.clock()
        self.tracing.past(conversion.correlation, "fetch", conversion.accepted_at, now)
        return await intake.set_picture(
            conversion.id,
            key,
            len(data),
            pipeline=await self._present_pipeline(),
            picture_until=now + timedelta(hours=self.settings.picture_hours),
            deck_until=now + timedelta(days=self.settings.deck_days),
            all_waiting=self.settings.queue_limit,
            now=now,
        )

    async def _new(self, submission: Submission) -> NewConversion:
        now = self.clock()
        try:
            key = await self.blobs.put(submission.data)
        except PictureStoreFull as error:
            log.error("%s", error)
            raise NotAccepted(
                "store_full", "There is no space for pictures at the moment: send it again in some minutes.", 300
            ) from error
        return NewConversion(
            person=submission.person,
            picture_hash=key,
            picture_size=len(submission.data),
            picture_name=submission.name.replace("\0", ""),
            picture_until=now + timedelta(hours=self.settings.picture_hours),
            deck_until=now + timedelta(days=self.settings.deck_days),
            correlation=submission.correlation,
            pipeline=await self._present_pipeline(),
            community=submission.community,
            is_fresh=submission.is_fresh,
        )

    async def _accept(self, new: NewConversion, message: NewMessage | None) -> ConversionRecord:
        try:
            return await intake.accept(new, message, self._quota(), now=self.clock())
        except LimitReached as limit:
            raise self._refusal(limit) from limit

    def _quota(self) -> Quota:
        settings = self.settings
        return Quota(settings.pictures_per_hour, settings.pictures_at_once, settings.queue_limit)

    def _refusal(self, limit: LimitReached) -> NotAccepted:
        wait = None if limit.retry_at is None else max(1.0, (limit.retry_at - self.clock()).total_seconds())
        sentence = {
            "at_once": f"{self.settings.pictures_at_once} of your pictures are still being read: send the next one "
            "when one of them is done.",
            "per_hour": f"You have sent {self.settings.pictures_per_hour} pictures within an hour: the next one can "
            f"be read {_in_words(wait)}.",
            "overload": f"Too many pictures are waiting at the moment: send yours again {_in_words(wait)}.",
            "banned": "You cannot send pictures here.",
        }[limit.code]
        return NotAccepted(limit.code, sentence, wait)

    async def _present_pipeline(self) -> str | None:
        """The version of the reader that workers tell, not asked for more than every few seconds."""
        asked, pipeline = self._pipeline
        if time.monotonic() - asked > _PIPELINE_KNOWN_S or pipeline is None:
            with contextlib.suppress(QueueUnreachable):
                workers = await self.queue.workers()
                pipeline = next((worker.pipeline for worker in workers if worker.pipeline), pipeline)
            self._pipeline = (time.monotonic(), pipeline)
        return pipeline


def _check(data: bytes) -> None:
    if not data:
        raise NotAccepted("empty", "This picture is empty: send it again.")
    if len(data) > MAX_BYTES:
        size, most = len(data) / 1e6, MAX_BYTES / 1e6
        raise NotAccepted(
            "too_large", f"This picture has {size:.0f} MB, and {most:.0f} MB is the most: send a smaller one."
        )


def _in_words(seconds: float | None) -> str:
    """``in 3 minutes``"""
    minutes = max(1, round((seconds or 60) / 60 + 0.4))
    return f"in {minutes} minute{'s' if minutes > 1 else ''}"
