"""Calls people while the database is away: by senders of its own, with what every process knows without it.

Rotations, contacts and accounts are in ``ops.yaml``, overrides and vacations in a copy in the data folder. What is said
is kept in a file there too, so that a process that is started anew goes on, and is written to the audit trail when the
database is back.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from chatops.authorisation import Authorisation
from chatops.model import Place
from chatops.on_call.duty import known_without_database
from chatops.on_call.escalation import called, level_at, next_at
from chatops.on_call.paging import accounts, connected_platforms_of
from chatops.parts import Need
from chatops.redaction import Redactor
from chatops.times import moment, span
from config.clock import Clock
from config.ops import Policy
from config.settings import Settings

log = logging.getLogger(__name__)

STATE = "emergency.json"
GRACE = timedelta(seconds=10)
"""A database that is back so soon takes what there is to say its usual way."""
_SPEAK_S = 10.0
_MOST_SAID = 500


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who is called by name in a channel; ``user`` is their account there, if they have one."""

    name: str
    user: str = ""


class Speaker(Protocol):
    """Says one thing on one platform, without database or outbox."""

    async def speak(self, place: Place, text: str, called: Sequence[Called]) -> None:
        """Raises whatever the platform says."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Cry:
    """One thing that people are called for, until one of them has heard of it or the database is back."""

    key: str
    title: str
    opened_at: datetime
    next_at: datetime | None
    round: int = 0


Claim = Callable[[str], Awaitable[bool]]
"""Whether this process is the one of several to say a round, by its name."""


async def alone(_: str) -> bool:
    """There is no other process."""
    return True


@dataclass(slots=True)
class Emergency:
    """The calls of one process while the database is away."""

    policy: Policy
    settings: Settings
    clock: Clock
    speakers: Mapping[str, Speaker]
    redactor: Redactor
    claim: Claim = alone
    said: list[str] = field(default_factory=list)
    _cries: dict[str, Cry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._load()

    @property
    def is_running(self) -> bool:
        """Whether anybody is to be called, or was."""
        return bool(self._cries)

    def cry(self, key: str, title: str) -> None:
        """Call people for something, once for each key."""
        if key in self._cries:
            return
        now = self.clock()
        shown = self.redactor.text(title)[:300]
        self._cries[key] = Cry(key, shown, now, now + GRACE)
        self._note(f"emergency: {shown}")

    async def say_due(self) -> None:
        """Say what is due, all in one message to each who is called."""
        now, paging = self.clock(), self.policy.on_call.paging
        due = [one for one in self._cries.values() if one.next_at is not None and one.next_at <= now]
        if not due:
            return
        first = min(due, key=lambda one: one.opened_at)
        for one in due:
            self._cries[one.key] = replace(one, round=one.round + 1, next_at=next_at(one.opened_at, paging, now))
        self._save()
        if await self.claim(f"{first.key}:{first.round + 1}"):
            await self._say([one.title for one in due], first, now)

    def quiet(self, by: str) -> list[str]:
        """Somebody has heard of it: nobody is called any more for what there is now; returns that."""
        running = [one for one in self._cries.values() if one.next_at is not None]
        for one in running:
            self._cries[one.key] = replace(one, next_at=None)
        if running:
            self._note(f"{by} has heard of it")
        return [one.title for one in running]

    async def over(self) -> list[str]:
        """The database is back: what was said, for the audit trail; the channels are told if anybody was called."""
        begun = [one for one in self._cries.values() if one.round]
        said, self.said, self._cries = self.said, [], {}
        self._save()
        if begun:
            since = min(one.opened_at for one in begun)
            lasted = span(self.clock() - since)
            text = f"The database answers again, {lasted} after this began. Alerts and pages go their usual way again."
            await self._tell_channels(text, ())
        return said

    async def _say(self, titles: Sequence[str], first: Cry, now: datetime) -> None:
        """Directly to everybody, and to the next ones where nobody was reached; then in the channels with whom not."""
        listed = "\n".join(f"- {one}" for one in titles[:20]) + ("\n- …" if len(titles) > 20 else "")
        head = f"EMERGENCY, said directly since the database is away. Since {moment(first.opened_at)}:\n{listed}"
        stop = "oncall quiet stops these calls."
        known, results = known_without_database(self.policy, self.settings.data_dir, now), dict[str, dict[str, str]]()
        for level in range(level_at(first.opened_at, self.policy.on_call.paging, now), 3):
            humans, _ = called(known, "primary", level, now)
            fresh = [human for human in humans if human not in results]
            told = [self._call(human, f"{head}\n{human}, you are called. {stop}") for human in fresh]
            results |= dict(zip(fresh, await asyncio.gather(*told), strict=True))
            if any(_is_reached(one) for one in results.values()):
                break
        unreached = [human for human, ways in results.items() if not _is_reached(ways)]
        lost = [f"{human} on {way} ({why})" for human, ways in results.items() for way, why in ways.items() if why]
        more = f"\nNot reached: {'; '.join(lost)}." if lost else ""
        if unreached:
            more += f"\nCall {', '.join(unreached)} by other means{self._addresses()}."
        self._note(f"called {', '.join(results) or 'nobody'}{more}".replace("\n", " "))
        await self._tell_channels(f"{head}\n{stop}{more}", list(results))

    async def _call(self, human: str, text: str) -> dict[str, str]:
        """On every platform of theirs; what went wrong on each, empty where nothing did."""
        platforms = [name for name in connected_platforms_of(self.settings) if name in self.speakers]
        places = accounts(self.policy, human, platforms)
        problems = await asyncio.gather(*(self._speak(place, text, ()) for place in places))
        return {place.platform.title(): problem for place, problem in zip(places, problems, strict=True)}

    async def _tell_channels(self, text: str, humans: Sequence[str]) -> None:
        """In all channels of the console; what one does not take is said in the others."""
        places = [one for one in Authorisation(self.policy, self.settings).places() if one.platform in self.speakers]
        problems = await asyncio.gather(*(self._speak(one, text, self._names(one, humans)) for one in places))
        refused = [f"{one.platform} {one.chat}: {why}" for one, why in zip(places, problems, strict=True) if why]
        if refused:
            self._note(f"not said in {'; '.join(refused)}")
            others = [one for one, why in zip(places, problems, strict=True) if not why]
            await asyncio.gather(*(self._speak(one, f"Not said in {'; '.join(refused)}.", ()) for one in others))

    async def _speak(self, place: Place, text: str, names: Sequence[Called]) -> str:
        """What went wrong, empty where nothing did."""
        try:
            async with asyncio.timeout(_SPEAK_S):
                await self.speakers[place.platform].speak(place, self.redactor.text(text), names)
        except TimeoutError:
            return "no answer in time"
        except Exception as error:
            return self.redactor.text(str(error) or type(error).__name__)[:120].rstrip(".")
        return ""

    def _names(self, place: Place, humans: Sequence[str]) -> list[Called]:
        entries = [(human, self.policy.person_named(human)) for human in humans]
        return [Called(human, entry.accounts.get(place.platform, "") if entry else "") for human, entry in entries]

    def _addresses(self) -> str:
        found = [f"{name} {one.address}" for name, one in self.policy.on_call.contacts.items() if one.address]
        return f" ({', '.join(found)})" if found else ""

    def _note(self, line: str) -> None:
        log.error("%s", line)
        self.said = [*self.said, f"{self.clock().isoformat()} {line}"][-_MOST_SAID:]
        self._save()

    def _save(self) -> None:
        """As much as the disk allows: without it a process that is started anew begins from the first call."""
        cries = [{**asdict(one), "opened_at": one.opened_at.isoformat()} for one in self._cries.values()]
        for one in cries:
            one["next_at"] = None if one["next_at"] is None else one["next_at"].isoformat()
        path = self.settings.data_dir / STATE
        try:
            if not cries and not self.said:
                path.unlink(missing_ok=True)
                return
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps({"cries": cries, "said": self.said}), encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            log.warning("what was said in the emergency cannot be kept: %s", error)

    def _load(self) -> None:
        try:
            stored: Any = json.loads((self.settings.data_dir / STATE).read_text(encoding="utf-8"))
            self.said = [str(one) for one in stored["said"]]
            found = [_cry(one) for one in stored["cries"]]
        except (OSError, ValueError, KeyError, TypeError):
            return
        self._cries = {one.key: one for one in found}


def _is_reached(ways: Mapping[str, str]) -> bool:
    return any(not problem for problem in ways.values())


def _cry(stored: Mapping[str, Any]) -> Cry:
    next_ = stored["next_at"]
    return Cry(
        key=str(stored["key"]),
        title=str(stored["title"]),
        opened_at=datetime.fromisoformat(stored["opened_at"]),
        next_at=None if next_ is None else datetime.fromisoformat(next_),
        round=int(stored["round"]),
    )


EMERGENCY: Need[Emergency] = Need("emergency", "Only the bot process calls people directly.")
