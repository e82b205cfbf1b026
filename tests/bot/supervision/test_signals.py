"""What Ctrl-C, SIGTERM and a closed terminal mean."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from bot.supervision.signals import StopRequest, stop_requests
from tests.processes import PATIENCE_S


@pytest.fixture
def ignored_hangup() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_every_signal_stops(what: signal.Signals) -> None:
    before = signal.getsignal(what)
    with stop_requests() as request:
        os.kill(os.getpid(), what)
        await asyncio.wait_for(request.stop.wait(), PATIENCE_S)
    assert not request.now.is_set()
    assert signal.getsignal(what) == before


def test_a_second_interrupt_ends_all_now() -> None:
    times = iter([0.0, 0.1, 0.5])
    request = StopRequest(clock=lambda: next(times))
    request.receive(signal.SIGINT)
    request.receive(signal.SIGINT)
    assert request.stop.is_set()
    assert not request.now.is_set(), "a wrapper passed the same one on"
    request.receive(signal.SIGINT)
    assert request.now.is_set()


def test_other_signals_may_come_twice() -> None:
    request = StopRequest()
    for what in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
        request.receive(what)
    assert request.stop.is_set()
    assert not request.now.is_set()


@pytest.mark.usefixtures("ignored_hangup")
async def test_what_was_to_be_ignored_stays_ignored() -> None:
    with stop_requests() as request:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
    assert not request.stop.is_set()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
