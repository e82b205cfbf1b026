"""What the console works with in this process."""

from collections.abc import Mapping

from bot.addresses import database_url, redis_url
from bot.orchestration import fleet_of
from bot.sampling import OwnReader, shipped_sample
from bot.services import Services
from chatops.actions import registry
from chatops.alerting.alertmanager import ALERTMANAGER, Alertmanager
from chatops.alerting.muting import Muting
from chatops.backups.postgres import postgres_of
from chatops.console import Console, start_console
from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.parts import Parts
from chatops.queueing.maintaining import SILENCING
from chatops.queueing.selftesting import DIRECT_READER, SAMPLE
from config.ops import load_policy
from config.redacting import secrets_of
from storage.signing import master_secret


def open_console(services: Services, provided: Mapping[str, object] | None = None) -> Console:
    """Put it together; ``provided`` fills needs, by their names. Raises SettingsError for a wrong ``ops.yaml``."""
    settings = services.settings
    policy = load_policy(settings.ops_file)
    fleet = fleet_of(policy, settings)
    own: dict[str, object] = {} if fleet is None else {ORCHESTRATOR.name: fleet}
    if settings.alertmanager_url:
        alertmanager = Alertmanager.of(settings.alertmanager_url)
        own[ALERTMANAGER.name] = alertmanager
        own[SILENCING.name] = Muting(alertmanager, policy.maintenance, services.clock)
    own |= postgres_of(database_url(settings))
    own |= {SAMPLE.name: shipped_sample(), DIRECT_READER.name: OwnReader(settings)}
    parts = Parts(
        settings=settings,
        policy=policy,
        database=services.database,
        queue=services.queue,
        clock=services.clock,
        database_url=database_url(settings),
        redis_url=redis_url(settings),
        secrets=frozenset(secrets_of(settings)) | {master_secret(settings)},
        provided=own | dict(provided or {}),
    )
    return start_console(parts, registry())
