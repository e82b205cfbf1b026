"""Log lines of the program and of its libraries come out in one form, from the level that is set."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config.logging import set_up_logging
from config.settings import LogLevel


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_of_program_and_libraries_have_one_form() -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.INFO, stream)
    structlog.get_logger("reader").info("picture read", kind="arena-list", seconds=1.5)
    logging.getLogger("library").warning("odd %s", "thing")
    ours, theirs = lines(stream)
    assert ours.items() >= {"event": "picture read", "kind": "arena-list", "level": "info", "logger": "reader"}.items()
    assert theirs.items() >= {"event": "odd thing", "level": "warning", "logger": "library"}.items()
    assert str(ours["timestamp"]).endswith("Z")


def test_what_is_below_the_level_is_silent() -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.ERROR, stream)
    logging.getLogger("library").warning("odd")
    structlog.get_logger().warning("odd")
    assert stream.getvalue() == ""


def test_an_exception_is_part_of_its_line() -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.INFO, stream)
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("failed")
    (line,) = lines(stream)
    assert "ValueError: broken" in str(line["exception"])


def test_a_terminal_gets_readable_lines() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    set_up_logging(LogLevel.INFO, stream)
    structlog.get_logger().info("picture read", kind="arena-list")
    assert "picture read" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
