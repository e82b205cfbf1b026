"""Contacts, rotations and severities of ``ops.yaml``, and what is said of wrong ones."""

from datetime import date, time, timedelta

import pytest

from config.ops import load_policy, parse_policy
from config.ops_oncall import TARGETS, Severity
from config.settings import SettingsError

RIGHT = """\
people:
  - {name: Alice, role: admin, accounts: {discord: "1"}}
  - {name: Bob, role: admin, accounts: {telegram: "2"}}
on_call:
  contacts:
    security:
      people: [Alice]
      hours: {days: [mon, Wednesday], from: 9:00, to: 18:00, zone: Europe/Paris}
  rotations:
    primary:
      members: [Alice, Bob]
      every: 2 weeks
      since: 2026-01-01
      handover: {day: monday, at: 10:30, zone: America/New_York}
  watchdog: {within: 10m}
"""


def test_the_shipped_file_has_the_four_contacts_and_the_runbooks_times() -> None:
    on_call = load_policy().on_call

    assert tuple(on_call.contacts) == TARGETS
    responses = {one.value: entry.response for one, entry in on_call.severities.items()}
    minutes = {"P0": 15, "P1": 30, "P2": 120, "P3": 1440}
    assert responses == {name: timedelta(minutes=count) for name, count in minutes.items()}
    assert [one.value for one, entry in on_call.severities.items() if entry.pages] == ["P0", "P1"]
    paging = on_call.paging
    assert (paging.repeat, paging.secondary_after, paging.admins_after) == (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(minutes=30),
    )


def test_an_empty_file_has_the_same_severities() -> None:
    entries = parse_policy("").on_call.severities
    assert {one: (entry.response, entry.acknowledge, entry.pages) for one, entry in entries.items()} == {
        one: (entry.response, entry.acknowledge, entry.pages) for one, entry in load_policy().on_call.severities.items()
    }


def test_rotations_and_hours_are_read() -> None:
    on_call = parse_policy(RIGHT).on_call

    rotation = on_call.rotations["primary"]
    assert (rotation.every, rotation.anchor, rotation.handover.at) == (14, date(2026, 1, 5), time(10, 30))
    hours = on_call.contacts["security"].hours
    assert hours is not None
    assert (hours.days, hours.from_, hours.to) == ({0, 2}, time(9), time(18))
    assert on_call.watchdog is not None
    assert (on_call.watchdog.alert, on_call.watchdog.within) == ("Watchdog", timedelta(minutes=10))
    assert on_call.severities[Severity.P0].pages


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("members: [Alice, Bob]", "members: [Alice, Bert]", "line 11: on_call.rotations.primary.members.1: Bert does"),
        ("members: [Alice, Bob]", "members: [Bob, Bob]", "line 11: on_call.rotations.primary.members: somebody stands"),
        ("members: [Alice, Bob]", "members: []", "line 11: on_call.rotations.primary.members"),
        ("people: [Alice]", "people: [Eve]", "line 7: on_call.contacts.security.people.0: Eve does not stand under"),
        ("2 weeks", "fortnight", "line 12: on_call.rotations.primary.every: day, week, or a number"),
        ("2 weeks", "100 weeks", "at most 92 days"),
        ("2 weeks", "3 days", "line 14: on_call.rotations.primary.handover.day: only rotations by weeks"),
        ("America/New_York", "New York", "line 14: on_call.rotations.primary.handover.zone: New York is no time zone"),
        ("10:30", "half past", "line 14: on_call.rotations.primary.handover.at: a time of day such as 09:00"),
        ("day: monday", "day: someday", "line 14: on_call.rotations.primary.handover.day: one of mon, tue"),
        ("from: 9:00", "from: 19:00", "line 8: on_call.contacts.security.hours: from must be before to"),
        ("within: 10m", "within: 10", "line 15: on_call.watchdog.within: a time such as 90s, 5m"),
        ("within: 10m", "within: 0m", "line 15: on_call.watchdog.within: a time such as 90s, 5m"),
        ("    primary:", "    secondary:", "line 9: on_call.rotations: a secondary needs a primary"),
        ("  watchdog: {within", "  paging: {admins_after", "line 15: on_call.paging.admins_after: admins come after"),
        ("    security:", "    cleaning:", "line 6: on_call.contacts.cleaning"),
        ("  watchdog: {within: 10m}", "  severities: {P0: {means: x, response: 1m}}", "P1, P2, P3 is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(right: str, wrong: str, sentence: str) -> None:
    assert right in RIGHT
    with pytest.raises(SettingsError) as error:
        parse_policy(RIGHT.replace(right, wrong))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
