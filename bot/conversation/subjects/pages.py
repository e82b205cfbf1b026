"""Pages: somebody is called, in person or by name in a channel, until one acknowledges."""

from uuid import UUID

from bot.conversation.model import Choice, Mention, Reply
from bot.conversation.operations.showing import rows_of
from bot.conversation.subjects import Window
from bot.conversation.tokens import token
from chatops.on_call import paging
from storage import pages
from storage.records import MessageRecord

SUBJECT = pages.SUBJECT


async def reply(message: MessageRecord, window: Window) -> Reply:
    """What it says now, and its buttons while it goes on; raises NotStored."""
    parts, stored = window.console.parts, message.payload or {}
    page = await pages.page(UUID(message.subject_id))
    text = paging.sentence(
        page, parts.policy, parts.clock(), human=stored.get("human", ""), more=stored.get("more", ())
    )
    mentions = tuple(Mention(one["name"], one["user"]) for one in stored.get("mentions", ()))
    if page.ended_at is not None:
        return Reply(window.console.redactor.text(text), mentions=mentions)
    labels = [one["label"] for one in stored.get("suggestions", ())]
    buttons = [Choice(label, token("opsnext", message.id, number)) for number, label in enumerate(labels)]
    return Reply(window.console.redactor.text(text), choices=rows_of(buttons), mentions=mentions)
