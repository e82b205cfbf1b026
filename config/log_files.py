"""Log lines in files: one file for each process, JSON lines, closed by size and by day, compressed, kept a week.

The process that writes a file closes it itself: nothing has to be restarted for it, and nothing has to run as root.
"""

import fcntl
import gzip
import logging
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from logging.handlers import BaseRotatingHandler
from pathlib import Path

FOLDER = "logs"
"""In the data folder."""
LARGEST = 20_000_000
KEPT = timedelta(days=7)

_STAMP = "%Y%m%dT%H%M%S%f"
_CLOSED = re.compile(r"(?P<process>.+)\.(?P<stamp>\d{8}T\d{12})\.jsonl(?:\.gz)?")
_COMPLAIN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a process' log; ``closed`` is None for the one that is being written."""

    path: Path
    process: str
    closed: datetime | None
    size: int


def pieces(folder: Path) -> list[Piece]:
    """All files of all processes, of each the oldest first."""
    return sorted(_pieces(folder), key=lambda one: (one.process, one.closed or datetime.max.replace(tzinfo=UTC)))


def _pieces(folder: Path) -> Iterator[Piece]:
    try:
        found = set(folder.iterdir())
    except OSError:
        return
    for path in found:
        if path.with_name(f"{path.name}.gz") in found:  # it is compressed already, and about to go
            continue
        with suppress(OSError):  # closed or dropped meanwhile
            if closed := _CLOSED.fullmatch(path.name):
                at = datetime.strptime(closed["stamp"], _STAMP).replace(tzinfo=UTC)
                yield Piece(path, closed["process"], at, path.stat().st_size)
            elif path.suffix == ".jsonl":
                yield Piece(path, path.stem, None, path.stat().st_size)


class LogFile(BaseRotatingHandler):
    """Writes the log of this process to a file of its own in ``folder``; raises OSError where it cannot be made."""

    def __init__(
        self,
        folder: Path,
        process: str,
        *,
        largest: int = LARGEST,
        kept: timedelta = KEPT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder, self.process = folder, re.sub(r"[^A-Za-z0-9_-]+", "-", process)
        self.largest, self.kept, self._now = largest, kept, now
        self._complained = -_COMPLAIN_EVERY_S
        path = self._own_path()
        super().__init__(str(path), "a", encoding="utf-8")
        self._lock_file()
        self._day = self._begun(path)
        self._prune()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  (logging's name)
        """Whether the file is of another day, or would become too large."""
        size = self.stream.tell() if self.stream else 0
        return size > 0 and (size >= self.largest or self._now().date() != self._day)

    def doRollover(self) -> None:  # noqa: N802  (logging's name)
        """Close the file and begin another; the closed one is compressed beside everything else."""
        path = Path(self.baseFilename)
        closed = path.with_name(f"{path.stem}.{self._now():{_STAMP}}.jsonl")
        if self.stream:
            self.stream.close()
        try:
            path.rename(closed)
        finally:
            self.stream = self._open()
            self._lock_file()
            self._day = self._now().date()
        threading.Thread(target=self._tidy, args=(closed,), name="log files", daemon=True).start()

    def rotate_now(self) -> int:
        """Close the file, however small; return the bytes that it has, 0 where there is nothing to close."""
        self.acquire()
        try:
            size = self.stream.tell() if self.stream else 0
            if size:
                self.doRollover()
            return size
        finally:
            self.release()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """A full disk must not end the process, nor fill the terminal with tracebacks."""
        if time.monotonic() - self._complained >= _COMPLAIN_EVERY_S:
            self._complained = time.monotonic()
            error = sys.exc_info()[1]
            with suppress(OSError, ValueError):
                sys.stderr.write(f"The log file {self.baseFilename} cannot be written ({error}).\n")

    def _own_path(self) -> Path:
        """Another process of the same name keeps its file, this one takes a name with its number then."""
        path = self.folder / f"{self.process}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self.folder / f"{self.process}-{os.getpid()}.jsonl"
        finally:
            os.close(descriptor)
        return path

    def _lock_file(self) -> None:
        if self.stream is None:
            return
        descriptor = self.stream.fileno()
        os.fchmod(descriptor, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _begun(self, path: Path) -> object:
        """The day of what is in the file already."""
        if not path.stat().st_size:
            return self._now().date()
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()

    def _tidy(self, closed: Path) -> None:
        part = closed.with_name(f"{closed.name}.gz.part")
        try:
            with closed.open("rb") as source, gzip.open(part, "wb", compresslevel=6) as target:
                shutil.copyfileobj(source, target)
            part.chmod(0o600)
            part.rename(closed.with_name(f"{closed.name}.gz"))
            closed.unlink()
        except OSError as error:
            part.unlink(missing_ok=True)
            logging.getLogger(__name__).warning("a log file is not compressed (%s)", error)
        self._prune()

    def _prune(self) -> None:
        """Drop what is too old, of processes that are gone too."""
        for one in pieces(self.folder):
            with suppress(OSError):
                old = one.closed or datetime.fromtimestamp(one.path.stat().st_mtime, UTC)
                if old < self._now() - self.kept and one.path != Path(self.baseFilename):
                    one.path.unlink()


def close_log_file() -> None:
    """End the file of this process, if it has one."""
    file = own_log_file()
    if file is not None:
        logging.getLogger().removeHandler(file)
        file.close()


def own_log_file() -> LogFile | None:
    """The file of this process, None where it has none."""
    return next((one for one in logging.getLogger().handlers if isinstance(one, LogFile)), None)
