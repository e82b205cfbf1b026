"""Posts: what is taken in, and what is said when it is not."""

import math
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID, uuid4

from bot.conversation.desk import Desk, Somebody
from bot.conversation.model import Answer, Attachment, Post
from bot.conversation.texts import Texts
from bot.fetching import Fetching
from bot.intake import MAX_BYTES, Intake, Wanted
from ocr_worker.decks import parse_decklist
from ocr_worker.errors import DecklistError
from storage import conversions, outbox
from storage.intake import LimitReached
from storage.records import ConversionRecord, Json, MessageRecord, NewMessage

MOST_PICTURES = 10
_FEWEST_LINES = 4
_LONGEST_TEXT = 20_000
_PICTURES = frozenset("png jpg jpeg jfif webp gif bmp tif tiff avif heic heif".split())
_LISTS = frozenset("txt dek csv json cod dck mwdeck".split())


@dataclass(frozen=True, slots=True)
class Posts:
    """Takes posts of all platforms in."""

    desk: Desk
    intake: Intake
    fetching: Fetching

    async def receive(self, post: Post) -> Answer | None:
        """Promise what was posted; None where nothing is to be said but by the post's own message."""
        who = await self.desk.somebody(post.author)
        wanted = [
            Wanted(one.name, {**one.source, "platform": post.author.platform})
            for one in post.attachments
            if is_deck_file(one)
        ]
        refusal = _refusal(post, len(wanted), who.texts)
        if refusal:
            return Answer(notice=refusal)
        if not wanted and await self._is_list(post.text):
            wanted = [Wanted("", {"text": post.text})]
        if not wanted:
            return Answer(notice=who.texts("no_picture_here")) if post.is_explicit and not post.is_edit else None
        return await self._accept(post, wanted, who)

    async def _accept(self, post: Post, wanted: list[Wanted], who: Somebody) -> Answer | None:
        shown = await outbox.answer_to(post.author.platform, post.place.chat, post.origin) if post.is_edit else None
        try:
            accepted = await (
                self._promise(post, wanted, who) if shown is None else self._read_instead(shown, post, wanted, who)
            )
        except LimitReached as limit:
            return Answer(notice=self.limit_text(limit, who.texts))
        for conversion in accepted:
            self.fetching.start(conversion)
        if accepted:
            await self.desk.wake(accepted[0].post)
        return None

    async def _promise(self, post: Post, wanted: list[Wanted], who: Somebody) -> list[ConversionRecord]:
        subject = uuid4()
        return await self.intake.promise(
            who.person.id,
            wanted,
            community=post.place.community,
            post=subject,
            message=self._message(post, who, subject),
        )

    async def _read_instead(
        self, shown: MessageRecord, post: Post, wanted: list[Wanted], who: Somebody
    ) -> list[ConversionRecord]:
        """An edited message with other pictures is read into the same reply."""
        before = await conversions.conversions_of(UUID(shown.subject_id))
        if [_identity(one.source or {}) for one in before] == [_identity(one.source) for one in wanted]:
            return []
        new = uuid4()
        accepted = await self.intake.promise(
            who.person.id, wanted, community=post.place.community, post=new, message=None
        )
        await outbox.show_instead(shown.id, str(new), now=self.desk.clock())
        return accepted

    def _message(self, post: Post, who: Somebody, subject: UUID) -> NewMessage:
        private = who.preferences.is_private if post.wants_privacy is None else post.wants_privacy
        return NewMessage(
            platform=post.author.platform,
            chat=post.place.chat,
            subject=conversions.SUBJECT,
            subject_id=str(subject),
            address={**post.place.address, "private": private and not post.place.is_private},
            origin=post.origin,
        )

    def limit_text(self, limit: LimitReached, texts: Texts) -> str:
        """Which limit, and when to try again."""
        settings = self.intake.settings
        count = {"at_once": settings.pictures_at_once, "per_hour": settings.pictures_per_hour}.get(limit.code, 0)
        wait = 1.0 if limit.retry_at is None else (limit.retry_at - self.desk.clock()).total_seconds() / 60
        return texts(limit.code, count=count, when=texts.counted("in_minutes", max(1, round(wait + 0.4))))

    async def _is_list(self, text: str) -> bool:
        """Whether a text is a decklist: several of its lines are, and most of them."""
        lines = [line for line in text.splitlines() if line.strip()]
        if not len(lines) >= _FEWEST_LINES or len(text) > _LONGEST_TEXT:
            return False
        try:
            parsed = parse_decklist(text, await self.desk.library.index())
        except DecklistError:
            return False
        read = sum(1 for _ in parsed.deck)
        return read >= _FEWEST_LINES and len(parsed.problems) <= read


def is_deck_file(attachment: Attachment) -> bool:
    """Whether it may be a picture or a deck file, by what is declared; its bytes decide later."""
    suffix = PurePath(attachment.name).suffix.lower().lstrip(".")
    return attachment.media_type.startswith("image/") or suffix in _PICTURES or suffix in _LISTS


def _refusal(post: Post, files: int, texts: Texts) -> str:
    if files > MOST_PICTURES:
        return texts("too_many", most=MOST_PICTURES)
    large = max((one.size or 0 for one in post.attachments if is_deck_file(one)), default=0)
    if large > MAX_BYTES:
        return texts("too_large", size=math.ceil(large / 1e6), most=MAX_BYTES // 1_000_000)
    return ""


def _identity(source: Json) -> object:
    """What tells one file from another: its key on the platform, or the text itself."""
    return source.get("key") or source.get("text")
