"""Accepting pictures: what is promised, what is refused and until when, what is answered at once."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from storage import conversions, decks, holding, intake, maintenance, models, outbox, people
from storage.conversions import SUBJECT
from storage.errors import NotStored
from storage.intake import LimitReached, Quota
from storage.maintenance import MaintenanceRecord, Mode
from storage.records import ConversionRecord, State
from tests.making import NOW, PLENTY, QUOTA, REFUSAL, accepted, finished, hashed, message_of, new, seconds, somebody

pytestmark = pytest.mark.usefixtures("database")


async def test_a_picture_is_promised_with_its_row_its_history_and_its_message() -> None:
    one = await accepted(await somebody(), chat="chat")

    assert (one.state, one.queued_at, one.attempts, one.from_cache) == (State.QUEUED, NOW, 0, False)
    assert [event.detail for event in await conversions.events(one.id)] == ["accepted"]
    [message] = await outbox.messages_of(SUBJECT, str(one.id))
    assert (message.chat, message.wanted, message.delivered, message.is_final) == ("chat", 1, 0, False)


async def test_the_same_id_twice_is_accepted_once() -> None:
    one = new(await somebody())
    first = await intake.accept(one, message_of(one.id), QUOTA, now=NOW)
    again = await intake.accept(one, message_of(one.id), QUOTA, now=seconds(5))

    assert first == again
    assert len(await outbox.messages_of(SUBJECT, str(one.id))) == 1


async def test_the_same_id_twice_at_once_is_accepted_once() -> None:
    one = new(await somebody())
    both = await asyncio.gather(*(intake.accept(one, message_of(one.id), QUOTA, now=NOW) for _ in range(4)))

    assert {record.id for record in both} == {one.id}
    assert await models.Conversion.all().count() == 1


async def test_the_eleventh_within_an_hour_is_told_when_the_next_may_come() -> None:
    person = await somebody()
    for number in range(10):
        await finished(person, f"picture {number}", at=seconds(60 * number), quota=QUOTA)
    with pytest.raises(LimitReached) as refusal:
        await accepted(person, "another", at=seconds(1000), quota=QUOTA)

    assert (refusal.value.code, refusal.value.retry_at) == ("per_hour", NOW + timedelta(hours=1))
    await accepted(person, "another", at=seconds(3601), quota=QUOTA)


async def test_the_sixth_at_once_waits_for_one_of_the_others() -> None:
    person = await somebody()
    first, *_ = [await accepted(person, f"picture {number}", quota=QUOTA) for number in range(5)]
    with pytest.raises(LimitReached) as refusal:
        await accepted(person, "another", quota=QUOTA)

    assert (refusal.value.code, refusal.value.retry_at) == ("at_once", None)
    await conversions.cancel(first.id, "You took it back.", now=NOW)
    await accepted(person, "another", quota=QUOTA)


async def test_one_persons_limit_is_nobody_elses() -> None:
    person = await somebody()
    for number in range(5):
        await accepted(person, f"picture {number}", quota=QUOTA)

    assert (await accepted(await somebody("other"), quota=QUOTA)).state is State.QUEUED


async def test_pictures_that_come_at_the_same_moment_cannot_exceed_the_limit() -> None:
    person = await somebody()
    sent = [intake.accept(new(person, f"picture {number}"), None, QUOTA, now=NOW) for number in range(12)]
    answers = await asyncio.gather(*sent, return_exceptions=True)

    refusals = [answer for answer in answers if isinstance(answer, LimitReached)]
    assert {refusal.code for refusal in refusals} == {"at_once"}
    assert (len(answers), len(refusals)) == (12, 7)
    assert await models.Conversion.all().count() == 5


async def test_what_comes_when_too_many_wait_is_held_and_refused_when_too_many_are_held() -> None:
    quota = Quota(per_hour=10, at_once=5, all_waiting=2)
    states = [(await accepted(await somebody(name), name, quota=quota)).state for name in ("a", "b", "c", "d")]
    assert states == [State.QUEUED, State.QUEUED, State.HELD, State.HELD]
    with pytest.raises(LimitReached) as refusal:
        await accepted(await somebody("e"), quota=quota)

    assert (refusal.value.code, refusal.value.retry_at) == ("overload", seconds(300))


async def test_who_is_banned_is_refused_until_the_ban_is_over() -> None:
    person = await somebody()
    await people.ban(person, seconds(60))
    with pytest.raises(LimitReached) as refusal:
        await accepted(person)
    assert (refusal.value.code, refusal.value.retry_at) == ("banned", seconds(60))

    await accepted(person, at=seconds(61))
    await people.ban(person, seconds(600))
    await people.ban(person, None)
    await accepted(person, "other", at=seconds(62))


async def test_what_is_refused_leaves_nothing() -> None:
    person = await somebody()
    await people.ban(person, seconds(60))
    with pytest.raises(LimitReached):
        await accepted(person, chat="chat")

    assert await models.Conversion.all().count() == 0
    assert await models.Picture.all().count() == 0
    assert await outbox.pending_count() == 0


class TestMaintenance:
    async def test_what_comes_meanwhile_is_held_but_for_what_is_urgent_or_was_read_before(self) -> None:
        await finished(await somebody("one"), "same")
        await in_maintenance()
        person = await somebody()

        assert (await accepted(person, "picture")).state is State.HELD
        assert (await accepted(person, "picture", is_urgent=True)).state is State.QUEUED
        assert (await accepted(person, "same")).state is State.DONE
        waits = await accepted(person, None)
        fetched = await fetched_picture(waits.id, now=seconds(1))
        assert fetched is not None
        assert fetched.state is State.HELD

    async def test_what_is_held_goes_on_in_order_as_far_as_there_is_room(self) -> None:
        await in_maintenance()
        rows = [await accepted(await somebody(name), name, at=seconds(n), chat=name) for n, name in enumerate("abc")]
        assert await holding.release_held(10, now=seconds(10)) == []

        await maintenance.end()
        assert [one.id for one in await holding.release_held(2, now=seconds(10))] == [rows[0].id, rows[1].id]
        assert await holding.release_held(2, now=seconds(10)) == []
        assert await holding.held_count() == 1
        [message] = await outbox.messages_of(SUBJECT, str(rows[0].id))
        assert (message.wanted, message.is_final) == (2, False)

    async def test_the_wait_is_known_from_the_pace_of_the_last_minutes(self) -> None:
        assert await holding.expected_wait(10, now=NOW) is None
        for name in ("a", "b"):
            await finished(await somebody(name), name)
        assert await holding.expected_wait(10, now=seconds(60)) == timedelta(minutes=25)


async def in_maintenance() -> None:
    record = MaintenanceRecord("1", Mode.SOFT, "a new disk", NOW, seconds(600), "Olga")
    await maintenance.keep(record, by="Olga", now=NOW)


class TestCache:
    async def test_a_picture_that_was_read_before_is_answered_at_once(self) -> None:
        await finished(await somebody("one"), "same")
        person = await somebody("two")

        answer = await accepted(person, "same", chat="chat", picture_name="mine.png")

        assert (answer.state, answer.from_cache, answer.ended_at) == (State.DONE, True, NOW)
        assert (await decks.deck_of(answer.id)).deck["image"] == "mine.png"
        assert (await decks.deck_of(answer.id)).person == person
        [message] = await outbox.messages_of(SUBJECT, str(answer.id))
        assert (message.is_final, message.wanted) == (True, 2)

    async def test_a_refusal_is_answered_at_once_too(self) -> None:
        await finished(await somebody("one"), "same", reading=REFUSAL)
        answer = await accepted(await somebody("two"), "same")

        assert (answer.state, answer.code, answer.sentence) == (State.REFUSED, REFUSAL.code, REFUSAL.sentence)

    @pytest.mark.parametrize(
        "changes", [{"is_fresh": True}, {"pipeline": "stub-2"}, {"pipeline": None}, {"picture_hash": hashed("other")}]
    )
    async def test_what_another_reader_or_nobody_read_waits(self, changes: dict[str, object]) -> None:
        await finished(await somebody("one"), "same")

        assert (await accepted(await somebody("two"), "same", **changes)).state is State.QUEUED


async def fetched_picture(conversion: UUID, *, now: datetime) -> ConversionRecord | None:
    """Tell that the picture of an accepted conversion is there."""
    return await intake.set_picture(
        conversion,
        hashed("x"),
        10,
        pipeline=None,
        picture_until=seconds(10),
        deck_until=seconds(20),
        all_waiting=10,
        now=now,
    )


class TestPictures:
    async def test_the_same_picture_of_one_person_is_kept_until_the_later_time(self) -> None:
        person = await somebody()
        await accepted(person, "same", picture_until=seconds(10))
        await accepted(person, "same", picture_until=seconds(20))

        [picture] = await models.Picture.all()
        assert picture.expires_at == seconds(20)

    async def test_a_picture_that_is_still_to_be_fetched_is_queued_when_it_is_there(self) -> None:
        one = await accepted(await somebody(), None, source={"url": "https://example.org/deck.png"})
        assert (one.state, one.picture_hash, one.queued_at) == (State.ACCEPTED, None, None)

        fetched = await fetched_picture(one.id, now=seconds(1))

        assert fetched is not None
        assert (fetched.state, fetched.picture_hash, fetched.queued_at) == (State.QUEUED, hashed("x"), seconds(1))
        assert await fetched_picture(one.id, now=NOW) is None

    async def test_a_picture_that_was_cancelled_before_it_was_fetched_stays_so(self) -> None:
        one = await accepted(await somebody(), None)
        await conversions.cancel(one.id, "You took it back.", now=NOW)

        assert await fetched_picture(one.id, now=NOW) is None
        assert await models.Picture.all().count() == 0


async def test_each_open_picture_of_a_person_puts_the_next_one_further_back() -> None:
    person = await somebody()
    ahead = [(await accepted(person, f"picture {number}", quota=PLENTY)).priority for number in range(3)]

    assert ahead == [0, 1, 2]
    assert (await accepted(await somebody("other"))).priority == 0


async def test_nobody_can_send_for_a_person_who_is_gone() -> None:
    person = await somebody()
    await people.forget(person)
    with pytest.raises(NotStored, match="This person is not known"):
        await accepted(person)
    assert await models.Conversion.all().count() == 0
