"""Log files: lines come back, without secrets; files are closed by size and day, compressed and dropped."""

import contextlib
import gzip
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from config.log_files import KEPT, LogFile, own_log_file, pieces
from config.log_reading import Query, find, parsed, plain, processes
from config.logging import set_up_logging
from config.settings import LogFormat, LogLevel

SECRET = "correct-horse-battery"  # noqa: S105


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    set_up_logging(LogLevel.INFO, io.StringIO(), folder=tmp_path / "logs", process="bot", secrets=[SECRET])
    return tmp_path / "logs"


def tidied() -> None:
    """Wait for threads that compress."""
    for thread in threading.enumerate():
        if thread.name == "log files":
            thread.join()


class Clock:
    now = datetime(2026, 11, 1, 23, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


Make = Callable[..., LogFile]


@pytest.fixture
def handler() -> Iterator[Make]:
    """Makes log files, which are closed in the end."""
    made: list[LogFile] = []

    def make(folder: Path, clock: Clock, **how: int) -> LogFile:
        file = LogFile(folder, "bot", now=clock, **how)  # type: ignore[arg-type]
        file.setFormatter(logging.Formatter('{"event": "%(message)s", "timestamp": "2026-11-01T00:00:00Z"}'))
        made.append(file)
        return file

    yield make
    tidied()
    for file in made:
        with contextlib.suppress(OSError):
            file.close()


def say(file: LogFile, text: str) -> None:
    file.handle(logging.LogRecord("x", logging.INFO, "", 0, text, None, None))


def test_what_is_logged_is_found_with_what_belongs_to_it(folder: Path) -> None:
    with structlog.contextvars.bound_contextvars(correlation="abc-123"):
        logging.getLogger("bot.delivery").warning("message %s is undeliverable", 7)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("bot").exception("fault")

    warning, error = find(folder, Query())
    assert (warning.event, warning.level, warning.logger) == ("message 7 is undeliverable", "warning", "bot.delivery")
    assert warning.more == {"correlation": "abc-123"}
    assert warning.shown().endswith("bot WARNING message 7 is undeliverable correlation=abc-123")
    assert error.shown().endswith("ERROR fault | ValueError: broken")
    assert (folder / "bot.jsonl").stat().st_mode & 0o777 == 0o600


def test_secrets_are_in_no_line_of_file_or_terminal(tmp_path: Path) -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.INFO, stream, folder=tmp_path, process="bot", secrets=[SECRET])
    logging.getLogger("x").error("the password is %s", SECRET)
    structlog.get_logger("x").info("at", dsn="postgres://me:hunter2hunter2@host/db", deep=[{"mail": "a@example.org"}])
    try:
        raise ValueError(f"token {SECRET}")
    except ValueError:
        logging.getLogger("x").exception("fault")

    written = (tmp_path / "bot.jsonl").read_text(encoding="utf-8")
    for text in (written, stream.getvalue()):
        assert SECRET not in text
        assert "hunter2" not in text
        assert "a@example.org" not in text
    assert "[redacted]" in written


def test_the_setting_decides_what_stderr_looks_like(tmp_path: Path) -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.INFO, stream, form=LogFormat.TEXT)
    logging.getLogger("x").warning("odd")
    assert not stream.getvalue().startswith("{")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    set_up_logging(LogLevel.INFO, terminal, form=LogFormat.JSON)
    logging.getLogger("x").warning("odd")
    assert json.loads(terminal.getvalue())["event"] == "odd"


def test_queries_take_what_they_ask_for(folder: Path) -> None:
    for number in range(5):
        logging.getLogger("bot").info("picture %d", number)
    logging.getLogger("bot").error("a.*b (literal)")

    assert [line.event for line in find(folder, Query(most=2))] == ["picture 4", "a.*b (literal)"]
    assert [line.event for line in find(folder, Query(level="error"))] == ["a.*b (literal)"]
    assert [line.event for line in find(folder, Query(text="A.*B"))] == ["a.*b (literal)"]
    assert find(folder, Query(text="a.b")) == []
    assert find(folder, Query(process="worker")) == []
    assert find(folder, Query(since="2999-01-01T00:00:00Z")) == []
    assert find(folder / "nowhere", Query()) == []


