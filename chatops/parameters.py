"""Kinds of parameters: how their text is read, what bounds it, what is offered while it is typed.

A parameter of an action is annotated with its kind: ``timeout: Annotated[timedelta, Duration("10s", "15m")]``.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from apscheduler.triggers.cron import CronTrigger
from rapidfuzz import fuzz, process

from chatops.model import BadArgument
from chatops.parts import Parts
from config.spans import duration

_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_NEAR, _AS_NEAR = 60, 10
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

Completer = Callable[[Parts, str], Awaitable[Sequence[str]]]


@runtime_checkable
class Kind(Protocol):
    """Reads one parameter."""

    def read(self, text: str) -> Any:
        """The value; raises BadArgument, whose sentence tells what is allowed."""
        ...

    @property
    def hint(self) -> str:
        """What is allowed, in a few words."""
        ...


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    least: int
    most: int

    @property
    def hint(self) -> str:
        return f"{self.least} to {self.most}"

    def read(self, text: str) -> int:
        try:
            value = int(text.strip())
        except ValueError:
            raise BadArgument(f"must be a whole number, {self.hint}") from None
        if not self.least <= value <= self.most:
            raise BadArgument(f"must be {self.hint}")
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A number with decimals."""

    least: float
    most: float

    @property
    def hint(self) -> str:
        return f"{self.least:g} to {self.most:g}"

    def read(self, text: str) -> float:
        try:
            value = float(text.strip())
        except ValueError:
            raise BadArgument(f"must be a number, {self.hint}") from None
        if not self.least <= value <= self.most:
            raise BadArgument(f"must be {self.hint}")
        return value


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time such as ``90s``, ``5m``, ``1h30m`` or ``7d``, between two such."""

    least: str = "1s"
    most: str = "7d"

    @property
    def hint(self) -> str:
        return f"{self.least} to {self.most}"

    def read(self, text: str) -> timedelta:
        try:
            value = duration(text)
        except ValueError:
            raise BadArgument(f"must be a time such as 90s, 5m, 1h30m or 2d, {self.hint}") from None
        if not duration(self.least) <= value <= duration(self.most):
            raise BadArgument(f"must be {self.hint}")
        return value


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes such as ``512M`` or ``1.5G``."""

    least: str
    most: str

    @property
    def hint(self) -> str:
        return f"{self.least} to {self.most}"

    def read(self, text: str) -> int:
        try:
            value = size(text)
        except ValueError:
            raise BadArgument(f"must be a size such as 512M or 1G, {self.hint}") from None
        if not size(self.least) <= value <= size(self.most):
            raise BadArgument(f"must be {self.hint}")
        return value


@dataclass(frozen=True, slots=True)
class Word:
    """One of some words; a wrong one gets the nearest as suggestion."""

    words: tuple[str, ...]

    @property
    def hint(self) -> str:
        return ", ".join(self.words)

    def read(self, text: str) -> str:
        return one_of(text, self.words)

    async def complete(self, parts: Parts, typed: str) -> Sequence[str]:
        return [word for word in self.words if typed.casefold() in word.casefold()]


@dataclass(frozen=True, slots=True)
class Name:
    """The name or id of something that is only known while the product runs; ``offers`` completes it."""

    what: str
    offers: Completer | None = None
    longest: int = 128

    @property
    def hint(self) -> str:
        return self.what

    def read(self, text: str) -> str:
        cleaned = text.strip()
        if not cleaned or len(cleaned) > self.longest or _CONTROL.search(cleaned) or "\n" in cleaned:
            raise BadArgument(f"must be {self.what}, at most {self.longest} letters")
        return cleaned

    async def complete(self, parts: Parts, typed: str) -> Sequence[str]:
        found = [] if self.offers is None else await self.offers(parts, typed)
        return [one for one in found if typed.casefold() in one.casefold()]


