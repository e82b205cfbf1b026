"""The deck in another format."""

from bot.conversation.actions.registry import Context, verb
from bot.conversation.desk import Refused
from bot.conversation.model import Answer
from bot.conversation.rendering import export_reply
from ocr_worker.exporters import formats
from storage import decks


@verb("format")
async def copy_as(context: Context) -> Answer:
    """Show the deck in a format; anyone who sees the message may ask."""
    name = context.token.arguments[0] if context.token.arguments else ""
    if name not in formats() or context.token.subject is None:
        raise Refused("old_button")
    stored = await decks.deck(context.token.subject)
    deck = await context.desk.library.deck(stored.deck)
    return Answer(panel=export_reply(deck, name, context.who.preferences))
