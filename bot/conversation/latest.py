"""``/fix``: a line of somebody's latest deck, changed by typing instead of pressing."""

from bot.conversation.corrections import LineRef, lines_of
from bot.conversation.desk import Desk, Refused
from bot.conversation.model import Author, Call, Press
from bot.conversation.texts import Texts
from bot.conversation.tokens import name_key, token
from bot.conversation.words import line_text
from ocr_worker.decks import Deck
from storage import decks
from storage.records import DeckRecord

_NEW = "n"


async def press_of(call: Call, desk: Desk) -> Press:
    """The press that the command stands for; raises Refused.

    Without ``line`` the ``card`` is added, without both the lines are shown to choose from.
    """
    stored = await _latest(call.author, desk)
    line, card = call.options.get("line", "").strip(), call.options.get("card", "").strip()
    if not line and not card:
        return Press(call.author, call.place, token("fix", stored.id))
    ref = str(_find(await desk.library.deck(stored.deck), line)) if line else _NEW
    at = (stored.id, stored.revision, ref)
    if not card:
        return Press(call.author, call.place, token("line", *at))
    known = await desk.library.card(card)
    if known is None:
        return Press(call.author, call.place, token("find", *at), {"text": card})
    return Press(call.author, call.place, token("pick", *at, name_key(known.name)))


async def complete_line(author: Author, typed: str, desk: Desk) -> list[tuple[str, str]]:
    """Lines of the latest deck that go on like this, doubtful ones first: what to show, what to send back."""
    try:
        stored = await _latest(author, desk)
    except Refused:
        return []
    texts: Texts = (await desk.somebody(author)).texts
    shown = [
        (("" if line.certain else "❓ ") + line_text(ref, line, texts), str(ref))
        for ref, line in lines_of(await desk.library.deck(stored.deck))
    ]
    return [one for one in shown if typed.strip().casefold() in one[0].casefold()]


async def _latest(author: Author, desk: Desk) -> DeckRecord:
    found = await decks.decks_of((await desk.somebody(author)).person.id, limit=1)
    if not found:
        raise Refused("history_none")
    return found[0]


def _find(deck: Deck, wanted: str) -> LineRef:
    """The line of a reference, or the first whose name has what was typed."""
    by_name = (ref for ref, line in lines_of(deck) if wanted.casefold() in line.card.name.casefold())
    known = {str(ref): ref for ref, _ in lines_of(deck)}
    found = known.get(wanted) or next(by_name, None)
    if found is None:
        raise Refused("no_such_line")
    return found
