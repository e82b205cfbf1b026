"""The one conversation behind all platforms: posts, commands and presses in, answers out."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import uuid4

from bot.conversation import quiet
from bot.conversation.actions import verbs
from bot.conversation.actions.registry import Context
from bot.conversation.commands import Commands
from bot.conversation.desk import Desk, Refused
from bot.conversation.drawing import Drawing
from bot.conversation.latest import complete_line, press_of
from bot.conversation.model import Answer, Author, Call, Place, Post, Press, Reply
from bot.conversation.operations.ordering import Operation, Ordering, actor_of, place_of
from bot.conversation.overhearing import Remark, begin_talk, miss, overhear
from bot.conversation.posts import Posts
from bot.conversation.showing import Showing
from bot.conversation.subjects import Window, subjects
from bot.conversation.texts import Texts, language_of
from bot.conversation.tokens import parse
from bot.fetching import Fetching
from bot.library import Library
from bot.services import Services
from chatops.console import Console
from storage import timeline
from storage.errors import DatabaseUnreachable, NotStored, QueueUnreachable, StorageError
from storage.records import MessageRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What skins talk to. Nothing here raises but for a defect of the skin: a failure is an answer."""

    services: Services
    desk: Desk
    posts: Posts
    commands: Commands
    showing: Showing
    drawing: Drawing
    console: Console

    async def receive(self, post: Post) -> Answer | None:
        """Take a post in; None where its own message says all."""
        return await self._answered(self.posts.receive(post), post.author)

    async def call(self, call: Call) -> Answer:
        """Answer a command."""
        work = self._fix(call) if call.name == "fix" else self.commands.answer(call)
        return await self._answered(work, call.author) or Answer()

    async def operate(self, operation: Operation) -> Answer | None:
        """Take an action of the console; None where its own message says all."""
        return await self._answered(Ordering(self.console).take(operation), operation.author)

    async def order(self, author: Author, place: Place, group: str, rest: str, origin: str) -> Answer | None:
        """Take an order in words to the console; None where its own message says all."""
        return await self._answered(Ordering(self.console).spoken(author, place, group, rest, origin), author)

    async def complete_option(
        self, author: Author, place: Place, group: str, verb: str, option: str, typed: str
    ) -> list[str]:
        """What may be meant by what somebody types for an option of an action."""
        return await self.console.complete(actor_of(author), place_of(author, place), f"{group} {verb}", option, typed)

    def answers_privately(self, group: str, verb: str, place: Place) -> bool:
        """Whether the answer to an action is for whoever asks alone, where others would see it."""
        return not place.is_private and Ordering(self.console).is_private(group, verb)

    async def press(self, press: Press) -> Answer:
        """Do what a button or select says."""
        return await self._answered(self._carry_out(press), press.author) or Answer()

    async def complete(self, typed: str) -> list[str]:
        """Names of cards for what somebody is typing."""
        return [card.name for card in await self.desk.library.complete(typed)]

    async def complete_line(self, author: Author, typed: str) -> list[tuple[str, str]]:
        """Lines of somebody's latest deck for what they are typing: what to show, what ``/fix`` takes."""
        return await complete_line(author, typed, self.desk)

    async def prefers_privacy(self, author: Author) -> bool:
        """Whether answers are for them alone; so too where that cannot be known now."""
        try:
            return (await self.desk.somebody(author)).preferences.is_private
        except DatabaseUnreachable:
            return True

    async def texts(self, author: Author) -> Texts:
        """The sentences in somebody's language; in that of their client while storage is away."""
        try:
            return (await self.desk.somebody(author)).texts
        except DatabaseUnreachable:
            return Texts(language_of(author.locale))

    async def overhear(self, remark: Remark) -> bool:
        """Keep what is said where people talk about an incident; whether it was said there."""
        try:
            return await overhear(remark, self.console)
        except StorageError as error:
            log.warning("%s", error)
            return False

    async def miss(self, platform: str, talk: str, origin: str) -> None:
        """A message was deleted that may belong to a talk."""
        try:
            await miss(platform, talk, origin, self.console)
        except StorageError as error:
            log.warning("%s", error)

    async def incident_of(self, platform: str, talk: str) -> str:
        """The incident that people talk about there; empty where it is none, or cannot be known now."""
        try:
            found = await timeline.incident_of_talk(platform, talk)
        except StorageError as error:
            log.warning("%s", error)
            return ""
        return "" if found is None else str(found)

    async def end_talk(self, platform: str, talk: str) -> None:
        """A place was deleted where people may have talked about an incident."""
        try:
            await timeline.end_talk(platform, talk)
        except StorageError as error:
            log.warning("%s", error)

    async def begin_talk(self, message: MessageRecord, talk: str) -> None:
        """People talk there about what a message shows."""
        await begin_talk(message, talk)

    async def render(self, message: MessageRecord) -> Reply | None:
        """What a message shows now; None where what it showed is gone."""
        try:
            return await subjects()[message.subject](message, Window(self.showing, self.console))
        except NotStored:
            return None

    async def _fix(self, call: Call) -> Answer:
        return await self._carry_out(await press_of(call, self.desk))

    async def _carry_out(self, press: Press) -> Answer:
        try:
            token = parse(press.token)
            handler = verbs()[token.verb]
        except (ValueError, KeyError) as error:
            raise Refused("old_button") from error
        who = await self.desk.somebody(press.author)
        if said := await quiet.refusal(token.verb, who.texts, self.desk.clock()):
            return Answer(notice=said)
        services = self.services
        context = Context(
            press, token, who, self.desk, self.showing, self.drawing, services.blobs, services.settings, self.console
        )
        try:
            return await handler(context)
        except (ValueError, IndexError) as error:  # arguments that no button of ours has
            raise Refused("old_button") from error

    async def _answered(self, work: Awaitable[Answer | None], author: Author) -> Answer | None:
        try:
            return await work
        except Refused as refusal:
            return Answer(notice=(await self.texts(author))(refusal.key))
        except NotStored:
            return Answer(notice=(await self.texts(author))("gone"))
        except (DatabaseUnreachable, QueueUnreachable) as error:
            log.warning("%s", error)
            return Answer(notice=Texts(language_of(author.locale))("unavailable"))
        except Exception:
            identity = uuid4().hex[:8]
            log.exception("fault %s in the conversation", identity)
            return Answer(notice=Texts(language_of(author.locale))("fault", id=identity))


def start_conversation(services: Services, fetching: Fetching, library: Library, console: Console) -> Conversation:
    """Put the parts together."""
    desk = Desk(library, services.queue, services.clock)
    return Conversation(
        services=services,
        desk=desk,
        posts=Posts(desk, services.intake, fetching),
        commands=Commands(desk, services.settings),
        showing=Showing(desk),
        drawing=services.drawing,
        console=console,
    )
