"""What people decide about themselves."""

from bot.conversation.actions.registry import Context, verb
from bot.conversation.commands import preferences_panel
from bot.conversation.desk import Refused, Somebody
from bot.conversation.model import Answer
from bot.conversation.rendering import deck_reply
from bot.conversation.texts import Language
from ocr_worker.exporters import formats
from storage import conversions, people
from storage.pictures import is_kept

_SWITCHES = {"private": "is_private", "sets": "set_codes"}


@verb("preferformat")
async def prefer_format(context: Context) -> Answer:
    """The format in which decks are shown."""
    name = context.token.arguments[0] if context.token.arguments else ""
    if name not in formats():
        raise Refused("old_button")
    return await _preferring(context, format=name)


@verb("prefer")
async def prefer(context: Context) -> Answer:
    """Language, whether answers are private, whether lists have set codes."""
    what, value = context.token.arguments
    if what == "language":
        return await _preferring(context, language=Language(value))
    return await _preferring(context, **{_SWITCHES[what]: value == "1"})


async def _preferring(context: Context, **change: object) -> Answer:
    who: Somebody = await context.desk.prefer(context.who, **change)
    return Answer(panel=preferences_panel(who, await context.desk.library.knows_printings()))


@verb("open")
async def open_deck(context: Context) -> Answer:
    """A deck of the history."""
    stored = await context.desk.own_deck(context.token.subject, context.who)
    deck = await context.desk.library.deck(stored.deck)
    conversion = await conversions.conversion(stored.conversion)
    kept = conversion.picture_hash is not None and await is_kept(conversion.picture_hash, conversion.person)
    return Answer(panel=deck_reply(stored, deck, [conversion], context.who.preferences, kept))


@verb("forgetme")
async def forget_me(context: Context) -> Answer:
    """Erase a person everywhere."""
    texts = context.who.texts
    ids, hashes = await people.forget(context.who.person.id)
    await context.desk.queue.remove(ids)
    for one in hashes:
        await context.blobs.remove(one)
    return Answer(notice=texts("forgotten"), closes_panel=True)


@verb("keepme")
async def keep_me(context: Context) -> Answer:
    """Do not."""
    return Answer(notice=context.who.texts("kept"), closes_panel=True)
