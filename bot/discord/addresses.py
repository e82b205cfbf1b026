"""Where Discord is: its own addresses, or those of a proxy."""

from urllib.parse import urlsplit

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

_API_HOSTS = frozenset({"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com"})
FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


def use_addresses(api_url: str, gateway_url: str | None) -> None:
    """Point the library at these; it has no option for it, only these two attributes of its classes."""
    Route.BASE = api_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def may_fetch(url: str, api_url: str) -> bool:
    """Whether a file may be fetched: from Discord's own hosts with TLS, or where a proxy's API is."""
    try:
        wanted, api = urlsplit(url), urlsplit(api_url)
        if wanted.username or wanted.password:
            return False
        if wanted.hostname in FILE_HOSTS:
            return wanted.scheme == "https" and wanted.port in (None, 443)
    except ValueError:
        return False
    is_proxy = api.hostname not in _API_HOSTS
    return is_proxy and (wanted.scheme, wanted.netloc) == (api.scheme, api.netloc)