@dataclass(frozen=True, slots=True)
class Text:
    """Free words, which are shown and kept and never interpreted."""

    shortest: int = 0
    longest: int = 200

    @property
    def hint(self) -> str:
        return f"{self.shortest} to {self.longest} letters"

    def read(self, text: str) -> str:
        cleaned = _CONTROL.sub("", text).strip()
        if not self.shortest <= len(cleaned) <= self.longest:
            raise BadArgument(f"must have {self.hint}")
        return cleaned


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    @property
    def hint(self) -> str:
        return "yes or no"

    def read(self, text: str) -> bool:
        lowered = text.strip().casefold()
        if lowered in ("yes", "true", "on", "1", ""):
            return True
        if lowered in ("no", "false", "off", "0"):
            return False
        raise BadArgument("must be yes or no")

    async def complete(self, parts: Parts, typed: str) -> Sequence[str]:
        return ["yes", "no"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in UTC unless it says otherwise, such as ``2026-11-24T18:00`` or ``+2h``."""

    @property
    def hint(self) -> str:
        return "a time such as 2026-11-24T18:00Z or +2h"

    def read(self, text: str) -> datetime | timedelta:
        cleaned = text.strip()
        try:
            if cleaned.startswith("+"):
                return duration(cleaned[1:])
            at = datetime.fromisoformat(cleaned)
        except ValueError:
            raise BadArgument(f"must be {self.hint}") from None
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Five fields of cron, in UTC."""

    @property
    def hint(self) -> str:
        return "five fields of cron such as 0 2 * * *"

    def read(self, text: str) -> str:
        try:
            CronTrigger.from_crontab(text.strip(), timezone=UTC)
        except ValueError as error:
            raise BadArgument(f"must be {self.hint} ({error})") from None
        return " ".join(text.split())


Network_ = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Network:
    """An address or a network, not wider than ``widest4`` and ``widest6`` bits."""

    widest4: int = 24
    widest6: int = 48

    @property
    def hint(self) -> str:
        return f"an IP address or network, at most /{self.widest4} (IPv4) or /{self.widest6} (IPv6)"

    def read(self, text: str) -> Network_:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise BadArgument(f"must be {self.hint}") from None
        if network.prefixlen < (self.widest4 if network.version == 4 else self.widest6):
            raise BadArgument(f"must be {self.hint}")
        return network


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text of a fixed shape, such as a version."""

    pattern: str
    what: str

    @property
    def hint(self) -> str:
        return self.what

    def read(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text.strip()):
            raise BadArgument(f"must be {self.what}")
        return text.strip()


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that is looked at and never kept, shown or logged, such as a token."""

    what: str
    longest: int = 4096
    is_secret: bool = True

    @property
    def hint(self) -> str:
        return self.what

    def read(self, text: str) -> str:
        cleaned = text.strip()
        if not cleaned or len(cleaned) > self.longest or not cleaned.isascii() or not cleaned.isprintable():
            raise BadArgument(f"must be {self.what}")
        return cleaned


VERSION = Pattern(r"v\d{1,4}\.\d{1,4}\.\d{1,4}", "a version such as v2.1.0")


def size(text: str) -> int:
    """``512M`` as bytes; raises ValueError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)i?b?", text.strip().lower())
    if not found:
        raise ValueError(text)
    return int(float(found[1]) * _SIZES[found[2]])


def _nearest(text: str, words: Sequence[str]) -> list[str]:
    """Those that it may be with an error or two in it: the most alike, and what is nearly as alike."""
    found = process.extract(text, words, scorer=fuzz.ratio, processor=str.casefold, limit=3, score_cutoff=_NEAR)
    return [word for word, score, _ in found if score >= found[0][1] - _AS_NEAR]


def one_of(text: str, words: Sequence[str]) -> str:
    """The word that is meant: as it is, or the only one that begins so; raises BadArgument with the nearest."""
    cleaned = text.strip().casefold()
    for word in words:
        if word.casefold() == cleaned:
            return word
    beginning = [word for word in words if cleaned and word.casefold().startswith(cleaned)]
    if len(beginning) == 1:
        return beginning[0]
    near = beginning or _nearest(cleaned, words)
    raise BadArgument(f"did you mean {' or '.join(near)}?" if near else f"must be one of {', '.join(words)}")
