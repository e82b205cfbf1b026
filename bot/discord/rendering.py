"""What the conversation says, as Discord shows it, within its limits."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import discord
from discord.utils import escape_mentions

from bot.conversation.marks import with_marks
from bot.conversation.model import OutFile, Reply
from bot.conversation.visible import visible
from bot.discord.components import Surface, view_of
from bot.discord.limits import CONTENT, FILE_BYTES

_MARK = re.compile(r"(?P<mark>[\\*_`~|\[<])|^(?P<before>[ \t]*)(?P<block>>(?:>>)?|#{1,3}|-#?|\+)(?=\s)", re.MULTILINE)
"""Of Discord's markup. The library's own ``escape_markdown`` lets what follows a link through."""
_FENCES = len("\n```\n\n```")
_NO_BACKTICK = str.maketrans("`", "ˋ")
"""Nothing in a block may end it; no card has a backtick in its name."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's content and files, and the reply whose components it gets."""

    content: str
    files: tuple[OutFile, ...]
    reply: Reply
    surface: Surface

    def view(self) -> discord.ui.View:
        """Its components."""
        return view_of(self.reply, self.surface)

    def uploads(self) -> list[discord.File]:
        """Its files, to be sent once."""
        return [discord.File(io.BytesIO(one.data), filename=one.name) for one in self.files]

    def called(self) -> discord.AllowedMentions:
        """Whom Discord tells of it: those who are named, and nobody whom a text happens to name."""
        users = [discord.Object(int(one.user)) for one in self.reply.mentions if one.user.isdigit()]
        return discord.AllowedMentions(everyone=False, roles=False, users=users, replied_user=False)


def render(reply: Reply, surface: Surface, note: str = "") -> Rendered:
    """``note`` stands before all else."""
    calls = " ".join(f"<@{one.user}>" if one.user.isdigit() else plain(one.name) for one in reply.mentions)
    said = "\n".join(part for part in (note, reply.text) if part)
    text = with_marks(said, plain, "<t:{}:f>".format, "<{}>".format)
    block = visible(reply.block).rstrip("\n").translate(_NO_BACKTICK)
    files = tuple(_fitting(reply.files))
    if block and length(calls) + 1 + length(text) + length(block) + _FENCES > CONTENT:
        files, block = (OutFile(reply.block_name, reply.block.encode()), *files), ""
    text = "\n".join(part for part in (calls, shortened(text, CONTENT - length(calls) - 1)) if part)
    content = f"{text}\n```\n{block}\n```" if block else text
    return Rendered(content.strip(), files[:10], reply, surface)


def plain(text: str) -> str:
    """Untrusted text that shows as it is: no markup, no mention of anybody, a channel or a time, no heading."""
    return escape_mentions(_MARK.sub(r"\g<before>\\\g<block>\g<mark>", visible(text)))


def length(text: str) -> int:
    """In UTF-16, as JavaScript counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """At most so long, with a sign that there was more."""
    if length(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 2)].decode("utf-16-le", "ignore")
    return kept.rstrip("\\") + " …"


def _fitting(files: Iterable[OutFile]) -> list[OutFile]:
    return [one for one in files if len(one.data) <= FILE_BYTES]
