"""Old requests of the console are dropped; the audit trail keeps what was done."""

from datetime import timedelta

from chatops.jobs import Job
from chatops.parts import Parts
from storage import requests

KEPT = timedelta(days=90)


async def drop_old(parts: Parts) -> None:
    """Drop ended requests with their files."""
    await requests.remove_requests(parts.clock() - KEPT)


JOBS = (Job("drop old requests", drop_old, "17 3 * * *"),)
