"""The level of loggers, changed while the process runs and set back by itself."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

OWN = ("bot", "chatops", "ocr_worker", "storage", "config")
"""Loggers of this product's rooms."""
LIBRARIES = ("aiohttp", "apscheduler", "arq", "asyncio", "discord", "tortoise")
"""Libraries whose loggers tell no secret at any level."""


@dataclass(frozen=True, slots=True)
class Change:
    """One logger, or all of the product's where ``logger`` is empty, at a level until then."""

    level: str
    until: datetime
    logger: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The loggers that are meant."""
        return (self.logger,) if self.logger else OWN


@dataclass(slots=True)
class Levels:
    """Applies changes to this process, and undoes them."""

    _before: dict[str, int] = field(default_factory=dict)
    _changes: list[Change] = field(default_factory=list)

    def apply(self, changes: Iterable[Change], now: datetime) -> None:
        """Have these changes hold and no others; those whose time is over do not."""
        self._changes = [one for one in changes if one.until > now]
        for name, level in self._before.items():
            logging.getLogger(name).setLevel(level)
        self._before = {}
        for one in self._changes:
            for name in one.names:
                if not may_be_set(name):
                    continue
                logger = logging.getLogger(name)
                self._before.setdefault(name, logger.level)
                logger.setLevel(one.level.upper())

    def tick(self, now: datetime) -> None:
        """Undo what is over."""
        if any(one.until <= now for one in self._changes):
            self.apply(self._changes, now)

    def said(self) -> str:
        """In a few words, for the process' heartbeat."""
        base = logging.getLevelName(logging.getLogger().level).lower()
        changed = ", ".join(f"{one.logger or 'all'} {one.level}" for one in self._changes)
        return f"{base} ({changed})" if changed else base


def may_be_set(name: str) -> bool:
    """Whether it is a logger that tells no secret: of this product, or of a library that is known not to."""
    return name.split(".")[0] in (*OWN, *LIBRARIES)
