"""Buttons of cards: each is an action of the console, with its own role, plan and confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from bot.conversation.actions.registry import Context, verb
from bot.conversation.desk import Refused
from bot.conversation.model import Answer, Place
from bot.conversation.operations.ordering import Ordering, actor_of, place_of
from bot.conversation.subjects.alert_cards import ACTIONS
from chatops.incidents.card_view import CardView, card_view
from chatops.incidents.diagnosing import pack_for, section_for
from storage import incidents, timeline
from storage.errors import NotStored
from storage.incidents import IncidentRecord

_ASKED = {"resolve": "summary", "reopen": "reason"}
"""Deeds that need a line of text, and what it is for."""
_READ = frozenset({"all", "runbook", "timeline"})
"""Deeds that are nothing which a timeline tells."""

_OF_CARD = frozenset({"silence", "all", "diagnose", "runbook"})
"""Deeds that need a card rather than an incident."""


@verb("opscard")
async def press(context: Context) -> Answer:
    """One of the deeds of a card or of an incident."""
    if context.token.subject is None or not context.token.arguments:
        raise Refused("old_button")
    on = await _looked_up(context.token.subject)
    deed = context.token.arguments[0]
    if on.incident is not None and deed not in _READ:
        about = replace(context.press.place, incident=str(on.incident.id))
        context = replace(context, press=replace(context.press, place=about))
    action, arguments = await _order(context, deed, on)
    ordering, author, place = Ordering(context.console), context.press.author, context.press.place
    if deed in _ASKED:
        declared = context.console.registry.named(action)
        if declared in await context.console.offered(actor_of(author), place_of(author, place)):
            return ordering.menus(author, place).question(declared, arguments, _ASKED[deed])
    if deed == "diagnose":
        context = replace(context, press=replace(context.press, place=await _talk(context, on.incident)))
    state = "" if on.incident is None else int(on.incident.changed_at.timestamp() * 1000)
    return await ordering.press(context.press, action, arguments, f"{context.token.subject}.{deed}.{state}")


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a button stands under."""

    card: CardView | None
    incident: IncidentRecord | None


async def _talk(context: Context, incident: IncidentRecord | None) -> Place:
    """The thread of an incident, or its topic in the group of the button, where it has one; else where that stands."""
    place, platform = context.press.place, context.press.author.platform
    talks = [] if incident is None else await timeline.talks_of(incident.id)
    group = place.chat.partition("/")[0]
    chats = [chat for on, chat in talks if on == platform and ":" not in chat]
    chats = [chat for chat in chats if "/" not in chat or chat.partition("/")[0] == group]
    if not chats:
        return place
    around = place.around | {place.chat}
    return Place(chats[-1], {"unasked": True, "direct": False}, place.community, around, place.incident)


async def _looked_up(subject: UUID) -> _Subject:
    try:
        view = await card_view(subject)
    except NotStored:
        return _Subject(None, await incidents.incident(subject))
    return _Subject(view, view.incident)


async def _order(context: Context, deed: str, on: _Subject) -> tuple[str, Mapping[str, str]]:
    """The action of a deed and its arguments; raises Refused."""
    if deed not in ACTIONS:
        raise Refused("old_button")
    name = "" if on.incident is None else on.incident.name
    if on.card is not None and deed in _OF_CARD:
        return _of_card(deed, on.card, name)
    if on.incident is None or deed in _OF_CARD:
        raise Refused("old_button")
    if deed == "escalate":
        return ACTIONS[deed], {"incident": name}
    if deed == "take":
        now = context.console.parts.clock()
        identity = await context.console.authorisation.identify(actor_of(context.press.author), now=now)
        return ACTIONS[deed], {"id": name, "user": identity.human}
    return ACTIONS[deed], {"id": name}


def _of_card(deed: str, view: CardView, incident: str) -> tuple[str, Mapping[str, str]]:
    if deed == "diagnose":
        return f"diagnose {pack_for(view.alerts[0].alert)}", {}
    if deed == "runbook":
        return ACTIONS[deed], {"section": section_for(view.alerts[0].alert).name}
    target = {"target": view.card.name}
    if deed == "all":
        return ACTIONS[deed], target
    comment = f"Silenced from the card {view.card.name}" + (f" of {incident}" if incident else "")
    return ACTIONS[deed], {**target, "for": "1h", "comment": comment}
