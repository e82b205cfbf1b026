"""Requests of the console: plan, progress, answer."""

from bot.conversation.model import Reply
from bot.conversation.operations.showing import request_reply
from bot.conversation.subjects import Window
from storage import requests
from storage.records import MessageRecord

SUBJECT = requests.SUBJECT


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The present state of a request; raises NotStored."""
    return await request_reply(message, window.console)
