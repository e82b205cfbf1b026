"""The description of the HTTP API for programs: OpenAPI."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import yaml
from aiohttp import web


@dataclass(frozen=True, slots=True)
class DescriptionRoutes:
    """Publishes it."""

    def add_to(self, app: web.Application) -> None:
        """Register the route."""
        app.router.add_get("/api/openapi.json", self.describe)

    async def describe(self, _: web.Request) -> web.Response:
        """The document."""
        return web.json_response(description())


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """OpenAPI 3.1 of all that programs may call."""
    text = files("bot.http").joinpath("openapi.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    found["info"]["version"] = version("screen2deck")
    return found
