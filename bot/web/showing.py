"""Messages and panels as JSON for the page, which turns every text into text and nothing else."""

import base64
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.conversation.conversation import Conversation
from bot.conversation.marks import unmarked
from bot.conversation.model import Answer, Choice, Form, OutFile, Reply, Select
from bot.web.limits import MESSAGES, OPS_CHAT, PLATFORM
from bot.web.visitors import Visitor
from storage import outbox
from storage.records import MessageRecord

Json = dict[str, Any]
_KEPT = 300


@dataclass(slots=True)
class Showing:
    """Renders messages of the page's chats; what did not change is rendered once."""

    conversation: Conversation
    _kept: "OrderedDict[tuple[UUID, int], Reply]" = field(default_factory=OrderedDict)

    async def chat(self, chat: str, visitor: Visitor) -> list[Json]:
        """The newest messages of a chat, oldest first."""
        found = await outbox.messages_in(PLATFORM, chat, limit=MESSAGES)
        shown = [await self.message(one) for one in found if may_see(one, visitor)]
        return [one for one in shown if one is not None]

    async def message(self, message: MessageRecord) -> Json | None:
        """One message; None where what it showed is gone."""
        reply = await self.reply(message)
        if reply is None:
            return None
        files = [_linked(message, number, file) for number, file in enumerate(reply.files)]
        about = {
            "id": str(message.id),
            "version": message.wanted,
            "at": message.created_at.isoformat(),
            "said": message.address.get("said", ""),
            "sent": list(message.address.get("sent", ())),
            "private": message.address.get("private") is True,
        }
        return {**about, **_reply(reply), "files": files}

    async def reply(self, message: MessageRecord) -> Reply | None:
        """What it shows now. Progress is not kept: it changes without the message."""
        key = (message.id, message.wanted)
        if key in self._kept and message.is_final:
            self._kept.move_to_end(key)
            return self._kept[key]
        reply = await self.conversation.render(message)
        if reply is not None and message.is_final:
            self._kept[key] = reply
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return reply


def may_see(message: MessageRecord, visitor: Visitor) -> bool:
    """Whether a message of a chat of theirs is for their eyes: private ones are for whoever asked."""
    if message.chat == OPS_CHAT:
        return message.address.get("private") is not True or message.address.get("user") == visitor.user
    return message.chat == visitor.chat


def answer_json(answer: Answer | None) -> Json:
    """What comes of a command or a press, for the one who gave it."""
    if answer is None:
        return {}
    found: Json = {"notice": answer.notice, "closes": answer.closes_panel}
    if answer.panel is not None:
        found["panel"] = {**_reply(answer.panel), "files": [_held(file) for file in answer.panel.files]}
    if answer.form is not None:
        found["form"] = _form(answer.form)
    return found


def _reply(reply: Reply) -> Json:
    return {
        "text": " ".join([*(f"@{one.name}" for one in reply.mentions), unmarked(reply.text)]),
        "block": reply.block,
        "working": reply.is_working,
        "selects": [_select(one) for one in reply.selects if one.options],
        "choices": [[_choice(one) for one in row] for row in reply.choices if row],
    }


def _choice(choice: Choice) -> Json:
    return {"label": choice.label, "token": choice.token, "style": choice.style.value}


def _select(select: Select) -> Json:
    options = [{"label": one.label, "token": one.token, "description": one.description} for one in select.options]
    return {"prompt": select.prompt, "options": options}


def _form(form: Form) -> Json:
    return {"title": form.title, "prompt": form.prompt, "token": form.token, "initial": form.initial}


def _linked(message: MessageRecord, number: int, file: OutFile) -> Json:
    address = f"/web/messages/{message.id}/files/{number}?v={message.wanted}"
    return {"name": file.name, "picture": file.is_picture, "url": address}


def _held(file: OutFile) -> Mapping[str, Any]:
    """Panels are kept nowhere, and neither are their files."""
    data = base64.b64encode(file.data).decode()
    return {"name": file.name, "picture": file.is_picture, "type": file.media_type, "data": data}
