"""A conversion from queued to its end: whoever comes second changes nothing."""

import asyncio
from uuid import uuid4

import pytest

from storage import conversions, dead_letters, decks, outbox
from storage.conversions import SUBJECT
from storage.errors import NotStored
from storage.readings import find_reading, remove_readings
from storage.records import ConversionRecord, ReadingRecord, State
from tests.making import NOW, READING, REFUSAL, WORKER, accepted, failed, finished, hashed, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")

OTHER = "host/2"
LATER = seconds(90 * 86_400)


async def taken(name: str = "picture", worker: str = WORKER) -> ConversionRecord:
    """A conversion that a worker holds."""
    one = await accepted(await somebody(), name, chat="chat")
    held = await conversions.claim(one.id, worker, now=seconds(1))
    assert held is not None
    return held


async def finish(one: ConversionRecord, worker: str = WORKER, reading: ReadingRecord = READING) -> bool:
    return await conversions.finish(one.id, worker, reading, pipeline="stub-1", deck_until=LATER, now=seconds(2))


async def state(one: ConversionRecord) -> State:
    return (await conversions.conversion(one.id)).state


async def test_of_many_workers_that_claim_at_once_one_gets_it() -> None:
    one = await accepted(await somebody())
    claims = await asyncio.gather(*(conversions.claim(one.id, f"host/{number}", now=NOW) for number in range(6)))

    [held] = [claim for claim in claims if claim is not None]
    assert (held.state, held.attempts, held.started_at) == (State.RUNNING, 1, NOW)
    assert (await conversions.conversion(one.id)).worker == held.worker


async def test_nobody_claims_what_is_not_there() -> None:
    assert await conversions.claim(uuid4(), WORKER, now=NOW) is None
    with pytest.raises(NotStored, match="no such conversion"):
        await conversions.conversion(uuid4())


async def test_the_end_comes_with_deck_history_message_and_a_reading_for_others() -> None:
    one = await taken()
    assert await finish(one)

    ended = await conversions.conversion(one.id)
    assert (ended.state, ended.ended_at, dict(ended.timings)) == (State.DONE, seconds(2), {"reading": 1.5})
    deck = await decks.deck_of(one.id)
    assert (deck.revision, deck.expires_at, deck.deck["image"], deck.read) == (0, LATER, "deck.png", deck.deck)
    assert [event.state for event in await conversions.events(one.id)] == ["queued", "running", "done"]
    [message] = await outbox.messages_of(SUBJECT, str(one.id))
    assert (message.is_final, message.wanted, message.due_at) == (True, 2, seconds(2))
    assert await find_reading(hashed("picture"), "stub-1") == READING
    assert await find_reading(hashed("picture"), "stub-2") is None


async def test_a_refusal_has_a_sentence_and_no_deck() -> None:
    one = await taken()
    assert await finish(one, reading=REFUSAL)

    ended = await conversions.conversion(one.id)
    assert (ended.state, ended.code, ended.sentence) == (State.REFUSED, REFUSAL.code, REFUSAL.sentence)
    with pytest.raises(NotStored, match="no longer kept"):
        await decks.deck_of(one.id)


async def test_who_has_lost_a_conversion_changes_nothing_by_finishing_it() -> None:
    one = await taken()
    assert await conversions.release(WORKER, "it died", now=NOW) == [one.id]
    await conversions.claim(one.id, OTHER, now=NOW)

    assert not await finish(one, WORKER)
    assert await find_reading(hashed("picture"), "stub-1") is None
    assert (await conversions.conversion(one.id)).worker == OTHER
    assert await finish(one, OTHER)
    assert not await finish(one, OTHER)


async def test_of_two_finishes_at_once_one_counts() -> None:
    one = await taken()

    assert sorted(await asyncio.gather(finish(one), finish(one))) == [False, True]


async def test_what_is_cancelled_while_it_runs_stays_cancelled() -> None:
    one = await taken()
    assert await conversions.cancel(one.id, "You took it back.", now=seconds(2))

    assert not await finish(one)
    assert not await conversions.put_back(one.id, WORKER, "again", now=NOW, counts=False)
    assert not await conversions.fail(one.id, "x", "y", detail="z", now=NOW, worker=WORKER)
    ended = await conversions.conversion(one.id)
    assert (ended.state, ended.sentence, ended.ended_at) == (State.CANCELLED, "You took it back.", seconds(2))
    [message] = await outbox.messages_of(SUBJECT, str(one.id))
    assert (message.is_final, message.wanted) == (True, 2)


