"""The bot process: HTTP, delivery, and the timers that keep the promise of intake."""

import asyncio
import logging
import os
import platform
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from prometheus_client import PlatformCollector, ProcessCollector
from tenacity import AsyncRetrying, before_sleep_log, retry_if_exception_type, wait_exponential_jitter

from bot.addresses import database_url, redis_url
from bot.alerting import alerting
from bot.conversation.conversation import start_conversation
from bot.delivery import Delivery, Platform
from bot.emergencies import emergencies
from bot.fetching import Fetching
from bot.housekeeping import housekeeping
from bot.http.admin import AdminRoutes
from bot.http.alertmanager import AlertmanagerRoutes
from bot.http.api import ApiRoutes
from bot.http.describing import DescriptionRoutes
from bot.http.guarding import Guard, guarding, networks
from bot.http.health import HealthRoutes
from bot.http.limiting import Rate
from bot.http.metrics import MetricsRoutes
from bot.http.renewing import RenewalRoutes
from bot.http.server import Routes, serve
from bot.http.tokens import Tokens, open_tokens
from bot.library import Library
from bot.migrating import bring_up_to_date
from bot.operations import open_console
from bot.services import Services, open_services
from bot.skins import Skin, configured_skins
from chatops.console import Console
from chatops.figures.levels import Measuring
from chatops.figures.sampling import SAMPLER, Sampler
from chatops.observing.meters import METERS
from chatops.observing.readiness import READINESS, Check, basic_checks
from chatops.on_call.emergency import EMERGENCY, Emergency
from chatops.parts import Parts
from config.clock import utcnow
from config.settings import Settings
from config.tasks import Tasks, beside, first_of
from storage.attending import attending
from storage.errors import DatabaseUnreachable, QueueUnreachable, SchemaOutdated, StorageError
from storage.queue import open_queue
from storage.reconciler import Reconciler

log = logging.getLogger(__name__)

GLANCE_S = 1
RECONCILE_S = 60
_LAST_DELIVERIES_S = 5.0
_LAST_ACTIONS_S = 3.0


Platforms = Callable[[Services], Mapping[str, Platform]]
"""Makes platforms that are only delivered to, beside those of the settings."""


def no_platforms(_: Services) -> Mapping[str, Platform]:
    """No others."""
    return {}


async def run_bot(settings: Settings, platforms: Platforms = no_platforms) -> None:
    """Serve until SIGTERM or SIGINT; raises SettingsError, SchemaTooNew."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve_bot(settings, stopping, platforms)


async def serve_bot(settings: Settings, stopping: asyncio.Event, platforms: Platforms = no_platforms) -> None:
    """Serve until ``stopping`` is set; raises SettingsError, SchemaTooNew.

    A database or Redis that does not answer at start is waited for.
    """
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(emergencies(settings, utcnow))
        if not await _unless(stopping, _wait_for_parts(settings)):
            return
        services = await stack.enter_async_context(open_services(settings))
        skins: dict[str, Skin] = {}
        library = Library(settings.data_dir)
        stack.push_async_callback(library.close)
        fetching = Fetching(skins, services.intake, services.queue, library, services.clock)
        stack.push_async_callback(fetching.close)
        checks = basic_checks(services.database, services.queue) | {"catalogue": library.check}
        console = await stack.enter_async_context(_operating(services, checks, watch.emergency))
        skins.update(configured_skins(settings, start_conversation(services, fetching, library, console)))
        checks |= {name: skin.check for name, skin in skins.items()}
        delivery = await stack.enter_async_context(_delivering(services, {**platforms(services), **skins}))
        await stack.enter_async_context(_timers(services, fetching))
        await stack.enter_async_context(_attending(services))
        await stack.enter_async_context(housekeeping(services, console.parts))
        await stack.enter_async_context(_connected(skins, stopping))
        alerts = await stack.enter_async_context(alerting(console.parts))
        tokens = await open_tokens(settings, services.clock)
        rate = Rate(settings.http_per_minute)
        guard = Guard(tokens.keyring, services.clock, networks(settings.http_trusted_proxies), rate)
        await stack.enter_async_context(guarding(guard))
        routes = _routes(services, tokens, skins, console.parts, checks)
        routes.append(AlertmanagerRoutes(settings, services.clock, alerts.wake, watch.alert))
        routes.append(AdminRoutes(console, tokens))
        address = await stack.enter_async_context(
            serve(routes, settings.http_host, settings.http_port, guard, services.meters)
        )
        log.info("ready at %s", address)
        await stopping.wait()
        await delivery.finish(_LAST_DELIVERIES_S)


def _attending(services: Services) -> AbstractAsyncContextManager[object]:
    settings = services.settings
    addresses = {"database_url": database_url(settings), "redis_url": redis_url(settings)}
    name = f"bot/{platform.node() or 'localhost'}/{os.getpid()}"
    return attending("bot", name, services.queue, settings, addresses, services.clock)


def _routes(
    services: Services, tokens: Tokens, skins: Mapping[str, Skin], parts: Parts, checks: Mapping[str, Check]
) -> list[Routes]:
    """Those of the API, and of skins that are called over HTTP."""
    registry = services.meters.registry
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    measured = Measuring(parts)
    return [
        ApiRoutes(services, tokens),
        RenewalRoutes(services.clock),
        DescriptionRoutes(),
        HealthRoutes(services, tokens, checks, time.time()),
        MetricsRoutes(services, registry, measured.look, checks, parts),
        *(skin for skin in skins.values() if isinstance(skin, Routes)),
    ]


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Wait for the work; false, and the work cancelled, when stopping comes first."""
    is_done = False

    async def working() -> None:
        nonlocal is_done
        await work
        is_done = True

    await first_of(stopping.wait(), working())
    return is_done


