"""Summaries: one message for all that found no room of its own in a chat's minute."""

from bot.conversation.model import Choice, Reply
from bot.conversation.operations.runs import run_token
from bot.conversation.subjects import Window
from chatops.times import counted
from storage.budget import SUMMARY
from storage.records import MessageRecord

SUBJECT = SUMMARY
_LONGEST = 1500


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The lines of a summary, oldest first."""
    stored = message.payload or {"lines": [], "count": 0}
    count = int(stored["count"])
    lines = [f"🗂 {counted(count, 'more notice')} came in this minute than a chat is told singly:"]
    length = len(lines[0])
    for number, one in enumerate(stored["lines"]):
        line = f"• {one['line']}"
        length += len(line) + 1
        if length > _LONGEST:
            lines.append(f"… and {count - number} more: all are in the incidents' timelines.")
            break
        lines.append(line)
    listed = run_token("incident list", {})
    text = window.console.redactor.text("\n".join(lines))
    return Reply(text, choices=((Choice("Open incidents", listed),),) if listed else ())
