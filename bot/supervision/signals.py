"""Ctrl-C, SIGTERM and a closed terminal, as events."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Wrappers pass Ctrl-C on although the terminal has sent it to all; people are slower.
_ONE_KEYPRESS_S = 0.3


@dataclass
class StopRequest:
    """What the user wants: ``stop`` in order, or everything ended ``now``."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    now: asyncio.Event = field(default_factory=asyncio.Event)
    clock: Callable[[], float] = time.monotonic
    _interrupted: float | None = field(default=None, init=False)

    def receive(self, what: signal.Signals) -> None:
        """Take note of a signal: any stops, a second Ctrl-C ends everything now."""
        self.stop.set()
        if what is not signal.SIGINT:
            return
        if self._interrupted is None:
            self._interrupted = self.clock()
        elif self.clock() - self._interrupted >= _ONE_KEYPRESS_S:
            self.now.set()


@contextmanager
def stop_requests(clock: Callable[[], float] = time.monotonic) -> Iterator[StopRequest]:
    """Turn signals into a StopRequest while the context lasts; only in the running loop of the main thread.

    Signals that whoever started this process had it ignore stay ignored, as with nohup.
    """
    request = StopRequest(clock=clock)
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in STOPPING}
    taken = [each for each in STOPPING if before[each] is not signal.SIG_IGN]
    for each in taken:
        loop.add_signal_handler(each, request.receive, each)
    try:
        yield request
    finally:
        for each in taken:
            loop.remove_signal_handler(each)
            # The loop would leave the system's own way; asyncio.run has another for Ctrl-C.
            signal.signal(each, before[each])
