"""What is done with a whole deck."""

from uuid import UUID

from bot.conversation import corrections
from bot.conversation.actions.registry import Context, verb
from bot.conversation.desk import Refused
from bot.conversation.drawing import CannotDraw
from bot.conversation.model import Answer, Choice, Option, OutFile, Reply, Select, Style
from bot.conversation.rendering import deck_label, facts
from bot.conversation.tokens import long, short, token
from ocr_worker.decks.merging import merge_decks
from storage import conversions, decks, outbox, pictures
from storage.records import State


@verb("swap")
async def swap(context: Context) -> Answer:
    """Main deck and sideboard change places."""
    stored, deck = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    await context.desk.change(stored, "swap", {}, corrections.swap(deck), context.who)
    return Answer(notice=context.who.texts("changed"))


@verb("undo")
async def undo(context: Context) -> Answer:
    """Take the last change back, as one more change."""
    stored, _ = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    made = await decks.corrections(stored.id)
    last = _last_undoable([(one.kind, one.revision, one.change) for one in made])
    if last is None:
        raise Refused("nothing_to_undo")
    before = next(one.before for one in made if one.revision == last)
    deck = await context.desk.library.deck(before)
    await context.desk.change(stored, "undo", {"revision": last}, deck, context.who)
    return Answer(notice=context.who.texts("undone"))


def _last_undoable(made: list[tuple[str, int, object]]) -> int | None:
    """The latest change that is neither taken back nor a taking back."""
    undone = {change["revision"] for kind, _, change in made if kind == "undo" and isinstance(change, dict)}
    return max(
        (revision for kind, revision, _ in made if kind not in ("undo", "album") and revision not in undone),
        default=None,
    )


@verb("merge")
async def choose_merge(context: Context) -> Answer:
    """Which other deck of theirs is the rest of this one?"""
    texts = context.who.texts
    stored = await context.desk.own_deck(context.token.subject, context.who)
    others = [one for one in await decks.decks_of(context.who.person.id, limit=11) if one.id != stored.id][:10]
    if not others:
        return Answer(notice=texts("merge_none"))
    options = [
        Option(
            deck_label(other)[:100],
            token("join", stored.id, stored.revision, short(other.id)),
            facts(await context.desk.library.deck(other.deck), 0, texts)[:100],
        )
        for other in others
    ]
    return Answer(panel=Reply(texts("merge_which"), selects=(Select(texts("merge_which"), tuple(options)),)))


@verb("join")
async def join(context: Context) -> Answer:
    """Put another deck's lines in."""
    stored, deck = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    other = await context.desk.own_deck(long(context.token.arguments[1]), context.who)
    merged = merge_decks([deck, await context.desk.library.deck(other.deck)])
    await context.desk.change(stored, "merge", {"deck": str(other.id)}, merged, context.who)
    return Answer(notice=context.who.texts("changed"), closes_panel=True)


@verb("show")
async def show(context: Context) -> Answer:
    """The picture with what was read where."""
    texts = context.who.texts
    stored = await context.desk.own_deck(context.token.subject, context.who)
    conversion = await conversions.conversion(stored.conversion)
    picture = None if conversion.picture_hash is None else await context.blobs.get(conversion.picture_hash)
    if picture is None:
        raise Refused("no_picture")
    try:
        drawn = await context.drawing.annotated(picture, stored.read)
    except CannotDraw as error:
        raise Refused("no_picture") from error
    file = OutFile("deck.jpg", drawn, is_picture=True, media_type="image/jpeg")
    return Answer(panel=Reply(texts("annotated"), files=(file,)))


@verb("delete")
async def ask_delete(context: Context) -> Answer:
    """Ask before deleting."""
    texts = context.who.texts
    stored = await _deletable(context)
    choices = (
        Choice(texts("yes_delete"), token("erase", stored), Style.DANGER),
        Choice(texts("keep"), token("close")),
    )
    return Answer(panel=Reply(texts("sure_delete"), choices=(choices,)))


@verb("erase")
async def erase(context: Context) -> Answer:
    """Delete a deck, its picture and its message."""
    stored = await decks.deck(await _deletable(context))
    conversion = await conversions.conversion(stored.conversion)
    await decks.remove_deck(stored.id)
    if conversion.picture_hash and await pictures.remove_picture(conversion.picture_hash, conversion.person):
        await context.blobs.remove(conversion.picture_hash)
    await conversions.withdraw(conversion.post, context.who.texts("deleted"), now=context.desk.clock())
    await outbox.show_again(conversions.SUBJECT, str(conversion.post), now=context.desk.clock())
    await context.desk.wake(conversion.post)
    return Answer(notice=context.who.texts("deleted"), closes_panel=True)


async def _deletable(context: Context) -> UUID:
    """The id of a deck that is theirs, or of which they may clean the channel."""
    if context.token.subject is None:
        raise Refused("old_button")
    stored = await decks.deck(context.token.subject)
    if stored.person != context.who.person.id and not context.press.is_moderator:
        raise Refused("not_yours")
    return stored.id


@verb("retry")
async def retry(context: Context) -> Answer:
    """Read again what failed."""
    if context.token.subject is None:
        raise Refused("old_button")
    found = await conversions.conversions_of(context.token.subject)
    if not found or found[0].person != context.who.person.id:
        raise Refused("not_yours")
    for one in found:
        if one.state not in (State.FAILED, State.CANCELLED):
            continue
        opened = await conversions.open_again(
            one.id, "the player asks for it", now=context.desk.clock(), all_waiting=context.settings.queue_limit
        )
        if opened is not None and opened.state is State.QUEUED:
            await context.desk.queue.enqueue(one.id, since=context.desk.clock())
    await context.desk.wake(context.token.subject)
    return Answer()


@verb("close")
async def close(_: Context) -> Answer:
    """Remove the panel."""
    return Answer(closes_panel=True)
