"""What is kept no longer than it must be, and what is still needed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import conversions, dead_letters, decks, models, outbox
from storage.blobs import Blobs, DatabaseBlobs, FileBlobs
from storage.outbox import MessageRecord
from storage.retention import sweep
from tests.making import NOW, accepted, failed, finished, somebody

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
KEEPING = timedelta(days=90)


async def swept(blobs: Blobs, after: timedelta) -> Mapping[str, int]:
    """What a sweep removes so long after ``NOW``, where it is not nothing."""
    removed = await sweep(blobs, deck_keeping=KEEPING, now=NOW + after)
    return {name: count for name, count in removed.items() if count}


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "pictures")


async def delivered(message: MessageRecord) -> None:
    await outbox.mark_delivered(message.id, message.wanted, {}, now=NOW)


async def test_nothing_goes_before_its_time(blobs: FileBlobs) -> None:
    await finished(await somebody(), chat="chat")

    assert await swept(blobs, timedelta(hours=23)) == {}


async def test_a_picture_goes_after_a_day_and_its_deck_stays(blobs: FileBlobs) -> None:
    one = await finished(await somebody())

    assert await swept(blobs, DAY * 2) == {"pictures": 1}
    assert (await decks.deck_of(one.id)).conversion == one.id


async def test_a_deck_goes_after_ninety_days_with_all_that_belongs_to_it(blobs: FileBlobs) -> None:
    one = await finished(await somebody(), chat="chat")
    [message] = await outbox.messages_of("post", str(one.id))
    await delivered(message)

    assert await swept(blobs, KEEPING + DAY) == {
        "pictures": 1,
        "decks": 1,
        "conversions": 1,
        "readings": 1,
        "messages": 1,
    }
    assert await models.ConversionEvent.all().count() == 0
    assert await models.Person.all().count() == 1


async def test_the_pictures_of_open_conversions_stay(blobs: FileBlobs) -> None:
    await accepted(await somebody(), "waiting")
    await accepted(await somebody(), None)
    await finished(await somebody(), "done")

    assert await swept(blobs, DAY * 2) == {"pictures": 1}
    assert await models.Picture.all().count() == 1


async def test_the_pictures_of_dead_letters_stay_until_those_are_resolved(blobs: FileBlobs) -> None:
    await failed(await somebody())
    assert await swept(blobs, KEEPING + DAY) == {}

    [letter] = await dead_letters.dead_letters()
    await dead_letters.resolve_dead_letter(letter.id, now=NOW)
    assert await swept(blobs, KEEPING + DAY) == {"pictures": 1, "conversions": 1}


async def test_a_refused_conversion_goes_with_the_decks(blobs: FileBlobs) -> None:
    one = await accepted(await somebody())
    await conversions.cancel(one.id, "You took it back.", now=NOW)
    assert await swept(blobs, DAY) == {}

    assert await swept(blobs, KEEPING + DAY) == {"pictures": 1, "conversions": 1}


async def test_a_message_that_is_owed_outlives_its_deck(blobs: FileBlobs) -> None:
    await finished(await somebody(), chat="chat")

    assert "messages" not in await swept(blobs, KEEPING + DAY)


@pytest.mark.parametrize("in_database", [False, True], ids=["files", "database"])
async def test_contents_that_belong_to_nobody_go_when_they_are_an_hour_old(blobs: FileBlobs, in_database: bool) -> None:
    store: Blobs = DatabaseBlobs() if in_database else blobs
    key = await store.put(b"picture")
    now = datetime.now(UTC)

    assert (await sweep(store, deck_keeping=KEEPING, now=now))["files"] == 0
    assert (await sweep(store, deck_keeping=KEEPING, now=now + timedelta(hours=2)))["files"] == 1
    assert await store.get(key) is None


async def test_contents_that_somebody_has_stay_and_go_with_the_last_copy(blobs: FileBlobs) -> None:
    now = datetime.now(UTC)
    key = await blobs.put(b"picture")
    await finished(await somebody("one"), picture_hash=key, picture_until=now + DAY)
    await finished(await somebody("two"), picture_hash=key, picture_until=now + DAY * 3)

    for days, gone in ((2, {"pictures": 1}), (4, {"pictures": 1, "files": 1})):
        removed = await sweep(blobs, deck_keeping=KEEPING * 10, now=now + DAY * days)
        assert {name: count for name, count in removed.items() if count} == gone
    assert await blobs.get(key) is None
