"""What whoever comes on call is told: incidents that are open, silences that hold, pages that go on."""

from collections.abc import Sequence
from datetime import datetime

from chatops import notices
from chatops.alerting.alertmanager import ALERTMANAGER, AlertmanagerError, LiveSilence
from chatops.model import Answer, Suggestion, Table
from chatops.on_call.duty import Known
from chatops.on_call.paging import accounts, connected_platforms
from chatops.parts import Parts
from chatops.places import alert_places
from chatops.times import ago, moment
from storage import incidents, pages
from storage.incidents import IncidentRecord

_MOST = 15


async def tell(parts: Parts, rota: Known, human: str, before: str, at: datetime) -> None:
    """Say in the channels, and to whoever comes, that the duty went over, once for each time that it does."""
    answer = await briefing(parts, rota, human, before)
    places = [*alert_places(parts), *accounts(parts.policy, human, connected_platforms(parts))]
    origin = f"handover:{at:%Y%m%dT%H%M%S}:{human}"[:96]
    await notices.say(places, answer, origin=origin, now=parts.clock(), within=notices.routine(parts))


async def briefing(parts: Parts, rota: Known, human: str, before: str) -> Answer:
    """What stands when somebody comes."""
    now = parts.clock()
    open_ = await incidents.unresolved()
    called = await pages.open_pages()
    change = rota.rota.change("primary", now)
    until = f", until {moment(change.at)}" if change is not None else ""
    silences, lines = await _silences(parts)
    rows = [_row(one, now) for one in open_[:_MOST]] + [_silence(one) for one in silences[:_MOST]]
    head = f"{human} is on call{until}, after {before}." if before else f"{human} is on call{until}."
    counted = [f"{len(open_)} incidents are open", f"{len(called)} pages are not acknowledged", *lines]
    return Answer(
        f"{head} {'; '.join(counted)}.",
        table=Table(("what", "state", "since or until", "about"), tuple(rows)) if rows else None,
        suggestions=(Suggestion("Incidents", "incident list"), Suggestion("Who is on call", "oncall who")),
        data={"human": human, "before": before, "incidents": [one.name for one in open_], "silences": len(silences)},
    )


async def _silences(parts: Parts) -> tuple[Sequence[LiveSilence], list[str]]:
    """Those that hold, and how many in words."""
    if not parts.has(ALERTMANAGER):
        return (), []
    try:
        found = [one for one in await parts.get(ALERTMANAGER).silences() if one.state == "active"]
    except AlertmanagerError as error:
        return (), [f"silences are not known ({str(error).rstrip('.')})"]
    return found, [f"{len(found)} silences hold"]


def _row(one: IncidentRecord, now: datetime) -> tuple[str, ...]:
    who = one.assignee or one.acknowledged_by
    state = f"{one.severity.value} {one.state.value}" + (f", {who}" if who else "")
    return one.name, state, ago(one.opened_at, now), one.title[:60]


def _silence(one: LiveSilence) -> tuple[str, ...]:
    ends = "" if one.ends_at is None else moment(one.ends_at)
    return f"silence {one.id[:8]}", "active", ends, ", ".join(str(each) for each in one.matchers)[:60]
