"""Log lines on stderr, from this program and its libraries alike: readable on a terminal, JSON elsewhere."""

import logging
import sys
from typing import TextIO

import structlog

from config.settings import LogLevel

_TALKATIVE = ("arq", "apscheduler", "tortoise", "aiosqlite", "asyncio")
"""Libraries that tell at level info what only their developers want to know."""
_INDISCREET = ("httpx", "httpcore", "telegram")
"""Libraries that tell addresses, which hold the token of a bot: they are silent at every level."""

_REPETITIVE = ("asyncpg.pool",)
"""Libraries that tell with a traceback, every second, what this program tells in a sentence."""


def set_up_logging(level: LogLevel, stream: TextIO | None = None) -> None:
    """Send what is of ``level`` and above to ``stream`` (stderr); to be called when a process starts."""
    target = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(shared, for_people=target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level is LogLevel.DEBUG else logging.WARNING)
    for name in _REPETITIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level is LogLevel.DEBUG else logging.ERROR)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(shared: list[structlog.typing.Processor], for_people: bool) -> logging.Formatter:
    if for_people:
        last: list[structlog.typing.Processor] = [structlog.dev.ConsoleRenderer()]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