async def test_what_has_ended_cannot_be_cancelled_or_fail() -> None:
    one = await taken()
    await finish(one)

    assert not await conversions.cancel(one.id, "Too late.", now=NOW)
    assert not await conversions.fail(one.id, "x", "y", detail="z", now=NOW)
    assert await state(one) is State.DONE


@pytest.mark.parametrize(("counts", "attempts"), [(True, 2), (False, 1)])
async def test_putting_back_says_whether_it_was_a_try(counts: bool, attempts: int) -> None:
    one = await taken()
    assert await conversions.put_back(one.id, WORKER, "again", now=NOW, counts=counts)
    again = await conversions.claim(one.id, OTHER, now=NOW)

    assert again is not None
    assert again.attempts == attempts


async def test_only_its_holder_puts_back() -> None:
    one = await taken()

    assert not await conversions.put_back(one.id, OTHER, "again", now=NOW, counts=False)
    assert await state(one) is State.RUNNING


async def test_a_dead_workers_conversions_go_back_and_no_others() -> None:
    mine, theirs = await taken("mine"), await taken("theirs", OTHER)

    assert await conversions.release(WORKER, "it died", now=NOW) == [mine.id]
    assert await conversions.release(WORKER, "it died", now=NOW) == []
    assert (await state(mine), await state(theirs)) == (State.QUEUED, State.RUNNING)
    assert (await conversions.conversion(mine.id)).attempts == 1


async def test_a_failure_tells_its_owner_and_leaves_a_dead_letter() -> None:
    one = await failed(await somebody(), chat="chat")

    assert (one.state, one.code, one.sentence) == (State.FAILED, "ReadingCrashed", "Send another one.")
    [letter] = await dead_letters.dead_letters()
    assert (letter.conversion, letter.reason, letter.detail, letter.attempts) == (one.id, one.code, "it died", 1)
    [message] = await outbox.messages_of(SUBJECT, str(one.id))
    assert message.is_final


async def test_a_failure_that_needs_no_engineer_leaves_no_dead_letter() -> None:
    one = await taken()
    assert await conversions.fail(one.id, "gone", "Send it again.", detail="", now=NOW, is_dead_letter=False)

    assert await dead_letters.dead_letter_count() == 0


async def test_a_dead_letter_is_resolved_once() -> None:
    await failed(await somebody())
    [letter] = await dead_letters.dead_letters()

    assert await dead_letters.resolve_dead_letter(letter.id, now=NOW)
    assert not await dead_letters.resolve_dead_letter(letter.id, now=NOW)
    assert (await dead_letters.dead_letters(), await dead_letters.dead_letter_count()) == ([], 0)


async def test_what_failed_can_be_tried_again_from_the_start() -> None:
    one = await failed(await somebody(), chat="chat")
    assert await conversions.open_again(one.id, "an engineer wants it", now=seconds(5))

    again = await conversions.conversion(one.id)
    assert (again.state, again.attempts, again.queued_at, again.sentence) == (State.QUEUED, 0, seconds(5), None)
    assert await dead_letters.dead_letter_count() == 0
    [message] = await outbox.messages_of(SUBJECT, str(one.id))
    assert (message.is_final, message.wanted) == (False, 3)
    assert not await conversions.open_again(one.id, "twice", now=NOW)


async def test_what_is_done_is_not_opened_again() -> None:
    one = await finished(await somebody())

    assert not await conversions.open_again(one.id, "again", now=NOW)


async def test_counts_and_lists_of_what_has_not_ended() -> None:
    person = await somebody()
    await finished(person, "done")
    second = await accepted(person, "two", at=seconds(2))
    first = await accepted(person, "one", at=seconds(1))
    await accepted(person, None, at=seconds(3))
    await taken("running")

    assert await conversions.counts() == {State.ACCEPTED: 1, State.HELD: 0, State.QUEUED: 2, State.RUNNING: 1}
    assert [one.id for one in await conversions.open_conversions([State.QUEUED])] == [first.id, second.id]
    assert len(await conversions.open_conversions(limit=3)) == 3
    assert await conversions.oldest_waiting() == seconds(1)


async def test_nothing_waits_when_nothing_is_open() -> None:
    await finished(await somebody())

    assert await conversions.oldest_waiting() is None
    assert set((await conversions.counts()).values()) == {0}


async def test_the_first_of_two_readings_of_one_picture_is_kept() -> None:
    await finished(await somebody("one"), "same")
    await finished(await somebody("two"), "same", reading=REFUSAL)

    assert await find_reading(hashed("same"), "stub-1") == READING
    assert await remove_readings(before=NOW) == 0
    assert await remove_readings() == 1
