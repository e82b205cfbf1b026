"""What people say on the page: pictures and lists, commands, buttons, orders to the console."""

from dataclasses import dataclass
from uuid import uuid4

from aiohttp import BodyPartReader, MultipartReader, web

from bot.conversation.conversation import Conversation
from bot.conversation.model import Answer, Attachment, Author, Call, Place, Post, Press
from bot.conversation.operations.ordering import actor_of, place_of
from bot.conversation.operations.runs import HELP
from bot.conversation.posts import MOST_PICTURES
from bot.conversation.texts import Texts, language_of
from bot.http.problems import Problem
from bot.intake import MAX_BYTES
from bot.sampling import SAMPLE
from bot.web.entering import role_of
from bot.web.limits import OPS_CHAT, TEXT, WORDS
from bot.web.reading import given, locale_of, text_of, texts_of
from bot.web.showing import answer_json
from bot.web.visitors import Visitor, Visitors

_OFFERED = 12
_HELP = ("", "help", "actions")


@dataclass(frozen=True, slots=True)
class TalkRoutes:
    """Takes what is said to the conversation."""

    conversation: Conversation
    visitors: Visitors

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/posts", self.post)
        app.router.add_post("/sample", self.sample)
        app.router.add_post("/calls", self.call)
        app.router.add_post("/presses", self.press)
        app.router.add_post("/orders", self.order)
        app.router.add_get("/complete", self.complete)

    async def post(self, request: web.Request) -> web.Response:
        """Pictures, deck files, or a pasted list."""
        visitor = await self.visitors.checked(request)
        files, text = await _parts(request, Texts(language_of(locale_of(request))))
        return await self._receive(request, visitor, files, text)

    async def sample(self, request: web.Request) -> web.Response:
        """The shipped sample, as if they had it."""
        visitor = await self.visitors.checked(request)
        return await self._receive(request, visitor, [(SAMPLE.name, SAMPLE.read_bytes())], "")

    async def call(self, request: web.Request) -> web.Response:
        """A command such as ``history``."""
        visitor = await self.visitors.checked(request)
        words = await given(request)
        author, place = self._speaking(request, visitor, visitor.chat)
        call = Call(author, place, text_of(words, "name", 32), texts_of(words, "options", 200))
        return web.json_response(answer_json(await self.conversation.call(call)))

    async def press(self, request: web.Request) -> web.Response:
        """A button, an option, or a form."""
        visitor = await self.visitors.checked(request)
        words = await given(request)
        author, place = self._speaking(request, visitor, text_of(words, "chat", 96))
        token, values = text_of(words, "token", 100), texts_of(words, "values", WORDS)
        press = Press(author, place, token, values, origin=uuid4().hex)
        return web.json_response(answer_json(await self.conversation.press(press)))

    async def order(self, request: web.Request) -> web.Response:
        """An order to the console, as people type it: ``queue drain 5m``."""
        visitor = await self.visitors.checked(request)
        await self._needs_role(visitor)
        words = await given(request)
        author, place = self._speaking(request, visitor, OPS_CHAT)
        origin = text_of(words, "origin", 64) or uuid4().hex
        answer = await self._ordered(author, place, text_of(words, "text", WORDS), f"{visitor.user}:{origin}")
        return web.json_response(answer_json(answer))

    async def complete(self, request: web.Request) -> web.Response:
        """Cards, or words of an order, for what is being typed."""
        visitor = await self.visitors.required(request)
        typed = request.query.get("typed", "")[:200]
        if request.query.get("what") != "order":
            return web.json_response((await self.conversation.complete(typed))[:_OFFERED])
        await self._needs_role(visitor)
        author, place = self._speaking(request, visitor, OPS_CHAT)
        return web.json_response((await self._words_after(author, place, typed))[:_OFFERED])

    async def _receive(
        self, request: web.Request, visitor: Visitor, files: list[tuple[str, bytes]], text: str
    ) -> web.Response:
        author, place = self._speaking(request, visitor, visitor.chat)
        blobs = self.conversation.services.blobs
        attachments = []
        for name, data in files:
            key = await blobs.put(data)
            attachments.append(Attachment(name, {"key": key}, len(data), ""))
        said = {"said": text[:WORDS], "sent": [name for name, _ in files]}
        post = Post(author, Place(place.chat, {**place.address, **said}), uuid4().hex, tuple(attachments), text)
        return web.json_response(answer_json(await self.conversation.receive(post)))

    async def _ordered(self, author: Author, place: Place, text: str, origin: str) -> Answer | None:
        group, _, rest = text.strip().removeprefix("/").partition(" ")
        group = HELP if group in _HELP else group
        return await self.conversation.order(author, place, group, rest.strip(), origin)

    async def _words_after(self, author: Author, place: Place, typed: str) -> list[str]:
        """Whole orders that may be meant: groups, verbs, then options with their values."""
        words = typed.removeprefix("/").split(" ")
        offered = await self.conversation.console.offered(actor_of(author), place_of(author, place))
        if len(words) == 1:
            return [f"{group} " for group in sorted({one.group for one in offered}) if group.startswith(words[0])]
        if len(words) == 2:
            names = [one.name for one in offered if one.group == words[0] and one.verb.startswith(words[1])]
            return [f"{name} " for name in sorted(names)]
        action = next((one for one in offered if [one.group, one.verb] == words[:2]), None)
        if action is None:
            return []
        before, last = " ".join(words[:-1]), words[-1]
        option, between, value = last.partition("=")
        if not between:
            return [f"{before} {one.option}=" for one in action.parameters if one.option.startswith(last)]
        values = await self.conversation.complete_option(author, place, action.group, action.verb, option, value)
        return [f"{before} {option}={one!r}" if " " in one else f"{before} {option}={one}" for one in values]

    async def _needs_role(self, visitor: Visitor) -> None:
        if not await role_of(self.conversation, visitor):
            raise Problem(403, "forbidden", "The operations channel is for people with a role.")

    def _speaking(self, request: web.Request, visitor: Visitor, chat: str) -> tuple[Author, Place]:
        place = visitor.place(chat)
        return visitor.author(locale_of(request)), Place(place.chat, {"user": visitor.user}, place.community)


async def _parts(request: web.Request, texts: Texts) -> tuple[list[tuple[str, bytes]], str]:
    """Files and text of a form; raises Problem 400, 413."""
    if not request.content_type.startswith("multipart/"):
        raise Problem(400, "bad_request", "A form with files is expected.")
    try:
        return await _read_parts(await request.multipart(), texts)
    except ValueError as error:
        raise Problem(400, "bad_request", "This form is damaged: send it again.") from error


async def _read_parts(reader: MultipartReader, texts: Texts) -> tuple[list[tuple[str, bytes]], str]:
    files: list[tuple[str, bytes]] = []
    text = ""
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            raise Problem(400, "bad_request", "A form with files is expected.")
        if part.name == "text":
            text = (await _bytes_of(part, 4 * TEXT, texts)).decode("utf-8", "replace")[:TEXT]
        elif part.name == "file" and len(files) < MOST_PICTURES + 1:
            files.append(((part.filename or "picture.png")[:200], await _bytes_of(part, MAX_BYTES, texts)))
    return files, text


async def _bytes_of(part: BodyPartReader, most: int, texts: Texts) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(65_536):
        data += chunk
        if len(data) > most:
            raise Problem(413, "too_large", texts("too_large_file"))
    return bytes(data)
