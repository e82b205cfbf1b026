"""Shows how the parts are: one line a part on a terminal, log lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

import structlog
from rich.console import Console
from rich.live import Live
from rich.text import Text

from bot.supervision.part import Report, State
from bot.supervision.process import Output

_STYLES = {
    State.STARTING: "yellow",
    State.READY: "green",
    State.RESTARTING: "red",
    State.STOPPING: "yellow",
    State.STOPPED: "dim",
    State.FAILED: "bold red",
}
_TROUBLE = {State.RESTARTING, State.FAILED}


@dataclass(frozen=True)
class Status:
    """Where states are told; ``output`` takes the lines of parts, and is None where they may write themselves."""

    report: Report
    output: Output | None = None


@contextmanager
def shown_status(stream: TextIO) -> Iterator[Status]:
    """Show states on ``stream`` where it is a terminal, and log them where it is not."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not stream.isatty() or console.is_dumb_terminal:
        yield Status(report=log_state)
        return
    live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    board = Board(live)
    live.start()
    try:
        yield Status(report=board.report, output=board.write)
    finally:
        with suppress(OSError):
            live.stop()


def log_state(part: str, state: State, detail: str) -> None:
    """Write one log line on a part."""
    log: structlog.stdlib.BoundLogger = structlog.get_logger("supervisor")
    tell: Callable[..., object] = log.warning if state in _TROUBLE else log.info
    tell(f"{part} {state} {detail}".rstrip(), part=part, state=str(state))


class Board:
    """The lines at the bottom of a terminal, one a part, with what the parts write above them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lines: dict[str, tuple[State, str]] = {}

    def report(self, part: str, state: State, detail: str) -> None:
        """Show the new state of a part."""
        self._lines[part] = (state, detail)
        # The terminal may be closed; the parts must be stopped all the same.
        with suppress(OSError):
            self._live.update(self._text(), refresh=True)

    def write(self, part: str, line: str) -> None:
        """Show a line that a part wrote."""
        with suppress(OSError):
            self._live.console.print(Text(f"{part} | ", style="dim").append_text(Text.from_ansi(line)))

    def _text(self) -> Text:
        width = max(len(part) for part in self._lines)
        text = Text(no_wrap=True, overflow="ellipsis")
        for part, (state, detail) in self._lines.items():
            text.append("\n" if text else "").append(f"{part:<{width}}  ").append(str(state), style=_STYLES[state])
            text.append(f" {detail}" if detail else "")
        return text
