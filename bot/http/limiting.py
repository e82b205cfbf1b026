"""How many requests, or attempts, one address or API key may make: a bucket each, which fills as time goes by.

Buckets are this process's own: behind a balancer the limit holds for each bot process by itself.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.http.problems import Problem

_MANY = 20_000
_MINUTE_S = 60.0
FAILURES = 20
"""Logins with a wrong key that one address may try in a minute."""
UNLIMITED = ("/health", "/health/ready", "/metrics", "/webhooks/")
"""Beginnings of paths that are not counted: probes, and senders that take a refusal for good."""


@dataclass(slots=True)
class Rate:
    """``per_minute`` requests at once, and as many each minute; 0 is no limit. ``ticks`` gives seconds that only grow.

    The longest unseen are forgotten first, so that strange addresses cannot fill the memory.
    """

    per_minute: int
    ticks: Callable[[], float] = time.monotonic
    _buckets: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)

    def take(self, who: str) -> None:
        """One request more; raises Problem 429 where there is none left."""
        self._check(who, 1.0)

    def check(self, who: str) -> None:
        """Raise Problem 429 where there is none left, and take none."""
        self._check(who, 0.0)

    def _check(self, who: str, wanted: float) -> None:
        if not self.per_minute:
            return
        now = self.ticks()
        left, seen = self._buckets.get(who, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - seen) * self.per_minute / _MINUTE_S)
        is_enough = left >= 1.0
        self._buckets[who] = (left - wanted if is_enough else left, now)
        self._buckets.move_to_end(who)
        if len(self._buckets) > _MANY:
            self._buckets.popitem(last=False)
        if not is_enough:
            wait = max(1, math.ceil((1.0 - left) * _MINUTE_S / self.per_minute))
            sentence = f"Too many requests: {self.per_minute} a minute are taken. Try again in {wait} s."
            raise Problem(429, "too_many", sentence, {"Retry-After": str(wait)})


def is_limited(path: str) -> bool:
    """Whether requests to a path are counted."""
    return not any(path == one or (one.endswith("/") and path.startswith(one)) for one in UNLIMITED)
