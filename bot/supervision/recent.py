"""The last lines that parts wrote, so that a chat can show them."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from functools import partial

from bot.supervision.process import Output

_KEPT = 2000
_LONGEST = 4000


class Recent:
    """Keeps lines and passes them on."""

    def __init__(self, output: Output, now: Callable[[], float] = time.time) -> None:
        self._output = output
        self._now = now
        self._lines: defaultdict[str, deque[tuple[float, str]]] = defaultdict(partial(deque, maxlen=_KEPT))

    def write(self, part: str, line: str) -> None:
        """Take a line of a part."""
        self._lines[part].append((self._now(), line[:_LONGEST]))
        self._output(part, line)

    def lines(self, part: str, count: int) -> list[tuple[float, str]]:
        """The last lines of a part, oldest first, with their times in seconds since 1970."""
        return list(self._lines.get(part, ()))[-count:] if count > 0 else []
