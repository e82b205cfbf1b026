"""The trail: lines in order, and no way to change one that is not seen."""

import asyncio

import pytest

from storage import audit
from storage.audit import AuditLine
from storage.database import Database
from storage.models import AuditEntry
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")


def line(number: int, **changes: str) -> AuditLine:
    fields = {"kind": "ended", "action": "queue drain", "human": "alice", **changes}
    return AuditLine(at=seconds(number), request="", details={"n": number, "word": "façade"}, **fields)


async def test_a_trail_without_lines_is_whole() -> None:
    assert await audit.verify() == (0, "")


async def test_lines_are_numbered_and_whole(database: Database) -> None:
    assert [await audit.add(line(number)) for number in range(3)] == [1, 2, 3]
    assert await audit.verify() == (3, "")
    assert [one.number async for one in audit.all_lines()] == [1, 2, 3]


async def test_writers_at_the_same_time_get_lines_of_their_own() -> None:
    numbers = await asyncio.gather(*(audit.add(line(number)) for number in range(12)))

    assert sorted(numbers) == list(range(1, 13))
    assert await audit.verify() == (12, "")


async def test_lines_are_found_by_who_and_what_and_when() -> None:
    await audit.add(line(0, human="bob"))
    await audit.add(line(60, action="queue purge"))
    await audit.add(line(120))

    assert [one.number for one in await audit.lines(10)] == [3, 2, 1]
    assert [one.number for one in await audit.lines(10, human="bob")] == [1]
    assert [one.number for one in await audit.lines(10, action="queue purge")] == [2]
    assert [one.number for one in await audit.lines(10, since=seconds(90))] == [3]
    assert [one.number for one in await audit.lines(1)] == [3]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"content": '{"number":2}'}, "line 2 was changed"),
        ({"human": "mallory"}, "line 2 was changed"),
        ({"action": "access grant"}, "line 2 was changed"),
        ({"at": NOW}, "line 2 was changed"),
    ],
)
async def test_a_changed_line_is_found(change: dict[str, object], found: str) -> None:
    for number in (1, 2, 3):
        await audit.add(line(number))

    await AuditEntry.filter(number=2).update(**change)

    assert await audit.verify() == (1, found)


async def test_a_changed_line_with_a_new_digest_breaks_the_next() -> None:
    for number in (1, 2, 3):
        await audit.add(line(number))
    second = await AuditEntry.get(number=2)
    content = second.content.replace("alice", "mallory")
    first = await AuditEntry.get(number=1)

    await second.delete()
    digest = audit._digest(first.digest, content)
    columns = {"kind": second.kind, "action": second.action, "request": second.request, "at": second.at}
    await AuditEntry.create(number=2, content=content, human="mallory", digest=digest, **columns)

    assert await audit.verify() == (2, "line 3 was changed")


async def test_a_missing_line_is_found() -> None:
    for number in (1, 2, 3):
        await audit.add(line(number))

    await AuditEntry.filter(number=2).delete()

    assert await audit.verify() == (1, "line 2 is missing")


async def test_lines_that_were_cut_off_are_found() -> None:
    for number in (1, 2, 3):
        await audit.add(line(number))

    await AuditEntry.filter(number=3).delete()

    assert await audit.verify() == (2, "line 3 and what follows up to line 3 are missing")
