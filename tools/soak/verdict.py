"""What a soak says: a row for each minute, and each goal with what was measured. Pure."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tools.bench import Figure
from tools.load.ladder import ANSWER_S
from tools.soak.sending import Answer
from tools.soak.watching import Held, Sample

GROWTH = 1.05
HANDLES_GROWTH = 1.1
WAITING_MORE = 2.0
"""Pictures: how many more may wait at the end than at the beginning; a few come and go with chance."""
_MINUTE_S = 60.0
_LONGEST_WINDOW_S = 300.0
MB = 1e6


@dataclass(frozen=True, slots=True)
class Minute:
    """One row. Seconds, bytes; the queue counts what is read too, and is the mean of the minute."""

    number: int
    sent: int
    errors: int
    p50_s: float
    p95_s: float
    p99_s: float
    jobs: float
    oldest_s: float
    memory: float
    roles: dict[str, Held]
    database: int
    redis: int


@dataclass(frozen=True, slots=True)
class Soak:
    """All that was measured from ``began`` on, after the warm-up, until ``ended``."""

    began: float
    ended: float
    answers: Sequence[Answer]
    samples: Sequence[Sample]
    complaints: Sequence[str] = ()
    blind: int = 0

    @property
    def window_s(self) -> float:
        """How long the beginning and the end are that are compared: five minutes, or a third of a short run."""
        return min(_LONGEST_WINDOW_S, (self.ended - self.began) / 3)

    @property
    def first(self) -> list[Sample]:
        """Of the beginning."""
        return [one for one in self.samples if self.began <= one.at < self.began + self.window_s]

    @property
    def last(self) -> list[Sample]:
        """Of the end."""
        return [one for one in self.samples if self.ended - self.window_s <= one.at < self.ended]


def quantile(values: Iterable[float], share: float) -> float:
    """The least value that so many are not above (nearest rank); nan of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def minutes(soak: Soak) -> list[Minute]:
    """By when pictures were sent."""
    count = max(1, round((soak.ended - soak.began) / _MINUTE_S))
    return [_minute(soak, number) for number in range(count)]


def _minute(soak: Soak, number: int) -> Minute:
    start = soak.began + number * _MINUTE_S
    answers = [one for one in soak.answers if start <= one.sent < start + _MINUTE_S]
    samples = [one for one in soak.samples if start <= one.at < start + _MINUTE_S]
    times = [one.ended_s for one in answers if one.ended_s is not None]
    return Minute(
        number=number + 1,
        sent=len(answers),
        errors=sum(one.is_error for one in answers),
        p50_s=quantile(times, 0.5),
        p95_s=quantile(times, 0.95),
        p99_s=quantile(times, 0.99),
        jobs=statistics.fmean([one.jobs for one in samples] or [math.nan]),
        oldest_s=max((one.oldest_s for one in samples), default=math.nan),
        memory=_median(samples, lambda one: one.memory),
        roles=samples[-1].roles if samples else {},
        database=samples[-1].database if samples else 0,
        redis=samples[-1].redis if samples else 0,
    )


def figures(soak: Soak) -> list[Figure]:
    """Each goal of the soak with its value, then what is only told."""
    times = [one.ended_s for one in soak.answers if one.ended_s is not None]
    accepted = [one.accepted_s for one in soak.answers if one.accepted_s is not None]
    window = f"last {soak.window_s / _MINUTE_S:.1f} minutes / first"
    return [
        Figure("pictures that ended in an error", sum(one.is_error for one in soak.answers), 0),
        Figure("errors in the log", len(soak.complaints), 0),
        Figure("times that the state of health was not told", soak.blind, 0),
        Figure("parts that were started again", _restarts(soak), 0),
        Figure("answers from the cache, which are no work", sum(one.was_known for one in soak.answers), 0),
        Figure("picture to deck, p95", quantile(times, 0.95), ANSWER_S, "s"),
        Figure(f"memory of all processes (medians), {window}", growth(soak, lambda one: one.memory), GROWTH),
        Figure(f"handles of the process where they grew most, {window}", _most(soak, "handles"), HANDLES_GROWTH),
        Figure(f"threads of the process where they grew most, {window}", _most(soak, "threads"), HANDLES_GROWTH),
        Figure("pictures waiting or read (means), last more than first", _waiting_more(soak), WAITING_MORE),
        Figure(
            "messages and dead letters left", max((one.outbox + one.dead for one in soak.samples[-1:]), default=0), 0
        ),
        Figure("picture to deck, p50", quantile(times, 0.5), unit="s"),
        Figure("picture to deck, p99", quantile(times, 0.99), unit="s"),
        Figure("picture to deck, longest", max(times, default=math.nan), unit="s"),
        Figure("picture to 'accepted', p95", quantile(accepted, 0.95) * 1000, unit="ms"),
        Figure("oldest that waited", max((one.oldest_s for one in soak.samples), default=math.nan), unit="s"),
        Figure("pictures", len(soak.answers)),
        Figure("pictures in which no deck was found", sum(one.outcome == "refused" for one in soak.answers)),
        Figure("readers that were replaced", _replaced(soak)),
        *(Figure(f"memory of {role}, {window}", _growth_of(soak, role, "memory")) for role in _roles(soak)),
        Figure("database for each picture", _database_share(soak) / 1e3, unit="kB"),
    ]


def growth(soak: Soak, of: Callable[[Sample], float]) -> float:
    """Median at the end against that at the beginning."""
    return _median(soak.last, of) / _median(soak.first, of)


def _growth_of(soak: Soak, role: str, name: str) -> float:
    return growth(soak, lambda one: getattr(one.roles[role], name))


def _most(soak: Soak, name: str) -> float:
    return max((_growth_of(soak, role, name) for role in _roles(soak)), default=math.nan)


def _roles(soak: Soak) -> list[str]:
    """Those that are there all the time; a reader is not while it is replaced."""
    compared = [*soak.first, *soak.last]
    return sorted(set.intersection(*(set(one.roles) for one in compared))) if compared else []


def _waiting_more(soak: Soak) -> float:
    means = [statistics.fmean([one.jobs for one in part] or [math.nan]) for part in (soak.first, soak.last)]
    return max(0.0, means[1] - means[0])


def _restarts(soak: Soak) -> int:
    """Processes beyond those of the beginning, readers apart, which are replaced after so many pictures."""
    lasting = ("supervisor", "bot", "worker", "redis")
    seen = {one for sample in soak.samples for one in sample.pids if one[0] in lasting}
    return len(seen) - len({one for one in soak.samples[0].pids if one[0] in lasting}) if soak.samples else 0


def _replaced(soak: Soak) -> int:
    readers = [{one for one in sample.pids if one[0] == "reader"} for sample in soak.samples]
    return len(set().union(*readers)) - len(readers[0]) if readers else 0


def _database_share(soak: Soak) -> float:
    sizes = [one.database for one in soak.samples]
    return (sizes[-1] - sizes[0]) / len(soak.answers) if sizes and soak.answers else math.nan


def _median(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    return statistics.median([of(one) for one in samples] or [math.nan])
