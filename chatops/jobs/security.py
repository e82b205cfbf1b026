"""What security needs for a time is dropped when that is over: keys, sessions, links, blocks, the log of requests."""

from datetime import timedelta

from chatops.actions.auth_reset import drop_old_lockdowns
from chatops.jobs import Job
from chatops.parts import Parts
from storage import access_log, blocks, codes, sessions, signing

_KEPT = timedelta(days=30)


async def drop_what_is_over(parts: Parts) -> None:
    """Signing keys as soon as their grace ends; the rest later, for whoever looks back."""
    now = parts.clock()
    await signing.drop_old_keys(now=now)
    await drop_old_lockdowns(now)
    await sessions.remove_sessions(now - _KEPT)
    await codes.remove_codes(now - timedelta(days=1))
    await blocks.remove_blocks(now - _KEPT)
    await access_log.remove_entries(now - timedelta(days=parts.settings.access_log_days))


JOBS = (Job("drop what security keeps for a time", drop_what_is_over, timedelta(minutes=15)),)
