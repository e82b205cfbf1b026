"""Backups as people make and look at them."""

from chatops.backups import backing_up
from storage.queue import Queue
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.making import accepted, finished, somebody


async def test_a_backup_is_made_restored_and_counted(ops: Ops) -> None:
    await finished(await somebody())

    answer = await ops.done(OLGA, "backup db", label="before the party")

    assert "rows in" in answer.text
    assert "restored into a scratch database and counted" in answer.text
    assert answer.data["rows"]["decks"] == 1
    [kept] = backing_up.catalogue(ops.parts).all()
    assert kept.id == answer.data["id"]
    assert kept.id.endswith("T120000Z-before-the-party")
    assert kept.is_verified
    assert (ops.parts.settings.data_dir / "backups" / kept.file).stat().st_size == answer.data["size"]


async def test_all_that_the_schedule_does_can_be_asked_for(ops: Ops, queue: Queue) -> None:
    await queue.enqueue((await accepted(await somebody())).id, since=ops.now)
    for _ in range(3):
        answer = await ops.done(OLGA, "backup all", keep="2")
        ops.later(days=2)

    assert answer.text.endswith("loaded and counted; 2 older backups removed.")
    kept = backing_up.catalogue(ops.parts).all()
    assert sorted(one.kind.is_database for one in kept) == [False, False, True, True]
    assert all(one.is_verified for one in kept)
    assert answer.data["redis"]["rows"]["waiting"] == 1


async def test_one_that_is_not_to_be_verified_says_so(ops: Ops) -> None:
    answer = await ops.done(OLGA, "backup db", verify="no")
    assert "not verified" in answer.text
    assert (await ops.done(OLGA, "backup verify")).data["verified"]


async def test_the_list_tells_ages_sizes_and_states(ops: Ops) -> None:
    assert await ops.refused(VERA, "backup list") == "There is no backup yet."
    made = await ops.done(OLGA, "backup db")
    ops.later(hours=2)

    answer = await ops.done(VERA, "backup list")

    assert answer.text == "1 backups, the newest 2 h ago."
    assert answer.table is not None
    assert answer.table.rows[0][:2] == (made.data["id"], "2 h ago")
    assert answer.table.rows[0][3] == "verified"
    assert await ops.refused(VERA, "backup list", kind="redis") == "There is no backup yet."


async def test_an_old_backup_is_told(ops: Ops) -> None:
    await ops.done(OLGA, "backup db")
    ops.later(hours=27)
    assert "The last good backup of the database is older than 1 d 2 h." in await ops.refused(VERA, "backup list")


async def test_a_small_backup_is_told(ops: Ops) -> None:
    for _ in range(3):
        await ops.done(OLGA, "backup db", verify="no")
        ops.later(minutes=1)
    catalogue = backing_up.catalogue(ops.parts)
    newest = catalogue.find("latest")
    catalogue.note(newest, size=newest.size // 3)
    assert f"{newest.id} has less than half of the usual size" in await ops.refused(VERA, "backup list")


async def test_a_damaged_backup_is_told_by_verification_and_in_the_list(ops: Ops) -> None:
    made = await ops.done(OLGA, "backup db")
    catalogue = backing_up.catalogue(ops.parts)
    catalogue.path(catalogue.find("latest")).write_bytes(b"something else")

    assert "has changed since it was written (sha256)" in await ops.refused(OLGA, "backup verify", id=made.data["id"])
    assert f"{made.data['id']} is not good" in await ops.refused(VERA, "backup list")


async def test_who_may_not_and_what_is_unknown(ops: Ops) -> None:
    assert "needs the role operator" in await ops.refused(RITA, "backup db")
    await ops.done(OLGA, "backup db", verify="no")
    assert "There is no backup ../../etc/passwd" in await ops.refused(OLGA, "backup verify", id="../../etc/passwd")
