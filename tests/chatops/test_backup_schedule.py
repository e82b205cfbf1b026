"""The database is backed up by itself: when it is due, once, pruned, drilled, and told where it fails."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from chatops.backups import backing_up
from chatops.backups import schedule as backup_schedule
from chatops.jobs import jobs
from chatops.parts import Parts
from storage import models
from storage.backups.catalogue import DATABASES, Backup, Kind
from tests.chatops.acting import ALICE, VERA, Ops
from tests.making import finished, somebody


def made(ops: Ops, kinds: Collection[Kind] = DATABASES) -> list[Backup]:
    return backing_up.catalogue(ops.parts).all(kinds)


async def minute(ops: Ops) -> None:
    """What happens every minute."""
    [job] = [job for job in jobs() if job.name == "back up when due"]
    assert job.when == timedelta(minutes=1)
    await job.work(ops.parts)


async def test_it_is_made_at_two_once_and_not_before(ops: Ops) -> None:
    await finished(await somebody())
    await minute(ops)
    ops.later(hours=13, minutes=59)
    await minute(ops)
    assert made(ops) == []

    ops.later(minutes=2)
    for _ in range(3):
        await minute(ops)
        ops.later(minutes=1)

    [backup] = made(ops)
    assert backup.is_verified
    assert backup.label == "scheduled"
    [snapshot] = made(ops, [Kind.REDIS])
    assert snapshot.is_verified
    assert snapshot.label == "scheduled"


async def test_what_was_due_while_nothing_ran_is_made_up_for_once(ops: Ops) -> None:
    await minute(ops)
    ops.later(days=5)
    await minute(ops)
    await minute(ops)
    assert len(made(ops)) == 1


async def test_the_schedule_tells_what_came_of_it_drill_included(ops: Ops) -> None:
    assert (await ops.done(VERA, "backup schedule")).table.rows[1:] == (  # type: ignore[union-attr]
        ("next", "2026-11-02 02:00 UTC"),
        ("kept", "14"),
        ("drill", "weekly"),
        ("last", "never"),
    )
    await minute(ops)
    ops.later(hours=15)
    await minute(ops)

    answer = await ops.done(VERA, "backup schedule")

    assert answer.table is not None
    told = answer.table.rows[-1][1].replace("postgres-", "sqlite-")
    assert re.search(r"sqlite-\S+, .*, restored and counted; redis-\S+, .*, loaded and counted; drill: sqlite-", told)
    assert "all questions answered" in answer.table.rows[-1][1]


async def test_a_drill_comes_once_a_week(ops: Ops) -> None:
    await minute(ops)
    told = []
    for _ in range(9):
        ops.later(days=1)
        await minute(ops)
        last = await backup_schedule.last_run()
        assert last is not None
        told.append("drill" in last.text)
    assert told == [True, *6 * [False], True, False]


async def test_too_many_are_pruned(ops: Ops) -> None:
    answer = await ops.done(ALICE, "backup schedule-set", cron="30 3 * * *", keep=2, drill="never")
    assert answer.text == "From now on: 30 3 * * * UTC (next 2026-11-02 03:30 UTC), 2 kept, drill never"
    for _ in range(4):
        ops.later(days=1)
        await minute(ops)
    assert [f"{one.at:%d}" for one in made(ops)] == ["05", "04"]
    assert [f"{one.at:%d}" for one in made(ops, [Kind.REDIS])] == ["05", "04"]


async def test_it_can_be_switched_off_which_the_schedule_does_not_call_good(ops: Ops) -> None:
    plan = await ops.planned(ALICE, "backup schedule-set", on="no")
    assert plan.summary.startswith("Now: 0 2 * * * UTC (next 2026-11-02 02:00 UTC), 14 kept, drill weekly; then: no ")
    await ops.done(ALICE, "backup schedule-set", on="no")
    ops.later(days=2)
    await minute(ops)
    assert made(ops) == []
    assert await ops.refused(VERA, "backup schedule") == "Database and Redis are not backed up by the schedule."


async def test_a_failure_is_told_in_the_chats_of_the_console(ops: Ops) -> None:
    await minute(ops)
    Path(ops.parts.settings.data_dir / "backups").write_text("in the way")
    ops.later(days=1)

    await minute(ops)

    assert "The last time failed." in await ops.refused(VERA, "backup schedule")
    notices = await models.OutboxMessage.filter(subject="notice").order_by("platform")
    assert [(one.platform, one.chat) for one in notices] == [("discord", "7"), ("telegram", "-70"), ("web", "ops")]
    assert notices[0].payload["text"].startswith("The scheduled backup failed: The folder ")
    assert notices[0].payload["suggestions"][0]["action"] == "backup db"


async def test_a_redis_that_is_away_is_told_and_the_database_is_backed_up_all_the_same(
    ops: Ops, parts: Parts, tmp_path: Path
) -> None:
    away = Ops(replace(parts, settings=parts.settings.model_copy(update={"redis_dir": tmp_path / "nowhere"})))
    await minute(away)
    away.later(days=1)

    await minute(away)

    assert made(away)[0].is_verified
    last = await backup_schedule.last_run()
    assert last is not None
    assert not last.is_ok
    assert "restored and counted; Redis is not backed up: The Redis server does not send its snapshots" in last.text


async def test_a_redis_that_gives_nobody_its_snapshots_can_be_left_out(ops: Ops) -> None:
    answer = await ops.done(ALICE, "backup schedule-set", redis="no")
    assert answer.text.endswith("14 kept, drill weekly, without Redis")
    ops.later(days=1)
    await minute(ops)
    assert (len(made(ops)), made(ops, [Kind.REDIS])) == (1, [])
    assert (await ops.done(VERA, "backup schedule")).text == "The database is backed up by the schedule."


async def test_a_bad_crontab_is_told_with_what_is_allowed(ops: Ops) -> None:
    assert "five fields of cron such as 0 2 * * *" in await ops.refused(ALICE, "backup schedule-set", cron="at night")
