"""What so many pictures a day need: ``python -m tools.scale [--pictures N] [--NAME VALUE]…``.

A calculation from measured inputs (docs/scale.md says how each was measured), not a promise: it tells which part is
the next to be short, and by how much.
"""

import argparse
import math
import sys
from dataclasses import dataclass, fields, replace

DAY_S = 86_400.0
GB = 1e9


@dataclass(frozen=True, slots=True)
class Inputs:
    """Measured, but for the shape of a day, the shares of pictures and prices, which are assumed."""

    pictures: float = 1_000_000
    peak: float = 3.0
    """Times the mean rate that the busiest hour has."""
    cached: float = 0.05
    """Share that was read before."""
    load: float = 0.7
    """Share of what it can that a machine is to do at peak, so that queues stay short."""
    reading_s: float = 5.2
    """Processor seconds that the reader needs for a picture."""
    other_s: float = 0.051
    """Processor seconds of all other processes together for a picture."""
    database_share: float = 0.4
    """Share of these that is the database's."""
    row_bytes: float = 8_450
    """Of the database for a picture, its deck, reading, events and message, indexes included."""
    queued_bytes: float = 360
    """Of Redis for a picture that waits."""
    picture_bytes: float = 300_000
    picture_hours: float = 24
    deck_days: float = 90
    worker_gb: float = 1.0
    worker_cores: float = 1.0
    bot_core_share: float = 0.5
    """Share of a core that one bot process is to use at peak: its loop answers people."""
    core_month: float = 20.0
    """Price of a core with 2 GB for a month, in the money of your provider."""
    disk_gb_month: float = 0.1
    outage_hours: float = 1.0
    """For so long workers may be away with nothing refused."""


@dataclass(frozen=True, slots=True)
class Needs:
    """At peak, but for disks and money."""

    mean_rate: float
    peak_rate: float
    workers: int
    worker_memory_gb: float
    bots: int
    database_cores: int
    writes: float
    database_gb: float
    pictures_gb: float
    redis_mb: float
    queue_limit: int
    cores: int
    month: float
    thousand: float


def needs(given: Inputs) -> Needs:
    """Of so many pictures a day; raises ValueError for what cannot be."""
    if given.pictures <= 0 or not 0 <= given.cached < 1 or not 0 < given.load <= 1 or given.peak < 1:
        raise ValueError("pictures > 0, 0 <= cached < 1, 0 < load <= 1 and peak >= 1 are needed")
    mean = given.pictures / DAY_S
    peak = mean * given.peak
    workers = _up(peak * (1 - given.cached) * given.reading_s / given.worker_cores / given.load)
    others = peak * given.other_s
    bots = _up(others * (1 - given.database_share) / given.bot_core_share)
    database_cores = max(2, _up(others * given.database_share / given.load))
    database_gb = given.pictures * given.deck_days * given.row_bytes / GB
    pictures_gb = given.pictures * given.picture_hours / 24 * given.picture_bytes / GB
    waiting = _up(peak * 3600 * given.outage_hours)
    cores = _up(workers * given.worker_cores) + bots + database_cores + 1
    month = cores * given.core_month + (database_gb + pictures_gb) * given.disk_gb_month
    return Needs(
        mean_rate=mean,
        peak_rate=peak,
        workers=workers,
        worker_memory_gb=workers * given.worker_gb,
        bots=bots,
        database_cores=database_cores,
        writes=peak * _STATEMENTS,
        database_gb=database_gb,
        pictures_gb=pictures_gb,
        redis_mb=waiting * given.queued_bytes / 1e6,
        queue_limit=waiting,
        cores=cores,
        month=month,
        thousand=month / (given.pictures * 30) * 1000,
    )


_STATEMENTS = 20
"""Rows written for a picture: its own with four changes, events, copy, reading, deck, message with three states."""


def _up(number: float) -> int:
    return max(1, math.ceil(round(number, 9)))


def lines(given: Inputs, found: Needs) -> list[str]:
    """A table in Markdown."""
    rows = (
        ("pictures a second, mean and at peak", f"{found.mean_rate:,.1f} and {found.peak_rate:,.1f}"),
        ("worker processes, of one core each", f"{found.workers:,}"),
        ("memory of the workers", f"{found.worker_memory_gb:,.0f} GB"),
        ("bot processes", f"{found.bots:,}"),
        ("cores of Postgres", f"{found.database_cores:,}"),
        ("rows written a second at peak", f"{found.writes:,.0f}"),
        (f"database after {given.deck_days:g} days (DECK_DAYS)", f"{found.database_gb:,.0f} GB"),
        (f"pictures of {given.picture_hours:g} hours (PICTURE_HOURS)", f"{found.pictures_gb:,.0f} GB"),
        (f"QUEUE_LIMIT that bears {given.outage_hours:g} h without workers", f"{found.queue_limit:,}"),
        ("Redis for a queue of that length", f"{found.redis_mb:,.0f} MB"),
        ("cores in all", f"{found.cores:,}"),
        ("cost of a month", f"{found.month:,.0f}"),
        ("cost of a thousand pictures", f"{found.thousand:,.3f}"),
    )
    return ["| what | needed |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def main(words: list[str] | None = None) -> int:
    """Calculate and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for one in fields(Inputs):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, default=one.default)
    given = replace(Inputs(), **vars(parser.parse_args(words)))
    try:
        print("\n".join(lines(given, needs(given))))
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
