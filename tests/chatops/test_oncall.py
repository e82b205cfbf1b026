"""Who is on call over a year in three zones, with overrides, vacations and changed clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.on_call.rotation import Absence, Override, Rota, back_at, is_there, shift_number, shift_start
from config.ops_oncall import Contact, Handover, Hours, Rotation

ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe")
"""The clock is changed in spring and autumn, on other days, and on Lord Howe by half an hour."""
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 1, 5)


def weekly(*members: str, zone: str = "UTC", at: time = time(9)) -> Rotation:
    return Rotation(members=members, every="week", since=MONDAY, handover=Handover(at=at, zone=zone, day="mon"))


def daily(*members: str, zone: str = "UTC", at: time = time(9)) -> Rotation:
    return Rotation(members=members, every="day", since=MONDAY, handover=Handover(at=at, zone=zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ROTA = Rota({"primary": weekly("Alice", "Bob", "Cleo")})


class TestTurns:
    def test_a_week_begins_on_its_day_and_hour(self) -> None:
        assert ROTA.who("primary", utc("2026-01-05T09:00")).human == "Alice"
        assert ROTA.who("primary", utc("2026-01-12T08:59")).human == "Alice"
        assert ROTA.who("primary", utc("2026-01-12T09:00")).human == "Bob"
        assert ROTA.who("primary", utc("2026-01-05T08:59")).human == "Cleo"

    def test_without_a_rotation_of_its_own_the_secondary_is_the_next_primary(self) -> None:
        assert ROTA.who("secondary", utc("2026-01-06T00:00")).human == "Bob"

    def test_nobody_is_both_primary_and_secondary(self) -> None:
        rota = Rota({"primary": weekly("Alice", "Bob"), "secondary": daily("Alice", "Cleo")})
        found = {(rota.who("primary", at).human, rota.who("secondary", at).human) for at in hours(21)}
        assert found == {("Alice", "Cleo"), ("Bob", "Alice"), ("Bob", "Cleo")}

    def test_alone_somebody_has_no_secondary(self) -> None:
        shift = Rota({"primary": weekly("Alice")}).who("secondary", YEAR)
        assert (shift.human, shift.why) == (None, "everybody else is away")

    def test_without_rotations_nobody_is_on_call(self) -> None:
        assert Rota({}).who("primary", YEAR).human is None
        assert Rota({}).change("primary", YEAR) is None

    def test_the_next_change_is_when_somebody_else_has_it(self) -> None:
        change = ROTA.change("primary", utc("2026-01-06T00:00"))
        assert change is not None
        assert (change.at, change.human) == (utc("2026-01-12T09:00"), "Bob")
        assert Rota({"primary": weekly("Alice")}).change("primary", YEAR) is None


class TestChangedClocks:
    def test_handovers_stay_at_their_hour_when_the_clock_is_changed(self) -> None:
        paris = weekly("Alice", "Bob", zone="Europe/Paris")
        starts = [shift_start(paris, number) for number in (11, 12, 42, 43)]
        assert starts == [
            utc("2026-03-23T08:00"),
            utc("2026-03-30T07:00"),
            utc("2026-10-26T08:00"),
            utc("2026-11-02T08:00"),
        ]

    def test_an_hour_that_is_skipped_is_taken_an_hour_later(self) -> None:
        rotation = daily("Alice", "Bob", zone="Europe/Paris", at=time(2, 30))
        number = (date(2026, 3, 29) - MONDAY).days
        assert shift_start(rotation, number) == utc("2026-03-29T01:30")

    def test_an_hour_that_comes_twice_is_taken_the_first_time(self) -> None:
        rotation = daily("Alice", "Bob", zone="Europe/Paris", at=time(2, 30))
        number = (date(2026, 10, 25) - MONDAY).days
        assert shift_start(rotation, number) == utc("2026-10-25T00:30")
        assert shift_number(rotation, utc("2026-10-25T01:30")) == number

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("at", [time(0), time(2, 15), time(9), time(23, 45)])
    def test_over_a_year_each_day_has_one_handover_at_its_local_hour(self, zone: str, at: time) -> None:
        rota = Rota({"primary": daily("Alice", "Bob", "Cleo", zone=zone, at=at)})
        now, found = YEAR, []
        while now < YEAR + timedelta(days=365):
            change = rota.change("primary", now)
            assert change is not None
            assert rota.who("primary", change.at - timedelta(seconds=1)).human != change.human
            assert rota.who("primary", change.at).human == change.human
            found.append(change.at.astimezone(ZoneInfo(zone)))
            now = change.at
        days = [one.date() for one in found]
        assert len(set(days)) == len(days) >= 365
        odd = [one for one in found if one.time() != at]
        assert len(odd) <= 1, "only the hour that is skipped in spring"

    @pytest.mark.parametrize("zone", ZONES)
    def test_over_a_year_of_weeks_everybody_has_their_share(self, zone: str) -> None:
        rota = Rota({"primary": weekly("Alice", "Bob", "Cleo", zone=zone)})
        had = {"Alice": 0, "Bob": 0, "Cleo": 0}
        for at in hours(51 * 7, since=shift_start(rota.rotations["primary"], 0)):
            human = rota.who("primary", at).human
            assert human is not None
            had[human] += 1
        assert max(had.values()) - min(had.values()) <= 2


class TestOverridesAndVacations:
    def test_an_override_has_its_time_and_no_more(self) -> None:
        swap = Override("primary", "Cleo", utc("2026-01-06T18:00"), utc("2026-01-07T08:00"))
        rota = Rota(ROTA.rotations, [swap])
        found = [
            rota.who("primary", utc(f"2026-01-0{at}")).human for at in ("6T17:59", "6T18:00", "7T07:59", "7T08:00")
        ]
        assert found == ["Alice", "Cleo", "Cleo", "Alice"]
        assert rota.who("primary", utc("2026-01-06T20:00")).why == "override"

    def test_the_last_of_two_overrides_holds(self) -> None:
        day = (utc("2026-01-06T00:00"), utc("2026-01-07T00:00"))
        rota = Rota(ROTA.rotations, [Override("primary", "Bob", *day), Override("primary", "Cleo", *day)])
        assert rota.who("primary", day[0]).human == "Cleo"

    def test_whoever_is_away_is_replaced_by_the_next_and_the_others_turns_stay(self) -> None:
        away = Absence("Alice", utc("2026-01-07T00:00"), utc("2026-01-09T00:00"))
        rota = Rota(ROTA.rotations, absences=[away])
        shift = rota.who("primary", utc("2026-01-08T00:00"))
        assert (shift.human, shift.why) == ("Bob", "Alice is away")
        assert rota.who("secondary", utc("2026-01-08T00:00")).human == "Cleo"
        assert rota.who("primary", utc("2026-01-09T00:00")).human == "Alice"
        assert rota.who("primary", utc("2026-01-12T09:00")).human == "Bob"

    def test_when_all_are_away_that_is_said(self) -> None:
        month = (utc("2026-01-01T00:00"), utc("2026-02-01T00:00"))
        rota = Rota({"primary": weekly("Alice", "Bob")}, absences=[Absence(one, *month) for one in ("Alice", "Bob")])
        shift = rota.who("primary", utc("2026-01-10T00:00"))
        assert (shift.human, shift.why) == (None, "everybody is away")

    def test_the_next_change_looks_at_overrides_too(self) -> None:
        swap = Override("primary", "Cleo", utc("2026-01-06T18:00"), utc("2026-01-07T08:00"))
        change = Rota(ROTA.rotations, [swap]).change("primary", utc("2026-01-06T00:00"))
        assert change is not None
        assert (change.at, change.human) == (swap.since, "Cleo")


instants = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda span: YEAR + span)
spans = st.tuples(instants, st.timedeltas(timedelta(minutes=1), timedelta(days=20))).map(
    lambda one: (one[0], one[0] + one[1])
)
names = st.sampled_from(["Alice", "Bob", "Cleo"])


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    """Rotations of any kind, with what was said about them."""

    def rotation() -> Rotation:
        handover = Handover(at=draw(st.times()).replace(second=0, microsecond=0), zone=draw(st.sampled_from(ZONES)))
        members = draw(st.permutations(["Alice", "Bob", "Cleo"]))
        every = f"{draw(st.integers(1, 20))} days"
        return Rotation(members=tuple(members), every=every, since=draw(st.dates(MONDAY)), handover=handover)

    found = {"primary": rotation()} | ({"secondary": rotation()} if draw(st.booleans()) else {})
    duties = st.sampled_from(["primary", "secondary"])
    overrides = [Override(draw(duties), draw(names), *draw(spans)) for _ in range(draw(st.integers(0, 3)))]
    absences = [Absence(draw(names), *draw(spans)) for _ in range(draw(st.integers(0, 3)))]
    return Rota(found, overrides, absences)


@given(rotas(), instants)
def test_a_shift_holds_until_its_change_and_begins_in_its_number(rota: Rota, at: datetime) -> None:
    rotation = rota.rotations["primary"]
    number = shift_number(rotation, at)
    assert shift_start(rotation, number) <= at < shift_start(rotation, number + 1)

    change = rota.change("primary", at)
    if change is not None:
        present = rota.who("primary", at).human
        assert change.at > at
        assert present != change.human == rota.who("primary", change.at).human
        for part in range(1, 20):
            assert rota.who("primary", at + (change.at - at) * part / 20).human == present


@given(rotas(), instants)
def test_who_is_away_is_never_called_unless_somebody_put_them_there(rota: Rota, at: datetime) -> None:
    for duty in ("primary", "secondary"):
        shift = rota.who(duty, at)
        if shift.human is not None and shift.why != "override":
            assert not rota.is_away(shift.human, at)
            if duty == "secondary":
                assert shift.human != rota.who("primary", at).human


class TestOfficeHours:
    PARIS = Hours(**{"from": "09:00", "to": "17:30", "zone": "Europe/Paris", "holidays": [date(2026, 5, 1)]})

    @pytest.mark.parametrize(
        ("at", "there"),
        [
            ("2026-01-05T07:59", False),
            ("2026-01-05T08:00", True),
            ("2026-07-06T07:00", True),
            ("2026-07-06T15:30", False),
            ("2026-01-10T10:00", False),
            ("2026-05-01T10:00", False),
        ],
    )
    def test_they_are_of_their_zone_winter_and_summer(self, at: str, there: bool) -> None:
        assert is_there(Contact(hours=self.PARIS), utc(at)) is there

    def test_without_hours_somebody_is_always_there(self) -> None:
        assert is_there(Contact(), YEAR)

    def test_it_is_known_when_they_are_back(self) -> None:
        assert back_at(self.PARIS, utc("2026-01-09T18:00")) == utc("2026-01-12T08:00")
        assert back_at(self.PARIS, utc("2026-04-30T16:00")) == utc("2026-05-04T07:00")


def hours(days: int, since: datetime = YEAR) -> list[datetime]:
    return [since + timedelta(hours=number) for number in range(24 * days)]
