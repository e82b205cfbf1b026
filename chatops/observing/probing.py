"""Whether something answers at a configured address, and how long each step takes: name, connection, TLS, first byte.

Only addresses that this deployment is configured with: an address from a chat would let anybody look around in the
network of the server.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.own_http import address_of, public_address_of
from chatops.parts import Parts

TIMEOUT_S = 5.0
_HTTP = {"http": 80, "https": 443}
_PORTS = {**_HTTP, "redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432, "asyncpg": 5432}


@dataclass(slots=True)
class Probe:
    """What came out: milliseconds by step, as far as it got, and what was wrong."""

    target: str
    host: str
    steps: dict[str, float] = field(default_factory=dict)
    status: int | None = None
    problem: str = ""

    @property
    def is_ok(self) -> bool:
        """It answers, and not with an error of its own."""
        return not self.problem and (self.status is None or self.status < 500)

    @property
    def total_ms(self) -> float:
        """All steps together."""
        return sum(self.steps.values())


def targets(parts: Parts) -> dict[str, str]:
    """Addresses by name: this deployment's own, those of its services, and those of others that it depends on."""
    settings = parts.settings
    found = {"bot": f"{address_of(settings)}/health"} if settings.http_port else {}
    if settings.public_url:
        # As people reach it: an answer on this machine proves nothing about the way to it.
        found["public"] = f"{public_address_of(settings)}/health"
    if parts.has(ORCHESTRATOR):
        found |= {one.name: one.health for one in parts.get(ORCHESTRATOR).entries if one.health}
    if settings.discord_token is not None:
        found["discord"] = f"{settings.discord_api_url.rstrip('/')}/gateway"
    if settings.telegram_token is not None:
        # The root only: a method's address holds the token.
        found["telegram"] = settings.telegram_api_url
    if settings.prometheus_url:
        found["prometheus"] = f"{settings.prometheus_url.rstrip('/')}/-/ready"
    members = [one.strip() for one in (settings.alertmanager_url or "").split(",") if one.strip()]
    for number, member in enumerate(members, 1):
        name = "alertmanager" if len(members) == 1 else f"alertmanager-{number}"
        found[name] = f"{member.rstrip('/')}/-/ready"
    for name, address in (("database", parts.database_url), ("redis", parts.redis_url)):
        if urlsplit(address).scheme in _PORTS and urlsplit(address).hostname:
            found.setdefault(name, address)
    return found


async def probe(target: str, address: str, timeout_s: float = TIMEOUT_S) -> Probe:
    """Try an address once; what is wrong is in the result. Nothing follows a redirection."""
    parts = urlsplit(address)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 80)
    except ValueError:
        port = 0
    found = Probe(target, f"{parts.hostname}:{port}")
    try:
        async with asyncio.timeout(timeout_s):
            await _steps(found, parts, port)
    except TimeoutError:
        found.problem = f"no answer within {timeout_s:g} s, after {_done(found.steps)}"
    except ssl.SSLCertVerificationError as error:
        found.problem = f"its certificate is not good ({error.verify_message})"
    except socket.gaierror as error:
        found.problem = f"its name is not known ({error.strerror})"
    except (OSError, ValueError, EOFError) as error:
        found.problem = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return found


async def probe_all(addresses: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> list[Probe]:
    """All at once."""
    return list(await asyncio.gather(*(probe(name, address, timeout_s) for name, address in addresses.items())))


async def _steps(found: Probe, parts: SplitResult, port: int) -> None:
    clock = _Clock(found)
    loop = asyncio.get_running_loop()
    addresses = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    clock.done("DNS")
    reader, writer = await asyncio.open_connection(str(addresses[0][4][0]), port)
    try:
        clock.done("TCP")
        if parts.scheme in ("https", "rediss"):
            await writer.start_tls(ssl.create_default_context(), server_hostname=parts.hostname)
            clock.done("TLS")
        if parts.scheme in _HTTP:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = parts.hostname if parts.port is None else f"{parts.hostname}:{port}"
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: screen2deck\r\nConnection: close\r\n\r\n"
            writer.write(request.encode("ascii", "ignore"))
            line = await reader.readline()
            clock.done("first byte")
            found.status = _status(line)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            writer.transport.abort()


def _status(line: bytes) -> int:
    """Of ``HTTP/1.1 200 OK``; raises ValueError."""
    words = line.decode("ascii", "replace").split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise ValueError("what answers speaks no HTTP")
    return int(words[1])


def _done(steps: Mapping[str, float]) -> str:
    return ", ".join(steps) or "nothing"


@dataclass(slots=True)
class _Clock:
    """Notes how long each step took."""

    found: Probe
    _last: float = field(default_factory=time.monotonic)

    def done(self, step: str) -> None:
        now = time.monotonic()
        self.found.steps[step] = round(1000 * (now - self._last), 1)
        self._last = now
