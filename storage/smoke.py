"""Questions that the product asks all day, to see that a database can answer them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from storage import models
from storage.database import open_database, patient


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: ``problem`` is empty where it was answered."""

    what: str
    ms: float
    problem: str = ""


@patient
async def _newest_deck() -> object:
    return await models.StoredDeck.all().order_by("-created_at").prefetch_related("conversion").first()


@patient
async def _waiting() -> object:
    return await models.Conversion.filter(state="queued").order_by("accepted_at").limit(10)


@patient
async def _accounts() -> object:
    return await models.Account.all().prefetch_related("person").limit(10)


@patient
async def _due() -> object:
    return await models.OutboxMessage.filter(is_pending=True).order_by("due_at").limit(10)


@patient
async def _trail() -> object:
    return await models.AuditEntry.all().order_by("-number").limit(10)


@patient
async def _requests() -> object:
    return await models.OpsRequest.all().order_by("-created_at").limit(10)


_QUESTIONS: dict[str, Callable[[], Awaitable[Any]]] = {
    "pictures that wait": _waiting,
    "the newest deck": _newest_deck,
    "players and their accounts": _accounts,
    "messages to deliver": _due,
    "the audit trail": _trail,
    "requests of the console": _requests,
}


async def ask() -> list[Asked]:
    """Ask the open database."""
    found = []
    for what, question in _QUESTIONS.items():
        began, problem = time.perf_counter(), ""
        try:
            await question()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        found.append(Asked(what, round((time.perf_counter() - began) * 1000, 3), problem))
    return found


async def ask_at(url: str) -> list[Asked]:
    """Ask another database; raises DatabaseUnreachable."""
    async with open_database(url, connections=1):
        return await ask()
