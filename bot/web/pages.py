"""The files of the page: small, ours, and compressed once."""

import gzip
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web

from bot.web.guarding import HEADERS, check_host, own_names
from config.settings import Settings

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_SMALL = 1000


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as browsers want it."""

    body: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    media_type: str
    tag: str


@dataclass(frozen=True, slots=True)
class PageRoutes:
    """``/`` and what it loads."""

    settings: Settings

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_get("/", self.page)
        app.router.add_get("/enter/{code}", self.page)
        app.router.add_get("/page/{path:[a-z0-9/_.-]+}", self.asset)

    async def page(self, request: web.Request) -> web.Response:
        """The page itself; it asks for everything else."""
        return self._response(request, "index.html")

    async def asset(self, request: web.Request) -> web.Response:
        """A script or a style."""
        return self._response(request, request.match_info["path"])

    def _response(self, request: web.Request, path: str) -> web.Response:
        check_host(request, own_names(self.settings))
        asset = assets().get(path)
        if asset is None:
            raise web.HTTPNotFound
        headers = {**HEADERS, "ETag": asset.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == asset.tag:
            return web.Response(status=304, headers=headers)
        packed = "gzip" in request.headers.get("Accept-Encoding", "") and len(asset.body) > _SMALL
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = asset.packed if packed else asset.body
        return web.Response(body=body, content_type=asset.media_type, charset="utf-8", headers=headers)


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """All files of the page by their paths."""
    found: dict[str, Asset] = {}
    _collect(files("bot.web").joinpath("static"), "", found)
    return found


def _collect(folder: Traversable, prefix: str, found: dict[str, Asset]) -> None:
    for one in folder.iterdir():
        if one.is_dir():
            _collect(one, f"{prefix}{one.name}/", found)
        elif (kind := _TYPES.get(one.name.rpartition(".")[2])) is not None:
            body = one.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            found[prefix + one.name] = Asset(body, gzip.compress(body, mtime=0), kind, tag)