def test_a_file_is_closed_with_its_day_and_compressed(tmp_path: Path, handler: Make) -> None:
    clock = Clock()
    file = handler(tmp_path, clock)
    say(file, "yesterday")
    clock.now += timedelta(minutes=2)
    say(file, "today")
    tidied()

    closed, open_ = pieces(tmp_path)
    assert (closed.path.suffix, closed.closed, open_.closed) == (".gz", clock.now, None)
    assert b"yesterday" in gzip.decompress(closed.path.read_bytes())
    assert closed.path.stat().st_mode & 0o777 == 0o600
    assert [line.event for line in find(tmp_path, Query())] == ["yesterday", "today"]


def test_a_file_is_closed_when_it_is_large(tmp_path: Path, handler: Make) -> None:
    clock = Clock()
    file = handler(tmp_path, clock, largest=500)
    for number in range(30):
        clock.now += timedelta(milliseconds=1)
        say(file, f"line {number}")
    tidied()

    assert len(pieces(tmp_path)) > 3
    assert {line.event for line in find(tmp_path, Query())} == {f"line {number}" for number in range(30)}


def test_a_week_is_kept(tmp_path: Path, handler: Make) -> None:
    clock = Clock()
    old = clock.now - KEPT - timedelta(minutes=1)
    (tmp_path / f"worker-9.{old:%Y%m%dT%H%M%S%f}.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    young = clock.now - KEPT + timedelta(minutes=1)
    (tmp_path / f"worker-9.{young:%Y%m%dT%H%M%S%f}.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    (tmp_path / "notes.txt").write_text("not ours", encoding="ascii")

    handler(tmp_path, clock)
    assert [one.process for one in pieces(tmp_path)] == ["bot", "worker-9"]
    assert (tmp_path / "notes.txt").exists()


def test_what_is_closed_by_hand_tells_its_size(tmp_path: Path, handler: Make) -> None:
    file = handler(tmp_path, Clock())
    assert file.rotate_now() == 0
    say(file, "x")
    assert file.rotate_now() > 10
    tidied()
    assert len(pieces(tmp_path)) == 2


def test_a_process_writes_on_where_it_was_stopped(tmp_path: Path, handler: Make) -> None:
    first = handler(tmp_path, Clock())
    say(first, "before")
    first.close()
    second = handler(tmp_path, Clock())
    say(second, "after")
    assert [line.event for line in find(tmp_path, Query())] == ["before", "after"]


def test_two_processes_of_one_name_do_not_write_into_one_file(tmp_path: Path, handler: Make) -> None:
    first, second = handler(tmp_path, Clock()), handler(tmp_path, Clock())
    assert first.baseFilename != second.baseFilename
    assert len(processes(tmp_path)) == 2


def test_a_full_disk_is_told_once_and_ends_nothing(
    tmp_path: Path, handler: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    file = handler(tmp_path, Clock())
    assert file.stream is not None
    file.stream.close()
    file.stream = open("/dev/full", "w", encoding="ascii")  # noqa: PTH123, SIM115
    for _ in range(3):
        say(file, "x")
    said = capsys.readouterr().err
    assert said.count("cannot be written ([Errno 28] No space left on device)") == 1


def test_where_no_folder_can_be_made_the_process_goes_on(tmp_path: Path) -> None:
    stream = io.StringIO()
    (tmp_path / "file").write_text("", encoding="ascii")
    set_up_logging(LogLevel.INFO, stream, folder=tmp_path / "file" / "logs", process="bot")
    assert "no log file in" in stream.getvalue()
    assert own_log_file() is None


@pytest.mark.parametrize(
    ("text", "level", "at"),
    [
        ("2026-11-01 10:00:00.123 UTC [7] ERROR:  relation is missing", "error", "2026-11-01T10:00:00.123"),
        ("FATAL:  the database system is shutting down", "critical", ""),
        ("1:M 01 Nov 2026 10:00:00.000 # WARNING overcommit_memory", "warning", ""),
        ("hello", "info", ""),
    ],
)
def test_lines_of_other_programs_are_understood(text: str, level: str, at: str) -> None:
    line = plain(text, "postgres")
    assert (line.level, line.at, line.event) == (level, at, text)
    assert parsed(text, "postgres") == line


def test_a_torn_line_is_shown_as_it_is(folder: Path) -> None:
    with (folder / "bot.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "half\n[1, 2]\n\n')
    assert [line.event for line in find(folder, Query())] == ['{"event": "half', "[1, 2]"]
