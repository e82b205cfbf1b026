"""Questions for one line of text. What the answer is for stands in the question itself, as a link that nobody sees,
so that a restart in between forgets nothing."""

import html
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from telegram import ForceReply, Message, MessageEntity

from bot.conversation.model import Form
from bot.telegram.limits import PLACEHOLDER
from bot.telegram.reading import Bot, replies_to
from bot.telegram.rendering import html_of

_INVISIBLE = "\u200d"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked for what; ``panel`` is the message to change when they answer."""

    token: str
    owner: int
    panel: int | None = None
    is_media: bool = False
    is_by_chat: bool = False


def question(form: Form, asked: Asked, bot: Bot, name: str) -> str:
    """The question, to that person by name: in a group only they are to answer."""
    fields = {
        "form": asked.token,
        "owner": asked.owner,
        "panel": asked.panel or 0,
        "media": int(asked.is_media),
        "by_chat": int(asked.is_by_chat),
    }
    link = f"https://t.me/{bot.username}?{urlencode(fields)}"
    mention = f'<a href="tg://user?id={asked.owner}">{html.escape(name)}</a>'
    hidden = f'<a href="{html.escape(link)}">{_INVISIBLE}</a>'
    return f"{hidden}{mention}, {html_of(form.prompt)}"


def answer_field(form: Form) -> ForceReply:
    """Opens the field to answer in, for the one who is asked."""
    return ForceReply(selective=True, input_field_placeholder=form.title[:PLACEHOLDER])


def asked_by(message: Message, bot: Bot) -> Asked | None:
    """The question of ours that a message answers."""
    replied = message.reply_to_message
    if replied is None or not replies_to(message, bot):
        return None
    for entity in replied.entities:
        if entity.type == MessageEntity.TEXT_LINK and entity.url:
            found = _asked(entity.url)
            if found is not None:
                return found
    return None


def _asked(url: str) -> Asked | None:
    fields = parse_qs(urlsplit(url).query)
    try:
        return Asked(
            token=fields["form"][0],
            owner=int(fields["owner"][0]),
            panel=int(fields["panel"][0]) or None,
            is_media=fields["media"][0] == "1",
            is_by_chat=fields["by_chat"][0] == "1",
        )
    except (KeyError, ValueError):
        return None
