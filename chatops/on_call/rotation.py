"""Who is on call at a time: rotations, overrides, vacations, daylight saving. Pure; times are aware.

A shift begins at a time of day in a zone, so that it is an hour longer or shorter where the clock is changed. A time
of day that is skipped then is taken as an hour later, one that comes twice as the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from config.ops_oncall import Contact, Hours, OnCall, Rotation

Duty = Literal["primary", "secondary"]

_FAR = 400
"""Changes that are looked at before nobody is said to follow."""


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody has a duty instead of whoever's turn it is."""

    duty: Duty
    human: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away: whoever comes next has their turns."""

    human: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """Who has a duty at a time, until it goes to somebody else. ``human`` is None where nobody can have it.

    ``why`` is empty for whose turn it is.
    """

    duty: Duty
    human: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """When a duty goes to somebody else."""

    at: datetime
    human: str | None


@dataclass(frozen=True, slots=True)
class Rota:
    """Rotations as they are set, and what was said about single times since."""

    rotations: Mapping[Duty, Rotation]
    overrides: Sequence[Override] = ()
    absences: Sequence[Absence] = ()

    @classmethod
    def of(cls, on_call: OnCall, overrides: Sequence[Override] = (), absences: Sequence[Absence] = ()) -> "Rota":
        """The rotations of ``ops.yaml``."""
        return cls(on_call.rotations, overrides, absences)

    def who(self, duty: Duty, at: datetime) -> Shift:
        """Who has a duty; the secondary is never the human who is primary."""
        if override := self._override(duty, at):
            return Shift(duty, override.human, "override")
        if duty == "primary":
            return self._in_turn(duty, at, None)
        return self._in_turn(duty, at, self.who("primary", at).human)

    def change(self, duty: Duty, after: datetime) -> Change | None:
        """The next time at which somebody else has a duty; None where that is out of sight."""
        present = self.who(duty, after).human
        for _, at in zip(range(_FAR), self._edges(after), strict=False):
            human = self.who(duty, at).human
            if human != present:
                return Change(at, human)
        return None

    def is_away(self, human: str, at: datetime) -> bool:
        """Whether somebody is on vacation."""
        return any(one.human == human and one.since <= at < one.until for one in self.absences)

    def _override(self, duty: Duty, at: datetime) -> Override | None:
        """The one that holds; the last that was made of several."""
        found = [one for one in self.overrides if one.duty == duty and one.since <= at < one.until]
        return found[-1] if found else None

    def _in_turn(self, duty: Duty, at: datetime, taken: str | None) -> Shift:
        rotation, offset = self.rotations.get(duty), 0
        if rotation is None and duty == "secondary":
            rotation, offset = self.rotations.get("primary"), 1
        if rotation is None:
            return Shift(duty, None, "no rotation is set")
        members = rotation.members
        turn = shift_number(rotation, at) + offset
        order = [members[(turn + n) % len(members)] for n in range(len(members))]
        for human in order:
            if human != taken and not self.is_away(human, at):
                away = order[0] if human != order[0] and self.is_away(order[0], at) else ""
                return Shift(duty, human, f"{away} is away" if away else "")
        return Shift(duty, None, "everybody else is away" if taken else "everybody is away")

    def _edges(self, after: datetime) -> Iterator[datetime]:
        """Times after which something may be different, in order."""
        spans = [(one.since, one.until) for one in self.overrides] + [(one.since, one.until) for one in self.absences]
        fixed = sorted({at for span in spans for at in span if at > after})
        turns = _merged([_handovers(rotation, after) for rotation in self.rotations.values()])
        return _merged([iter(fixed), turns])


def shift_number(rotation: Rotation, at: datetime) -> int:
    """How many handovers there were since the first member's first shift began; less than 0 before it."""
    local = at.astimezone(ZoneInfo(rotation.handover.zone))
    guess = (local.date() - rotation.anchor).days // rotation.every
    return next(number for number in (guess + 1, guess, guess - 1) if shift_start(rotation, number) <= at)


def shift_start(rotation: Rotation, number: int) -> datetime:
    """When a shift begins, in UTC."""
    day = rotation.anchor + timedelta(days=rotation.every * number)
    local = datetime.combine(day, rotation.handover.at, ZoneInfo(rotation.handover.zone))
    return local.astimezone(UTC)


def is_there(contact: Contact, at: datetime) -> bool:
    """Whether somebody is there, by their hours; day and night without any."""
    hours = contact.hours
    if hours is None:
        return True
    local = at.astimezone(ZoneInfo(hours.zone))
    is_day = local.weekday() in hours.days and local.date() not in hours.holidays
    return is_day and hours.from_ <= local.time() < hours.to


def back_at(hours: Hours, after: datetime) -> datetime | None:
    """When somebody is there again, in UTC; None where that is more than a month away."""
    zone = ZoneInfo(hours.zone)
    first = after.astimezone(zone).date()
    for number in range(32):
        day = first + timedelta(days=number)
        begins = datetime.combine(day, hours.from_, zone).astimezone(UTC)
        if day.weekday() in hours.days and day not in hours.holidays and begins > after:
            return begins
    return None


def local_time(at: datetime, zone: str) -> str:
    """``18:05 CET``."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M %Z}"


def _handovers(rotation: Rotation, after: datetime) -> Iterator[datetime]:
    number = shift_number(rotation, after)
    while True:
        number += 1
        yield shift_start(rotation, number)


def _merged(sources: Sequence[Iterator[datetime]]) -> Iterator[datetime]:
    """Times of several in one order, each once."""
    heads = [(next(source, None), source) for source in sources]
    while True:
        known = [at for at, _ in heads if at is not None]
        if not known:
            return
        first = min(known)
        yield first
        heads = [(next(source, None), source) if at == first else (at, source) for at, source in heads]
