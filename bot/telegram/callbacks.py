"""What buttons carry: a token of the conversation, and for panels whose they are.

``swap.<deck>``             on the message of a post
``swap.<deck>|!``           on that of a post in the name of a chat (a channel, an anonymous admin)
``line.<deck>.3.m0|4fzyo``  on a panel, with the id of who opened it
``~2m.<message>``           opens the third select of a message; ``~-m.<message>`` closes it
``~0p.open.<deck>|4fzyo``   the same for a panel that this token shows
"""

from dataclasses import dataclass
from uuid import UUID

from bot.conversation.tokens import long, short
from bot.telegram.limits import CALLBACK_DATA

_FOLD = "~"
_OWNER = "|"
_BY_CHAT = "!"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Holder:
    """What a keyboard is attached to: ``owner`` is who opened a panel, None on messages of posts.

    ``reopen`` is how its reply is made again to show a folded select; empty where selects are never folded.
    """

    owner: int | None = None
    is_by_chat: bool = False
    reopen: str = ""

    @property
    def is_panel(self) -> bool:
        """It belongs to one person."""
        return self.owner is not None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button's data, taken apart. ``fold`` is the select to open, -1 to close, None for a token to carry out."""

    token: str
    holder: Holder
    fold: int | None = None


def of_message(message: UUID, *, is_by_chat: bool) -> Holder:
    """The holder that the message of a post is."""
    return Holder(is_by_chat=is_by_chat, reopen=f"m.{short(message)}")


def of_panel(owner: int, token: str, *, is_by_chat: bool) -> Holder:
    """The holder that a panel is; ``token`` shows it again."""
    return Holder(owner, is_by_chat, reopen=f"p.{token}")


def message_of(reopen: str) -> UUID | None:
    """The message of a post that is meant; None for a panel."""
    return long(reopen[2:]) if reopen.startswith("m.") else None


def token_of(reopen: str) -> str:
    """The token that shows a panel again."""
    return reopen[2:]


def data(token: str, holder: Holder) -> str:
    """The data of a button; ValueError where it is too long."""
    mark = (_BY_CHAT if holder.is_by_chat else "") + ("" if holder.owner is None else _base36(holder.owner))
    text = token + (_OWNER + mark if mark else "")
    if len(text.encode()) > CALLBACK_DATA:
        raise ValueError(f"{text!r} is longer than {CALLBACK_DATA} bytes")
    return text


def folding_data(select: int | None, holder: Holder) -> str:
    """The data of the button that opens a select, or closes all; ValueError where it is too long."""
    return data(f"{_FOLD}{'-' if select is None else select}{holder.reopen}", holder)


def pressed(text: str) -> Pressed:
    """A button's data back; what nobody of ours wrote becomes a token that the conversation refuses."""
    token, _, mark = text.partition(_OWNER)
    owner = mark.lstrip(_BY_CHAT)
    reopen = token[2:] if token.startswith(_FOLD) else ""
    try:
        holder = Holder(int(owner, 36) if owner else None, mark.startswith(_BY_CHAT), reopen)
        if not reopen:
            return Pressed(token, holder)
        return Pressed(token, holder, -1 if token[1] == "-" else int(token[1]))
    except ValueError:
        return Pressed("", Holder())


def is_open(datas: list[str]) -> bool:
    """Whether a keyboard shows an opened select: it has the button that closes it."""
    return any(one.startswith(f"{_FOLD}-") for one in datas)


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"
