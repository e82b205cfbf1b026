"""Cards of alerts: what fires where since when, who has it, and what can be done."""

from uuid import UUID

from bot.conversation.marks import link_mark, time_mark
from bot.conversation.model import Choice, Reply, Style, Talk
from bot.conversation.subjects import Window
from bot.conversation.tokens import token
from chatops.incidents.card_view import CardView, card_lines, card_view
from chatops.incidents.diagnosing import pack_for
from chatops.inert import one_line
from storage.incidents import CARD, IncidentRecord, IncidentState
from storage.records import MessageRecord

SUBJECT = CARD
_LONGEST = 1700


async def reply(message: MessageRecord, window: Window) -> Reply:
    """The present state of a card; raises NotStored."""
    view = await card_view(UUID(message.subject_id))
    text = window.console.redactor.text(shortened(card_lines(view, time_mark, link_mark)))
    return Reply(text, choices=buttons(view.card.id, view.incident, view, window), talk=talk_of(view.incident))


def talk_of(incident: IncidentRecord | None) -> Talk | None:
    """Where people talk about it."""
    if incident is None:
        return None
    return Talk(f"{incident.name} {one_line(incident.title, 80)}", incident.id, incident.is_resolved)


def buttons(
    subject: UUID, incident: IncidentRecord | None, view: CardView | None, window: Window
) -> tuple[tuple[Choice, ...], ...]:
    """What can be done, by what has been done; only what this release has."""
    known = window.console.registry.actions
    rows = [[one for one in row if ACTIONS[one[1]] in known] for row in _rows(incident, view)]
    return tuple(tuple(_button(subject, label, deed) for label, deed in row) for row in rows if row)


def _button(subject: UUID, label: str, deed: str) -> Choice:
    return Choice(label, token("opscard", subject, deed), _STYLES.get(deed, Style.PLAIN))


def _rows(incident: IncidentRecord | None, view: CardView | None) -> list[list[tuple[str, str]]]:
    rows: list[list[tuple[str, str]]] = []
    if incident is not None and incident.is_resolved:
        rows.append([("Reopen", "reopen"), ("Timeline", "timeline"), ("Post-mortem", "postmortem")])
    elif incident is not None:
        first = ("Acknowledge", "ack") if incident.state is IncidentState.OPEN else ("Take it", "take")
        rows.append([first, ("Escalate", "escalate"), ("Resolve", "resolve")])
    more = []
    if view is not None and view.firing:
        more.append(("Silence 1 h", "silence"))
        if pack_for(view.alerts[0].alert):
            more.append(("Diagnose", "diagnose"))
        more.append(("Runbook", "runbook"))
    if view is not None:
        more.append(("Show all", "all"))
    return [*rows, more]


ACTIONS = {
    "ack": "incident ack",
    "take": "incident assign",
    "escalate": "oncall escalate",
    "resolve": "incident resolve",
    "reopen": "incident reopen",
    "timeline": "incident timeline",
    "postmortem": "incident postmortem",
    "silence": "alerts silence",
    "diagnose": "diagnose ocr",
    "runbook": "runbook show",
    "all": "alerts show",
}
"""Deeds of buttons and the actions that do them; which pack ``diagnose`` runs is decided by the alert."""
_STYLES = {"ack": Style.MAIN, "escalate": Style.DANGER}


def shortened(lines: list[str], most: int = _LONGEST) -> str:
    """Lines that fit; what is left off is counted."""
    kept: list[str] = []
    length = 0
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > most:
            return "\n".join([*kept, f"… {len(lines) - number} more lines: press Show all."])
        kept.append(line)
    return "\n".join(kept)
