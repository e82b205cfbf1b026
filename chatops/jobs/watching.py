"""What is too slow to look at whenever Prometheus asks: whether the audit trail is whole, when certificates end."""

import asyncio
import logging
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from chatops.jobs import Job
from chatops.parts import Parts
from chatops.probing import targets
from storage import audit, values

log = logging.getLogger(__name__)

AUDIT, CERTIFICATES = "watch:audit", "watch:certificates"
_BY = "watching"
_TIMEOUT_S = 5.0
_FOREIGN = ("discord", "telegram")
"""Their certificates are not ours to renew."""


async def verify_audit(parts: Parts) -> None:
    """Look whether a line of the trail was changed or taken away."""
    count, problem = await audit.verify()
    if problem:
        log.error("the audit trail is broken after %s lines: %s", count, problem)
    await values.set_value(AUDIT, {"lines": count, "problem": problem}, by=_BY, now=parts.clock())


async def look_at_certificates(parts: Parts) -> None:
    """Note when the certificates of this deployment's own addresses end; one that does not answer keeps its last."""
    before = await values.value(CERTIFICATES) or {}
    found = {}
    for name, address in targets(parts).items():
        where = urlsplit(address)
        if where.scheme == "https" and where.hostname and name not in _FOREIGN:
            ends_at = await _end(where.hostname, where.port or 443)
            found[where.hostname] = before.get(where.hostname) if ends_at is None else ends_at.isoformat()
    known = {host: at for host, at in found.items() if at is not None}
    await values.set_value(CERTIFICATES, known, by=_BY, now=parts.clock())


async def _end(host: str, port: int) -> datetime | None:
    """When a certificate ends, also of one that is not good any more; None where nobody answers."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            text = await asyncio.to_thread(ssl.get_server_certificate, (host, port), timeout=_TIMEOUT_S)
    except (OSError, ValueError, TimeoutError) as error:
        log.warning("the certificate of %s cannot be looked at: %s", host, error)
        return None
    return _not_after(text)


def _not_after(text: str) -> datetime:
    from cryptography import x509

    return x509.load_pem_x509_certificate(text.encode()).not_valid_after_utc.astimezone(UTC)


JOBS = (
    Job("verify the audit trail", verify_audit, "23 * * * *", timeout=timedelta(minutes=20)),
    Job("look at certificates", look_at_certificates, timedelta(hours=1)),
)
