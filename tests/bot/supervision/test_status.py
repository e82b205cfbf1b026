"""One line a part on a terminal, log lines elsewhere."""

import io
import os
import re
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import pytest
from structlog.testing import capture_logs

from bot.supervision.part import State
from bot.supervision.status import shown_status


class Terminal:
    """A terminal whose screen is what was written to it."""

    def __init__(self) -> None:
        self._screen, slave = os.openpty()
        self.stream: TextIO = os.fdopen(slave, "w", encoding="utf-8")

    def written(self) -> str:
        """What came since the last time, without colours and movements of the cursor."""
        text = ""
        while select.select([self._screen], [], [], 0)[0]:
            text += os.read(self._screen, 1_000_000).decode("utf-8")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)

    def hang_up(self) -> None:
        os.close(self._screen)


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm") -> Iterator[Terminal]:
    monkeypatch.setenv("TERM", kind)
    made = Terminal()
    yield made
    # Fails after a hang-up, and closes it all the same.
    with suppress(OSError):
        made.stream.close()


def test_a_terminal_shows_the_newest_state_of_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen, shown_status(screen.stream) as status:
        status.report("redis", State.STARTING, "")
        status.report("worker-1", State.STARTING, "")
        status.report("redis", State.READY, "")
        screen.written()
        status.report("worker-1", State.RESTARTING, "in 0.4 s (exit code -9)")
        newest = screen.written()
    assert "redis     ready" in newest
    assert "worker-1  restarting in 0.4 s (exit code -9)" in newest


def test_lines_of_parts_stand_above(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen, shown_status(screen.stream) as status:
        status.report("bot", State.READY, "")
        screen.written()
        assert status.output is not None
        status.output("bot", "[red]\x1b[31mPage: \x1b[0mhttp://127.0.0.1:8484")
        written = screen.written()
    assert written.index("bot | [red]Page: http://127.0.0.1:8484") < written.index("bot  ready")


def test_a_closed_terminal_hinders_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as screen, shown_status(screen.stream) as status:
        status.report("bot", State.READY, "")
        screen.hang_up()
        status.report("bot", State.STOPPING, "")
        assert status.output is not None
        status.output("bot", "line")


def test_other_streams_get_log_lines() -> None:
    with capture_logs() as logs, shown_status(io.StringIO()) as status:
        status.report("redis", State.READY, "")
        status.report("worker-1", State.RESTARTING, "in 0.4 s (exit code -9)")
        assert status.output is None
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("redis ready", "info"),
        ("worker-1 restarting in 0.4 s (exit code -9)", "warning"),
    ]


def test_a_terminal_that_cannot_move_its_cursor_gets_log_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch, "dumb") as screen, capture_logs() as logs, shown_status(screen.stream) as status:
        status.report("redis", State.READY, "")
    assert [line["event"] for line in logs] == ["redis ready"]
