"""Backups put back, as people do it: practised, compared, in the place of the database, undone."""

from datetime import timedelta

import pytest

from chatops.backups import backing_up, restoring
from storage import audit, conversions, decks, maintenance, models
from storage.errors import BackupError, NotStored
from storage.queue import Queue, WorkerRecord
from storage.records import State
from tests.chatops.acting import ALICE, OLGA, Ops
from tests.making import NOW, accepted, finished, somebody


async def test_a_drill_restores_uses_compares_and_touches_nothing(ops: Ops) -> None:
    person = await somebody()
    await finished(person)
    made = await ops.done(OLGA, "backup db")
    await finished(person, "later")

    answer = await ops.done(OLGA, "restore drill")

    assert answer.text.startswith(f"{made.data['id']} restored in ")
    assert answer.text.endswith("all questions answered.")
    assert answer.table is not None
    assert ("decks", "2", "1") in answer.table.rows
    assert await models.StoredDeck.all().count() == 2


async def test_to_look_at_a_backup_the_database_is_not_touched(ops: Ops) -> None:
    person = await somebody()
    await finished(person)
    await ops.done(OLGA, "backup db")
    await finished(person, "later")

    plan = await ops.planned(ALICE, "restore db")
    assert "compares, and drops it; the database is not touched" in plan.summary
    answer = await ops.done(ALICE, "restore db")

    assert "The scratch database is gone again." in answer.text
    assert await models.StoredDeck.all().count() == 2
    assert await maintenance.in_force(ops.now) is None


async def test_defect_13_a_restore_takes_the_place_of_the_database_and_can_be_undone(ops: Ops) -> None:
    person = await somebody()
    before = await finished(person, "before")
    made = await ops.done(OLGA, "backup db")
    after = await finished(person, "after")
    ops.later(minutes=5)

    plan = await ops.planned(ALICE, "restore db", id=made.data["id"], into="swap")
    assert "What players did since is kept aside for 7 days" in plan.summary
    assert plan.table is not None
    assert ("decks", "2", "1") in plan.table.rows
    answer = await ops.done(ALICE, "restore db", id=made.data["id"], into="swap")

    assert (await decks.deck_of(before.id)).deck
    with pytest.raises(NotStored):
        await conversions.conversion(after.id)
    assert await maintenance.in_force(ops.now) is None
    safety = backing_up.catalogue(ops.parts).find(answer.data["safety"])
    assert safety.keep_until == ops.now + timedelta(days=7)
    assert safety.is_verified
    count, problem = await audit.verify()
    assert (count > 0, problem) == (True, "")

    [undo, *_] = answer.suggestions
    ops.later(minutes=5)
    await ops.done(ALICE, undo.action, **undo.arguments)
    assert (await conversions.conversion(after.id)).state is State.DONE


async def test_pictures_that_waited_in_the_backup_are_queued_again(ops: Ops, queue: Queue) -> None:
    await accepted(await somebody(), "waiting")
    await ops.done(OLGA, "backup db")
    ops.later(minutes=5)
    answer = await ops.done(ALICE, "restore db", into="swap")
    assert answer.data["queued"] == 1
    assert await queue.depth() == 1


async def test_what_fails_leaves_maintenance_on_and_says_so_to_all(ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the safety backup is to be made."""
    await finished(await somebody())
    made = await ops.done(OLGA, "backup db")

    async def full(*_: object, **__: object) -> None:
        raise BackupError("A backup needs 50 MB free.")

    monkeypatch.setattr(restoring.backing_up, "back_up_database", full)
    said = await ops.refused(ALICE, "restore db", id=made.data["id"], into="swap")

    assert said.startswith("A backup needs 50 MB free. Maintenance stays on: look, then end it with maintenance off.")
    assert said.endswith("INC-1 is open, and the on-call is called.")
    assert await maintenance.in_force(ops.now) is not None
    notices = await models.OutboxMessage.filter(subject="notice")
    assert any("restore db failed: A backup needs" in one.payload["text"] for one in notices)


async def test_a_damaged_backup_is_refused_before_anything_happens(ops: Ops) -> None:
    made = await ops.done(OLGA, "backup db")
    catalogue = backing_up.catalogue(ops.parts)
    catalogue.path(catalogue.find("latest")).write_bytes(b"something else")
    assert "has changed since" in await ops.refused(ALICE, "restore db", id=made.data["id"], into="swap")
    assert await maintenance.in_force(ops.now) is None


class TestRedis:
    """Jobs of a snapshot, put back through the server."""

    async def test_defect_13_jobs_come_back_though_the_server_keeps_an_append_only_file(
        self, ops: Ops, queue: Queue
    ) -> None:
        person = await somebody()
        waiting, there, ended, new = [await accepted(person, name) for name in ("waiting", "there", "ended", "new")]
        for one in (waiting, there, ended):
            await queue.enqueue(one.id, since=NOW)
        score = (await queue.places())[str(waiting.id)]
        made = await ops.done(OLGA, "backup redis")
        await queue.remove([waiting.id, ended.id])
        await conversions.cancel(ended.id, "Sent by mistake.", now=NOW)
        await queue.enqueue(new.id, since=NOW)

        plan = await ops.planned(ALICE, "restore redis", id=made.data["id"])
        assert "1 jobs come back; 1 are in the queue already, 1 have ended and are not repeated, 1 job" in plan.summary
        assert "keeps an append-only file and would ignore a snapshot; the jobs go through the server" in plan.summary
        answer = await ops.done(ALICE, "restore redis", id=made.data["id"])

        assert set(await queue.all_ids()) == {str(one.id) for one in (waiting, there, new)}
        assert (await queue.places())[str(waiting.id)] == score
        assert await queue.missing([waiting.id]) == []
        assert backing_up.catalogue(ops.parts).find(answer.data["safety"]).rows["waiting"] == 2

    async def test_it_is_refused_while_a_worker_runs(self, ops: Ops, queue: Queue) -> None:
        await ops.done(OLGA, "backup redis")
        await queue.say_alive(WorkerRecord("host/1", 1, "host", "1", "stub", "stub", 0.0, 0.0, None, 0, 0, 0))
        said = await ops.refused(ALICE, "restore redis")
        assert said == "1 worker would take jobs meanwhile (host/1); stop them first."

    async def test_defect_3_nothing_of_these_chapters_flushes_or_touches_what_is_not_a_job(
        self, ops: Ops, queue: Queue
    ) -> None:
        await queue.redis.set("s2d:cache:x", "cached")
        await queue.redis.set("session:of-somebody-else", "y")
        await queue.lock("mine", "me", 60)
        before, flushed = set(await queue.redis.keys()), await flushes(queue)

        for name in ("redis ping", "redis info", "redis lastsave", "backup redis", "restore redis"):
            await ops.done(ALICE, name)

        assert before <= set(await queue.redis.keys())
        assert await flushes(queue) == flushed


async def flushes(queue: Queue) -> int:
    """How often the server was flushed in its life."""
    told = await queue.redis.info("commandstats")
    return sum(told.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("flushdb", "flushall"))
