"""Where this deployment's own HTTP server is: the only address that actions ask by themselves."""

from config.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  (nothing listens there)


def address_of(settings: Settings) -> str:
    """For this machine's processes, as ``http://127.0.0.1:8484``."""
    return f"http://{_EVERYWHERE.get(settings.http_host, settings.http_host)}:{settings.http_port}"


def public_address_of(settings: Settings) -> str:
    """For people's links."""
    return (settings.public_url or address_of(settings)).rstrip("/")
