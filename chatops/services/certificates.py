"""Certificates as servers present them, and their renewal by certbot."""

import asyncio
import contextlib
import shutil
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chatops.model import NotConfigured, NotPossible
from chatops.services.tools import run_tool
from config.ops_certificates import HostEntry

if TYPE_CHECKING:
    from cryptography import x509

_HANDSHAKE_S = 5.0
_CERTBOT_S = 240.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server presents; ``trouble`` is why a browser would refuse it, empty where it would not."""

    host: str
    subject: str
    issuer: str
    not_after: datetime
    serial: str
    trouble: str = ""

    def days_left(self, now: datetime) -> float:
        """Negative when it has expired."""
        return (self.not_after - now) / timedelta(days=1)


async def presented(host: HostEntry) -> Certificate:
    """By a TLS handshake; raises NotPossible where there is none."""
    anything = ssl.create_default_context()
    anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
    try:
        encoded = await _handshake(host, anything)
    except (OSError, TimeoutError, ssl.SSLError) as error:
        raise NotPossible(f"{host.name}:{host.port} makes no TLS connection ({_words(error)}).") from error
    trouble = ""
    try:
        await _handshake(host, ssl.create_default_context(cafile=host.ca))
    except ssl.SSLCertVerificationError as error:
        trouble = error.verify_message
    except (OSError, TimeoutError) as error:
        trouble = _words(error)
    return _read(host.name, encoded, trouble)


async def _handshake(host: HostEntry, context: ssl.SSLContext) -> bytes:
    async with asyncio.timeout(_HANDSHAKE_S):
        _, writer = await asyncio.open_connection(
            host.connect or host.name, host.port, ssl=context, server_hostname=host.name
        )
    try:
        found: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
    return found or b""


def _read(name: str, encoded: bytes, trouble: str) -> Certificate:
    from cryptography import x509

    found = x509.load_der_x509_certificate(encoded)
    return Certificate(
        host=name,
        subject=_common_name(found.subject),
        issuer=_common_name(found.issuer),
        not_after=found.not_valid_after_utc,
        serial=f"{found.serial_number:x}",
        trouble=trouble,
    )


def _common_name(name: "x509.Name") -> str:
    """The common name, or all of it where it has none."""
    found = {one.rfc4514_attribute_name: str(one.value) for one in name}
    return found.get("CN") or found.get("O") or "–"


async def renew(name: str, *, dry_run: bool) -> None:
    """Have certbot renew one certificate; raises NotConfigured where there is none, NotPossible with its words."""
    program = shutil.which("certbot")
    if program is None:
        raise NotConfigured("certbot is not installed on this machine, or not where this process runs.")
    command = [program, "renew", "--cert-name", name, "--non-interactive", "--no-random-sleep-on-renew"]
    await run_tool([*command, "--dry-run"] if dry_run else command, _CERTBOT_S)


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return str(getattr(error, "reason", "") or getattr(error, "strerror", "") or type(error).__name__)
