"""The console on Telegram: ``/queue drain 5m`` in the groups of operations and in private chats of known people."""

from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from telegram import BotCommand, BotCommandScopeChat, Message

from bot.conversation.commands import COMMANDS
from bot.conversation.conversation import Conversation
from bot.conversation.model import Answer, Place, Press
from bot.conversation.operations.ordering import Ordering
from bot.conversation.operations.runs import HELP
from bot.conversation.tokens import parse, token
from bot.telegram import callbacks
from bot.telegram.chatting import Spot
from bot.telegram.limits import COMMAND_DESCRIPTION, MOST_COMMANDS
from bot.telegram.members import Members
from bot.telegram.panels import Panels, holder_for
from bot.telegram.reading import (
    PLATFORM,
    Bot,
    Command,
    author_of,
    is_private,
    mentions,
    place_of,
    replies_to,
    talk_key,
    without_mention,
    words_of,
)
from chatops.registry import Registry
from config.ops import Role

_NEAR = 70
"""Of 100, from which on another word may be a group of ours with an error in it."""
_PLAYERS = frozenset(command.name for command in COMMANDS) | {"start"}


@dataclass(frozen=True, slots=True)
class Words:
    """A group of actions, as it was written, and what follows."""

    group: str
    rest: str


@dataclass(frozen=True, slots=True)
class Operations:
    """Takes orders in messages."""

    conversation: Conversation
    panels: Panels
    members: Members
    bot: Bot

    def words(self, message: Message, command: Command | None) -> Words | None:
        """The order that a message is; None for one that is not meant for the console."""
        if not self.is_place(message):
            return None
        if command is not None:
            return self._of_command(message, command)
        if not (mentions(message, self.bot) or replies_to(message, self.bot)):
            return None
        first, _, rest = without_mention(words_of(message), self.bot).partition(" ")
        return Words(first.lower(), rest) if first.lower() in self._registry.groups else None

    def phrase_of(self, message: Message, command: Command | None) -> str | None:
        """The token of the plan that a message answers with its phrase; None for other messages."""
        replied = message.reply_to_message
        if command is not None or not message.text or replied is None or not replies_to(message, self.bot):
            return None
        rows = replied.reply_markup.inline_keyboard if replied.reply_markup else ()
        for button in (button for row in rows for button in row):
            try:
                found = parse(callbacks.pressed(str(button.callback_data or "")).token)
            except ValueError:
                continue
            if found.verb == "opstype":
                return token("opstyped", found.subject)
        return None

    async def take(self, message: Message, words: Words) -> None:
        """Carry an order out; its request answers by a message of its own."""
        author, place = await self.members.placed(author_of(message)), await self._place(message)
        await self._forget_secret(message, words)
        answer = await self.conversation.order(author, place, words.group, words.rest, str(message.message_id))
        if answer is not None:
            await self._show(message, answer)

    async def _forget_secret(self, message: Message, words: Words) -> None:
        """A token that was written into a chat goes at once; in a group only where the bot may delete messages."""
        if Ordering(self.conversation.console).has_secret(words.group, words.rest):
            await self.panels.chatting.delete(message.chat_id, message.message_id)

    async def offer_menu(self, message: Message) -> None:
        """Telegram takes the menu of a private chat only when its person has started the bot."""
        commands = console_menus(self.conversation).get(message.chat_id)
        if commands is not None and self.is_place(message):
            texts = await self.conversation.texts(author_of(message))
            own = [BotCommand(one.name, one.description(texts)) for one in COMMANDS]
            scope = BotCommandScopeChat(message.chat_id)
            await self.panels.chatting.bot.set_my_commands([*commands, *own][:MOST_COMMANDS], scope=scope)

    async def take_phrase(self, message: Message, typed: str) -> None:
        """The phrase was written in answer to the plan."""
        author = await self.members.placed(author_of(message))
        press = Press(author, place_of(message), typed, {"text": message.text or ""}, origin=f"m{message.message_id}")
        await self._show(message, await self.conversation.press(press))

    async def _place(self, message: Message) -> Place:
        """Where it was said; in an answer to a card it is about the card's incident."""
        place, replied = place_of(message), message.reply_to_message
        if replied is None or not replies_to(message, self.bot):
            return place
        talk = talk_key(message.chat_id, replied.message_id)
        return replace(place, incident=await self.conversation.incident_of(PLATFORM, talk))

    async def _show(self, message: Message, answer: Answer) -> None:
        place = place_of(message)
        spot = Spot(message.chat_id, place.address["thread"], message.message_id)
        if answer.panel is not None:
            user = message.from_user.id if message.from_user else 0
            await self.panels.show(answer.panel, spot, holder_for(user, "", is_by_chat=place.address["by_chat"]))
        elif answer.notice:
            await self.panels.remark(answer.notice, spot)

    def _of_command(self, message: Message, command: Command) -> Words | None:
        """Other bots have commands too: one that is like none of ours is answered only where we are named."""
        name = command.name.replace("_", "-")
        if name in _PLAYERS:
            return None
        if name == HELP or name in self._registry.groups:
            return Words(name, command.rest)
        groups = list(self._registry.groups)
        is_near = process.extractOne(name, groups, scorer=fuzz.ratio, score_cutoff=_NEAR) is not None
        is_named = "@" in words_of(message).split(maxsplit=1)[0]
        return Words(name, command.rest) if is_near or is_named else None

    def is_place(self, message: Message) -> bool:
        """Whether the console answers there."""
        console = self.conversation.console
        if is_private(message):
            user = message.from_user
            return user is not None and console.parts.policy.person_with(PLATFORM, str(user.id)) is not None
        place = place_of(message)
        chats = {one.chat for one in console.authorisation.places() if one.platform == PLATFORM}
        return bool(chats & {place.chat, *place.around})

    @property
    def _registry(self) -> Registry:
        return self.conversation.console.registry


def console_menus(conversation: Conversation) -> dict[int, list[BotCommand]]:
    """The commands of each chat of the console, and of each known person's private chat by their role."""
    console = conversation.console
    found: dict[int, list[BotCommand]] = {}
    for place in console.authorisation.places():
        if place.platform == PLATFORM:
            found[int(place.chat.partition("/")[0])] = _commands(console.registry, Role.ADMIN)
    for person in console.parts.policy.people:
        account = person.accounts.get(PLATFORM, "")
        if person.role is not None and account.isdigit():
            found[int(account)] = _commands(console.registry, person.role)
    return found


def _commands(registry: Registry, role: Role) -> list[BotCommand]:
    groups = sorted({one.group for one in registry if one.role is not None and role.includes(one.role)})
    own = {HELP: "What you may do here"} | {group: registry.groups[group] for group in groups}
    return [BotCommand(name.replace("-", "_"), words[:COMMAND_DESCRIPTION]) for name, words in own.items()]
