"""From what skins report to orders of the console, and from its outcomes to answers."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from bot.conversation import model
from bot.conversation.operations.menus import Menus
from bot.conversation.operations.runs import HELP
from bot.conversation.operations.showing import sentence_reply
from chatops.authorisation import TERMINAL
from chatops.console import Console, Outcome
from chatops.model import Actor, BadArgument, OpsError, Order, Place, Risk
from chatops.parameters import one_of
from chatops.registry import Action
from storage import requests
from storage.records import NewMessage
from storage.requests import SUBJECT


@dataclass(frozen=True, slots=True)
class Operation:
    """An action that somebody gave as a command; ``origin`` is the platform's id of it, so that it is done once."""

    author: model.Author
    place: model.Place
    group: str
    verb: str
    options: Mapping[str, str]
    origin: str


@dataclass(frozen=True, slots=True)
class Ordering:
    """Takes operations in."""

    console: Console

    async def take(self, operation: Operation) -> model.Answer | None:
        """None where a message of the outbox shows what becomes of it."""
        question = await self._question(operation)
        if question is not None:
            return question
        order = self._order(
            operation.author,
            operation.place,
            f"{operation.group} {operation.verb}",
            operation.options,
            operation.origin,
        )
        return self.answered(await self.console.take(order))

    async def spoken(
        self, author: model.Author, place: model.Place, group: str, rest: str, origin: str
    ) -> model.Answer | None:
        """An order in words, such as ``queue`` with ``drain 5m``; one that is not whole gets what may be meant."""
        menus, groups = self.menus(author, place), self.console.registry.groups
        try:
            name = one_of(group, [*groups, HELP])
        except BadArgument as error:
            return await menus.groups(f"There is no {group[:40]!r}: {error}")
        first = rest.split(" ", 1)[0]
        if name == HELP and (not rest or first in groups):
            return await (menus.verbs(first) if first in groups else menus.groups())
        try:
            verb, options = self.read_words(name, rest)
        except BadArgument as error:
            return await menus.verbs(name, str(error) if rest else "")
        return await self.take(Operation(author, place, name, verb, options, origin))

    async def press(self, press: model.Press, action: str, arguments: Mapping[str, str], once: str) -> model.Answer:
        """A button that names an action was pressed; a deed is done ``once``, reading as often as it is pressed."""
        found = self.console.registry.named(action)
        origin = f"p{press.origin}" if found.risk is Risk.READ or not once else once
        operation = Operation(press.author, press.place, found.group, found.verb, arguments, origin)
        answer = await self.take(operation)
        if answer is not None:
            return answer
        return model.Answer(is_coming=found.is_private and not press.place.is_private)

    async def follow(self, press: model.Press, request: UUID, number: int) -> model.Answer:
        """A suggestion of a request's answer was pressed: it belongs to what the request belongs to."""
        about = str((await requests.request(request)).place.get("incident", ""))
        if about and not press.place.incident:
            press = replace(press, place=replace(press.place, incident=about))
        return await self.press(press, *await self.console.suggested(request, number), once=f"{request}.{number}")

    def menus(self, author: model.Author, place: model.Place) -> Menus:
        """What somebody may order in a place."""
        return Menus(self.console, actor_of(author), place_of(author, place))

    async def _question(self, operation: Operation) -> model.Answer | None:
        """What is missing, if anything is; what is wrong is told by the console."""
        try:
            action = self.console.registry.find(operation.group, operation.verb)
            return await self.menus(operation.author, operation.place).missing(action, operation.options)
        except OpsError:
            return None

    def is_private(self, group: str, verb: str) -> bool:
        """Whether the answer is for nobody else."""
        try:
            return self.console.registry.find(group, verb).is_private
        except OpsError:
            return True

    def has_secret(self, group: str, words: str) -> bool:
        """Whether a command as text holds what must not stay in a chat, such as a token; not one that is unreadable."""
        try:
            verb, options = self.read_words(group, words)
            action = self.console.registry.find(group, verb)
            return any(action.parameter(name).is_secret and bool(value) for name, value in options.items())
        except OpsError:
            return False

    def read_words(self, group: str, words: str) -> tuple[str, dict[str, str]]:
        """Verb and options of a command as text, such as ``drain 5m`` or ``list n=20 --state ready``.

        Raises BadArgument.
        """
        try:
            parts = shlex.split(words)
        except ValueError:
            raise BadArgument("A quotation mark is not closed.") from None
        if not parts:
            self.console.registry.find(group, "")
        action = self.console.registry.find(group, parts[0])
        return action.verb, options_of(action, parts[1:])

    def _order(
        self, author: model.Author, place: model.Place, action: str, options: Mapping[str, str], origin: str
    ) -> Order:
        where = place_of(author, place)
        identity = f"{author.platform}:{place.chat}:{origin}"
        group, _, verb = action.partition(" ")
        is_private = bool(action) and self.is_private(group, verb) and not place.is_private
        message = NewMessage(
            platform=author.platform,
            chat=place.chat,
            subject=SUBJECT,
            subject_id="",
            address={**place.address, "private": is_private},
            origin=origin,
        )
        return Order(actor_of(author), where, action, options, identity, message)

    @staticmethod
    def answered(outcome: Outcome) -> model.Answer | None:
        """What is said besides the request's message."""
        if outcome.answer is None:
            return None
        answer = outcome.answer
        if answer.table or answer.log or answer.files or answer.suggestions:
            return model.Answer(panel=sentence_reply(answer))
        return model.Answer(notice=answer.text)


def options_of(action: Action, words: list[str]) -> dict[str, str]:
    """Options by name from ``name=value``, ``--name value``, ``--name=value`` and values in their order."""
    found: dict[str, str] = {}
    places = [one.option for one in action.parameters]
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, between, value = word.removeprefix("--").partition("=")
        if word.startswith("--") and not between:
            value = queue.pop(0) if queue and not queue[0].startswith("--") else ""
            found[action.parameter(name).option] = value
        elif between and (word.startswith("--") or name.replace("_", "-") in places):
            found[action.parameter(name).option] = value
        else:
            free = next((one for one in places if one not in found), None)
            if free is None:
                raise BadArgument(f"{action.name} takes no {word[:40]!r}.")
            found[free] = word
    return found


def actor_of(author: model.Author) -> Actor:
    """Who, for the console. Whoever has the server's own terminal is that wherever they speak."""
    platform = TERMINAL if TERMINAL in author.groups else author.platform
    return Actor(platform, author.user, author.name, author.groups)


def place_of(author: model.Author, place: model.Place) -> Place:
    """Where, for the console."""
    platform = TERMINAL if TERMINAL in author.groups else author.platform
    return Place(platform, place.chat, place.is_private, place.around, place.incident)
