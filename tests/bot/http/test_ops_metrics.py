"""Figures of operations, and that every metric that a shipped alert asks for is told."""

import re
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from bot.http.metrics import MetricsRoutes
from bot.http.server import serve
from bot.services import Services
from chatops.backups import backing_up
from chatops.figures.levels import Measuring
from chatops.jobs import watching
from chatops.parts import Parts
from config.ops_oncall import Severity
from storage import audit, incidents, values
from storage.audit import AuditLine
from storage.incidents import NewIncident
from storage.models import AuditEntry
from tests.chatops.acting import parts_of
from tests.config.deploy.test_deploy import OTHERS, metrics
from tests.making import accepted, finished, somebody

POSTGRES_ONLY = {"screen2deck_database_connections", "screen2deck_database_connections_most"}


@pytest.fixture
def parts(services: Services) -> Parts:
    return parts_of(services.settings, services.database, services.queue, clock=services.clock)


async def told(services: Services, parts: Parts) -> str:
    routes = MetricsRoutes(services, services.meters.registry, Measuring(parts).look, {}, parts)
    async with (
        serve([routes], "127.0.0.1", 0) as address,
        ClientSession(address) as session,
        session.get("/metrics") as response,
    ):
        return await response.text()


async def test_every_metric_of_the_shipped_alerts_is_told(services: Services, parts: Parts) -> None:
    person = await somebody()
    await finished(person, at=services.clock() - timedelta(minutes=1))
    await accepted(person, at=services.clock())  # the same picture, which the cache answers
    await watching.verify_audit(parts)
    text = await told(services, parts)

    families = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    wanted = {re.sub("_bucket$", "", name) for name in metrics() - set(OTHERS)}
    missing = wanted - families
    assert missing <= (POSTGRES_ONLY if services.database.is_sqlite else set())
    assert len(wanted) > 20


async def test_the_age_of_the_last_good_backup_is_told(services: Services, parts: Parts) -> None:
    assert "screen2deck_backup_age_seconds +Inf" in await told(services, parts)
    if not services.database.is_sqlite:
        return
    made = await backing_up.back_up_database(parts)
    found = re.search(r"^screen2deck_backup_age_seconds (\S+)$", await told(services, parts), re.MULTILINE)
    assert found is not None
    assert float(found[1]) < 60
    backing_up.catalogue(parts).note(made, problem="it lacks a table")
    assert "screen2deck_backup_age_seconds +Inf" in await told(services, parts)


async def test_a_changed_trail_is_told(services: Services, parts: Parts) -> None:
    now = services.clock()
    for number in range(3):
        await audit.add(AuditLine("done", f"action {number}", "alice", now))
    await watching.verify_audit(parts)
    assert "screen2deck_audit_broken 0.0" in await told(services, parts)

    await AuditEntry.filter(number=2).update(human="bob")
    await watching.verify_audit(parts)
    assert "screen2deck_audit_broken 1.0" in await told(services, parts)


async def test_incidents_and_certificates_are_told(services: Services, parts: Parts) -> None:
    await incidents.open_incident(NewIncident("slow", Severity.P2), by="alice", now=services.clock())
    ends_at = (services.clock() + timedelta(days=20)).isoformat()
    await values.set_value(watching.CERTIFICATES, {"example.org": ends_at}, by="test", now=services.clock())
    text = await told(services, parts)

    assert 'screen2deck_incidents_open{severity="P2"} 1.0' in text
    assert 'screen2deck_incidents_open{severity="P0"} 0.0' in text
    assert "screen2deck_pages_open 0.0" in text
    found = re.search(r'^screen2deck_certificate_seconds{host="example.org"} (\S+)$', text, re.MULTILINE)
    assert found is not None
    assert 19.9 < float(found[1]) / 86400 <= 20
