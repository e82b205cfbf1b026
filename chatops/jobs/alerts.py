"""Silences that end are told, ten minutes ahead and when what they muted still fires."""

from datetime import datetime, timedelta

from chatops import notices
from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager, LiveSilence, Matcher, NoSuchSilence
from chatops.inert import one_line
from chatops.jobs import Job
from chatops.model import Answer, Suggestion
from chatops.parts import Parts
from chatops.places import alert_places
from chatops.times import counted, span
from storage import silences
from storage.silences import SilenceRecord

AHEAD = timedelta(minutes=10)
_SHORT = 8


async def tell_ends(parts: Parts) -> None:
    """Tell which silences end soon, and which have ended while what they muted fires."""
    if not parts.has(ALERTMANAGER):
        return
    client, now = parts.get(ALERTMANAGER), parts.clock()
    for one in await silences.active():
        if one.ends_at > now + AHEAD:
            continue
        live = await _live(client, one)
        if one.ends_at > now and live is not None and live.state != "expired":
            await _tell_soon(parts, one, now)
        elif await silences.end(one.silence, now=now) and one.ends_at <= now:
            await _tell_over(parts, client, one, now)


async def _tell_soon(parts: Parts, one: SilenceRecord, now: datetime) -> None:
    """Short ones are not told: whoever made them remembers."""
    if one.ends_at - one.created_at < 2 * AHEAD or not await silences.warn(one.id, now=now):
        return
    text = f"In {span(one.ends_at - now)} silence {one.silence[:_SHORT]} of {one.human} ends: {_mutes(one)}."
    within, origin = notices.routine(parts), f"silence-soon-{one.id}"
    await notices.say(alert_places(parts), _answer(text, one), origin=origin, now=now, within=within)


async def _tell_over(parts: Parts, client: Alertmanager, one: SilenceRecord, now: datetime) -> None:
    firing = await client.alerts([Matcher.of(matcher) for matcher in one.matchers], suppressed=False)
    if firing:
        still = f"{counted(len(firing), 'alert')} still firing"
        answer = _answer(f"Silence {one.silence[:_SHORT]} of {one.human} has ended, {still}: {_mutes(one)}.", one)
        within, origin = notices.urgent(parts), f"silence-over-{one.id}"
        await notices.say(alert_places(parts), answer, origin=origin, now=now, within=within)


async def _live(client: Alertmanager, one: SilenceRecord) -> LiveSilence | None:
    try:
        return await client.silence(one.silence)
    except NoSuchSilence:
        return None


def _answer(text: str, one: SilenceRecord) -> Answer:
    given = {"id": one.silence[:_SHORT]}
    return Answer(text, suggestions=(Suggestion("1 h longer", "alerts extend", {**given, "for": "1h"}),))


def _mutes(one: SilenceRecord) -> str:
    return one_line(", ".join(str(Matcher.of(matcher)) for matcher in one.matchers), 200)


JOBS = (Job("tell ends of silences", tell_ends, timedelta(minutes=1)),)
