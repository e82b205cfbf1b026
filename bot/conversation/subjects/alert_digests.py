"""Digests: one message in place of many cards, in a storm or after a chat was away."""

from uuid import UUID

from bot.conversation.marks import time_mark
from bot.conversation.model import Choice, Reply
from bot.conversation.operations.runs import run_token
from bot.conversation.subjects import Window
from bot.conversation.subjects.alert_cards import shortened
from chatops.incidents.card_view import card_view, headline, summary_line
from chatops.times import counted
from storage import cards
from storage.budget import DIGEST
from storage.cards import OUTAGE
from storage.records import MessageRecord

SUBJECT = DIGEST
_MOST = 15


async def reply(message: MessageRecord, window: Window) -> Reply:
    """All cards of a digest, worst first; raises NotStored."""
    digest = await cards.digest(UUID(message.subject_id))
    views = [await card_view(one.id) for one in digest.cards[:_MOST]]
    firing = sum(1 for one in digest.cards if one.closed_at is None)
    why = "came while this chat could not be reached" if digest.reason == OUTAGE else "came at once"
    lines = [f"📦 {counted(len(digest.cards), 'group of alerts', 'groups of alerts')} {why}, {firing} still firing."]
    lines += [f"{headline(one)}: {summary_line(one, time_mark)}" for one in views]
    if len(digest.cards) > _MOST:
        lines.append(
            f"… and {len(digest.cards) - _MOST} more: press List all, or alerts show with the number of a card."
        )
    listed = run_token("alerts list", {})
    text = window.console.redactor.text(shortened(lines))
    return Reply(text, choices=((Choice("List all", listed),),) if listed else ())
