"""Calls people until one acknowledges: by direct messages on every platform of theirs, and by name in the channels.

Every page, round and message is a row before it is sent; whoever of several processes moves a row does what follows.
"""

import contextlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatops import notices
from chatops.inert import one_line
from chatops.model import Answer, Place, Suggestion
from chatops.on_call.duty import Known, known
from chatops.on_call.escalation import called, level_at, next_at
from chatops.parts import Parts
from chatops.places import alert_places
from chatops.times import moment, span
from config.ops import Policy
from config.ops_oncall import TARGETS, Target
from config.settings import Settings
from storage import incidents, pages
from storage.errors import QueueUnreachable
from storage.incidents import IncidentRecord, IncidentState
from storage.pages import SUBJECT, AttemptRecord, Fate, NewPage, PageRecord, Send
from storage.queue import Signal
from storage.records import NewMessage
from storage.timeline import NewEvent

log = logging.getLogger(__name__)

BY = "paging"
LATE = timedelta(seconds=45)
"""A message that no platform has taken by then is not waited for."""
MOST_A_MINUTE = 5
"""Pages that are said singly; what is beyond becomes one message every ``GATHERED``, so that a storm stays readable
and the chats' own limits are kept.
"""
GATHERED = timedelta(seconds=20)

_LINE = 200
_OWN = "incident:"
"""How keys of pages begin that nobody asked for but an incident."""
_PLATFORMS = ("discord", "telegram")


async def page_for(parts: Parts, incident: IncidentRecord, before: Sequence[PageRecord]) -> None:
    """Call the primary for an incident that nobody has acknowledged, once; ``before`` are its pages so far."""
    own = [one for one in before if one.key.startswith(_OWN)]
    if any(one.ended_at is None for one in own):  # made meanwhile by another process
        return
    new = NewPage(
        key=f"{_OWN}{incident.id}:{len(own)}",
        target="primary",
        title=f"{incident.name} {incident.title}",
        asked_by=incident.opened_by,
        severity=incident.severity.value,
        incident=incident.id,
    )
    await pages.open_page(new, now=parts.clock())


async def follow_incidents(parts: Parts, unresolved: Sequence[IncidentRecord]) -> None:
    """Open pages for incidents that page, end those whose incident needs them no more."""
    running = await pages.open_pages()
    paged = {one.incident for one in running}
    states = {one.id: one for one in unresolved}
    for page in running:
        if page.incident is not None:
            found = states.get(page.incident) or await incidents.incident(page.incident)
            await _end_where_done(parts, page, found)
    entries = parts.policy.on_call.severities
    for incident in unresolved:
        if incident.state is IncidentState.OPEN and entries[incident.severity].pages and incident.id not in paged:
            await page_for(parts, incident, await pages.pages_of(incident.id))


async def say_due(parts: Parts) -> None:
    """Say all rounds whose time has come, worst first."""
    due = await pages.due(parts.clock())
    if not due:
        return
    rota, now = await known(parts), parts.clock()
    lately = await pages.said_since(now - timedelta(minutes=1))
    single = max(0, MOST_A_MINUTE - len(lately))
    said = [await _say(parts, rota, page, ()) for page in due[:single]]
    rest = due[single:]
    if rest and not single and now - max(lately) < GATHERED:
        return
    for number, page in enumerate(rest):
        more = [one.title for one in rest] if number == 0 else None
        said.append(await _say(parts, rota, page, more))
    if any(said):
        with contextlib.suppress(QueueUnreachable):
            await parts.queue.signal(Signal("outbox"))


async def look_after(parts: Parts) -> None:
    """Note what became of messages; where one did not arrive, say so where it can be read, and call the next."""
    now = parts.clock()
    for attempt in await pages.news(now, LATE):
        if await pages.settle(attempt, now=now) and attempt.fate is not Fate.DELIVERED:
            await _tell_lost(parts, attempt)


