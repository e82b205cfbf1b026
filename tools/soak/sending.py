"""Programs that send pictures at times of chance and ask until the deck is there."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import aiohttp

PATIENCE_S = 120.0
_POLL_S = 0.2
_TOKEN_S = 600.0
"""A token lives for 15 minutes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A picture: when it was sent, seconds until it was accepted and until the end, and what came of it."""

    sent: float
    accepted_s: float | None
    ended_s: float | None
    outcome: str
    was_known: bool = False

    @property
    def is_error(self) -> bool:
        """A picture whose reader finds no deck is answered."""
        return self.outcome not in ("done", "refused")


@dataclass(slots=True)
class Sender:
    """Sends as several programs, each with its key."""

    session: aiohttp.ClientSession
    keys: list[str]
    pictures: Iterator[bytes]
    rng: Random = field(default_factory=lambda: Random(7))  # noqa: S311  (times of chance, no secrets)
    answers: list[Answer] = field(default_factory=list)
    waiting: "set[asyncio.Task[None]]" = field(default_factory=set)
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    _sent: int = 0

    async def send(self, rate: float, seconds: float) -> None:
        """Pictures at a mean ``rate`` a second (a Poisson process), for so long; answers are waited for by ``end``."""
        loop = asyncio.get_running_loop()
        due, stop = loop.time(), loop.time() + seconds
        while (due := due + self.rng.expovariate(rate)) < stop:
            picture = await asyncio.to_thread(next, self.pictures)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._sent += 1
            task = asyncio.create_task(self.convert(self.keys[self._sent % len(self.keys)], picture))
            self.waiting.add(task)
            task.add_done_callback(self.waiting.discard)
        await asyncio.sleep(max(0.0, stop - loop.time()))

    async def end(self) -> None:
        """All that was sent has its answer."""
        while self.waiting:
            await asyncio.wait(set(self.waiting))

    async def token(self, key: str) -> str:
        """A token that is valid for a while."""
        token, until = self._tokens.get(key, ("", 0.0))
        if time.monotonic() >= until:
            async with self.session.post("/api/auth/login", headers={"X-API-Key": key}) as answer:
                answer.raise_for_status()
                token = (await answer.json())["access_token"]
            self._tokens[key] = token, time.monotonic() + _TOKEN_S
        return token

    async def convert(self, key: str, picture: bytes) -> None:
        """Send one picture and wait for its end."""
        sent, accepted_s, body = time.monotonic(), None, {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                headers = {"Authorization": f"Bearer {await self.token(key)}"}
                async with self.session.post("/api/ocr", data=picture, headers=headers) as answer:
                    answer.raise_for_status()
                    body = await answer.json()
                accepted_s = time.monotonic() - sent
                while body["state"] not in ("done", "refused", "failed"):
                    await asyncio.sleep(_POLL_S)
                    async with self.session.get(body["status_url"], headers=headers) as answer:
                        answer.raise_for_status()
                        body = await answer.json()
            outcome, ended_s = str(body["state"]), time.monotonic() - sent
            if outcome == "failed":
                outcome = f"failed: {body.get('error')}"
        except TimeoutError:
            outcome, ended_s = f"no answer in {PATIENCE_S:g} s", None
        except (aiohttp.ClientError, OSError, KeyError, ValueError) as error:
            outcome, ended_s = f"{type(error).__name__}: {error}", None
        self.answers.append(Answer(sent, accepted_s, ended_s, outcome, bool(body.get("from_cache"))))
