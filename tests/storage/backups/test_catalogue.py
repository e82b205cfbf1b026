"""The folder of backups: what is kept, listed, found again, pruned."""

import os
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.backups.catalogue import DATABASES, Backup, Catalogue, Dumped, Kind
from storage.errors import BackupDamaged, BackupError
from tests.making import NOW

DAY = timedelta(days=1)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "backups")


def writing(content: bytes) -> Callable[[Path], Awaitable[Dumped]]:
    async def write(path: Path) -> Dumped:
        path.write_bytes(content)
        return Dumped({"decks": 3}, "0001_initial")

    return write


async def made(
    catalogue: Catalogue, at: datetime = NOW, *, content: bytes = b"data", verified: bool = False, problem: str = ""
) -> Backup:
    backup = await catalogue.make(Kind.SQLITE, ".db.gz", writing(content), at=at)
    return catalogue.note(backup, verified_at=at if verified or problem else None, problem=problem)


async def test_a_backup_is_a_file_and_a_manifest_of_ours_alone(catalogue: Catalogue) -> None:
    backup = await catalogue.make(Kind.SQLITE, ".db.gz", writing(b"data"), at=NOW, label="Before v2!")

    assert backup.id == "sqlite-20261101T120000Z-before-v2"
    assert (backup.size, backup.rows, backup.schema) == (4, {"decks": 3}, "0001_initial")
    assert catalogue.path(backup).read_bytes() == b"data"
    assert {path.stat().st_mode & 0o777 for path in catalogue.folder.iterdir()} == {0o600}
    assert catalogue.folder.stat().st_mode & 0o777 == 0o700
    assert catalogue.find("latest") == catalogue.find(backup.id) == backup


async def test_defect_14_backups_of_one_day_and_one_second_do_not_replace_each_other(catalogue: Catalogue) -> None:
    ids = [(await made(catalogue, NOW + timedelta(seconds=number))).id for number in (0, 0, 1)]

    assert ids == ["sqlite-20261101T120000Z", "sqlite-20261101T120000Z-2", "sqlite-20261101T120001Z"]
    assert len(catalogue.all()) == 3


async def test_what_breaks_in_the_middle_leaves_nothing(catalogue: Catalogue) -> None:
    async def broken(path: Path) -> Dumped:
        path.write_bytes(b"half")
        raise BackupError("The database went away.")

    with pytest.raises(BackupError, match="went away"):
        await catalogue.make(Kind.SQLITE, ".db.gz", broken, at=NOW)
    assert list(catalogue.folder.iterdir()) == []


async def test_data_without_a_manifest_and_a_broken_manifest_are_no_backups(catalogue: Catalogue) -> None:
    backup = await made(catalogue)
    (catalogue.folder / "sqlite-20261102T120000Z.db.gz").write_bytes(b"data")
    (catalogue.folder / "sqlite-20261103T120000Z.json").write_text("{")

    assert catalogue.all() == [backup]


async def test_a_changed_or_missing_file_is_told(catalogue: Catalogue) -> None:
    backup = await made(catalogue)
    await catalogue.check_sum(backup)

    catalogue.path(backup).write_bytes(b"dato")
    with pytest.raises(BackupDamaged, match="has changed since it was written"):
        await catalogue.check_sum(backup)
    (catalogue.folder / backup.file).unlink()
    with pytest.raises(BackupDamaged, match="is gone"):
        await catalogue.check_sum(backup)


async def test_an_unknown_backup_is_answered_with_the_newest(catalogue: Catalogue) -> None:
    with pytest.raises(BackupError, match="There is no backup yet"):
        catalogue.find("latest")
    await made(catalogue)
    with pytest.raises(BackupError, match=r"no backup \.\./x; the newest is sqlite-20261101T120000Z"):
        catalogue.find("../x")


async def test_a_full_disk_is_told_before_anything_is_written(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1_000_000))
    with pytest.raises(BackupError, match=r"needs 50 MB free .* there are 1 MB; make space, or set BACKUP_DIR"):
        await made(catalogue)


async def test_a_folder_that_cannot_be_made_is_told() -> None:
    with pytest.raises(BackupError, match="The folder /proc/backups for backups cannot be used; set BACKUP_DIR"):
        await made(Catalogue(Path("/proc/backups")))


class TestPruning:
    """What goes, and what never does."""

    async def test_the_newest_stay(self, catalogue: Catalogue) -> None:
        backups = [await made(catalogue, NOW - number * DAY) for number in range(5)]

        gone = catalogue.prune(2, DATABASES, now=NOW)

        assert gone == backups[2:]
        assert catalogue.all() == backups[:2]
        assert len(list(catalogue.folder.iterdir())) == 4

    async def test_the_only_one_that_was_restored_stays(self, catalogue: Catalogue) -> None:
        good = await made(catalogue, NOW - 9 * DAY, verified=True)
        [newest, *_] = [await made(catalogue, NOW - number * DAY) for number in range(3)]

        catalogue.prune(1, DATABASES, now=NOW)

        assert catalogue.all() == [newest, good]

    async def test_bad_ones_do_not_count_and_the_last_good_one_stays(self, catalogue: Catalogue) -> None:
        good = await made(catalogue, NOW - 9 * DAY)
        bad = [await made(catalogue, NOW - number * DAY, problem="It is damaged.") for number in range(4)]

        catalogue.prune(1, DATABASES, now=NOW)

        assert catalogue.all() == [bad[0], bad[1], good]  # young bad ones stay for a look

    async def test_one_whose_file_is_gone_does_not_count(self, catalogue: Catalogue) -> None:
        good, lost = await made(catalogue, NOW - DAY), await made(catalogue, NOW)
        (catalogue.folder / lost.file).unlink()

        catalogue.prune(1, DATABASES, now=NOW)

        assert good in catalogue.all()

    async def test_what_is_kept_for_a_time_stays_so_long(self, catalogue: Catalogue) -> None:
        old = catalogue.note(await made(catalogue, NOW - 5 * DAY), keep_until=NOW + DAY)
        newest = await made(catalogue)

        catalogue.prune(1, DATABASES, now=NOW)
        assert catalogue.all() == [newest, old]
        catalogue.prune(1, DATABASES, now=NOW + 2 * DAY)
        assert catalogue.all() == [newest]

    async def test_other_kinds_are_left_alone(self, catalogue: Catalogue) -> None:
        redis = await catalogue.make(Kind.REDIS, ".rdb", writing(b"data"), at=NOW - 5 * DAY)
        for number in range(3):
            await made(catalogue, NOW - number * DAY)

        catalogue.prune(1, DATABASES, now=NOW)

        assert redis in catalogue.all()

    async def test_leftovers_of_killed_dumps_go_after_a_day(self, catalogue: Catalogue) -> None:
        await made(catalogue)
        old, young = catalogue.folder / "a.db.gz.partial", catalogue.folder / "b.db.gz.partial"
        for path, age in ((old, 2 * DAY), (young, timedelta(hours=1))):
            path.touch()
            os.utime(path, 2 * ((NOW - age).timestamp(),))

        catalogue.prune(1, DATABASES, now=NOW)

        assert (old.exists(), young.exists()) == (False, True)
