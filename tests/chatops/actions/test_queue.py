"""The queue looked at, drained and paused, on a real Redis-protocol server."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix

from config.clock import utcnow
from storage import conversions, maintenance, pausing, samples
from storage.maintenance import MaintenanceRecord, Mode
from storage.queue import QUEUE, Queue
from storage.records import ConversionRecord, State
from storage.samples import SampleRecord
from tests.chaos.reader import Wish
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.chatops.working import reaches, ready, sent, worker_process
from tests.making import NOW, accepted, finished, seconds, somebody
from tests.storage.test_queue import ANNA


async def queued(queue: Queue, name: str, *, at: float = 0.0) -> ConversionRecord:
    one = await accepted(await somebody(name), name, at=seconds(at))
    await queue.enqueue(one.id, since=one.accepted_at)
    return one


class TestInspect:
    async def test_an_empty_queue_is_normal(self, ops: Ops) -> None:
        shown = await ops.done(VERA, "queue inspect")
        assert shown.text.startswith(
            "No job waiting, which is normal (elevated from 100, alert above 500). 0.0 a minute come in and 0.0 go "
            "out. No worker alive."
        )

    async def test_defect_1_jobs_are_counted_in_arqs_sorted_set_by_what_they_do(self, ops: Ops, queue: Queue) -> None:
        _, deferred, retried, read, orphan, bare = [await queued(queue, name) for name in "abcdef"]
        await queue.redis.zadd(QUEUE, {str(deferred.id): int(seconds(60).timestamp() * 1000)}, xx=True)
        await queue.redis.set(retry_key_prefix + str(retried.id), 2)
        for one in (read, orphan):
            await queue.redis.set(in_progress_key_prefix + str(one.id), 1)
        await queue.say_alive(replace(ANNA, conversion=str(read.id)))
        await queue.redis.delete(job_key_prefix + str(bare.id))

        shown = await ops.done(VERA, "queue inspect")
        assert shown.data["jobs"] == {"ready": 1, "deferred": 1, "in-progress": 1, "retrying": 1, "orphaned": 2}
        assert shown.data["waiting"] == 5
        assert "queue clear-stuck" in [one.action for one in shown.suggestions]

    async def test_rates_ages_and_the_time_to_empty_come_with_it(self, ops: Ops, queue: Queue) -> None:
        for name in "abcde":
            await finished(await somebody(name), name, at=seconds(200))
        await queued(queue, "x", at=100)
        await queued(queue, "y", at=110)
        ops.later(seconds=300)
        shown = await ops.done(VERA, "queue inspect")
        pace = "1.4 a minute come in and 1.0 go out. At that pace they are read in 2 min."
        assert f"The oldest waits for 3 min 20 s. {pace}" in shown.text

    async def test_a_long_queue_is_an_alert_with_what_helps(self, ops: Ops, queue: Queue) -> None:
        await queue.enqueue_all((uuid4(), NOW, 0) for _ in range(501))
        shown = await ops.done(VERA, "queue inspect")
        assert shown.text.startswith("501 jobs waiting, which is alert")
        assert [one.action for one in shown.suggestions] == ["worker scale", "queue list"]

    async def test_how_it_went_is_a_picture(self, ops: Ops) -> None:
        for minute in range(10):
            at = NOW - timedelta(minutes=minute)
            await samples.add(SampleRecord("bot", at, 15, {"queue_length": 10.0 * minute}, {}))
        shown = await ops.done(VERA, "queue inspect")
        assert [(one.name, one.data[:4]) for one in shown.files] == [("queue.png", b"\x89PNG")]


class TestList:
    async def test_jobs_are_named_without_their_owners(self, ops: Ops, queue: Queue) -> None:
        second, first = await queued(queue, "anna", at=10), await queued(queue, "bert", at=5)
        ops.later(seconds=65)
        shown = await ops.done(RITA, "queue list")
        assert shown.text == "2 jobs ready, 2 shown."
        assert shown.table is not None
        assert [row[:4] for row in shown.table.rows] == [
            (str(first.id)[:8], "read_picture", "1 min", "0"),
            (str(second.id)[:8], "read_picture", "55 s", "0"),
        ]
        assert "anna" not in str(shown).lower()
        assert len({row[4] for row in shown.table.rows}) == 2

    async def test_states_can_be_chosen(self, ops: Ops) -> None:
        record = MaintenanceRecord("1", Mode.SOFT, "a new disk", NOW, seconds(600), "Olga")
        await maintenance.keep(record, by="Olga", now=NOW)
        await accepted(await somebody(), at=NOW)
        assert (await ops.done(RITA, "queue list", state="held")).text == "1 job held, 1 shown."
        assert (await ops.done(RITA, "queue list", state="orphaned")).text == "No job orphaned."
        assert await ops.refused(RITA, "queue list", n=51) == "n: must be 1 to 50."


class TestDrain:
    async def test_an_empty_queue_is_drained_at_once(self, ops: Ops) -> None:
        assert (await ops.done(OLGA, "queue drain")).text == "The queue is drained, after 0 s."

    async def test_without_workers_or_with_paused_ones_nothing_is_waited_for(self, ops: Ops, queue: Queue) -> None:
        await queued(queue, "a")
        assert await ops.refused(OLGA, "queue drain") == "No worker is running, so that nothing would be drained."
        await ops.done(OLGA, "queue pause", reason="a new disk")
        assert await ops.refused(OLGA, "queue drain") == "Workers are paused, so that nothing would be drained."

    async def test_what_is_left_is_named(self, ops: Ops, queue: Queue) -> None:
        one = await queued(queue, "a")
        await queue.say_alive(ANNA)
        answer = await ops.answer(OLGA, "queue drain", timeout="1s")
        assert (answer.ok, answer.text) == (False, "1 job left after 1 s.")
        assert answer.data["ids"] == [str(one.id)]


class TestPause:
    async def test_workers_are_told_to_take_nothing_and_go_on_by_themselves(self, ops: Ops, queue: Queue) -> None:
        await queued(queue, "a")
        plan = await ops.planned(OLGA, "queue pause", reason="a new disk")
        assert plan.summary == (
            "Workers (0) would take no jobs for 15 min. 0 that are being read go on; 1 wait already."
        )
        paused = await ops.done(OLGA, "queue pause", reason="a new disk")
        assert paused.text == "Workers take no jobs until 2026-11-01 12:15 UTC, and go on by themselves then."
        assert (await queue.orders(None)).is_paused
        assert 0 < await queue.redis.pttl("s2d:control:pause") <= 15 * 60 * 1000
        assert (
            "Workers are paused until 2026-11-01 12:15 UTC by Olga: a new disk."
            in (await ops.done(VERA, "queue inspect")).text
        )

    async def test_a_pause_survives_the_loss_of_redis(self, ops: Ops, queue: Queue) -> None:
        await ops.done(OLGA, "queue pause", reason="a new disk")
        await queue.redis.flushall()
        await pausing.restore(queue, now=ops.now)
        assert (await queue.orders(None)).is_paused
        await ops.done(OLGA, "queue resume")
        await pausing.restore(queue, now=ops.now)
        assert not (await queue.orders(None)).is_paused

    async def test_what_is_not_paused_is_not_resumed(self, ops: Ops) -> None:
        assert await ops.refused(OLGA, "queue resume") == "Workers are not paused."
        await ops.done(OLGA, "queue pause", reason="a new disk", for_="1m")
        ops.later(minutes=1)
        assert await ops.refused(OLGA, "queue resume") == "Workers are not paused."

    async def test_bad_arguments_are_told(self, ops: Ops) -> None:
        assert await ops.refused(OLGA, "queue pause", reason="a new disk", for_="5h") == "for: must be 1m to 4h."


@pytest.mark.slow
class TestWorkers:
    async def test_a_worker_process_pauses_and_the_queue_drains_when_it_goes_on(self, ops: Ops) -> None:
        ops.now = utcnow()
        await ops.done(OLGA, "queue pause", reason="a new disk")
        with worker_process(ops.parts.settings):
            await ready(ops.parts, "test/1")
            ones = [await sent(ops.parts, Wish(number), f"p{number}") for number in range(1, 4)]
            [worker] = await ops.parts.queue.workers()
            assert worker.state == "paused"
            assert {(await conversions.conversion(one.id)).state for one in ones} == {State.QUEUED}

            await ops.done(OLGA, "queue resume")
            drained = await ops.done(OLGA, "queue drain", timeout="30s")
            assert drained.text.startswith("The queue is drained")
            for one in ones:
                await reaches(one, State.DONE)

    async def test_defect_4_a_worker_that_is_told_to_end_finishes_what_it_reads_once(self, ops: Ops) -> None:
        ops.now = utcnow()
        with worker_process(ops.parts.settings) as process:
            await ready(ops.parts, "test/1")
            one = await sent(ops.parts, Wish(1, wait_s=1.5))
            await reaches(one, State.RUNNING)
            process.terminate()
            await reaches(one, State.DONE)
            assert process.wait(20) == 0
        assert (await conversions.conversion(one.id)).attempts == 1

    async def test_defect_5_each_worker_tells_by_itself_that_it_lives(self, ops: Ops) -> None:
        ops.now = utcnow()
        settings = ops.parts.settings
        with worker_process(settings, "test/1") as first, worker_process(settings, "test/2") as second:
            await ready(ops.parts, "test/1", "test/2")
            first.terminate()
            assert first.wait(20) == 0
            await ready(ops.parts, "test/2")
            second.kill()
            await ready(ops.parts)
        assert "No worker" in (await ops.done(VERA, "queue inspect")).text
