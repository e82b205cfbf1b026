"""What security needs for a time is dropped when that is over: keys, sessions, links, blocks, the log of requests."""

from datetime import timedelta

from chatops.actions.auth_reset import drop_old_lockdowns
from chatops.jobs import Job
from chatops.parts import Parts
from storage import access_log, blocks, codes, sessions, signing
from storage.control import Control
from storage.fingerprints import fingerprint_key, signer

_KEPT = timedelta(days=30)


async def drop_what_is_over(parts: Parts) -> None:
    """Signing keys as soon as their grace ends; the rest later, for whoever looks back."""
    now = parts.clock()
    await signing.drop_old_keys(now=now)
    await _drop_strangers(parts)
    await drop_old_lockdowns(now)
    await sessions.remove_sessions(now - _KEPT)
    await codes.remove_codes(now - timedelta(days=1))
    await blocks.remove_blocks(now - _KEPT)
    await access_log.remove_entries(now - timedelta(days=parts.settings.access_log_days))


async def _drop_strangers(parts: Parts) -> None:
    """Keys of a JWT_SECRET that was replaced: when all processes that sign have the same, and have had it a day."""
    told = [one.fingerprints.get("jwt_secret") for one in await Control(parts.queue).processes() if one.kind == "bot"]
    if len(told) and len(set(told)) == 1:
        ring = signing.open_ring(parts.settings)
        own = signer(await fingerprint_key(parts.clock()), parts.settings)["jwt_secret"]
        if told[0] == own:
            await signing.drop_other_rings(ring, before=parts.clock() - timedelta(days=1))


JOBS = (Job("drop what security keeps for a time", drop_what_is_over, timedelta(minutes=15)),)
