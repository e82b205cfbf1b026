"""One job: looked at, tried again, cancelled, traced; on real parts, and on a real worker process where it says so."""

from uuid import uuid4

import pytest

from bot.conversation.texts import Language, Texts
from config.clock import utcnow
from storage import conversions, intake, models, outbox
from storage.queue import Queue
from storage.records import ReadingRecord, State
from tests.chaos.reader import Wish
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.chatops.working import reaches, ready, sent, worker_process
from tests.making import DECK, NOW, WORKER, accepted, failed, finished, seconds, somebody


class TestShow:
    async def test_it_tells_where_a_job_is_and_how_it_came_there(self, ops: Ops, queue: Queue) -> None:
        one = await accepted(await somebody("anna"), "a")
        await queue.enqueue(one.id, since=one.accepted_at)
        ops.later(seconds=90)
        shown = await ops.done(RITA, "job show", id=str(one.id)[:8])
        assert shown.text.startswith(f"Job {one.id} is queued, 1 min 30 s after it came; owner ")
        assert shown.text.endswith("Its job is ready, 0 before it.")
        assert shown.table is not None
        assert shown.table.rows == (("11-01 12:00:00", "queued", "accepted"),)
        assert [one.action for one in shown.suggestions] == ["trace job", "job cancel"]
        assert "anna" not in str(shown).lower()

    async def test_who_reads_it_is_told(self, ops: Ops, queue: Queue) -> None:
        one = await accepted(await somebody(), "a")
        await conversions.claim(one.id, WORKER, now=NOW)
        await queue.show_progress(one.id, one.post, "matching")
        assert (await ops.done(RITA, "job show", id=one.id)).text.endswith("host/1 has it, at matching, as try 1.")

    async def test_viewers_may_not_and_strangers_are_not_found(self, ops: Ops) -> None:
        assert "needs the role responder" in await ops.refused(VERA, "job show", id=uuid4())
        assert (await ops.refused(RITA, "job show", id="zzzzzz")).startswith("id: there is no conversion zzzzzz")


class TestRetry:
    async def test_what_failed_is_read_again_under_the_same_id(self, ops: Ops, queue: Queue) -> None:
        one = await failed(await somebody(), "a")
        again = await ops.done(OLGA, "job retry", id=one.id)
        assert again.text == f"Job {str(one.id)[:8]} is in the queue, with 0 before it."
        assert await queue.all_ids() == [str(one.id)]
        assert await ops.refused(OLGA, "job retry", id=one.id) == (
            "There is nothing to try again: it waits, with 0 before it."
        )

    async def test_what_lost_its_job_gets_it_back(self, ops: Ops, queue: Queue) -> None:
        one = await accepted(await somebody(), "a")
        assert (await ops.done(RITA, "job show", id=one.id)).text.endswith("It has no job.")
        await ops.done(OLGA, "job retry", id=one.id)
        assert await queue.all_ids() == [str(one.id)]

    async def test_what_is_read_or_has_no_picture_is_not_read_again(self, ops: Ops) -> None:
        done = await finished(await somebody(), "a")
        assert await ops.refused(OLGA, "job retry", id=done.id) == "There is nothing to try again: it is read."
        gone = await failed(await somebody(), "b")
        await models.Picture.all().delete()
        assert await ops.refused(OLGA, "job retry", id=gone.id) == (
            "Its picture is no longer kept, so that it cannot be read again."
        )


class TestCancel:
    async def test_a_job_that_waits_is_taken_out_and_its_owner_told(self, ops: Ops, queue: Queue) -> None:
        one = await accepted(await somebody(), "a", chat="chat")
        await queue.enqueue(one.id, since=one.accepted_at)
        ops.later(seconds=5)
        plan = await ops.planned(OLGA, "job cancel", id=one.id)
        assert plan.summary.startswith(f"Job {str(one.id)[:8]} (queued), 5 s old, would be cancelled. Its owner ")
        done = await ops.done(OLGA, "job cancel", id=one.id)

        assert done.text == f"Job {str(one.id)[:8]} is cancelled, and its owner told."
        row = await conversions.conversion(one.id)
        assert (row.state, row.sentence) == (State.CANCELLED, Texts(Language.ENGLISH)("cancelled_by_operator"))
        [message] = await outbox.messages_of(conversions.SUBJECT, str(one.id))
        assert message.is_final
        assert await queue.all_ids() == []
        assert await ops.refused(OLGA, "job cancel", id=one.id) == "It has ended: it is cancelled."

    @pytest.mark.slow
    async def test_defect_6_a_worker_process_leaves_what_is_cancelled_and_reads_the_next(self, ops: Ops) -> None:
        ops.now = utcnow()
        with worker_process(ops.parts.settings):
            await ready(ops.parts, "test/1")
            long = await sent(ops.parts, Wish(1, wait_s=600.0), "anna")
            await reaches(long, State.RUNNING)
            following = await sent(ops.parts, Wish(2), "bert")
            await ops.done(OLGA, "job cancel", id=long.id)
            await reaches(following, State.DONE)
            assert (await conversions.conversion(long.id)).state is State.CANCELLED
            assert await ops.parts.queue.all_ids() == []


class TestTrace:
    async def test_each_stage_has_its_time(self, ops: Ops) -> None:
        one = await accepted(await somebody(), None, chat="chat")
        await intake.set_picture(
            one.id,
            "ab" * 32,
            10,
            pipeline=None,
            picture_until=seconds(1000),
            deck_until=seconds(1000),
            all_waiting=10,
            now=seconds(0.4),
        )
        await conversions.claim(one.id, WORKER, now=seconds(1))
        reading = ReadingRecord(DECK, timings={"decoding": 0.1, "reading": 1.5, "matching": 0.3})
        await conversions.finish(one.id, WORKER, reading, pipeline=None, deck_until=seconds(1000), now=seconds(3))
        [message] = await outbox.messages_of(conversions.SUBJECT, str(one.id))
        await outbox.mark_delivered(message.id, message.wanted, {}, now=seconds(3.25))

        shown = await ops.done(RITA, "trace job", id=one.id)
        assert shown.text == f"Job {str(one.id)[:8]} (done) took 3,250 ms."
        assert [line.split()[0] for line in shown.log] == [
            "received",
            "downloaded",
            "waited",
            "preprocessed",
            "text",
            "matched",
            "stored",
            "delivered",
        ]
        assert [round(one["ms"]) for one in shown.data["spans"]] == [400, 600, 100, 1500, 300, 100, 250]
        assert shown.log[4] == f"text read    {' ' * 8}{'█' * 11}{' ' * 5}    1,500 ms"

    async def test_what_has_only_begun_says_so(self, ops: Ops) -> None:
        one = await accepted(await somebody(), "a")
        assert (await ops.done(RITA, "trace job", id=one.id)).text.endswith("no stage of it is over yet.")
        await conversions.claim(one.id, WORKER, now=seconds(2))
        assert (await ops.done(RITA, "trace job", id=one.id)).text.endswith("took 2,000 ms, so far.")

    async def test_what_came_from_the_cache_shows_that(self, ops: Ops) -> None:
        await finished(await somebody("one"), "same")
        one = await accepted(await somebody("two"), "same")
        shown = await ops.done(RITA, "trace job", id=one.id)
        assert shown.text.endswith("(done) took 0 ms.")
        assert shown.log[1].startswith("from cache")
