"""What runs the services of this deployment: what ``ops.yaml`` declares, or the supervisor of this data folder."""

from chatops.orchestrators.fleet import Fleet, open_fleet
from chatops.own_http import address_of
from config.ops import Policy
from config.ops_services import BackEnd, Kind, ServiceEntry
from config.settings import Settings
from storage.embedded import EmbeddedRedis
from storage.sockets import control_socket


def fleet_of(policy: Policy, settings: Settings) -> Fleet | None:
    """The declared services, or the product's own where a supervisor runs; None where there is nothing to steer.

    Raises SettingsError for a back end that is not installed.
    """
    control = control_socket(settings.data_dir)
    if policy.services:
        return open_fleet(policy.services, policy.orchestrators, control)
    return open_fleet(own_services(settings), policy.orchestrators, control) if control.exists() else None


def own_services(settings: Settings) -> tuple[ServiceEntry, ...]:
    """What ``screen2deck up`` runs. A database or Redis of somebody else's is not among it."""
    embedded = EmbeddedRedis(settings.data_dir).url
    # The supervisor hands its parts the address of its own.
    is_own = settings.redis_url is None or settings.redis_url.get_secret_value() == embedded
    redis = (ServiceEntry(name="redis", back_end=BackEnd.LOCAL, stop_seconds=10),) if is_own else ()
    needs = tuple(one.name for one in redis)
    address = f"{address_of(settings)}/health"
    bot = ServiceEntry(
        name="bot",
        back_end=BackEnd.LOCAL,
        also=(Kind.BACKEND, Kind.WEB),
        depends_on=needs,
        ports=(settings.http_port,) if settings.http_port else (),
        health=address if settings.http_port else None,
        stop_seconds=15,
    )
    worker = ServiceEntry(
        name="worker", back_end=BackEnd.LOCAL, depends_on=needs, stop_seconds=settings.reading_seconds + 10
    )
    return (*redis, bot, worker)
