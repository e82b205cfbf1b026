"""What maintenance means for players: how long it lasts, and what is not done meanwhile."""

from datetime import datetime

from bot.conversation.texts import Texts
from storage import maintenance
from storage.maintenance import Mode

_OPERATING = "ops"
"""Buttons of the console begin so: it is there for maintenance above all."""
_ALWAYS = frozenset({"close"})


async def held_until(now: datetime) -> str | None:
    """When pictures that come now will be read; None where nothing holds them."""
    record = await maintenance.in_force(now)
    return None if record is None else clock_time(record.until, now)


async def refusal(verb: str, texts: Texts, now: datetime) -> str:
    """Why a press is not obeyed, empty where it is: hard maintenance neither hands out nor changes lists."""
    if verb.startswith(_OPERATING) or verb in _ALWAYS:
        return ""
    record = await maintenance.in_force(now)
    if record is None or record.mode is not Mode.HARD:
        return ""
    return texts("in_maintenance", until=clock_time(record.until, now))


def clock_time(at: datetime, now: datetime) -> str:
    """``18:00 UTC``, with the date where it is another day."""
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"
