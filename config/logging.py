"""Log lines from this program and its libraries alike, without secrets: on stderr, and in a file of the process.

On a terminal they are readable, JSON elsewhere; ``LOG_FORMAT`` says otherwise. The file is JSON always.
"""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from config.log_files import LogFile, close_log_file
from config.redacting import longest_first, redacted
from config.settings import LogFormat, LogLevel

_TALKATIVE = ("arq", "apscheduler", "tortoise", "aiosqlite", "asyncio")
"""Libraries that tell at level info what only their developers want to know."""
_INDISCREET = ("httpx", "httpcore", "telegram")
"""Libraries that tell addresses, which hold the token of a bot: they are silent at every level."""

_REPETITIVE = ("asyncpg.pool",)
"""Libraries that tell with a traceback, every second, what this program tells in a sentence."""

_SAFE = frozenset({"timestamp", "level", "logger"})


def set_up_logging(
    level: LogLevel,
    stream: TextIO | None = None,
    *,
    form: LogFormat = LogFormat.AUTO,
    folder: Path | None = None,
    process: str = "",
    secrets: Iterable[str] = (),
) -> None:
    """Send what is of ``level`` and above to ``stream`` (stderr); to be called when a process starts.

    With ``folder``, the process has a file there too, under its name. ``secrets`` are values that no line may show.
    """
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
    blot = _Blotter(longest_first(secrets))
    for_people = target.isatty() if form is LogFormat.AUTO else form is LogFormat.TEXT
    shown = logging.StreamHandler(target)
    shown.setFormatter(_formatter(shared, blot, for_people=for_people))
    close_log_file()
    root = logging.getLogger()
    root.handlers[:] = [shown]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level is LogLevel.DEBUG else logging.WARNING)
    for name in _REPETITIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level is LogLevel.DEBUG else logging.ERROR)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.WARNING)
    if folder is not None:
        _add_file(root, folder, process, _formatter(shared, blot, for_people=False))


def _add_file(root: logging.Logger, folder: Path, process: str, formatter: logging.Formatter) -> None:
    try:
        file = LogFile(folder, process)
    except OSError as error:
        logging.getLogger(__name__).warning("no log file in %s: %s", folder, error.strerror or error)
        return
    file.setFormatter(formatter)
    root.addHandler(file)


class _Blotter:
    """Takes secrets out of all that a line says."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if key not in _SAFE:
                event[key] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, int | float | None):
            return value
        if isinstance(value, dict):
            return {str(key): self._clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(one) for one in value]
        return redacted(str(value), self._secrets)


def _formatter(shared: list[structlog.typing.Processor], blot: _Blotter, for_people: bool) -> logging.Formatter:
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            blot,
            last,
        ],
    )
