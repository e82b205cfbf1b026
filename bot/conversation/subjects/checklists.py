"""Checklists in the console's chats: they follow what is ticked."""

from uuid import UUID

from bot.conversation.model import Reply
from bot.conversation.operations.showing import sentence_reply
from bot.conversation.subjects import Window
from chatops.checking.checklists import answer_of, entries
from storage import checklists
from storage.records import MessageRecord

SUBJECT = checklists.SUBJECT


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The list as it stands; raises NotStored."""
    parts, record = window.console.parts, await checklists.checklist_of(UUID(message.subject_id))
    answer = answer_of(entries(parts).get(record.name), record, parts.clock())
    return sentence_reply(window.console.redactor.answer(answer))
