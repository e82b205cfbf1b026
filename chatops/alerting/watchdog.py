"""An alert pipeline that has gone silent is an incident: nothing else would be heard of either."""

from datetime import datetime

from chatops import notices
from chatops.alerting.watchdog_alert import is_blind, watchdog_name
from chatops.model import Answer, Suggestion
from chatops.parts import Parts
from chatops.places import alert_places
from chatops.times import span
from config.ops_oncall import Severity
from storage import alerts, incidents, values
from storage.incidents import IncidentRecord, NewIncident

SOURCE = "watchdog"
_SINCE = "watch:since"
_BY = "watchdog"


async def look(parts: Parts) -> None:
    """Open an incident when the watchdog has not been heard of in time, end it when it is. In one process at a time."""
    configured = parts.policy.on_call.watchdog
    if configured is None:
        await values.remove_value(_SINCE)
        return
    now = parts.clock()
    running = next((one for one in await incidents.unresolved() if one.source == SOURCE), None)
    if not await is_blind(parts.policy, None, now=now):
        if running is not None:
            await _end(parts, running)
    elif running is None and now - await _since(parts, now) >= configured.within:
        await _begin(parts)


async def _since(parts: Parts, now: datetime) -> datetime:
    """From when on it is expected: a deployment that has just been set up, or came back, has time to hear of it."""
    known = await values.value(_SINCE)
    if known is None:
        await values.set_value(_SINCE, now.isoformat(), by=_BY, now=now)
        return now
    return datetime.fromisoformat(known)


async def _begin(parts: Parts) -> None:
    name = watchdog_name(parts.policy)
    heard = [one.last_heard_at for one in await alerts.alerts_named(None, name)]
    last = f"for {span(parts.clock() - max(heard))}" if heard else "at all"
    title = f"Alert pipeline silent: {name} was not heard of {last}"
    opened = await incidents.open_incident(NewIncident(title, Severity.P1, source=SOURCE), by=_BY, now=parts.clock())
    text = (
        f"{opened.name} {title}. Prometheus, Alertmanager or the way from it to the bot is broken, so that no other "
        "alert would come either."
    )
    suggestions = (Suggestion("Acknowledge", "incident ack", {"id": opened.name}),)
    answer = Answer(text, ok=False, suggestions=suggestions)
    within, origin = notices.urgent(parts), f"watchdog:{opened.id}"
    await notices.say(alert_places(parts), answer, origin=origin, now=parts.clock(), within=within)


async def _end(parts: Parts, running: IncidentRecord) -> None:
    now = parts.clock()
    await incidents.resolve(running.id, "The watchdog is heard of again.", by=_BY, now=now)
    answer = Answer(f"{running.name}: the watchdog is heard of again, after {span(now - running.opened_at)}.")
    within, origin = notices.routine(parts), f"watchdog-back:{running.id}"
    await notices.say(alert_places(parts), answer, origin=origin, now=now, within=within)
