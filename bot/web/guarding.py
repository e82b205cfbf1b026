"""What keeps other sites out: names of this host, origins, and what the page may load."""

from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web

from bot.http.problems import Problem
from config.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def own_names(settings: Settings) -> frozenset[str]:
    """Names under which browsers may come: of the settings, and this machine's where only it can come."""
    found = set(settings.web_hosts)
    if settings.public_url:
        found.add(urlsplit(settings.public_url).hostname or "")
    if settings.http_host in _LOOPBACK:
        found |= _LOOPBACK
    else:
        found.add(settings.http_host)
    return frozenset(name.lower() for name in found if name)


def check_host(request: web.Request, names: Collection[str]) -> None:
    """Raises Problem 421 for a name that is not ours: another site may have pointed it here (DNS rebinding)."""
    if host_of(request.host) not in names:
        sentence = "This host name is not known here: name it in WEB_HOSTS, or use the address that was printed."
        raise Problem(421, "wrong_host", sentence)


def check_origin(request: web.Request) -> None:
    """Raises Problem 403 for what another site's page sends."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Problem(403, "foreign", "Another site may not do this.")


def host_of(given: str) -> str:
    """The name of ``name:port`` and of ``[::1]:port``."""
    return (urlsplit(f"//{given}").hostname or "").lower()


def is_secure(request: web.Request, settings: Settings) -> bool:
    """Whether browsers reach us by https, be it through a proxy."""
    return request.secure or (settings.public_url or "").startswith("https://")
