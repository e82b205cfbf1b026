"""On call as people use it: who it is, overrides, vacations, with the database and without."""

from datetime import UTC, datetime

import pytest

from chatops.on_call import duty
from chatops.parts import Parts
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import OLGA, PEOPLE, VERA, Ops, parts_of
from tests.chatops.things import away
from tests.making import NOW

ON_CALL = """
on_call:
  contacts:
    primary: {address: ops@example.com}
    secondary: {address: backup@example.com}
    security:
      address: security@example.com
      people: [Rita]
      hours: {days: mon-fri, from: "09:00", to: "17:00", zone: America/New_York}
  rotations:
    primary:
      members: [Alice, Bob, Olga]
      every: week
      since: 2026-10-05
      handover: {day: mon, at: "09:00", zone: Europe/Paris}
"""
"""At ``NOW``, a Sunday, Alice's fourth week has begun on 26 October."""


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return parts_of(settings, database, queue, policy=PEOPLE + ON_CALL)


async def who(ops: Ops, **arguments: object) -> dict[str, str | None]:
    answer = await ops.done(VERA, "oncall who", **arguments)
    return {one["duty"]: one["human"] for one in answer.data}


async def test_who_is_on_call_and_who_follows(ops: Ops) -> None:
    answer = await ops.done(VERA, "oncall who")

    assert answer.table is not None
    assert answer.table.rows == (
        ("primary", "Alice", "2026-11-02 08:00 UTC (09:00 CET)", "Bob"),
        ("secondary", "Bob", "2026-11-02 08:00 UTC (09:00 CET)", "Olga"),
    )
    assert await who(ops, at="2026-11-02T08:00") == {"primary": "Bob", "secondary": "Olga"}


async def test_contacts_say_whether_they_are_there(ops: Ops) -> None:
    answer = await ops.done(VERA, "oncall contacts")
    assert answer.table is not None
    assert answer.table.rows == (
        ("primary", "Alice", "ops@example.com", "yes, day and night"),
        ("secondary", "Bob", "backup@example.com", "yes, day and night"),
        ("security", "Rita", "security@example.com", "no (07:00 EST), from 2026-11-02 14:00 UTC"),
    )


async def test_an_override_holds_for_its_time_and_can_be_taken_back(ops: Ops) -> None:
    plan = await ops.planned(OLGA, "oncall override", user="olga", until="+8h")
    assert plan.summary == ("primary from 2026-11-01 12:00 UTC until 2026-11-01 20:00 UTC (8 h): Alice becomes Olga.")
    made = await ops.done(OLGA, "oncall override", user="olga", until="+8h")
    assert made.text == "Olga is primary from 2026-11-01 12:00 UTC until 2026-11-01 20:00 UTC."
    assert await who(ops) == {"primary": "Olga", "secondary": "Bob"}

    await ops.done(OLGA, "oncall cancel", id=made.data["id"])
    assert await who(ops) == {"primary": "Alice", "secondary": "Bob"}
    assert (await ops.done(VERA, "oncall exceptions")).text == "All goes by the rotations."


async def test_on_vacation_the_next_has_ones_turns(ops: Ops) -> None:
    plan = await ops.planned(OLGA, "oncall vacation", user="Alice", from_="2026-11-01T00:00", until="2026-11-09T00:00")
    assert plan.summary.endswith("; 1 d 8 h of their time on call go to others.")
    await ops.done(OLGA, "oncall vacation", user="Alice", from_="2026-11-01T00:00", until="2026-11-09T00:00")

    assert await who(ops) == {"primary": "Bob", "secondary": "Olga"}
    listed = await ops.done(VERA, "oncall exceptions")
    assert listed.table is not None
    assert listed.table.rows[0][1:] == ("Alice away", "2026-11-01 00:00 UTC", "2026-11-09 00:00 UTC", "Olga")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"user": "Mallory", "until": "+1h"}, "nobody under people in ops.yaml is called Mallory; there are Alice"),
        ({"user": "Bob", "until": "2026-10-31T00:00"}, "until: must be after its beginning, and not over yet."),
        ({"user": "Bob", "until": "+3d", "from": "2026-10-01T00:00"}, "and not over yet."),
        ({"user": "Bob", "until": "2027-11-01T00:00"}, "until: at most 92 days"),
        ({"user": "Bob", "until": "tomorrow"}, "until: must be a time such as"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence(ops: Ops, arguments: dict[str, str], sentence: str) -> None:
    assert sentence in await ops.refused(OLGA, "oncall override", **arguments)


async def test_a_viewer_changes_nothing(ops: Ops) -> None:
    assert "needs the role operator" in await ops.refused(VERA, "oncall vacation", user="Alice", until="+1d")


async def test_it_is_known_who_is_on_call_while_the_database_is_away(ops: Ops) -> None:
    await ops.done(OLGA, "oncall override", user="Olga", until="+8h")
    with away("storage.requests.create"), away("storage.grants.grants"), away("storage.oncall.exceptions"):
        found = (await ops.order(VERA, "oncall who")).answer
        contacts = (await ops.order(VERA, "oncall contacts")).answer

    assert found is not None
    assert "The database is away: as of 2026-11-01 12:00 UTC." in found.text
    assert [one["human"] for one in found.data] == ["Olga", "Bob"]
    assert contacts is not None
    assert contacts.ok


async def test_a_copy_that_is_broken_is_as_none(parts: Parts) -> None:
    (parts.settings.data_dir / duty.COPY).write_text('{"as_of": "yesterday"')
    rota = duty.known_without_database(parts.policy, parts.settings.data_dir, NOW)
    assert rota.humans("primary", datetime(2026, 11, 1, tzinfo=UTC)) == ["Alice"]


async def test_whoever_left_ops_yaml_is_not_called(ops: Ops, settings: Settings) -> None:
    await ops.done(OLGA, "oncall override", user="Olga", until="+8h")
    without = parts_of(settings, ops.parts.database, ops.parts.queue, policy=(PEOPLE + ON_CALL).replace("Olga", "Ole"))
    assert (await duty.known(without)).humans("primary", NOW) == ["Alice"]
