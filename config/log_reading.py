"""Reads what processes have logged, of this machine's files."""

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from config.log_files import Piece, pieces

Wanted = Callable[[bytes], bool]

LEVELS = ("debug", "info", "warning", "error", "critical")
_MOST_BYTES = 500_000_000
"""What one search looks through of a process' log, about, the newest first."""
_PACKED = 12
"""How much smaller lines are when they are compressed, about."""
_OUT_OF_ORDER = 100
"""Lines that may stand behind older ones, as where a clock was set back."""
_BLOCK = 1 << 20
_OWN = ("timestamp", "level", "logger", "event", "exception")


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``at`` is the time as it was written (ISO 8601, UTC), ``more`` is what else was said."""

    at: str
    process: str
    level: str
    logger: str
    event: str
    exception: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> datetime | None:
        """``at`` as a time."""
        try:
            return datetime.fromisoformat(self.at)
        except ValueError:
            return None

    def shown(self, name: bool = True) -> str:
        """On one line, for people; an exception's last line is its sense."""
        moment = self.moment
        at = f"{moment.astimezone(UTC):%m-%d %H:%M:%S}" if moment else self.at[:19]
        more = " ".join(f"{key}={value}" for key, value in self.more.items())
        last = self.exception.strip().splitlines()[-1] if self.exception.strip() else ""
        who = self.process if name else ""
        return " ".join(filter(None, (at, who, self.level.upper(), self.event, more, last and f"| {last}")))


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: the newest ``most`` lines of a process (or ``all``, or a kind) from ``level`` on."""

    process: str = "all"
    since: str = ""
    level: str = "debug"
    text: str = ""
    most: int = 50

    def to_json(self) -> dict[str, Any]:
        """As it travels."""
        return asdict(self)


def processes(folder: Path) -> list[str]:
    """Names of those that have a log here."""
    return sorted({one.process for one in pieces(folder)})


def find(folder: Path, query: Query) -> list[Line]:
    """Lines as asked for, oldest first. Takes as long as reading takes: to be run in a thread."""
    found: list[Line] = []
    for name in processes(folder):
        if is_meant(name, query.process):
            own = sorted((one for one in pieces(folder) if one.process == name), key=_newest, reverse=True)
            found += reversed(_of_process(own, query))
    # Those that tell no time stay where they were.
    return sorted(found, key=lambda line: line.at)[-query.most :]


def is_meant(process: str, wanted: str) -> bool:
    """Whether a process is the one, or of the kind: ``worker`` means ``worker-1`` too."""
    return wanted in ("all", process) or process.startswith(f"{wanted}-")


def _newest(piece: Piece) -> datetime:
    return piece.closed or datetime.max.replace(tzinfo=UTC)


def _of_process(own: list[Piece], query: Query) -> list[Line]:
    """From its newest line backwards, until there are enough or they are too old."""
    found: list[Line] = []
    budget = _MOST_BYTES
    wanted, too_old = _wanted(query), 0
    for piece in own:
        if piece.closed is not None and query.since and piece.closed.isoformat() < query.since[:26]:
            break
        if budget < 0:
            break
        budget -= piece.size * (_PACKED if piece.path.suffix == ".gz" else 1)
        for raw in _backwards(piece.path, wanted):
            line = parsed(raw.decode("utf-8", "replace"), piece.process)
            if query.since and line.at and line.at < query.since:
                too_old += 1
                if too_old > _OUT_OF_ORDER:
                    return found
                continue
            if matches(line, query):
                found.append(line)
                if len(found) >= query.most:
                    return found
    return found


def _wanted(query: Query) -> Wanted:
    """Whether bytes may hold a line that is asked for: looking for letters is quick, parsing all would take long."""
    levels = LEVELS[LEVELS.index(query.level) :]
    marks = [] if len(levels) == len(LEVELS) else [f'"level": "{one}"'.encode() for one in levels]
    # Of the text only what stands in JSON as it does for people.
    runs = re.findall(r"[A-Za-z0-9]+", query.text)
    letters = max(runs, key=len, default="").lower().encode()

    def wanted(data: bytes) -> bool:
        if marks and not any(mark in data for mark in marks):
            return False
        return not letters or letters in data.lower()

    return wanted


def matches(line: Line, query: Query) -> bool:
    """Whether a line is one that is asked for; the text is looked for as it is, in letters of any case."""
    if line.level in LEVELS and LEVELS.index(line.level) < LEVELS.index(query.level):
        return False
    if not query.text:
        return True
    said = " ".join([line.event, line.logger, line.exception, *(f"{key}={one}" for key, one in line.more.items())])
    return query.text.casefold() in said.casefold()


def parsed(text: str, process: str) -> Line:
    """A line of ours, or of whatever else writes into a log."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return plain(text, process)
    more = {key: value for key, value in told.items() if key not in _OWN}
    at, level, logger, event, exception = (str(told.get(name, "")) for name in _OWN)
    return Line(at, process, level.lower(), logger, event, exception, more)


_LEVEL = re.compile(r"\b(DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC)\b", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_SAME = {"warn": "warning", "notice": "info", "fatal": "critical", "panic": "critical"}


def plain(text: str, process: str) -> Line:
    """A line of a program that writes no JSON; its level is the first word that is one."""
    level, at = _LEVEL.search(text), _TIME.search(text)
    name = level[1].lower() if level else "info"
    return Line(at[0].replace(" ", "T") if at else "", process, _SAME.get(name, name), "", text.strip())


def _backwards(path: Path, wanted: Wanted) -> Iterator[bytes]:
    """Lines that may be wanted, last first."""
    try:
        if path.suffix == ".gz":
            # It is no larger than one file may grow.
            with gzip.open(path, "rb") as packed:
                yield from _blocks_backwards(io.BytesIO(packed.read()), wanted)
        else:
            with path.open("rb") as file:
                yield from _blocks_backwards(file, wanted)
    except FileNotFoundError:  # compressed meanwhile, or dropped
        if path.suffix != ".gz":
            yield from _backwards(path.with_name(f"{path.name}.gz"), wanted)
    except (OSError, EOFError):
        return


def _blocks_backwards(file: IO[bytes], wanted: Wanted) -> Iterator[bytes]:
    position, rest = file.seek(0, io.SEEK_END), b""
    while position > 0:
        length = min(_BLOCK, position)
        position -= length
        file.seek(position)
        first, between, others = (file.read(length) + rest).partition(b"\n")
        rest = first
        if between and wanted(others):
            yield from (line for line in reversed(others.split(b"\n")) if line.strip() and wanted(line))
    if rest.strip() and wanted(rest):
        yield rest
