"""What the console works with in this process."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot.addresses import database_url, redis_url
from bot.orchestration import fleet_of
from bot.services import Services
from chatops.actions import registry
from chatops.console import Console, start_console
from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.parts import Parts
from config.ops import load_policy
from config.settings import Settings
from storage.signing import master_secret


def open_console(services: Services, provided: Mapping[str, object] | None = None) -> Console:
    """Put it together; ``provided`` fills needs, by their names. Raises SettingsError for a wrong ``ops.yaml``."""
    settings = services.settings
    policy = load_policy(settings.ops_file)
    fleet = fleet_of(policy, settings)
    own: dict[str, object] = {} if fleet is None else {ORCHESTRATOR.name: fleet}
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


def secrets_of(settings: Settings) -> Iterator[str]:
    """Values that no answer may show: secret settings, and passwords in addresses."""
    for _, value in settings:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
            yield from _password(value.get_secret_value())
        elif isinstance(value, str):
            yield from _password(value)


def _password(address: str) -> Iterator[str]:
    try:
        password = urlsplit(address).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
