"""Keys of the API: shown once, known by their beginning, useless when revoked."""

import pytest

from storage import access, models
from tests.making import NOW, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")


async def test_a_key_is_found_by_itself_alone_and_its_use_is_noted() -> None:
    person = await somebody()
    key, record = await access.make_key(person, "tool", "operator", now=NOW)

    found = await access.find_key(key, now=seconds(5))
    assert found is not None
    assert (found.person, found.role, found.prefix) == (person, "operator", key[:12])
    assert [one.used_at for one in await access.keys()] == [seconds(5)]
    assert record.used_at is None
    for wrong in (key[:-1], key + "x", key.upper(), "", record.prefix):
        assert await access.find_key(wrong, now=NOW) is None


async def test_the_key_itself_is_nowhere_stored() -> None:
    key, _ = await access.make_key(await somebody(), "tool", "player", now=NOW)

    row = await models.ApiKey.get()
    assert key not in {str(value) for value in (row.name, row.prefix, row.key_hash, row.id)}


async def test_a_revoked_key_is_useless_and_stays_in_the_list() -> None:
    key, record = await access.make_key(await somebody(), "tool", "player", now=NOW)
    other, _ = await access.make_key(await somebody(), "other", "player", now=seconds(1))

    assert await access.revoke_key(record.prefix, now=seconds(2)) == 1
    assert await access.revoke_key(record.prefix, now=seconds(3)) == 0
    assert await access.find_key(key, now=NOW) is None
    assert await access.find_key(other, now=NOW) is not None
    assert [one.revoked_at for one in await access.keys()] == [None, seconds(2)]


async def test_a_beginning_that_is_too_short_revokes_nothing() -> None:
    key, _ = await access.make_key(await somebody(), "tool", "player", now=NOW)

    for short in ("", "s2d_", key[:11]):
        assert await access.revoke_key(short, now=NOW) == 0
    assert await access.revoke_key(key, now=NOW) == 1