async def acknowledge(parts: Parts, page: PageRecord, by: str, *, request: str = "") -> bool:
    """Somebody has seen a page, and with it its incident; whether they are the first."""
    now = parts.clock()
    if page.incident is not None:
        await incidents.acknowledge(page.incident, by=by, now=now, request=request)
    return await pages.acknowledge(page.id, by, now=now)


def sentence(page: PageRecord, policy: Policy, now: datetime, *, human: str = "", more: Sequence[str] = ()) -> str:
    """What a message of a page says now."""
    head = " ".join(part for part in (page.severity, page.title) if part)
    why = f"\n{page.reason}" if page.reason else ""
    if page.ended_at is not None:
        return (
            f"{head}{why}\nThis page has ended {span(page.ended_at - page.opened_at)} after it began: {page.outcome}."
        )
    begun = f"since {moment(page.opened_at)}"
    if more:
        listed = "\n".join(f"- {title}" for title in more[:20])
        return f"{len(more)} more pages {begun}:\n{listed}"
    who = f"{human}, you are called" if human else "Called"
    paging = policy.on_call.paging
    then = [
        f"{name} at {moment(page.opened_at + after)}"
        for name, after in (("the secondary", paging.secondary_after), ("all admins", paging.admins_after))
        if page.opened_at + after > now
    ]
    follows = f" Without an acknowledgement: {', '.join(then)}." if then else ""
    return f"{head}{why}\n{who} {begun}, by {page.asked_by}; said {page.round} times.{follows}"


def accounts(policy: Policy, human: str, connected: Iterable[str]) -> list[Place]:
    """The direct messages of somebody, on the platforms that are connected."""
    entry = policy.person_named(human)
    found = {} if entry is None else entry.accounts
    return [notices.direct(platform, found[platform]) for platform in connected if platform in found]


def connected_platforms(parts: Parts) -> list[str]:
    """Those that this deployment speaks on."""
    return connected_platforms_of(parts.settings)


def connected_platforms_of(settings: Settings) -> list[str]:
    """The same by the settings alone."""
    tokens = {"discord": settings.discord_token, "telegram": settings.telegram_token}
    return [name for name in _PLATFORMS if tokens[name] is not None]


async def _say(parts: Parts, rota: Known, page: PageRecord, more: Sequence[str] | None) -> bool:
    """One round; ``more`` are the titles of pages that this message stands for, None where another one stands for it.

    Whether this process said it.
    """
    now, paging = parts.clock(), parts.policy.on_call.paging
    level = max(page.level, level_at(page.opened_at, paging, now))
    humans, _ = called(rota, _target(page), level, now)
    round_ = _Round(parts, page, humans, more or ())
    sends = [] if more is None else round_.sends()
    event = None
    if page.incident is not None:
        text = f"{_listed(humans)} called, round {page.round + 1}."
        event = (page.incident, NewEvent("page", text, "", {"page": page.name, "humans": humans}))
    within = notices.call(parts)
    following = next_at(page.opened_at, paging, now)
    return await pages.say_round(page, sends, following, now=now, event=event, within=within)


@dataclass(frozen=True, slots=True)
class _Round:
    """The messages of one round."""

    parts: Parts
    page: PageRecord
    humans: Sequence[str]
    more: Sequence[str]

    def sends(self) -> list[Send]:
        """To each account of those who are called, and to the channels."""
        connected = connected_platforms(self.parts)
        direct = [
            Send(human, self._message(place, human))
            for human in self.humans
            for place in accounts(self.parts.policy, human, connected)
        ]
        line = one_line(f"{_listed(self.humans)} called: {self.page.severity} {self.page.title}", _LINE)
        channels = [Send("", self._message(place, ""), line) for place in alert_places(self.parts)]
        return direct + [one for one in channels if one.message.platform in connected]

    def _message(self, place: Place, human: str) -> NewMessage:
        page = self.page
        mentions = [] if human else self._mentions(place.platform)
        suggestions = [_button(one) for one in buttons(page)]
        return NewMessage(
            platform=place.platform,
            chat=place.chat,
            subject=SUBJECT,
            subject_id=str(page.id),
            address={"unasked": True, "direct": place.is_private},
            payload={"human": human, "mentions": mentions, "more": list(self.more), "suggestions": suggestions},
            origin=f"page:{page.id.hex}:{page.round + 1}",
        )

    def _mentions(self, platform: str) -> list[dict[str, str]]:
        """Names of those who are called, with their account there if they have one."""
        entries = [(human, self.parts.policy.person_named(human)) for human in self.humans]
        return [{"name": human, "user": entry.accounts.get(platform, "") if entry else ""} for human, entry in entries]


