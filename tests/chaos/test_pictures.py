"""Pictures that kill their reader, that come twice, that find no space, and real ones."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import conversions
from storage.dead_letters import dead_letters
from storage.records import State
from tests.chaos.reader import Wish
from tests.chaos.scene import scene, wishes
from tests.shared import SCREENS, needs_screens

pytestmark = pytest.mark.slow


async def test_poisoned_pictures_cost_themselves_only(tmp_path: Path, database_url: str | None) -> None:
    poisoned = {50: "die", 51: "refuse", 120: "die", 121: "refuse"}
    sent = [Wish(one.number, one.wait_s, deed=poisoned.get(one.number, "")) for one in wishes()]
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way(sent)
        await now.ends_well(sending)
        letters = await dead_letters()
        assert [letter.attempts for letter in letters] == [3, 3]
        assert {letter.reason for letter in letters} == {"ReadingCrashed"}
        assert now.product.log.count("is given up: ReadingCrashed in attempt 3") == 2


async def test_one_picture_of_many_is_read_once_though_its_reader_dies(
    tmp_path: Path, database_url: str | None
) -> None:
    same = Wish(7, wait_s=4.0)
    async with scene(tmp_path, database_url) as now:
        sending = await now.under_way([same] * 20 + wishes(80), ended=1)
        holders = await conversions.open_conversions([State.RUNNING])
        number = next((int(row.worker.split("/")[1]) for row in holders if row.worker and _is(row.id, now, same)), 1)
        now.product.worker(number).kill()
        await now.ends_well(sending)
        rows = [await conversions.conversion(one) for one in now.people.accepted if _is(one, now, same)]
        assert len(rows) == 20
        assert len([row for row in rows if not row.from_cache]) <= 2


def _is(conversion, now, wish: Wish) -> bool:  # noqa: ANN001
    return now.people.accepted.get(conversion) == wish.picture


async def test_a_full_disk_refuses_pictures_and_loses_none(tmp_path: Path, database_url: str | None) -> None:
    pictures = tmp_path / "data" / "pictures"
    pictures.mkdir(parents=True, mode=0o700)
    with small_disk(pictures):
        async with scene(tmp_path, database_url) as now:
            sending = await now.under_way(wishes())
            await sending
            assert now.people.accepted
            assert {refusal.code for refusal in now.people.refused} == {"store_full"}
            assert len(now.people.accepted) + len(now.people.refused) == 200
            before = len(now.people.refused)
            _mount("-o", "remount,size=8m", str(pictures))
            await now.people.send_many([Wish(500 + number) for number in range(10)])
            assert len(now.people.refused) == before
            await now.ends_well(asyncio.create_task(asyncio.sleep(0)))


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk for some sixty small files; skips where this system gives none."""
    if _mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)):
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _mount(*arguments: str) -> int:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True).returncode
    except FileNotFoundError:
        return 1


@needs_screens
async def test_real_pictures_survive_the_death_of_their_worker(tmp_path: Path, database_url: str | None) -> None:
    pictures = sorted((SCREENS / "images").glob("*.*"), key=lambda path: path.stat().st_size)[:4]
    async with scene(tmp_path, database_url, real=True) as now:
        now.since = time.time()
        for path in pictures:
            await now.people.send(path.read_bytes())
        await now.held_by(1)
        now.product.worker(1).kill()
        await now.ends_well(asyncio.create_task(asyncio.sleep(0)), away_s=120)
        for one in now.people.accepted:
            row = await conversions.conversion(one)
            assert row.state is State.DONE