async def _wait_for_parts(settings: Settings) -> None:
    """Bring the tables up to date and see Redis answer; say what is missing until then."""

    async def reach() -> None:
        applied = await bring_up_to_date(settings)
        if applied:
            log.info("database brought up to date: %s", ", ".join(applied))
        async with open_queue(redis_url(settings)) as queue:
            await queue.ping()

    await AsyncRetrying(
        retry=retry_if_exception_type((DatabaseUnreachable, QueueUnreachable, SchemaOutdated)),
        wait=wait_exponential_jitter(multiplier=0.2, max=5, jitter=0.2),
        before_sleep=before_sleep_log(log, logging.WARNING),
        reraise=True,
    )(reach)


@asynccontextmanager
async def _delivering(services: Services, platforms: Mapping[str, Platform]) -> AsyncIterator[Delivery]:
    delivery = Delivery(platforms, services.queue, services.clock, services.meters, services.tracing)
    async with beside(delivery.run()):
        yield delivery


@asynccontextmanager
async def _connected(skins: Mapping[str, Skin], stopping: asyncio.Event) -> AsyncIterator[None]:
    """Serve all platforms; one that cannot go on, such as for a refused token, stops the process."""
    running = Tasks()
    tasks = [running.start(skin.run(), name) for name, skin in skins.items()]
    for task in tasks:
        task.add_done_callback(lambda _: stopping.set())
    try:
        yield
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
    finally:
        await running.close()


@asynccontextmanager
async def _timers(services: Services, fetching: Fetching) -> AsyncIterator[None]:
    """Reconcile now and then every minute, glance every second."""
    reconciler = Reconciler(services.queue)

    async def glance() -> None:
        await reconciler.glance(now=services.clock())
        await fetching.recover()

    async def reconcile() -> None:
        found = await reconciler.reconcile(now=services.clock())
        if any(found.values()):
            log.info("reconciled: %s", _numbers(found))

    await _forgiving(reconcile)()
    works = ((glance, GLANCE_S), (reconcile, RECONCILE_S))
    async with beside(*(_every(seconds, _forgiving(work)) for work, seconds in works)):
        yield


@asynccontextmanager
async def _operating(services: Services, checks: dict[str, Check], emergency: Emergency) -> AsyncIterator[Console]:
    """The console, which looks every second after what waits and runs."""
    own = {METERS.name: services.meters, SAMPLER.name: Sampler(services.meters), READINESS.name: checks}
    own[EMERGENCY.name] = emergency
    console = open_console(services, own)
    try:
        async with beside(_every(GLANCE_S, _forgiving(console.glance))):
            yield console
    finally:
        await console.executor.close(_LAST_ACTIONS_S)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """By the loop's clock: when the machine's is set back, nothing may sleep until it is that late again."""
    while True:
        await asyncio.sleep(seconds)
        await work()


def _forgiving(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A part that is away is told once; the next round tries again."""

    async def trying() -> None:
        try:
            await work()
        except StorageError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("fault in a timer")

    return trying


def _numbers(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)
