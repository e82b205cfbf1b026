"""A link that is good once gives a new API key. Opening it does nothing yet: chats open links by themselves."""

import html
from dataclasses import dataclass

from aiohttp import web

from bot.http.problems import Problem
from chatops.actions.auth_reset import RENEW
from config.clock import Clock
from storage import access, codes

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Screen2Deck: new API key</title>
<style>body{{font:1.1rem system-ui;max-width:34rem;margin:4rem auto;padding:0 1rem}}code{{overflow-wrap:anywhere}}
@media(prefers-color-scheme:dark){{body{{background:#111;color:#eee}}}}</style><main>{body}</main></html>"""


@dataclass(frozen=True, slots=True)
class RenewalRoutes:
    """The page of the link, and the key behind its button."""

    clock: Clock

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_get("/api/auth/renew/{code}", self.ask)
        app.router.add_post("/api/auth/renew/{code}", self.renew)

    async def ask(self, request: web.Request) -> web.Response:
        """A button."""
        found = await codes.code(request.match_info["code"], RENEW, now=self.clock())
        if found is None:
            raise _gone()
        role, name = html.escape(found.details["role"]), html.escape(found.details["name"])
        return _page(
            f"<h1>New API key</h1><p>For <b>{name}</b>, with the role {role}. It is shown once.</p>"
            '<form method="post"><button>Show the key</button></form>'
        )

    async def renew(self, request: web.Request) -> web.Response:
        """The key, to whoever comes first."""
        now = self.clock()
        found = await codes.use_code(request.match_info["code"], RENEW, now=now)
        if found is None:
            raise _gone()
        key, _ = await access.make_key(found.person, found.details["name"], found.details["role"], now=now)
        return _page(
            f"<h1>Your new API key</h1><p><code>{html.escape(key)}</code></p><p>Keep it: it is not shown again.</p>"
        )


def _gone() -> Problem:
    return Problem(404, "not_found", "This link was used already, or its time is over: ask for another.")


def _page(body: str) -> web.Response:
    return web.Response(text=_PAGE.format(body=body), content_type="text/html", headers=_HEADERS)
