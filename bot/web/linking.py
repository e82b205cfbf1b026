"""One-time links to the page, made on the server's own terminal."""

import secrets
from datetime import datetime, timedelta

from bot.web.limits import PLATFORM
from chatops.authorisation import TERMINAL
from storage import codes, people

WEB_LINK = "web-link"
LOCAL_USER = "operator"
"""The account of whoever has the server's terminal and gave no name."""


async def make_link(address: str, user: str, *, life: timedelta, now: datetime) -> str:
    """A link that signs its first visitor in as that account; an empty one is the server's own operator.

    It lies behind ``#``, which browsers send to no server and write into no log.
    """
    name = user or LOCAL_USER
    person = await people.person_with_account(PLATFORM, name, now=now)
    details = {"user": name, "is_local": not user}
    code = await codes.make_code(WEB_LINK, person.id, details, by=TERMINAL, life=life, now=now)
    return f"{address.rstrip('/')}/#enter={code}"


def guest_name() -> str:
    """An account of somebody who has shown nothing."""
    return f"guest-{secrets.token_hex(8)}"
