"""Commands: their names and words for menus, and what they answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.conversation.desk import Desk, Somebody
from bot.conversation.model import Answer, Call, Choice, Option, Reply, Select, Style
from bot.conversation.rendering import deck_label, facts, format_select
from bot.conversation.texts import Language, Texts
from bot.conversation.tokens import token
from config.settings import Settings
from ocr_worker.exporters import formats
from storage import decks


@dataclass(frozen=True, slots=True)
class Command:
    """A command: ``takes_picture`` says that it is called with a picture, which makes it a post.

    What ``is_personal`` answers is nobody else's business.
    """

    name: str
    takes_picture: bool = False
    is_personal: bool = False

    def description(self, texts: Texts) -> str:
        """The words of the menu."""
        return texts(f"command_{self.name}")


COMMANDS = (
    Command("deck", takes_picture=True),
    Command("history", is_personal=True),
    Command("fix"),
    Command("formats"),
    Command("preferences", is_personal=True),
    Command("forget", is_personal=True),
    Command("help"),
    Command("privacy"),
)


@dataclass(frozen=True, slots=True)
class Commands:
    """Answers commands. ``ask`` is how a picture is asked about on each platform, such as ``/deck``."""

    desk: Desk
    settings: Settings

    async def answer(self, call: Call) -> Answer:
        """The panel of a command; help for one that is not known."""
        who = await self.desk.somebody(call.author)
        answers: Mapping[str, Callable[[Somebody, Call], Awaitable[Reply]]] = {
            "history": self._history,
            "formats": self._formats,
            "preferences": self._preferences,
            "forget": self._forget,
            "privacy": self._privacy,
        }
        return Answer(panel=await answers.get(call.name, self._help)(who, call))

    async def _help(self, who: Somebody, call: Call) -> Reply:
        texts = who.texts
        lines = [texts("help_title"), texts("help_how", ask="/deck"), texts("help_doubt"), ""]
        lines += [f"/{command.name}: {command.description(texts)}" for command in COMMANDS]
        return Reply("\n".join(lines))

    async def _privacy(self, who: Somebody, call: Call) -> Reply:
        settings = self.settings
        return Reply(who.texts("privacy_text", hours=settings.picture_hours, days=settings.deck_days, forget="/forget"))

    async def _history(self, who: Somebody, call: Call) -> Reply:
        texts = who.texts
        found = await decks.decks_of(who.person.id, limit=25)
        if not found:
            return Reply(texts("history_none"))
        options = [
            Option(
                deck_label(one)[:100],
                token("open", one.id),
                facts(await self.desk.library.deck(one.deck), one.revision, texts)[:100],
            )
            for one in found
        ]
        return Reply(texts("history_title"), selects=(Select(texts("history_open"), tuple(options)),))

    async def _formats(self, who: Somebody, call: Call) -> Reply:
        lines = [f"{one.name}: {one.title}" for one in formats().values()]
        return Reply("\n".join([who.texts("formats_title"), *lines]))

    async def _preferences(self, who: Somebody, call: Call) -> Reply:
        return preferences_panel(who, await self.desk.library.knows_printings())

    async def _forget(self, who: Somebody, call: Call) -> Reply:
        texts = who.texts
        choices = (
            Choice(texts("yes_forget"), token("forgetme"), Style.DANGER),
            Choice(texts("keep"), token("keepme")),
        )
        return Reply(texts("sure_forget"), choices=(choices,))


def preferences_panel(who: Somebody, knows_printings: bool) -> Reply:
    """What somebody prefers, with buttons to change it; where no printing is known, where set codes come from."""
    texts, chosen = who.texts, who.preferences
    text = texts(
        "preferences_title",
        format=formats()[chosen.format].title,
        language={Language.ENGLISH: "English", Language.FRENCH: "français"}[texts.language],
        answers=texts("private" if chosen.is_private else "public"),
        sets=texts("with_sets" if chosen.set_codes else "without_sets"),
    )
    if not knows_printings:
        text += "\n" + texts("sets_unknown", update="screen2deck cards update")
    other = Language.ENGLISH if texts.language is Language.FRENCH else Language.FRENCH
    sets = "leave_sets_out" if chosen.set_codes else "write_sets"
    privacy = "make_public" if chosen.is_private else "make_private"
    choices = (
        Choice(texts("other_language"), token("prefer", None, "language", other.value)),
        Choice(texts(privacy), token("prefer", None, "private", int(not chosen.is_private))),
        Choice(texts(sets), token("prefer", None, "sets", int(not chosen.set_codes))),
    )
    return Reply(text, selects=(format_select(texts("prefer_format"), "preferformat", None),), choices=(choices,))
