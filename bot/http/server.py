"""Puts the routes together and listens."""

import errno
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol, runtime_checkable

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.http.correlation import correlated
from bot.http.guarding import Guard
from bot.http.metrics import counting
from bot.http.problems import problems
from bot.intake import MAX_BYTES
from chatops.observing.meters import Meters
from config.settings import SettingsError

log = logging.getLogger(__name__)


@runtime_checkable
class Routes(Protocol):
    """A group of routes."""

    def add_to(self, app: web.Application) -> None:
        """Register them."""
        ...


@asynccontextmanager
async def serve(
    routes: Iterable[Routes], host: str, port: int, guard: Guard | None = None, meters: Meters | None = None
) -> AsyncIterator[str]:
    """Listen while the context lasts; gives the address. Raises SettingsError where the port is taken.

    ``guard`` stands before all routes, ``meters`` count what is answered.
    """
    first: list[Middleware] = [] if meters is None else [counting(meters)]
    first += [] if guard is None else [guard.middleware()]
    app = web.Application(middlewares=[*first, correlated, problems], client_max_size=MAX_BYTES + 1_000_000)
    for group in routes:
        group.add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        yield await _listen(runner, host, port)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> str:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise SettingsError(f"HTTP cannot listen on {host}:{port} ({why}): set HTTP_PORT to another.") from error
    address = f"http://{host}:{runner.addresses[0][1]}"
    log.info("listening on %s", address)
    return address
