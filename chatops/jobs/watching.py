"""What is too slow to look at whenever Prometheus asks: whether the audit trail is whole, when certificates end."""

import logging
from datetime import timedelta

from chatops.jobs import Job
from chatops.model import NotPossible
from chatops.parts import Parts
from chatops.services.certificates import presented
from storage import audit, values

log = logging.getLogger(__name__)

AUDIT, CERTIFICATES = "watch:audit", "watch:certificates"
_BY = "watching"


async def verify_audit(parts: Parts) -> None:
    """Look whether a line of the trail was changed or taken away."""
    count, problem = await audit.verify()
    if problem:
        log.error("the audit trail is broken after %s lines: %s", count, problem)
    await values.set_value(AUDIT, {"lines": count, "problem": problem}, by=_BY, now=parts.clock())


async def look_at_certificates(parts: Parts) -> None:
    """Note when certificates end; a host that does not answer keeps what was seen last."""
    before = await values.value(CERTIFICATES) or {}
    found = {}
    for host in parts.policy.certificates.hosts:
        try:
            found[host.name] = (await presented(host)).not_after.isoformat()
        except NotPossible as error:
            log.warning("%s", error)
            if host.name in before:
                found[host.name] = before[host.name]
    await values.set_value(CERTIFICATES, found, by=_BY, now=parts.clock())


JOBS = (
    Job("verify the audit trail", verify_audit, "23 * * * *", timeout=timedelta(minutes=20)),
    Job("look at certificates", look_at_certificates, timedelta(hours=1)),
)
