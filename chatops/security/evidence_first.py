"""The order of a security incident: evidence, containment, revocation, patches. Whoever acts first is told."""

from datetime import datetime, timedelta

from storage import values

KEY = "evidence:"
"""Bundles of evidence stand under this beginning in ``storage.values``."""
_RECENT = timedelta(hours=24)


async def evidence_first(now: datetime) -> str:
    """A sentence for a plan, empty where evidence was taken lately."""
    taken = [datetime.fromisoformat(one["at"]) for one in (await values.values(KEY)).values()]
    if any(now - at < _RECENT for at in taken):
        return ""
    return " No evidence was taken in the last 24 hours: run security evidence first."
