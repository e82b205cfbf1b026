"""Pictures by their content: whole or not at all, once however often they come."""

import asyncio
import errno
import os
import resource
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import PictureStore
from storage.blobs import Blobs, DatabaseBlobs, FileBlobs, content_hash, open_blobs
from storage.errors import PictureStoreFull, StorageError
from tests.processes import python, running

SOON = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=list(PictureStore))
def blobs(request: pytest.FixtureRequest, tmp_path: Path, database: object) -> Blobs:
    """Both stores."""
    return open_blobs(request.param, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_content_comes_back_by_its_hash(blobs: Blobs) -> None:
    data = bytes(range(256)) * 40
    key = await blobs.put(data)

    assert key == content_hash(data)
    assert await blobs.get(key) == data
    assert await blobs.get(content_hash(b"other")) is None


async def test_the_same_content_twice_is_kept_once(blobs: Blobs) -> None:
    keys = await asyncio.gather(*(blobs.put(b"same") for _ in range(5)))

    assert len(set(keys)) == 1
    assert await blobs.keys(before=now() + SOON) == [keys[0]]


async def test_what_is_removed_is_gone_and_removing_it_again_is_fine(blobs: Blobs) -> None:
    key = await blobs.put(b"data")
    await blobs.remove(key)
    await blobs.remove(key)

    assert await blobs.get(key) is None
    assert await blobs.keys(before=now() + SOON) == []


async def test_what_is_younger_than_asked_for_is_not_listed(blobs: Blobs) -> None:
    await blobs.put(b"data")

    assert await blobs.keys(before=now() - SOON) == []


async def test_putting_a_content_again_makes_it_young(folder: Path) -> None:
    blobs = FileBlobs(folder)
    key = await blobs.put(b"data")
    os.utime(folder / key[:2] / key, (0, 0))
    assert await blobs.keys(before=now() - SOON) == [key]
    await blobs.put(b"data")

    assert await blobs.keys(before=now() - SOON) == []


async def test_a_damaged_file_is_not_given_out_and_is_healed_by_the_next_who_sends_it(folder: Path) -> None:
    blobs = FileBlobs(folder)
    key = await blobs.put(b"the picture")
    (folder / key[:2] / key).write_bytes(b"the pic")
    assert await blobs.get(key) is None

    await blobs.put(b"the picture")
    assert await blobs.get(key) == b"the picture"


async def test_files_are_their_owners_alone(folder: Path) -> None:
    key = await FileBlobs(folder).put(b"data")

    assert (folder / key[:2] / key).stat().st_mode & 0o077 == 0
    assert (folder / key[:2]).stat().st_mode & 0o077 == 0


async def test_a_full_disk_is_told_and_leaves_no_half_a_picture(folder: Path) -> None:
    blobs = FileBlobs(folder)
    small = await blobs.put(b"x" * 1000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(PictureStoreFull, match=r"The disk for pictures is full\."):
            await blobs.put(b"y" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    assert [path.name for path in files(folder)] == [small]
    await blobs.put(b"y" * 100_000)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_disk_without_space_or_quota_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(PictureStoreFull):
        await FileBlobs(folder).put(b"data")
    assert files(folder) == []


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file")
    with pytest.raises(StorageError, match=r"Pictures cannot be kept in .*pictures"):
        await FileBlobs(tmp_path / "pictures").put(b"data")


WRITER = """
import asyncio, os, sys
from pathlib import Path
from storage.blobs import FileBlobs
os.fsync = lambda _: (print("written", flush=True), __import__("time").sleep(600))
asyncio.run(FileBlobs(Path(sys.argv[1])).put(b"x" * 100_000))
"""


async def test_who_dies_while_writing_leaves_nothing_under_the_name(folder: Path) -> None:
    with running([*python(WRITER), str(folder)]) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
        writer.wait()

    assert await FileBlobs(folder).get(content_hash(b"x" * 100_000)) is None
    await FileBlobs(folder).put(b"x" * 100_000)
    assert await FileBlobs(folder).get(content_hash(b"x" * 100_000)) is not None


async def test_a_large_picture_fits_into_the_database(database: object) -> None:
    data = os.urandom(5_000_000)

    assert await DatabaseBlobs().get(await DatabaseBlobs().put(data)) == data