def buttons(page: PageRecord) -> list[Suggestion]:
    """What may follow."""
    if page.ended_at is not None:
        return []
    return [
        Suggestion("Acknowledge", "oncall ack", {"page": page.name}),
        Suggestion("Escalate", "oncall escalate", {"page": page.name}),
    ]


def _button(one: Suggestion) -> dict[str, object]:
    return {"label": one.label, "action": one.action, "arguments": dict(one.arguments)}


async def _end_where_done(parts: Parts, page: PageRecord, found: IncidentRecord) -> None:
    """End a page whose incident is acknowledged, resolved, or of a severity that pages nobody any more."""
    now = parts.clock()
    if found.is_resolved:
        await pages.end(page.id, f"resolved by {found.resolved_by}", now=now)
    elif found.acknowledged_at is not None and (page.key.startswith(_OWN) or found.acknowledged_at >= page.opened_at):
        await pages.acknowledge(page.id, found.acknowledged_by, now=now)
    elif page.key.startswith(_OWN) and not parts.policy.on_call.severities[found.severity].pages:
        await pages.end(page.id, f"{found.severity.value} pages nobody", now=now)


async def _tell_lost(parts: Parts, attempt: AttemptRecord) -> None:
    """A message did not arrive."""
    now = parts.clock()
    page = await pages.page(attempt.page)
    where = attempt.platform.title()
    verb = "has not taken" if attempt.fate is Fate.LATE else "refused"
    whom = f"the page to {attempt.human}" if attempt.human else f"the page in the channel {attempt.chat}"
    text = f"{where} {verb} {whom} for {page.title}: {attempt.problem.rstrip('.')}."
    log.error("%s", text)
    if page.incident is not None:
        key = f"lost:{attempt.id}"
        await incidents.note(page.incident, NewEvent("page", text, key=key), now=now)
    text += await _what_now(parts, page, attempt)
    others = [one for one in alert_places(parts) if attempt.human or one.platform != attempt.platform]
    origin = f"lost:{page.id.hex}:{attempt.human or attempt.chat}:{attempt.platform}"[:96]
    suggestions = tuple(buttons(page))
    answer, within = Answer(text, ok=False, suggestions=suggestions), notices.urgent(parts)
    await notices.say(others, answer, origin=origin, now=now, within=within)


async def _what_now(parts: Parts, page: PageRecord, attempt: AttemptRecord) -> str:
    """Whether another way reached the same human; where none did, the next is called at once."""
    if not attempt.human:
        return ""
    if attempt.human not in await pages.unreached(page.id, [attempt.human]):
        others = {one.platform for one in await pages.attempts(page.id) if one.human == attempt.human}
        return f" It is on its way by {_listed(sorted(one.title() for one in others - {attempt.platform}))}."
    level = max(page.level, level_at(page.opened_at, parts.policy.on_call.paging, parts.clock()))
    if page.ended_at is None and level < 2 and await pages.escalate(page.id, level + 1, now=parts.clock()):
        return f" {attempt.human} cannot be reached, so the next are called now."
    return f" {attempt.human} cannot be reached."


def reached(page: PageRecord, policy: Policy, now: datetime) -> int:
    """How far a page has come by itself."""
    return level_at(page.opened_at, policy.on_call.paging, now)


def _target(page: PageRecord) -> Target:
    return next((one for one in TARGETS if one == page.target), "primary")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else "nobody"]))
