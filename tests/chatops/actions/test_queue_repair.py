"""The queue repaired: what is stuck, given up or taken out, on real parts."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from arq.constants import in_progress_key_prefix, job_key_prefix

from bot.conversation.texts import Language, Texts
from config.clock import utcnow
from storage import conversions, maintenance, models, outbox, purges
from storage.blobs import open_blobs
from storage.maintenance import MaintenanceRecord, Mode
from storage.queue import Queue
from storage.records import ConversionRecord, State
from storage.retention import sweep
from tests.chaos.reader import Wish
from tests.chatops.acting import ALICE, OLGA, RITA, Ops
from tests.chatops.working import reaches, ready, sent, worker_process
from tests.making import NOW, WORKER, accepted, failed, hashed, seconds, somebody
from tests.storage.test_queue import ANNA


async def queued(queue: Queue, name: str, *, at: float = 0.0) -> ConversionRecord:
    one = await accepted(await somebody(name), name, at=seconds(at), chat=name)
    await queue.enqueue(one.id, since=one.accepted_at)
    return one


async def left_behind(queue: Queue, name: str, worker: str = WORKER) -> ConversionRecord:
    """A worker took it and died."""
    one = await queued(queue, name)
    await conversions.claim(one.id, worker, now=NOW)
    await queue.redis.set(in_progress_key_prefix + str(one.id), 1)
    return one


async def state(one: ConversionRecord) -> State:
    return (await conversions.conversion(one.id)).state


async def history(one: ConversionRecord) -> list[str]:
    return [event.detail for event in await conversions.events(one.id)]


class TestStuck:
    async def test_defect_2_only_what_is_stuck_is_touched_and_nothing_is_lost(self, ops: Ops, queue: Queue) -> None:
        gone, bare, healthy = await left_behind(queue, "gone"), await queued(queue, "bare"), await queued(queue, "ok")
        read = await left_behind(queue, "read", ANNA.name)
        await queue.redis.delete(job_key_prefix + str(bare.id))
        ops.later(minutes=20)
        await queue.say_alive(replace(ANNA, conversion=str(read.id)))

        plan = await ops.planned(OLGA, "queue clear-stuck")
        assert plan.summary == "2 jobs stuck for more than 15 min would be queued again."
        assert set(plan.items) == {str(gone.id), str(bare.id)}
        done = await ops.done(OLGA, "queue clear-stuck")

        assert done.text == "2 jobs queued again, 0 given up."
        assert [await state(one) for one in (gone, bare, healthy, read)] == [*3 * [State.QUEUED], State.RUNNING]
        assert set(await queue.all_ids()) == {str(one.id) for one in (gone, bare, healthy, read)}
        assert await queue.redis.exists(job_key_prefix + str(bare.id))
        assert not await queue.redis.exists(in_progress_key_prefix + str(gone.id))
        assert "was stuck: its worker is gone" in await history(gone)
        assert "was stuck: its job has expired" in await history(bare)
        assert await history(healthy) == ["accepted"]

    async def test_what_was_stuck_before_is_given_up_and_its_owner_told(self, ops: Ops, queue: Queue) -> None:
        one = await left_behind(queue, "gone")
        ops.later(minutes=20)
        await ops.done(OLGA, "queue clear-stuck")
        await conversions.claim(one.id, WORKER, now=ops.now)
        ops.later(minutes=20)

        plan = await ops.planned(OLGA, "queue clear-stuck")
        assert plan.summary.endswith("1 of them were stuck before, and are given up instead.")
        assert (await ops.done(OLGA, "queue clear-stuck")).text == "No job queued again, 1 given up."
        row = await conversions.conversion(one.id)
        assert (row.state, row.code) == (State.FAILED, "stuck")
        assert row.sentence == Texts(Language.ENGLISH)("stuck")
        [message] = await outbox.messages_of(conversions.SUBJECT, str(one.id))
        assert message.is_final
        assert await queue.all_ids() == []
        dead = await ops.done(RITA, "queue dead")
        assert dead.data["letters"][0]["detail"] == "was stuck: its worker is gone"

    async def test_answers_that_were_never_delivered_are_tried_again_then_given_up(self, ops: Ops) -> None:
        await failed(await somebody(), chat="chat")
        ops.later(minutes=20)
        assert (await ops.done(OLGA, "queue clear-stuck")).text == "1 job queued again, 0 given up."
        assert (await ops.done(OLGA, "queue clear-stuck")).text == "No job queued again, 1 given up."
        assert await outbox.late_messages(conversions.SUBJECT, ops.now, limit=1) == []

    async def test_a_phrase_is_asked_for_when_there_are_many(self, ops: Ops, queue: Queue) -> None:
        for number in range(21):
            await left_behind(queue, f"p{number}")
        ops.later(minutes=20)
        plan = await ops.planned(OLGA, "queue clear-stuck")
        assert (plan.confirmation, plan.target) == ("phrase", "21 jobs")
        few = await ops.planned(OLGA, "queue clear-stuck", limit=20)
        assert few.confirmation is None
        assert (await ops.done(OLGA, "queue clear-stuck")).text == "21 jobs queued again, 0 given up."

    async def test_what_may_still_be_read_is_left_alone(self, ops: Ops) -> None:
        refused = await ops.refused(OLGA, "queue clear-stuck", older_than="100s")
        assert refused == ("older-than: must be at least 1 min 45 s, the time of a reading and a minute.")
        assert await ops.refused(OLGA, "queue clear-stuck") == "Nothing is stuck for more than 15 min."

    async def test_it_can_be_given_up_at_once(self, ops: Ops, queue: Queue) -> None:
        one = await left_behind(queue, "gone")
        ops.later(minutes=20)
        await ops.done(OLGA, "queue clear-stuck", action="dead-letter")
        assert await state(one) is State.FAILED


class TestRevive:
    async def test_what_was_given_up_is_listed_and_queued_again(self, ops: Ops, queue: Queue) -> None:
        ones = [await failed(await somebody(name), name) for name in ("a", "b")]
        listed = await ops.done(RITA, "queue dead")
        assert listed.text == "2 pictures given up."
        assert {one["id"] for one in listed.data["letters"]} == {str(one.id) for one in ones}

        plan = await ops.planned(OLGA, "queue revive", what="all")
        assert plan.summary == "2 pictures of dead letters would be queued again."
        assert (await ops.done(OLGA, "queue revive", what=str(ones[0].id)[:13])).text == "1 picture queued again."
        assert (await ops.done(OLGA, "queue revive", what="all")).text == "1 picture queued again."
        assert set(await queue.all_ids()) == {str(one.id) for one in ones}
        assert await ops.refused(OLGA, "queue revive", what="all") == "Nothing is given up."

    async def test_pictures_that_are_gone_cannot_be_read(self, ops: Ops) -> None:
        one, other = await failed(await somebody("a"), "a"), await failed(await somebody("b"), "b")
        await models.Picture.filter(content_hash=one.picture_hash).delete()
        plan = await ops.planned(OLGA, "queue revive", what="all")
        assert plan.summary.endswith("1 cannot be: their pictures are gone.")
        await ops.done(OLGA, "queue revive", what="all")
        assert (await state(one), await state(other)) == (State.FAILED, State.QUEUED)

    async def test_during_maintenance_they_wait_as_others_do(self, ops: Ops, queue: Queue) -> None:
        one = await failed(await somebody("a"), "a")
        record = MaintenanceRecord("1", Mode.SOFT, "a new disk", NOW, seconds(600), "Olga")
        await maintenance.keep(record, by="Olga", now=NOW)
        revived = await ops.done(OLGA, "queue revive", what="all")
        assert revived.text == "No picture queued again. 1 wait for the end of maintenance."
        assert (await state(one), await queue.all_ids()) == (State.HELD, [])

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "Say what: an id of queue dead or all, or purge with the id of a purge."),
            ({"what": "zz"}, "id: at least 4 letters of an id are needed."),
            ({"what": "zzzz"}, "id: there is no conversion zzzz, or it has expired; queue list shows ids."),
            ({"purge": "nope"}, "purge: nope is not known; known are: none."),
            ({"what": "all", "limit": 1001}, "limit: must be 1 to 1000."),
        ],
    )
    async def test_bad_arguments_are_told(self, ops: Ops, given: dict[str, object], said: str) -> None:
        assert await ops.refused(OLGA, "queue revive", **given) == said

    async def test_a_beginning_that_several_have_is_not_enough(self, ops: Ops) -> None:
        for number in range(2):
            await accepted(await somebody(), f"p{number}", id=UUID(int=(0xABCD << 112) + number))
        refused = await ops.refused(OLGA, "queue revive", what="abcd")
        assert refused == "id: abcd may be any of abcd0000, abcd0000; give more of it."


class TestPurge:
    async def test_defect_2_the_queue_is_emptied_by_two_and_can_be_filled_again(self, ops: Ops, queue: Queue) -> None:
        ones = [await queued(queue, name, at=number) for number, name in enumerate("abc")]
        read = await left_behind(queue, "read")
        ops.later(seconds=60)
        plan = await ops.planned(ALICE, "queue purge", count=3, reason="a flood")
        assert plan.summary == (
            "3 jobs of 3 people would be taken out of the queue unread, and their owners told. What is being read goes "
            "on. It can be undone for 7 d, in which the pictures are kept."
        )
        done = await ops.done(ALICE, "queue purge", count=3, reason="a flood")

        identity = done.data["purge"]
        assert done.text == f"Purge {identity} took 3 jobs out of the queue; it can be undone for 7 days."
        assert await queue.all_ids() == [str(read.id)]
        rows = [await conversions.conversion(one.id) for one in ones]
        assert {(row.state, row.code) for row in rows} == {(State.CANCELLED, "purged")}
        assert await models.PurgedJob.filter(purge_id=identity).count() == 3
        assert rows[0].sentence == Texts(Language.ENGLISH)("purged")
        for one in ones:
            [message] = await outbox.messages_of(conversions.SUBJECT, str(one.id))
            assert (message.is_final, message.wanted) == (True, 2)

        ops.later(days=6)
        revived = await ops.done(OLGA, "queue revive", purge=identity)
        assert revived.text == "3 pictures queued again."
        assert [one for one in await queue.all_ids() if one != str(read.id)] == [str(one.id) for one in ones]
        assert (await ops.refused(OLGA, "queue revive", purge=identity)).startswith(f"Purge {identity} was undone at")

    async def test_the_number_must_be_right_and_two_must_agree(self, ops: Ops, queue: Queue) -> None:
        assert await ops.refused(ALICE, "queue purge", count=1, reason="a flood") == "Nothing waits in the queue."
        await queued(queue, "a")
        refused = await ops.refused(ALICE, "queue purge", count=2, reason="a flood")
        assert refused.startswith("count: 1 wait now, not 2; give the number that is to be purged.")
        assert "needs the role admin" in await ops.refused(OLGA, "queue purge", count=1, reason="a flood")

    async def test_pictures_are_kept_as_long_as_it_can_be_undone(self, ops: Ops, queue: Queue) -> None:
        one = await queued(queue, "a")
        await ops.done(ALICE, "queue purge", count=1, reason="a flood")
        blobs = open_blobs(ops.parts.settings.picture_store, ops.parts.settings.data_dir)
        kept = timedelta(days=90)
        ops.later(days=6)
        await sweep(blobs, deck_keeping=kept, now=ops.now)
        assert await models.Picture.filter(content_hash=hashed("a")).exists()

        ops.later(days=2)
        [record] = await purges.purges()
        assert (await ops.refused(OLGA, "queue revive", purge=record.id)).startswith(
            f"Purge {record.id} could be undone until"
        )
        await sweep(blobs, deck_keeping=kept, now=ops.now)
        assert not await models.Picture.filter(content_hash=hashed("a")).exists()
        assert await purges.purges() == []
        assert await state(one) is State.CANCELLED


@pytest.mark.slow
class TestWorkers:
    async def test_a_job_whose_worker_was_killed_is_read_by_another(self, ops: Ops) -> None:
        settings = ops.parts.settings
        with worker_process(settings, "test/1") as first:
            await ready(ops.parts, "test/1")
            one = await sent(ops.parts, Wish(1, wait_s=5.0))
            await reaches(one, State.RUNNING)
            first.kill()
            await ready(ops.parts)
        ops.now = utcnow() + timedelta(minutes=20)
        assert (await ops.done(OLGA, "queue clear-stuck")).text == "1 job queued again, 0 given up."
        with worker_process(settings, "test/2"):
            await reaches(one, State.DONE)
        assert (await conversions.conversion(one.id)).attempts == 2

    async def test_what_was_purged_or_given_up_is_read_by_a_worker_process(self, ops: Ops) -> None:
        ops.now = utcnow()
        await ops.done(OLGA, "queue pause", reason="a flood")
        ones = [await sent(ops.parts, Wish(number), f"p{number}") for number in range(1, 4)]
        deadly = await sent(ops.parts, Wish(4, deed="die"), "p4")
        ops.later(seconds=5)
        purge = (await ops.done(ALICE, "queue purge", count=4, reason="a flood")).data["purge"]
        with worker_process(ops.parts.settings):
            await ready(ops.parts, "test/1")
            await ops.done(OLGA, "queue resume")
            await ops.done(OLGA, "queue revive", purge=purge)
            for one in ones:
                await reaches(one, State.DONE)
            await reaches(deadly, State.FAILED)
            dead = await ops.done(RITA, "queue dead")
            assert [one["id"] for one in dead.data["letters"]] == [str(deadly.id)]
            assert dead.data["letters"][0]["reason"] == "ReadingCrashed"
            assert (await ops.done(OLGA, "queue revive", what="all")).text == "1 picture queued again."
            await reaches(deadly, State.FAILED)
            assert (await conversions.conversion(deadly.id)).attempts == 3
