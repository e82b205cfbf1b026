"""Who is on call and how fast they answer: contacts, rotations, severities, paging, watchdog; part of ``ops.yaml``."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.spans import Span
from config.strict import Location, Strict, wrong

Target = Literal["primary", "secondary", "security", "infrastructure"]
TARGETS: tuple[Target, ...] = ("primary", "secondary", "security", "infrastructure")

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = {"day": 1, "week": 7, "days": 1, "weeks": 7}
_MOST_DAYS = 92


def _day(value: Any) -> int:
    name = str(value).strip().lower()[:3]
    if isinstance(value, int) or name not in _DAYS:
        raise ValueError(f"one of {', '.join(_DAYS)} is expected")
    return _DAYS.index(name)


def _days(value: Any) -> frozenset[int]:
    """``mon-fri``, or a list of days."""
    if isinstance(value, str):
        first, between, last = value.partition("-")
        begin, end = _day(first), _day(last) if between else _day(first)
        return frozenset((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    if not isinstance(value, Collection) or not value:
        raise ValueError("days such as mon-fri are expected")
    return frozenset(_day(one) for one in value)


def _time(value: Any) -> time:
    """``09:00``; YAML takes ``18:00`` without quotation marks for a number of minutes."""
    if isinstance(value, time):
        return value
    try:
        if isinstance(value, int):
            return time(*divmod(value, 60))
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError("a time of day such as 09:00 is expected") from None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{name} is no time zone; one such as Europe/Paris is expected") from None
    return name


def _every(value: Any) -> int:
    """``day``, ``week``, ``3 days`` or ``2 weeks`` as days."""
    words = str(value).split()
    count, unit = words if len(words) == 2 else ("1", words[0] if words else "")
    if unit not in _EVERY or not count.isdigit() or not 1 <= int(count) * _EVERY[unit] <= _MOST_DAYS:
        raise ValueError(f"day, week, or a number of days or weeks is expected, at most {_MOST_DAYS} days")
    return int(count) * _EVERY[unit]


Zone = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Weekday = Annotated[int, BeforeValidator(_day)]


class Severity(StrEnum):
    """How bad an incident is, worst first."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class SeverityEntry(Strict):
    """What a severity means, and how soon something must have happened, from when the incident was opened.

    ``pages``: people are called; otherwise a ticket is made.
    """

    means: str
    examples: str = ""
    response: Span
    acknowledge: Span | None = None
    pages: bool = False


class Hours(Strict):
    """When somebody is there, by the clock of their zone."""

    days: Annotated[frozenset[int], BeforeValidator(_days)] = frozenset(range(5))
    from_: TimeOfDay = Field(default=time(9), alias="from")
    to: TimeOfDay = time(17)
    zone: Zone = "UTC"
    holidays: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        if self.from_ >= self.to:
            raise ValueError("from must be before to")
        return self


class Contact(Strict):
    """One row of the table of contacts; without hours they are there day and night.

    ``address`` is for people to read, such as a mail address or a telephone number.
    """

    address: str = Field(default="", max_length=200)
    people: tuple[str, ...] = ()
    hours: Hours | None = None


class Handover(Strict):
    """When one hands over to the next: a time of day in a zone, for weeks on a day."""

    at: TimeOfDay = time(9)
    zone: Zone = "UTC"
    day: Weekday | None = None


class Rotation(Strict):
    """Who follows whom. The first member begins on ``since``, or on the first ``day`` of a handover after it."""

    members: tuple[str, ...] = Field(min_length=1)
    every: Annotated[int, BeforeValidator(_every)] = 7
    since: date = date(2024, 1, 1)
    handover: Handover = Handover()

    @model_validator(mode="after")
    def _weeks_have_days(self) -> "Rotation":
        if self.handover.day is not None and self.every % 7:
            raise wrong(("handover", "day"), "only rotations by weeks hand over on a day of the week")
        if len(set(self.members)) < len(self.members):
            raise wrong(("members",), "somebody stands here twice")
        return self

    @property
    def anchor(self) -> date:
        """The day on which the first member began."""
        day = self.handover.day
        return self.since if day is None else self.since + timedelta(days=(day - self.since.weekday()) % 7)


class Paging(Strict):
    """How a page goes on while nobody acknowledges it; times are from when it began."""

    repeat: Span = timedelta(minutes=5)
    secondary_after: Span = timedelta(minutes=15)
    admins_after: Span = timedelta(minutes=30)

    @model_validator(mode="after")
    def _in_order(self) -> "Paging":
        if self.secondary_after >= self.admins_after:
            raise wrong(("admins_after",), "admins come after the secondary")
        return self


class Watchdog(Strict):
    """An alert that always fires: when it is no longer heard of, nothing else would be either."""

    alert: str = "Watchdog"
    within: Span = timedelta(minutes=15)


def _severities() -> Mapping[Severity, SeverityEntry]:
    minutes, hours = timedelta(minutes=15), timedelta(hours=1)
    return {
        Severity.P0: SeverityEntry(means="Complete outage", response=minutes, acknowledge=minutes, pages=True),
        Severity.P1: SeverityEntry(means="Major degradation", response=2 * minutes, acknowledge=minutes, pages=True),
        Severity.P2: SeverityEntry(means="Partial degradation", response=2 * hours),
        Severity.P3: SeverityEntry(means="Minor issue", response=24 * hours),
    }


class OnCall(Strict):
    """The part ``on_call`` of ``ops.yaml``. Without a rotation ``secondary`` it is the next of the primary's."""

    contacts: Mapping[Target, Contact] = {}
    rotations: Mapping[Literal["primary", "secondary"], Rotation] = {}
    severities: Mapping[Severity, SeverityEntry] = Field(default_factory=_severities)
    paging: Paging = Paging()
    watchdog: Watchdog | None = None

    @model_validator(mode="after")
    def _whole(self) -> "OnCall":
        missing = [one.value for one in Severity if one not in self.severities]
        if missing:
            raise wrong(("severities",), f"{', '.join(missing)} is missing")
        if "secondary" in self.rotations and "primary" not in self.rotations:
            raise wrong(("rotations",), "a secondary needs a primary")
        return self

    def strangers(self, people: Collection[str]) -> Iterator[tuple[Location, str]]:
        """Where somebody stands who is none of ``people``, and their name."""
        for name, rotation in self.rotations.items():
            for number, member in enumerate(rotation.members):
                if member not in people:
                    yield ("rotations", name, "members", number), member
        for target, contact in self.contacts.items():
            for number, person in enumerate(contact.people):
                if person not in people:
                    yield ("contacts", target, "people", number), person
