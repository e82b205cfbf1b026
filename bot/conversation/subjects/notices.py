"""Notices of the console: said once, to a chat or to one person."""

from bot.conversation.model import Choice, Reply
from bot.conversation.operations.showing import rows_of, sentence_reply
from bot.conversation.subjects import Window
from bot.conversation.tokens import token
from chatops import answers, notices
from storage.records import MessageRecord

SUBJECT = notices.SUBJECT


async def reply(message: MessageRecord, window: Window) -> Reply:
    """What it says, with the actions that may follow as buttons."""
    answer = answers.from_json(message.payload or {"text": "", "ok": True})
    said = sentence_reply(answer)
    buttons = [Choice(one.label, token("opsnext", message.id, n)) for n, one in enumerate(answer.suggestions[:9])]
    return Reply(said.text, said.block, said.files, choices=rows_of(buttons))
