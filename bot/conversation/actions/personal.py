"""What people decide about themselves."""

from bot.conversation.actions.registry import Context, verb
from bot.conversation.commands import preferences_panel
from bot.conversation.desk import Refused
from bot.conversation.model import Answer
from bot.conversation.rendering import deck_reply
from bot.conversation.texts import Language
from ocr_worker.exporters import formats
from storage import conversions, people
from storage.pictures import is_kept


@verb("preferformat")
async def prefer_format(context: Context) -> Answer:
    """The format in which decks are shown."""
    name = context.token.arguments[0] if context.token.arguments else ""
    if name not in formats():
        raise Refused("old_button")
    return Answer(panel=preferences_panel(await context.desk.prefer(context.who, format=name)))


@verb("prefer")
async def prefer(context: Context) -> Answer:
    """Language, or whether answers are private."""
    what, value = context.token.arguments
    change: dict[str, object] = {"language": Language(value)} if what == "language" else {"is_private": value == "1"}
    return Answer(panel=preferences_panel(await context.desk.prefer(context.who, **change)))


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
