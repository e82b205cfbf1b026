"""Figures of operations for Prometheus: backups, certificates, the audit trail, the database, incidents, pages."""

import contextlib
import math
from collections import Counter
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from chatops.backups import backing_up
from chatops.jobs.watching import AUDIT, CERTIFICATES
from chatops.parts import Parts
from config.ops_oncall import Severity
from storage import incidents, pages, values
from storage.backups.catalogue import DATABASES
from storage.database_load import connections
from storage.errors import StorageError


async def add_operations(registry: CollectorRegistry, parts: Parts) -> None:
    """Add what can be told; what does not answer now is left out."""
    for add in (_backups, _connections, _watched, _incidents):
        with contextlib.suppress(StorageError):
            await add(registry, parts)


async def _backups(registry: CollectorRegistry, parts: Parts) -> None:
    good = [one.at for one in backing_up.catalogue(parts).all(DATABASES) if not one.problem]
    age = (parts.clock() - max(good)).total_seconds() if good else math.inf
    Gauge("screen2deck_backup_age_seconds", "Age of the last good backup.", registry=registry).set(age)


async def _connections(registry: CollectorRegistry, parts: Parts) -> None:
    load = await connections(parts.database)
    if load is not None:
        used, most = load
        Gauge("screen2deck_database_connections", "Connections to Postgres.", registry=registry).set(used)
        Gauge("screen2deck_database_connections_most", "What Postgres allows.", registry=registry).set(most)


async def _watched(registry: CollectorRegistry, parts: Parts) -> None:
    trail = await values.value(AUDIT)
    if trail is not None:
        broken = Gauge("screen2deck_audit_broken", "Whether the audit trail was changed.", registry=registry)
        broken.set(bool(trail["problem"]))
    left = Gauge("screen2deck_certificate_seconds", "Until a certificate ends.", ["host"], registry=registry)
    for host, ends_at in (await values.value(CERTIFICATES) or {}).items():
        left.labels(host).set((datetime.fromisoformat(ends_at) - parts.clock()).total_seconds())


async def _incidents(registry: CollectorRegistry, parts: Parts) -> None:
    open_ = Gauge("screen2deck_incidents_open", "Incidents that are not resolved.", ["severity"], registry=registry)
    counted = Counter(one.severity for one in await incidents.unresolved())
    for severity in Severity:
        open_.labels(severity.value).set(counted[severity])
    called = Gauge("screen2deck_pages_open", "Pages that nobody acknowledged.", registry=registry)
    called.set(len(await pages.open_pages()))
