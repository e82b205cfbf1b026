"""Pictures of players, and the decks that they become."""

from bot.conversation.model import Reply
from bot.conversation.subjects import Window
from storage import conversions
from storage.records import MessageRecord

SUBJECT = conversions.SUBJECT


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The present state of a post; raises NotStored."""
    return await window.showing.reply(message)
